"""A replay in plain words, Vietnamese or English: tables and sentences. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from queue_server.forecasting.paired import Difference, difference
from queue_server.queue.config import OfficeConfig
from queue_server.simulate.replay import Change, Comparison, Figures
from queue_server.simulate.replay_decide import AsItWas

_TEXTS: dict[str, dict[str, str]] = {
    "vi": {
        "unchanged": "Xem lại như đã diễn ra",
        "if": "Nếu {change}",
        "days": "{title} (số ngày: {many}), phút chờ trung bình mỗi lần đến",
        "day": "ngày", "visits": "lượt", "actual": "thực tế", "before": "dựng lại", "after": "thay đổi",
        "difference": "chênh", "service": "dịch vụ", "class": "diện", "all": "chung",
        "less": "Bớt chờ trung bình {size} phút mỗi lần đến ({interval}).",
        "more": "Chờ thêm trung bình {size} phút mỗi lần đến ({interval}).",
        "unclear": "Chưa thấy khác biệt rõ về thời gian chờ trung bình: {size} phút ({interval}).",
        "single": "Thời gian chờ trung bình: {size} phút ({interval}).",
        "none": "Thời gian chờ không khác.",
        "interval": "tin cậy 95 %: từ {low} đến {high}",
        "one": "mới một ngày nên chưa biết có phải ngẫu nhiên; hãy xem lại nhiều ngày hơn",
        "tenth": "Người chờ lâu (mức mà 9 trên 10 người không vượt): {size} phút{interval}.",
        "over": "Tỷ lệ chờ quá mức quy định: {size} điểm phần trăm{interval}.",
        "unserved": "Không được phục vụ trong ngày: {before} lượt khi dựng lại, {after} lượt khi thay đổi.",
        "fidelity": "Độ sát: bản dựng lại lệch thực tế {size} phút về thời gian chờ trung bình.",
        "skipped": "Bỏ qua {reason}", "nobody": "Bỏ qua {day}: không có lượt khách nào",
        "nothing": "Không có ngày nào xem lại được.",
        "same": "{day}: giống, {entries} mục; quy tắc hôm nay vẫn quyết định từng mục như sổ đã ghi",
        "different": "{day}: khác {many} trong {entries} mục; đầu tiên: {first}",
        "policy": "gọi theo quy tắc {name}{numbers}", "extra": "mở thêm quầy {counter} từ {opens}{until}{services}",
        "until": " đến {closes}", "for": " cho {services}", "break": "quầy {counter} nghỉ {breaks}",
        "at": "lúc {at}, {minutes} phút", "serves": "quầy {counter} nhận {services}",
        "without": "không có quầy {counter}",
    },
    "en": {
        "unchanged": "As it was",
        "if": "If: {change}",
        "days": "{title} (days: {many}), mean minutes of waiting per visit",
        "day": "day", "visits": "visits", "actual": "actual", "before": "replayed", "after": "changed",
        "difference": "difference", "service": "service", "class": "class", "all": "all",
        "less": "People would wait {size} minutes less per visit on average ({interval}).",
        "more": "People would wait {size} minutes longer per visit on average ({interval}).",
        "unclear": "No clear difference in the mean wait: {size} minutes ({interval}).",
        "single": "The mean wait: {size} minutes ({interval}).",
        "none": "The waits do not differ.",
        "interval": "95 %: from {low} to {high}",
        "one": "one day cannot tell it from chance; replay more days",
        "tenth": "Long waits (what 9 of 10 people stay within): {size} minutes{interval}.",
        "over": "Share over the target: {size} percentage points{interval}.",
        "unserved": "Not served on the day: {before} replayed, {after} changed.",
        "fidelity": "Fidelity: the unchanged replay is {size} minutes from what really happened, in the mean wait.",
        "skipped": "Left out: {reason}", "nobody": "Left out: {day}: nobody came",
        "nothing": "No day could be replayed.",
        "same": "{day}: same, {entries} entries; today's rules decide each of them as it stands",
        "different": "{day}: different in {many} of {entries} entries; first: {first}",
        "policy": "calls by the policy {name}{numbers}", "extra": "counter {counter} opens at {opens}{until}{services}",
        "until": " until {closes}", "for": " for {services}", "break": "counter {counter} has its break {breaks}",
        "at": "at {at}, {minutes} min", "serves": "counter {counter} serves {services}",
        "without": "no counter {counter}",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One service or class over the days on which both sides served somebody of it; minutes."""

    id: str
    actual: float
    before: float
    after: float
    difference: Difference


