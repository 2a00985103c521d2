"""The target, its cause, advice and its effect as sentences for the manager, Vietnamese and English. Pure."""

from collections.abc import Mapping

from queue_server.forecasting.advice import Advice, Effect, Verdict
from queue_server.forecasting.advice_moves import Move, MoveKind
from queue_server.forecasting.target import Cause, Scope, TargetAtRisk, TargetSafe
from queue_server.queue.config import OfficeConfig

Sentence = dict[str, str]

SCOPES: Mapping[Scope, Sentence] = {
    Scope.HOUR: {"vi": "Người đến trong giờ tới", "en": "People who come in the next hour"},
    Scope.DAY: {"vi": "Tính cả ngày hôm nay", "en": "Over the whole of today"},
}

CAUSES: Mapping[Cause, Sentence] = {
    Cause.ARRIVALS: {
        "vi": "Nguyên nhân: khách đến đông hơn dự báo{people_vi}.",
        "en": "Cause: more people came than forecast{people_en}.",
    },
    Cause.COUNTER: {"vi": "Nguyên nhân: quầy {counter} đang vắng.", "en": "Cause: counter {counter} is away."},
    Cause.SKILLS: {
        "vi": "Nguyên nhân: dịch vụ {service_vi} thiếu quầy tiếp nhận.",
        "en": "Cause: too few counters serve {service_en}.",
    },
    Cause.LONG_SERVICES: {
        "vi": "Nguyên nhân: hồ sơ giải quyết lâu hơn thường lệ{at_vi}.",
        "en": "Cause: services take longer than usual{at_en}.",
    },
    Cause.LOAD: {
        "vi": "Nguyên nhân: lượng khách vượt sức các quầy đang mở.",
        "en": "Cause: more work than the open counters can do.",
    },
    Cause.NO_COUNTER: {"vi": "Nguyên nhân: chưa có quầy nào mở.", "en": "Cause: no counter is open."},
}

MOVES: Mapping[MoveKind, Sentence] = {
    MoveKind.OPEN: {"vi": "Mở thêm quầy {counter}", "en": "Open counter {counter}"},
    MoveKind.RECALL: {
        "vi": "Cho quầy {counter} làm việc trở lại ngay",
        "en": "Let counter {counter} work again now",
    },
    MoveKind.MOVE: {
        "vi": "Chuyển cán bộ từ quầy {counter} sang quầy {to}",
        "en": "Move the officer of counter {counter} to counter {to}",
    },
    MoveKind.ADD_SERVICE: {
        "vi": "Giao thêm dịch vụ {service_vi} cho quầy {counter}",
        "en": "Let counter {counter} serve {service_en} too",
    },
    MoveKind.SHIFT_BREAK: {
        "vi": "Dời giờ nghỉ của quầy {counter} {shift_vi} {by} phút",
        "en": "Move the break of counter {counter} {by} minutes {shift_en}",
    },
    MoveKind.APPOINTMENTS: {
        "vi": "Mời người có hẹn đã đến sớm vào trước giờ hẹn (sớm nhất {by} phút)",
        "en": "Call people with appointments who are here early (up to {by} minutes)",
    },
    MoveKind.CONFINE: {
        "vi": "Chỉ tiếp nhận dịch vụ {service_vi} tại quầy {counter}",
        "en": "Take {service_en} at counter {counter} only",
    },
}

EFFECTS: Mapping[Verdict, Sentence] = {
    Verdict.HELPED: {
        "vi": "Đã giúp: {people} lượt khách đến trong giờ sau đó chờ trung bình {actual} phút, "
        "nếu không làm dự báo là {without} phút.",
        "en": "It helped: the {people} visitors of the hour after waited {actual} minutes on average; "
        "without it {without} were forecast.",
    },
    Verdict.UNCLEAR: {
        "vi": "Chưa rõ tác dụng: chờ trung bình {actual} phút, nếu không làm dự báo là {without} phút.",
        "en": "Not clear: {actual} minutes on average; without it {without} were forecast.",
    },
    Verdict.WORSE: {
        "vi": "Không giúp được: chờ trung bình {actual} phút, lâu hơn mức dự báo {without} phút nếu không làm.",
        "en": "It did not help: {actual} minutes on average, more than the {without} forecast without it.",
    },
}


