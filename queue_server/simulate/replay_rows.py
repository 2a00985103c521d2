"""A replay as a small table for somebody who runs an office: what it was, what it would have been, how sure. Pure."""

from collections.abc import Callable, Sequence
from statistics import mean

from queue_server.forecasting.paired import Difference
from queue_server.simulate.replay import Comparison, Figures
from queue_server.simulate.replay_words import Told, date_of, described, groups, number

_TEXTS: dict[str, dict[str, str]] = {
    "vi": {
        "title": "Nếu {change}", "headline": "Trung bình mỗi lượt chờ {before} → {after} phút: {change}.",
        "mean": "Chờ trung bình (phút)", "long": "Chờ lâu: 9 trên 10 người không vượt (phút)",
        "over": "Chờ quá thời hạn {target} phút (%)",
        "less": "bớt {size}{unit} ({low} đến {high})", "more": "thêm {size}{unit} ({low} đến {high})",
        "unclear": "không thấy khác biệt rõ ({low} đến {high})", "same": "không khác",
        "one-less": "bớt {size}{unit}", "one-more": "thêm {size}{unit}", "unit": " phút",
        "interval": "Số trong ngoặc là khoảng tin cậy 95 %: thay đổi thật gần như chắc nằm trong khoảng đó.",
        "one": "Mới tính một ngày nên có thể là ngẫu nhiên. Hãy xem thêm nhiều ngày.",
        "unserved": "Không được phục vụ trong ngày (lượt, tổng các ngày)",
        "unserved-more": "Thêm {size} lượt không được phục vụ trong ngày nên không thể so thời gian chờ: {waits}",
        "unserved-less": "Bớt {size} lượt không được phục vụ trong ngày. {waits}",
        "others": "trong số những người được phục vụ, trung bình mỗi lượt chờ {before} → {after} phút.",
        "fidelity": "Cả hai cột đều do máy dựng lại. Khi không thay đổi gì, máy tính ra lệch thực tế {size} phút.",
        "untouched": "Thay đổi chỉ làm khác {touched} trong {days} ngày.",
        "empty": "Không tính ngày không có khách: {days}.", "left-out": "Không tính ngày mà sổ ghi thiếu: {days}.",
    },
    "en": {
        "title": "If {change}", "headline": "The mean wait per visit: {before} → {after} minutes: {change}.",
        "mean": "Mean wait (minutes)", "long": "Long waits: 9 of 10 people stay within (minutes)",
        "over": "Over the target of {target} minutes (%)",
        "less": "{size}{unit} less ({low} to {high})", "more": "{size}{unit} more ({low} to {high})",
        "unclear": "no clear difference ({low} to {high})", "same": "no difference",
        "one-less": "{size}{unit} less", "one-more": "{size}{unit} more", "unit": " minutes",
        "interval": "In brackets the 95 % interval: the true change lies almost surely within it.",
        "one": "One day alone can be chance. Please replay more days.",
        "unserved": "Not served on the day (visits, all days together)",
        "unserved-more": "{size} more visits are not served on the day, so waits cannot be compared: {waits}",
        "unserved-less": "{size} fewer visits are left unserved on the day. {waits}",
        "others": "of those who are served the mean wait is {before} → {after} minutes.",
        "fidelity": "Both columns are replayed. Without any change that is {size} minutes from what really happened.",
        "untouched": "The change makes a difference on {touched} of {days} days only.",
        "empty": "Days without people are left out: {days}.",
        "left-out": "Days with entries missing are left out: {days}.",
    },
}  # fmt: skip
Row = dict[str, str]


def page_values(found: Comparison, told: Told) -> dict[str, object]:
    """Title, headline, rows and notes, all of them texts; nothing but notes where no day could be played."""
    say = _TEXTS[told.language]
    title = say["title"].format(change=described(found.change, told))
    if not found.before:
        return {"title": title, "headline": "", "tone": "none", "rows": [], "notes": _left_out(found, told)}
    rows = [
        _row(say["mean"], found, told, lambda day: day.mean, found.mean),
        _row(say["long"], found, told, lambda day: day.p90, found.p90),
        _over(found, told),
        *([_unserved_row(found, told)] if any(_unserved(found)) else []),
    ]
    for kind, of in (("services", _by_service), ("classes", _by_class)):
        for group in groups(found, of):
            words, tone = change_words(group.difference, told)
            rows.append(_texts(told.name_of(kind, group.id), group.before, group.after, words, tone, told, kind))
    return {
        "title": title,
        "headline": _headline(found, told),
        "tone": _tone(found, told),
        "rows": rows,
        "notes": _notes(found, told),
    }


def _by_service(day: Figures) -> dict[str, float]:
    return day.by_service


def _by_class(day: Figures) -> dict[str, float]:
    return day.by_class


