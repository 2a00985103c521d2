"""The words of printed slips in Vietnamese and English. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

_VI: Final = {
    "number": "SỐ THỨ TỰ",
    "counter": "Quầy dự kiến: {names}",
    "counters": "Quầy dự kiến: {names}",
    "ahead": "Trước ông/bà còn {count} người",
    "nobody_ahead": "Ông/bà là người tiếp theo",
    "wait": "Thời gian chờ khoảng {minutes} phút",
    "wait_none": "Xin chú ý bảng gọi số",
    "provisional": "Chờ cập nhật: số người chờ và thời gian sẽ có khi máy chủ hoạt động lại",
    "issued": "Lấy số lúc {time}",
    "scan": "Quét mã để theo dõi lượt của mình",
    "keep": "Giữ phiếu; khi quá lượt xin báo quầy hướng dẫn.",
    "checklist": "GIẤY TỜ CẦN MANG",
    "not_needed": "Không phải nộp – cơ quan đã có dữ liệu",
    "nothing_to_bring": "Không cần mang thêm giấy tờ",
    "fee": "Phí, lệ phí",
    "time_limit": "Thời hạn giải quyết",
    "where": "Nơi nộp",
    "more": "Quét mã để xem đầy đủ",
    "printed": "In lúc {time}",
    "record": "ĐIỂM CUỐI NHẬT KÝ",
    "record_day": "Ngày {day}",
    "record_seq": "Mục số {seq}",
    "record_keep": "Xin cất phiếu này ngoài phòng máy chủ. Sau này có thể đối chiếu xem nhật ký có bị sửa không.",
    "record_keeper": "Người giữ (ký, ghi rõ họ tên)",
}
_EN: Final = {
    "number": "YOUR NUMBER",
    "counter": "Counter: {names} (expected)",
    "counters": "Counters: {names} (expected)",
    "ahead": "{count} people ahead of you",
    "one_ahead": "1 person ahead of you",
    "nobody_ahead": "You are next",
    "wait": "Wait about {minutes} minutes",
    "wait_none": "Please watch the board",
    "provisional": "To be confirmed: people ahead and waiting time follow when the server is back",
    "issued": "Issued at {time}",
    "scan": "Scan to follow your turn",
    "keep": "Keep this ticket. If you miss your turn, please tell the help desk.",
    "checklist": "WHAT TO BRING",
    "not_needed": "Not required – the office already has the data",
    "nothing_to_bring": "Nothing else to bring",
    "fee": "Fees",
    "time_limit": "Time limit",
    "where": "Where to submit",
    "more": "Scan for the full page",
    "printed": "Printed at {time}",
    "record": "END OF THE JOURNAL",
    "record_day": "Day {day}",
    "record_seq": "Entry {seq}",
    "record_keep": "Keep this slip away from the server. It will show whether the journal was changed afterwards.",
    "record_keeper": "Kept by (name and signature)",
}
_LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"vi": _VI, "en": _EN}


def say(language: str, key: str, **values: object) -> str:
    """The phrase in that language; Vietnamese for a language that has no slips of its own."""
    return _LANGUAGES.get(language, _VI)[key].format(**values)


def counters_phrase(language: str, counters: tuple[str, ...]) -> str:
    """Where the person will probably be called; counters as one list."""
    return say(language, "counter" if len(counters) == 1 else "counters", names=", ".join(counters))


def ahead_phrase(language: str, people: int) -> str:
    """How many are before the person, in a whole sentence."""
    if people <= 0:
        return say(language, "nobody_ahead")
    if people == 1 and language == "en":
        return say(language, "one_ahead")
    return say(language, "ahead", count=people)


def wait_phrase(language: str, low: int | None, high: int | None) -> str:
    """The waiting time in minutes, always "about"; one number when both ends agree; no promise without both."""
    if low is None or high is None:
        return say(language, "wait_none")
    low, high = max(0, min(low, high)), max(0, low, high)
    return say(language, "wait", minutes=high if low == high else f"{low}–{high}")


def time_phrase(moment: datetime) -> str:
    """Local time and date as Vietnamese offices write them."""
    return moment.strftime("%H:%M, %d/%m/%Y")


def day_phrase(day: date) -> str:
    """A date as Vietnamese offices write it."""
    return day.strftime("%d/%m/%Y")


def groups(digits: str, *, size: int = 4, in_line: int = 4) -> list[str]:
    """A long number in groups that a person can read out and compare, line by line."""
    parts = [digits[at : at + size] for at in range(0, len(digits), size)]
    return [" ".join(parts[at : at + in_line]) for at in range(0, len(parts), in_line)]