def warning(config: OfficeConfig, event: TargetAtRisk | TargetSafe) -> Sentence:
    """The warning or its end as one or two sentences in each language."""
    target = _minutes(event.target)
    scope = SCOPES[event.scope]
    if isinstance(event, TargetSafe):
        return {
            "vi": f"{scope['vi']}: thời gian chờ dự kiến trở lại trong mức {target} phút.",
            "en": f"{scope['en']}: the wait is expected to stay within {target} minutes again.",
        }
    percent = round(100 * event.probability)
    words = _words(config, event.counter, event.service, None)
    people = round(event.facts.get("people", 0.0))
    words |= {
        "people_vi": f" (thêm khoảng {people} người trong 2 giờ qua)" if people > 0 else "",
        "people_en": f" (about {people} more in the last 2 hours)" if people > 0 else "",
        "at_vi": f", lâu nhất ở quầy {words['counter']}" if event.counter else "",
        "at_en": f", longest at counter {words['counter']}" if event.counter else "",
    }
    most_vi = f", nhiều nhất ở {words['service_vi']}" if event.service else ""
    most_en = f", most of all for {words['service_en']}" if event.service else ""
    named_by = {Cause.COUNTER: event.counter, Cause.SKILLS: event.service}
    cause = CAUSES[event.cause if named_by.get(event.cause, "named") else Cause.LOAD]
    return {
        "vi": f"{scope['vi']}: {percent} % khả năng chờ trung bình quá {target} phút "
        f"(dự kiến {_minutes(event.mean)} phút{most_vi}). {cause['vi'].format(**words)}",
        "en": f"{scope['en']}: {percent} % likely to wait more than {target} minutes on average "
        f"(expected {_minutes(event.mean)}{most_en}). {cause['en'].format(**words)}",
    }


def proposal(config: OfficeConfig, advice: Advice) -> Sentence:
    """What to do and what it is worth."""
    said = named(config, advice.move)
    low, high, hours = round(advice.low), round(advice.high), advice.officer_hours
    cost_vi = f", cần {hours:.1f} giờ cán bộ".replace(".", ",") if hours >= 0.05 else ", không cần thêm cán bộ"
    cost_en = f", takes {hours:.1f} officer-hours" if hours >= 0.05 else ", takes no further officer"
    return {
        "vi": f"{said['vi']}: bớt khoảng {round(advice.saved)} phút chờ của mọi người cộng lại "
        f"(từ {low} đến {high}){cost_vi}.",
        "en": f"{said['en']}: saves about {round(advice.saved)} minutes of waiting, all people together "
        f"({low} to {high}){cost_en}.",
    }


def named(config: OfficeConfig, move: Move) -> Sentence:
    """A move in the imperative."""
    words = _words(config, move.counter, move.service, move.to)
    words |= {
        "by": str(_minutes(abs(move.by))),
        "shift_vi": "sớm hơn" if move.by < 0 else "muộn hơn",
        "shift_en": "earlier" if move.by < 0 else "later",
    }
    return {language: text.format(**words) for language, text in MOVES[move.kind].items()}


def outcome(effect: Effect) -> Sentence:
    """What a move did."""
    words = {"people": effect.people, "actual": round(effect.actual), "without": round(effect.without)}
    return {language: text.format(**words) for language, text in EFFECTS[effect.verdict].items()}


def _words(config: OfficeConfig, counter: str | None, service: str | None, to: str | None) -> dict[str, str]:
    known = config.services.get(service) if service else None
    names = known.name if known else {}
    return {
        "counter": _label(config, counter),
        "to": _label(config, to),
        "service_vi": names.get("vi", service or ""),
        "service_en": names.get("en", names.get("vi", service or "")),
    }


def _label(config: OfficeConfig, counter: str | None) -> str:
    known = config.counters.get(counter) if counter else None
    return known.label if known else (counter or "")


def _minutes(seconds: float) -> int:
    return round(seconds / 60.0)
