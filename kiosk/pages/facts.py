"""Waits and lines in words. Pure."""

from kiosk.texts import Texts
from kiosk.world import Service


def wait_text(low: int | None, high: int | None, say: Texts) -> str:
    """The waiting interval, always "about"; empty where nothing is known."""
    if low is None or high is None:
        return ""
    if high <= 0:
        return say("wait.none")
    minutes = str(high) if low >= high else f"{max(0, low)}–{high}"
    return say("wait.about", minutes=minutes)


def queue_text(service: Service | None, say: Texts) -> str:
    """How a line stands now, for a tile: people waiting and minutes."""
    if service is None or service.waiting is None:
        return ""
    people = say.count("queue.waiting", service.waiting) if service.waiting else say("queue.empty")
    wait = wait_text(service.wait_low, service.wait_high, say) if service.waiting else ""
    return f"{people} · {wait}" if wait else people
