"""What a changed policy changes, as sentences for whoever is about to put it in force. Pure."""

from collections.abc import Iterator

from queue_server.queue.config import MINUTE, OfficeConfig, Policy, Reservation, ReservationKind, hard_bound
from queue_server.queue.policy import FAIR_FAST
from queue_server.queue.policy_wrong import DAYS_EN, DAYS_VI, clock

Said = tuple[str, str]  # Vietnamese, English

NAMES: dict[str, Said] = {
    "fcfs": ("theo thứ tự lấy số", "in order of arrival"),
    "ratio": ("ưu tiên theo tỷ lệ", "by priority in a ratio"),
    "accumulating": ("ưu tiên tăng dần", "by priority that grows"),
    "index": ("cân nhắc từng lượt gọi", "by weighing each call"),
    "look-ahead": ("nhìn trước", "by looking ahead"),
}


def policy_changes(config: OfficeConfig, old: Policy, new: Policy) -> list[Said]:
    """One sentence for each thing that will be different; none when nothing changes."""
    return [*_main(old, new), *_classes(config, old, new), *_switches(config, old, new), *_reserved(config, old, new)]


def _main(old: Policy, new: Policy) -> Iterator[Said]:
    if old.name != new.name and new.name in NAMES:  # a name that is none is an error and no change
        vi, en = NAMES[new.name]
        yield f"Cách gọi số: {vi}.", f"People are called {en}."
    if old.ordinary_per_priority != new.ordinary_per_priority:
        n = new.ordinary_per_priority
        yield (
            f"Giữa hai lượt ưu tiên có {n} lượt thường (trước: {old.ordinary_per_priority}).",
            f"Between two priority persons {n} ordinary ones are called (before: {old.ordinary_per_priority}).",
        )
    if old.options.get("fair_fast", FAIR_FAST) != new.options.get("fair_fast", FAIR_FAST):
        value = f"{new.options.get('fair_fast', FAIR_FAST):g}"
        yield (
            f"Nghiêng về công bằng (0) hay nhanh (1): {value.replace('.', ',')}.",
            f"Between fair (0) and fast (1): {value}.",
        )
    for name in sorted({*old.options, *new.options} - {"fair_fast"}):
        was, will = old.options.get(name), new.options.get(name)
        if was != will:
            vi = f"{_number(was, 'mặc định')} → {_number(will, 'mặc định')}".replace(".", ",")
            yield f"Tham số {name}: {vi}.", f"Option {name}: {_number(was, 'usual')} → {_number(will, 'usual')}."


def _number(value: float | None, usual: str) -> str:
    return usual if value is None else _figure(value)


def _classes(config: OfficeConfig, old: Policy, new: Policy) -> Iterator[Said]:
    for known in config.classes.values():
        before, after = config.terms(old, known.id), config.terms(new, known.id)
        parts: list[Said] = []
        figures = (
            (before.target / MINUTE, after.target / MINUTE, "thời hạn", "target", " phút", " min"),
            (
                hard_bound(before, old) / MINUTE,
                hard_bound(after, new) / MINUTE,
                "mức trần",
                "ceiling",
                " phút",
                " min",
            ),
            (before.weight, after.weight, "trọng số", "weight", "", ""),
        )
        for was, will, vi, en, unit_vi, unit in figures:
            if was != will:
                parts.append(
                    (
                        f"{vi} {_figure(was)} → {_figure(will)}{unit_vi}".replace(".", ","),
                        f"{en} {_figure(was)} → {_figure(will)}{unit}",
                    )
                )
        if parts:
            name = known.name
            yield (
                f"{name.get('vi', known.id)}: {'; '.join(p[0] for p in parts)}.",
                f"{name.get('en', known.id)}: {'; '.join(p[1] for p in parts)}.",
            )


def _figure(value: float) -> str:
    return f"{value:g}"