def change_words(found: Difference, told: Told, unit: str = "") -> tuple[str, str]:
    """What a paired difference comes to, and its tone: "less", "more", or "none" where nothing is beyond chance."""
    say, size = _TEXTS[told.language], told.n(abs(found.mean), sign=False)
    direction = "less" if found.mean < 0 else "more"
    if found.low is None or found.high is None:
        return (say["same"], "none") if _is_nought(found.mean) else (
            say[f"one-{direction}"].format(size=size, unit=unit), "none",
        )  # fmt: skip
    if _is_nought(found.low) and _is_nought(found.high):
        return say["same"], "none"
    if found.low <= 0.0 <= found.high:
        return say["unclear"].format(low=told.n(found.low), high=told.n(found.high)), "none"
    low, high = (told.n(end, sign=False) for end in sorted((abs(found.low), abs(found.high))))
    return say[direction].format(size=size, unit=unit, low=low, high=high), direction


def _is_nought(value: float) -> bool:
    return abs(value) < 0.05


def _headline(found: Comparison, told: Told) -> str:
    """What happens to the mean wait; who is sent home unserved waits no longer, so that comes first and is no gain."""
    say = _TEXTS[told.language]
    before, after = (mean(day.mean for day in side) for side in (found.before, found.after))
    words, _ = change_words(found.mean, told, say["unit"])
    sides = {"before": told.n(before, sign=False), "after": told.n(after, sign=False)}
    more = _more_unserved(found)
    if more > 0:
        return say["unserved-more"].format(size=more, waits=say["others"].format(**sides))
    waits = say["headline"].format(**sides, change=words)
    return say["unserved-less"].format(size=-more, waits=waits) if more < 0 else waits


def _tone(found: Comparison, told: Told) -> str:
    """Whether the headline is good news; longer waits for more people served are neither good nor bad."""
    more, tone = _more_unserved(found), change_words(found.mean, told)[1]
    if more > 0:
        return "more"
    return "none" if more < 0 and tone == "more" else tone


def _unserved(found: Comparison) -> tuple[int, int]:
    before, after = (sum(day.unserved for day in side) for side in (found.before, found.after))
    return before, after


def _more_unserved(found: Comparison) -> int:
    before, after = _unserved(found)
    return after - before


def _unserved_row(found: Comparison, told: Told) -> Row:
    """Visits that were not served on their day, a count over all days: it has no interval."""
    say, (before, after) = _TEXTS[told.language], _unserved(found)
    more = after - before
    words = say[f"one-{'less' if more < 0 else 'more'}"].format(size=abs(more), unit="") if more else say["same"]
    tone = "none" if not more else "less" if more < 0 else "more"
    name = say["unserved"]
    return {"name": name, "before": str(before), "after": str(after), "change": words, "tone": tone, "part": "all"}


def _row(name: str, found: Comparison, told: Told, of: Callable[[Figures], float], shift: Difference) -> Row:
    before, after = (mean(of(day) for day in side) for side in (found.before, found.after))
    words, tone = change_words(shift, told)
    return _texts(name, before, after, words, tone, told, "all")


def _over(found: Comparison, told: Told) -> Row:
    """The share over the target in percent."""
    target = 15.0 if told.config is None else told.config.target / 60.0
    name = _TEXTS[told.language]["over"].format(target=f"{target:g}")
    ends = (None if end is None else 100.0 * end for end in (found.over.low, found.over.high))
    shift = Difference(mean=100.0 * found.over.mean, low=next(ends), high=next(ends))
    return _row(name, found, told, lambda day: 100.0 * day.over, shift)


def _texts(name: str, before: float, after: float, words: str, tone: str, told: Told, part: str) -> Row:
    numbers = {"before": told.n(before, sign=False), "after": told.n(after, sign=False)}
    return {"name": name, **numbers, "change": words, "tone": tone, "part": part}


def _notes(found: Comparison, told: Told) -> list[str]:
    say, days = _TEXTS[told.language], len(found.before)
    return [
        say["one" if days == 1 else "interval"],
        *([say["untouched"].format(touched=found.touched, days=days)] if found.touched < days else []),
        say["fidelity"].format(size=number(found.fidelity, told.language)),
        *_left_out(found, told),
    ]


def _left_out(found: Comparison, told: Told) -> list[str]:
    say = _TEXTS[told.language]
    both = (("empty", found.empty), ("left-out", found.left_out))
    return [say[key].format(days=_dates(days, told)) for key, days in both if days]


def _dates(days: Sequence[str], told: Told) -> str:
    if told.language == "vi":
        return ", ".join(f"{day[6:]}/{day[4:6]}/{day[:4]}" for day in days)
    return ", ".join(map(date_of, days))
