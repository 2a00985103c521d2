"""What is wrong with a policy for an office, each point with its place and a sentence; nothing when it can be used.

Pure, stdlib only. The site file, the HTTP door and the rules page refuse by this one list.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

from queue_server.queue.config import (
    MINUTE,
    ClassKind,
    OfficeConfig,
    Policy,
    Reservation,
    ReservationKind,
    hard_bound,
)
from queue_server.queue.opening import ALWAYS, Opening
from queue_server.queue.policy import policy_problems
from queue_server.queue.policy_wrong import Wrong, place_text
from queue_server.queue.reservations import WEEK, changes, reach

DAY = 24 * 60
MOST_RESERVATIONS = 40
HEAVIEST = 100.0
LONGEST_GRACE = 120.0  # seconds; longer would be a rule that keeps people waiting
LONGEST_WINDOW = 240 * MINUTE


def wrong_policy(config: OfficeConfig, policy: Policy, opening: Opening = ALWAYS) -> list[Wrong]:
    """Everything that is wrong; what builds upon a wrong part is looked at only when that part is right.

    With the opening hours, a counter counts only while somebody sits there, a service only while it is offered.
    """
    found = [Wrong(("options",), vi, en) for vi, en in policy_problems(policy)]
    found += _numbers(config, policy)
    found += _classes(config, policy)
    single = [
        wrong for place, one in enumerate(policy.reservations) for wrong in _reservation(config, place, one, opening)
    ]
    if single or len(policy.reservations) > MOST_RESERVATIONS:
        if not single:
            found.append(
                Wrong(
                    ("reservations",),
                    f"có hơn {MOST_RESERVATIONS} quy định dành riêng; hãy gộp bớt",
                    f"there are more than {MOST_RESERVATIONS} reservations; join some",
                )
            )
        return found + single
    return found + list(_left_over(config, policy, opening))


def _numbers(config: OfficeConfig, policy: Policy) -> Iterator[Wrong]:
    if not (isfinite(policy.ceiling_multiple) and policy.ceiling_multiple >= 1):
        yield Wrong(
            ("ceiling_multiple",),
            "mức trần phải bằng ít nhất 1 lần thời hạn",
            "the ceiling is at least 1 times the target",
        )
    if policy.ordinary_per_priority < 0:
        yield Wrong(
            ("ordinary_per_priority",), "số lượt thường không được âm", "the number of ordinary calls is not negative"
        )
    if not 0 <= policy.grace <= LONGEST_GRACE:
        yield Wrong(
            ("grace",),
            f"thời gian nhường từ 0 đến {LONGEST_GRACE:.0f} giây",
            f"the grace is from 0 to {LONGEST_GRACE:.0f} seconds",
        )
    for name in ("appointment_early", "appointment_late"):
        value = getattr(policy, name)
        if value is not None and not 0 <= value <= LONGEST_WINDOW:
            yield Wrong(
                (name,),
                f"khoảng giờ hẹn từ 0 đến {LONGEST_WINDOW / MINUTE:.0f} phút",
                f"the window is from 0 to {LONGEST_WINDOW / MINUTE:.0f} minutes",
            )
    for option in policy.options:
        service = option.removeprefix("price:")
        if service != option and service not in config.services:
            yield _unknown(("options",), "dịch vụ", "service", service, config.services)


def _unknown(place: tuple[str, ...], what_vi: str, what: str, name: str, known: object) -> Wrong:
    listed = ", ".join(sorted(known))  # type: ignore[call-overload]  # a mapping of ids
    return Wrong(
        place, f"không có {what_vi} {name!r}; hãy dùng {listed}", f"{what} {name!r} is not defined; use one of {listed}"
    )


def _classes(config: OfficeConfig, policy: Policy) -> Iterator[Wrong]:
    shortest = min((s.typical for s in config.services.values()), default=0.0)
    sound = True
    for name in policy.classes:
        if name not in config.classes:
            sound = False
            yield _unknown(("classes", name), "diện", "class", name, config.classes)
    for name in config.classes:
        for wrong in _terms(config, policy, name, shortest):
            sound = False
            yield wrong
    if sound:
        yield from _favoured_ceilings(config, policy)


def _terms(config: OfficeConfig, policy: Policy, name: str, shortest: float) -> Iterator[Wrong]:
    terms, who = config.terms(policy, name), config.classes[name].name
    vi, en = who.get("vi", name), who.get("en", name)
    if not (isfinite(terms.target) and 0 < terms.target <= DAY * MINUTE):
        yield Wrong(
            ("classes", name, "target"), f"{vi}: thời hạn phải lớn hơn 0 phút", f"{en}: the target is above 0 minutes"
        )
        return
    if not 0 < terms.weight <= HEAVIEST:
        yield Wrong(
            ("classes", name, "weight"),
            f"{vi}: trọng số phải lớn hơn 0 và không quá {HEAVIEST:.0f}",
            f"{en}: the weight is above 0 and at most {HEAVIEST:.0f}",
        )
    bound = hard_bound(terms, policy)
    minutes, least = f"{bound / MINUTE:g}", f"{shortest / MINUTE:g}"
    if not isfinite(bound) or bound < terms.target:
        target = f"{terms.target / MINUTE:g}"
        yield Wrong(
            ("classes", name, "ceiling"),
            f"{vi}: mức trần ({minutes} phút) thấp hơn thời hạn ({target} phút); hãy nâng mức trần",
            f"{en}: the ceiling ({minutes} min) is below the target ({target} min); raise the ceiling",
        )
    elif bound < shortest:
        yield Wrong(
            ("classes", name, "ceiling"),
            f"{vi}: mức trần ({minutes} phút) ngắn hơn cả việc nhanh nhất ({least} phút): ai cũng sẽ quá trần",
            f"{en}: the ceiling ({minutes} min) is below the shortest service ({least} min): everybody would pass it",
        )


def _favoured_ceilings(config: OfficeConfig, policy: Policy) -> Iterator[Wrong]:
    """Whoever goes first by right must not be bound to wait longer than everybody else."""
    bounds = {c.id: hard_bound(config.terms(policy, c.id), policy) for c in config.classes.values()}
    ordinary = [bounds[c.id] for c in config.classes.values() if c.kind is ClassKind.ORDINARY]
    for known in config.classes.values():
        if known.kind is not ClassKind.ORDINARY and ordinary and bounds[known.id] > min(ordinary):
            mine, theirs = f"{bounds[known.id] / MINUTE:g}", f"{min(ordinary) / MINUTE:g}"
            vi, en = known.name.get("vi", known.id), known.name.get("en", known.id)
            yield Wrong(
                ("classes", known.id, "ceiling"),
                f"{vi}: mức trần ({mine} phút) cao hơn của người thường ({theirs} phút): người được ưu tiên lại chờ"
                " lâu hơn",
                f"{en}: the ceiling ({mine} min) is above that of ordinary people ({theirs} min): those who go first"
                " would wait longer",
            )


def _reservation(config: OfficeConfig, number: int, one: Reservation, opening: Opening) -> Iterator[Wrong]:
    """What is wrong with one reservation by itself."""
    here = ("reservations", str(number))
    lists = (
        ("counters", one.counters, config.counters, "quầy", "counter"),
        ("services", one.services, config.services, "dịch vụ", "service"),
        ("classes", one.classes, config.classes, "diện", "class"),
    )
    whole = True
    for key, names, known, vi, en in lists:
        for name in names:
            if name not in known:
                whole = False
                yield _unknown((*here, key), vi, en, name, known)
    if not 0 <= one.begins < one.ends <= DAY:
        yield Wrong(
            (*here, "hours"),
            "giờ kết thúc phải sau giờ bắt đầu, trong cùng một ngày",
            "the hours end after they begin, within one day",
        )
    elif any(day not in WEEK for day in one.days):
        yield Wrong((*here, "days"), "không có ngày đó trong tuần", "there is no such day of the week")
    elif one.counters and not any(opening.meets(c, one.days or WEEK, one.begins, one.ends) for c in one.counters):
        yield Wrong(
            (*here, "hours"),
            "vào giờ này không quầy nào trong số đã chọn mở cửa",
            "none of the chosen counters is open at these hours",
        )
    yield from _purpose(here, one)
    if whole:
        yield from _unskilled(config, here, one)


def _purpose(here: tuple[str, ...], one: Reservation) -> Iterator[Wrong]:
    if not one.counters:
        yield Wrong((*here, "counters"), "hãy chọn ít nhất một quầy", "choose at least one counter")
    if one.kind is ReservationKind.SERVICE:
        if not one.services:
            yield Wrong((*here, "services"), "hãy chọn ít nhất một dịch vụ", "choose at least one service")
        if one.classes:
            yield Wrong(
                (*here, "classes"),
                "dịch vụ chỉ gọi tại một số quầy thì áp dụng cho mọi diện; hãy bỏ chọn diện",
                "a service kept to counters is kept for every class; leave the classes out",
            )
    elif not one.services and not one.classes:
        yield Wrong(
            (*here, "services"),
            "hãy chọn dịch vụ hoặc diện mà quầy chỉ được gọi",
            "choose the services or classes that the counters keep to",
        )


def _unskilled(config: OfficeConfig, here: tuple[str, ...], one: Reservation) -> Iterator[Wrong]:
    """Skills that nobody of the reservation has, and counters that would have nothing to do."""
    skills = {c: set(config.counters[c].services) for c in one.counters}
    for service in one.services:
        if one.counters and not any(service in mine for mine in skills.values()):
            vi, en = config.services[service].name.get("vi", service), config.services[service].name.get("en", service)
            listed = ", ".join(config.counters[c].label for c in one.counters)
            yield Wrong(
                (*here, "services"),
                f"không quầy nào trong số đã chọn (quầy {listed}) làm được “{vi}”",
                f"none of the chosen counters ({listed}) can do {en}",
            )
            return
    if one.kind is ReservationKind.COUNTER and one.services:
        for counter, mine in skills.items():
            if not mine & set(one.services):
                label = config.counters[counter].label
                yield Wrong(
                    (*here, "counters"),
                    f"quầy {label} không làm được dịch vụ nào đã chọn",
                    f"counter {label} can do none of the chosen services",
                )


class _Then(NamedTuple):
    """What holds between two moments of the week."""

    held: tuple[int, ...]  # reservations
    counters: tuple[str, ...]  # where somebody sits
    services: tuple[str, ...]  # that are offered


def _left_over(config: OfficeConfig, policy: Policy, opening: Opening) -> Iterator[Wrong]:
    """A counter that may call nobody, or a service that nobody may call, at some moment of the week."""
    told: set[tuple[str, ...]] = set()
    seen: set[_Then] = set()
    moments = sorted({*changes(policy.reservations), *opening.changes(), (len(WEEK), 0)}) if policy.reservations else []
    for (day, minute), (next_day, next_minute) in pairwise(moments):
        then = _Then(
            tuple(place for place, r in enumerate(policy.reservations) if _holds(r, day, minute)),
            tuple(c for c in config.counters if opening.counter(c, day, minute)),
            tuple(s for s in config.services if opening.service(s, day, minute)),
        )
        if not then.held or then in seen:
            continue
        seen.add(then)
        when = place_text(day, minute, next_minute if next_day == day else DAY)
        for key, wrong in _left_over_then(config, policy, then, when):
            if key not in told:
                told.add(key)
                yield wrong


def _holds(one: Reservation, day: int, minute: int) -> bool:
    return one.begins <= minute < one.ends and (not one.days or day in one.days)


def _left_over_then(
    config: OfficeConfig, policy: Policy, then: _Then, when: tuple[str, str]
) -> Iterator[tuple[tuple[str, ...], Wrong]]:
    """Who is left without anybody while these reservations hold."""
    last = ("reservations", str(then.held[-1]))
    may = {c: reach([policy.reservations[place] for place in then.held], c) for c in then.counters}
    skills = {c: config.counters[c].services for c in then.counters}
    pairs = {c: {(s, cls) for s in skills[c] for cls in config.classes if may[c].allows(s, cls)} for c in skills}
    for counter, mine in pairs.items():
        if not mine:
            label = config.counters[counter].label
            yield (
                ("counter", counter),
                Wrong(
                    (*last, "counters"),
                    f"{when[0]}: các quy định dành riêng mâu thuẫn nhau, quầy {label} không được gọi ai",
                    f"{when[1]}: reservations contradict each other, counter {label} may call nobody",
                ),
            )
    able = set().union(*pairs.values())
    for service in then.services:
        missing = [cls for cls in config.classes if (service, cls) not in able]
        if missing and any(service in known for known in skills.values()):
            who_vi = "" if len(missing) == len(config.classes) else f" cho {_names(config, missing, 'vi')}"
            who_en = "" if len(missing) == len(config.classes) else f" for {_names(config, missing, 'en')}"
            known = config.services[service]
            vi, en = known.name.get("vi", service), known.name.get("en", service)
            yield (
                ("service", service),
                Wrong(
                    (*last, "services"),
                    f"{when[0]}: không quầy nào được gọi “{vi}”{who_vi}",
                    f"{when[1]}: no counter may call {en}{who_en}",
                ),
            )


def _names(config: OfficeConfig, classes: list[str], language: str) -> str:
    return ", ".join(config.classes[c].name.get(language, c).lower() for c in classes)