def groups(found: Comparison, of: Callable[[Figures], Mapping[str, float]]) -> list[Group]:
    """Means of the days' means, paired by day."""
    names = sorted({name for figures in found.before for name in of(figures)})
    made = []
    for name in names:
        days = [
            (of(real), of(b), of(a)) for real, b, a in zip(found.actual, found.before, found.after, strict=True)
            if name in of(b) and name in of(a)
        ]  # fmt: skip
        if not days:
            continue
        actual = [real[name] for real, _, _ in days if name in real]
        made.append(
            Group(
                id=name,
                actual=mean(actual) if actual else 0.0,
                before=mean(b[name] for _, b, _ in days),
                after=mean(a[name] for _, _, a in days),
                difference=difference([a[name] - b[name] for _, b, a in days]),
            )
        )
    return made


def date_of(day: str) -> str:
    """An office day (YYYYMMDD) as a date."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def number(value: float, language: str, *, sign: bool = True) -> str:
    """One decimal, with the language's own comma or point; no minus before a nought."""
    text = f"{value:+.1f}" if sign else f"{value:.1f}"
    text = "0.0" if text in ("-0.0", "+0.0") else text.replace("-", "−")
    return text.replace(".", ",") if language == "vi" else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Writes in one language, with the names that the office's site file gives."""

    language: str = "en"
    config: OfficeConfig | None = None

    def say(self, key: str, **parts: object) -> str:
        return _TEXTS[self.language][key].format(**parts)

    def name_of(self, kind: str, name: str) -> str:
        """The name of a service or class; its id where the office no longer has it."""
        known = None if self.config is None else getattr(self.config, kind).get(name)
        return name if known is None else str(known.name.get(self.language, name))

    def label(self, counter: str) -> str:
        known = None if self.config is None else self.config.counters.get(counter)
        return counter if known is None else known.label

    def services(self, listed: Sequence[str]) -> str:
        return ", ".join(self.name_of("services", one) for one in listed)

    def n(self, value: float, *, sign: bool = True) -> str:
        return number(value, self.language, sign=sign)

    def behind(self, found: Difference) -> str:
        """The interval in brackets where there is one."""
        return "" if found.low is None else f" ({self.interval(found)})"

    def interval(self, found: Difference) -> str:
        if found.low is None or found.high is None:
            return self.say("one")
        return self.say("interval", low=self.n(found.low), high=self.n(found.high))


def described(change: Change, told: Told) -> str:
    """The change in words."""
    parts = []
    if change.policy is not None:
        numbers = "".join(f", {name} {value:g}" for name, value in sorted(change.policy.options.items()))
        if change.policy.name == "ratio":
            numbers = f" {change.policy.ordinary_per_priority} : 1{numbers}"
        parts.append(told.say("policy", name=change.policy.name, numbers=numbers))
    for one in change.extra:
        until = told.say("until", closes=f"{one.closes:%H:%M}") if one.closes else ""
        serves = told.say("for", services=told.services(one.services)) if one.services else ""
        opens = f"{one.opens:%H:%M}"
        parts.append(told.say("extra", counter=told.label(one.counter), opens=opens, until=until, services=serves))
    for counter, breaks in (change.breaks or {}).items():
        said = "; ".join(told.say("at", at=f"{at:%H:%M}", minutes=f"{minutes:g}") for at, minutes in breaks)
        parts.append(told.say("break", counter=told.label(counter), breaks=said))
    for counter, services in (change.services or {}).items():
        parts.append(told.say("serves", counter=told.label(counter), services=told.services(services)))
    parts += [told.say("without", counter=told.label(counter)) for counter in change.without]
    return "; ".join(parts)


def report(found: Comparison, told: Told | None = None) -> str:
    """The comparison as tables and sentences."""
    told = told or Told()
    plain = not described(found.change, told)
    title = told.say("unchanged") if plain else told.say("if", change=described(found.change, told))
    lines = [told.say("days", title=title, many=len(found.before))]
    if found.before:
        lines += ["", *_days(found, told, plain=plain)]
        lines += _table(told, "service", groups(found, lambda f: f.by_service), plain=plain)
        lines += _table(told, "class", groups(found, lambda f: f.by_class), plain=plain)
        lines += ["", *(() if plain else sentences(found, told)), fidelity(found, told)]
    else:
        lines.append(told.say("nothing"))
    lines += [told.say("skipped", reason=reason) for reason in found.skipped]
    lines += [told.say("nobody", day=date_of(day)) for day in found.empty]
    return "\n".join(lines)


def sentences(found: Comparison, told: Told) -> list[str]:
    """The paired differences in plain words."""
    if found.before == found.after:
        return [told.say("none")]
    percent = _times(found.over, 100)
    before, after = (sum(day.unserved for day in side) for side in (found.before, found.after))
    return [
        verdict(found.mean, told),
        told.say("tenth", size=told.n(found.p90.mean), interval=told.behind(found.p90)),
        told.say("over", size=told.n(percent.mean), interval=told.behind(percent)),
        *([told.say("unserved", before=before, after=after)] if before or after else []),
    ]


def _times(found: Difference, by: float) -> Difference:
    low, high = (None if end is None else by * end for end in (found.low, found.high))
    return Difference(mean=by * found.mean, low=low, high=high)


