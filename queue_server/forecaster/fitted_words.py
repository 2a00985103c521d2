"""What the server may know of the nightly fit without the libraries that fitted it. Pure."""

import json
from dataclasses import asdict
from typing import Any

from queue_server.queue.config import Policy

FITTED = "fitted.json"


def sentence(found: dict[str, Any]) -> dict[str, str]:
    """The expected gain in both languages, from the document's own figures."""
    gain, low, high = -found["mean"], -found["high"], -found["low"]
    judged, worst = found["judged"], (found["worst_before"], found["worst_after"])

    def vi(value: float) -> str:
        return f"{value:.1f}".replace(".", ",").replace("-", "−")

    return {
        "vi": (
            f"Bớt khoảng {vi(gain)} phút chờ trung bình (95 %: từ {vi(low)} đến {vi(high)}), thử trên {judged} ngày "
            f"mới nhất; dịch vụ chờ lâu nhất: {vi(worst[0])} → {vi(worst[1])} phút"
        ),
        "en": (
            f"About {gain:.1f} minutes less waiting on average (95 %: {low:.1f} to {high:.1f}), tried on the {judged} "
            f"newest days; the longest-waiting service: {worst[0]:.1f} → {worst[1]:.1f} minutes"
        ),
    }


def signature(policy: Policy) -> dict[str, Any]:
    """What two policies must share to be the same, as JSON keeps it."""
    return dict(json.loads(json.dumps(asdict(policy))))
