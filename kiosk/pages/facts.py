"""Fees, time limits and waits in words. Pure."""

from kiosk.texts import Texts
from kiosk.world import Fee, Service, TimeLimit


def fee_text(fee: Fee, say: Texts) -> str:
    """What it costs, in one or two sentences; never a guess."""
    if fee.amount == 0:
        text = say("fee.free")
    elif fee.amount is not None:
        amount = f"{fee.amount:,}".replace(",", ".") + " đ"
        text = say("fee.amount_per", amount=amount, per=fee.per) if fee.per else say("fee.amount", amount=amount)
    elif fee.set_by_province:
        text = say("fee.province")
    else:
        text = say("fee.ask")
    parts = [text.rstrip(".")]
    if fee.exempt and fee.amount != 0:
        parts.append(say("fee.exempt", who=fee.exempt).rstrip("."))
    if fee.note:
        parts.append(fee.note[0].upper() + fee.note[1:].rstrip("."))
    if not fee.sure and fee.amount is not None:
        parts.append(say("fact.check").rstrip("."))
    return ". ".join(parts) + ("." if len(parts) > 1 else "")


def time_text(limit: TimeLimit, say: Texts) -> str:
    """How long the office may take."""
    if limit.value is None:
        return say("time.ask")
    text = _length(limit, limit.value, say)
    return text if limit.sure else f"{text}. {say('fact.check')}"


def _length(limit: TimeLimit, value: int, say: Texts) -> str:
    match limit.unit:
        case "same_day":
            return say("time.same_day_until", cutoff=limit.cutoff) if limit.cutoff else say("time.same_day")
        case "hour":
            return say.count("time.hour", value)
        case "day":
            return say.count("time.day", value)
        case _:
            return say.count("time.working_day", value)


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
