"""The sentence behind each call, for the officer, the auditor and the citizen who asks. Pure."""

from collections.abc import Mapping
from typing import Any

from queue_server.queue.config import OfficeConfig

REASONS: dict[str, dict[str, str]] = {
    "arrival_order": {
        "vi": "Đến lượt theo thứ tự lấy số, đã chờ {waited}.",
        "en": "Next in order of arrival, has waited {waited}.",
    },
    "priority_turn": {
        "vi": "Ưu tiên: {class_vi}, đã chờ {waited}; {run_vi}.",
        "en": "Priority: {class_en}, has waited {waited}; {run_en}.",
    },
    "ordinary_turn": {
        "vi": "Đến lượt thường, đã chờ {waited}; vừa mời người ưu tiên, xen kẽ {ratio} lượt thường.",
        "en": "An ordinary turn, has waited {waited}; a priority person was just called, {ratio} ordinary in between.",
    },
    "appointment_turn": {
        "vi": "Có hẹn, đã quá giờ hẹn {waited}.",
        "en": "Has an appointment, booked time passed {waited} ago.",
    },
    "appointment_early": {
        "vi": "Có hẹn, đến sớm; quầy đang rảnh.",
        "en": "Has an appointment and came early; the counter is free.",
    },
    "own_visitor": {
        "vi": "Được chuyển đến hoặc quay lại đúng quầy này, đã chờ {waited}.",
        "en": "Sent or come back to this counter, has waited {waited}.",
    },
    "only_one": {
        "vi": "Người duy nhất đang chờ quầy này, đã chờ {waited}.",
        "en": "The only person waiting for this counter, has waited {waited}.",
    },
    "class": {
        "vi": "{class_vi}: diện được hẹn chờ ngắn hơn, đã chờ {waited}.",
        "en": "{class_en}: promised a shorter wait, has waited {waited}.",
    },
    "long_wait": {
        "vi": "Đã chờ {waited}, lâu nhất so với mức hẹn của diện mình.",
        "en": "Has waited {waited}, longest against what the class is promised.",
    },
    "long_line": {
        "vi": "Dịch vụ này đang đông người chờ nhất, đã chờ {waited}.",
        "en": "Most people wait for this service, has waited {waited}.",
    },
    "short_service": {
        "vi": "Việc giải quyết nhanh, đã chờ {waited}; người sau không phải chờ thêm bao lâu.",
        "en": "A short matter, has waited {waited}; it delays the others little.",
    },
    "service_price": {
        "vi": "Dịch vụ này đang phải chờ lâu hơn các dịch vụ khác, đã chờ {waited}.",
        "en": "This service has been waiting longer than the others, has waited {waited}.",
    },
    "ceiling": {
        "vi": "Đã chờ {waited}, quá mức trần {excess}; không ai được gọi trước.",
        "en": "Has waited {waited}, {excess} past the ceiling; nobody may pass.",
    },
    "look_ahead": {
        "vi": "Nhìn trước: gọi số này thì mọi người cộng lại chờ ít hơn khoảng {saved} phút so với gọi {passes}; "
        "đã chờ {waited}.",
        "en": "Looking ahead: everybody together waits about {saved_en} less than with {passes} called now; "
        "has waited {waited}.",
    },
    "look_ahead_fair": {  # saves no minutes in all, but those that weigh more
        "vi": "Nhìn trước: so với gọi {passes}, gọi số này thì người sắp quá mức hẹn và dịch vụ chờ lâu nhất "
        "đỡ phải chờ hơn; đã chờ {waited}.",
        "en": "Looking ahead: with this number, rather than {passes}, people near what they were promised and the "
        "service that waits longest wait less; has waited {waited}.",
    },
    "by_mouth": {
        "vi": "Được gọi bằng miệng khi máy chủ vắng.",
        "en": "Called by word of mouth while the server was away.",
    },
    "officer_choice": {
        "vi": "Cán bộ chọn gọi số này, đã chờ {waited}.",
        "en": "The officer chose this number, has waited {waited}.",
    },
    "officer_choice_reserved": {  # the same code in the journal, at a counter that was kept for others
        "vi": "Cán bộ chọn gọi số này dù quầy đang dành cho người khác, đã chờ {waited}.",
        "en": "The officer chose this number though the counter was kept for others, has waited {waited}.",
    },
}


def explain(config: OfficeConfig, ratio: int, code: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """The reason of a call as a sentence in each language; unknown codes give the code itself."""
    saved = round(float(facts.get("saved", 0.0)))
    known = REASONS.get(_sentence(code, saved, facts))
    if known is None:
        return {"vi": code, "en": code}
    waited, excess = float(facts.get("waited", 0.0)), float(facts.get("excess", 0.0))
    known_class = config.classes.get(str(facts.get("class", "")))
    names = known_class.name if known_class else {}
    run = facts.get("ordinary_run")
    words = {
        "class_vi": names.get("vi", "").lower(),
        "class_en": names.get("en", names.get("vi", "")).lower(),
        "ratio": ratio,
        "saved": saved,
        "saved_en": "1 minute" if saved == 1 else f"{saved} minutes",
        "passes": facts.get("passes", ""),
        "run_vi": "lượt ưu tiên đầu tiên tại quầy" if run is None else f"{run} lượt thường vừa được gọi",
        "run_en": "first priority call at this counter" if run is None else f"{run} ordinary called just before",
    }
    vi = known["vi"].format(waited=minutes_vi(waited), excess=minutes_vi(excess), **words)
    en = known["en"].format(waited=minutes_en(waited), excess=minutes_en(excess), **words)
    return {"vi": vi[:1].upper() + vi[1:], "en": en[:1].upper() + en[1:]}


def _sentence(code: str, saved: int, facts: Mapping[str, Any]) -> str:
    """Which sentence a code has under its facts."""
    if code == "look_ahead" and saved < 1:
        return "look_ahead_fair"
    return "officer_choice_reserved" if code == "officer_choice" and facts.get("reserved") else code


def minutes_vi(seconds: float) -> str:
    """ "6 phút"; under one minute "chưa đến 1 phút"."""
    whole = int(seconds // 60)
    return f"{whole} phút" if whole else "chưa đến 1 phút"


def minutes_en(seconds: float) -> str:
    """ "1 minute", "6 minutes"; under one minute "less than a minute"."""
    whole = int(seconds // 60)
    if not whole:
        return "less than a minute"
    return f"{whole} minute" if whole == 1 else f"{whole} minutes"