def verdict(found: Difference, told: Told) -> str:
    """What happens to the mean wait: less, longer, or nothing that is beyond chance."""
    if found.low is None or found.high is None:
        return told.say("single", size=told.n(found.mean), interval=told.interval(found))
    if found.low <= 0.0 <= found.high:
        return told.say("unclear", size=told.n(found.mean), interval=told.interval(found))
    low, high = sorted((abs(found.low), abs(found.high)))
    interval = told.say("interval", low=told.n(low, sign=False), high=told.n(high, sign=False))
    return told.say(
        "less" if found.mean < 0 else "more", size=told.n(abs(found.mean), sign=False), interval=interval
    )  # fmt: skip


def fidelity(found: Comparison, told: Told) -> str:
    """How near the unchanged replay came to the day."""
    return told.say("fidelity", size=told.n(found.fidelity))


def checked(found: AsItWas, day: str, told: Told) -> str:
    """Whether today's rules still decide a day as it stands."""
    if found.same:
        return told.say("same", day=day, entries=found.entries)
    many = found.entries - found.decided
    return told.say("different", day=day, many=many, entries=found.entries, first=found.differences[0])


def _days(found: Comparison, told: Told, *, plain: bool) -> list[str]:
    lines = [_head(told, "day", 12, plain=plain, visits=True)]
    for actual, before, after in zip(found.actual, found.before, found.after, strict=True):
        shift = "" if plain else f"{told.n(after.mean, sign=False):>11}{told.n(after.mean - before.mean):>12}"
        lines.append(
            f"{date_of(before.day):<12}{before.visits:>8}{told.n(actual.mean, sign=False):>11}"
            f"{told.n(before.mean, sign=False):>11}{shift}"
        )
    real, again, changed = (mean(day.mean for day in side) for side in (found.actual, found.before, found.after))
    visits = sum(day.visits for day in found.before)
    shift = "" if plain else f"{told.n(changed, sign=False):>11}{told.n(changed - again):>12}"
    last = f"{told.say('all'):<12}{visits:>8}{told.n(real, sign=False):>11}{told.n(again, sign=False):>11}{shift}"
    return [*lines, last]


def _head(told: Told, first: str, width: int, *, plain: bool, visits: bool = False) -> str:
    names = [*(["visits"] if visits else []), "actual", "before", *([] if plain else ["after", "difference"])]
    widths = {"visits": 8, "difference": 12}
    return f"{told.say(first):<{width}}" + "".join(f"{told.say(name):>{widths.get(name, 11)}}" for name in names)


def _table(told: Told, kind: str, rows: Sequence[Group], *, plain: bool) -> list[str]:
    kinds = {"service": "services", "class": "classes"}
    names = [told.name_of(kinds[kind], row.id) for row in rows]
    width = max([20, *(len(name) + 1 for name in names)])
    lines = ["", _head(told, kind, width, plain=plain)]
    for name, row in zip(names, rows, strict=True):
        shown = f"{name:<{width}}{told.n(row.actual, sign=False):>11}{told.n(row.before, sign=False):>11}"
        if not plain:
            low, high = row.difference.low, row.difference.high
            band = "" if low is None or high is None else f"  [{told.n(low)}; {told.n(high)}]"
            shown += f"{told.n(row.after, sign=False):>11}{told.n(row.difference.mean):>12}{band}"
        lines.append(shown)
    return lines


def as_values(found: Comparison, told: Told) -> dict[str, object]:
    """Everything of the report as plain JSON values."""
    return {
        "change": described(found.change, told),
        "days": [_day(*day) for day in zip(found.actual, found.before, found.after, strict=True)],
        "difference": {
            name: {side: getattr(getattr(found, name), side) for side in ("mean", "low", "high")}
            for name in ("mean", "p90", "over")
        },
        "by_service": [_group(row) for row in groups(found, lambda f: f.by_service)],
        "by_class": [_group(row) for row in groups(found, lambda f: f.by_class)],
        "fidelity": found.fidelity,
        "skipped": list(found.skipped),
        "empty": [date_of(day) for day in found.empty],
        "touched": found.touched,
        "text": [*sentences(found, told), fidelity(found, told)] if found.before else [told.say("nothing")],
    }


def _day(actual: Figures, before: Figures, after: Figures) -> dict[str, object]:
    sides = {"actual": actual, "replayed": before, "changed": after}
    return {
        "day": date_of(before.day),
        **{
            side: {name: getattr(one, name) for name in ("visits", "unserved", "mean", "p90", "over")}
            for side, one in sides.items()
        },
    }


def _group(row: Group) -> dict[str, object]:
    sides = {"mean": row.difference.mean, "low": row.difference.low, "high": row.difference.high}
    return {"id": row.id, "actual": row.actual, "replayed": row.before, "changed": row.after, "difference": sides}