def _switches(config: OfficeConfig, old: Policy, new: Policy) -> Iterator[Said]:
    if old.own_first != new.own_first:
        yield (
            ("Người được chuyển đến hoặc quay lại đúng quầy được gọi trước.", "A counter's own visitors go first.")
            if new.own_first
            else (
                "Người được chuyển đến hoặc quay lại quầy được gọi theo diện của mình như mọi người.",
                "A counter's own visitors are called in their class like everybody.",
            )
        )
    lean = (old.least_flexible_first, old.grace), (new.least_flexible_first, new.grace)
    if lean[0] != lean[1] and (old.least_flexible_first or new.least_flexible_first):
        yield (
            (
                f"Quầy làm được nhiều dịch vụ nhường người cho quầy rảnh làm được ít hơn, tối đa {new.grace:g} giây.",
                f"Counters with more services leave people to an idle one with fewer, at most {new.grace:g} seconds.",
            )
            if new.least_flexible_first
            else ("Các quầy không còn nhường người cho nhau.", "Counters no longer leave people to each other.")
        )
    for was, will, vi, en in (
        (
            config.early(old),
            config.early(new),
            "được gọi sớm nhất trước giờ hẹn",
            "called before their time by at most",
        ),
        (config.late(old), config.late(new), "còn tính là đúng hẹn sau giờ hẹn", "still on time when late by at most"),
    ):
        if was != will:
            yield (
                f"Người có hẹn: {vi} {_figure(will / MINUTE)} phút (trước: {_figure(was / MINUTE)}).",
                f"Booked people: {en} {_figure(will / MINUTE)} minutes (before: {_figure(was / MINUTE)}).",
            )


def _reserved(config: OfficeConfig, old: Policy, new: Policy) -> Iterator[Said]:
    before, after = (
        {_same(one): one for one in policy.reservations if one.counters and (one.services or one.classes)}
        for policy in (old, new)
    )
    for key, one in after.items():
        if key not in before:
            vi, en = reservation_words(config, one)
            yield f"Thêm: {vi}", f"New: {en}"
    for key, one in before.items():
        if key not in after:
            vi, en = reservation_words(config, one)
            yield f"Bỏ: {vi}", f"No longer: {en}"


def _same(one: Reservation) -> tuple[object, ...]:
    """What a reservation does, in whichever order its parts were chosen."""
    parts = (one.counters, one.services, one.classes, one.days)
    return (one.kind, one.begins, one.ends, *map(frozenset, parts))


def reservation_words(config: OfficeConfig, one: Reservation) -> Said:
    """A reservation as a sentence; ids that the office lacks stay ids."""

    def named(names: tuple[str, ...], language: str) -> str:
        known = {k: v.name for k, v in config.services.items()} | {k: v.name for k, v in config.classes.items()}
        return ", ".join(known[n].get(language, n) if n in known else n for n in names)

    labels = ", ".join(config.counters[c].label if c in config.counters else c for c in one.counters)
    span = f"{clock(one.begins)}–{clock(one.ends)}"
    days_vi = ", ".join(DAYS_VI[d] for d in one.days if d < len(DAYS_VI)) or "hằng ngày"
    days_en = ", ".join(DAYS_EN[d] for d in one.days if d < len(DAYS_EN)) or "every day"
    if one.kind is ReservationKind.SERVICE:
        return (
            f"{named(one.services, 'vi')} chỉ gọi tại quầy {labels}, {span}, {days_vi}.",
            f"{named(one.services, 'en')} only at counter {labels}, {span}, {days_en}.",
        )
    vi = "; ".join(part for part in (named(one.services, "vi"), named(one.classes, "vi")) if part)
    en = "; ".join(part for part in (named(one.services, "en"), named(one.classes, "en")) if part)
    return (
        f"Quầy {labels} chỉ gọi {vi}, {span}, {days_vi}.",
        f"Counter {labels} calls only {en}, {span}, {days_en}.",
    )
