"""Waits and lines in words. Pure."""

from kiosk.texts import Texts
from kiosk.world import Service


def wait_text(low: int | None, high: int | None, say: Texts) -> str:
    """The waiting interval, always "about"; empty where nothing is known."""
    return _interval(low, high, say, "wait.about")


def queue_text(service: Service | None, say: Texts) -> str:
    """How a line stands now, for a tile: people waiting and minutes."""
    if service is None or service.waiting is None:
        return ""
    if service.waiting == 0:
        return say("queue.empty")
    people = say.count("queue.waiting", service.waiting)
    wait = _interval(service.wait_low, service.wait_high, say, "queue.wait")
    return f"{people} · {wait}" if wait else people


def _interval(low: int | None, high: int | None, say: Texts, name: str) -> str:
    if low is None or high is None:
        return ""
    if high <= 0:
        return say("wait.none")
    return say(name, minutes=str(high) if low >= high else f"{max(0, low)}–{high}")
