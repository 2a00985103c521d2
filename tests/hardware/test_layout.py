"""Tickets and checklists as people will hold them."""

import itertools
import unicodedata
from dataclasses import replace

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFont

from hardware.fonts import find_fonts
from hardware.layout import ChecklistSlip, RecordSlip, TicketSlip, draw_checklist, draw_record, draw_ticket
from hardware.sheet import MARGIN, Sheet, balanced, wrap
from hardware.slip_words import ahead_phrase, counters_phrase, groups, say, time_phrase, wait_phrase
from tests.hardware.conftest import MONDAY_AT_EIGHT, a_slip


def a_checklist(**changes: object) -> ChecklistSlip:
    ordinary: dict[str, object] = {
        "unit_name": "Trung tâm Phục vụ hành chính công phường Tân An",
        "procedure_name": "Đăng ký khai sinh",
        "issued_at": MONDAY_AT_EIGHT,
        "papers": ("Tờ khai đăng ký khai sinh", "Giấy chứng sinh – bản chính"),
        "not_needed": ("Thông tin cư trú",),
        "fee": "Miễn phí",
        "time_limit": "Trong ngày làm việc",
        "where": "Quầy 1, 2",
        "url": "http://192.168.1.20:8080/p/1.001193",
    }
    return ChecklistSlip(**(ordinary | changes))  # type: ignore[arg-type]


def read_qr(picture: Image.Image) -> list[bytes]:
    return [code.bytes for code in zxingcpp.read_barcodes(picture.convert("L"))]


def differs(one: Image.Image, other: Image.Image) -> bool:
    return one.size != other.size or ImageChops.difference(one.convert("L"), other.convert("L")).getbbox() is not None


def test_a_ticket_is_black_and_white_and_as_wide_as_the_paper() -> None:
    picture = draw_ticket(a_slip())

    assert (picture.mode, picture.width) == ("1", 576)
    assert 600 < picture.height < 1100


def test_the_number_is_the_largest_thing_on_the_ticket() -> None:
    """Black dots per row are by far the most where the number stands."""
    picture = draw_ticket(a_slip()).convert("L")
    rows = [sum(255 - level for level in picture.crop((0, y, 576, y + 1)).tobytes()) for y in range(picture.height)]
    thick = [y for y, ink in enumerate(rows[: picture.height // 2]) if ink > 40 * 255]

    assert len([y for y in thick if 150 < y < 320]) > 110


@pytest.mark.parametrize("number", ["1", "A012", "B1205", "K2-017", "ABC123456"])
def test_every_number_keeps_inside_the_margins(number: str) -> None:
    ink = ImageChops.invert(draw_ticket(a_slip(number=number)).convert("L")).getbbox()

    assert ink is not None
    assert ink[0] >= MARGIN - 2
    assert ink[2] <= 576 - MARGIN + 2


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20:8080/t/0q9wYx8aSdfKJ3hd92kLmN",
        "https://một-cửa.example/phiếu/A012?tên=Nguyễn",
        "https://example.vn/Ƀuôn/ê̆ô̆ơ̆ư̆čñĭ",
    ],
)
def test_a_phone_reads_the_code_exactly(url: str, form: str) -> None:
    url = unicodedata.normalize(form, url)  # type: ignore[arg-type]

    assert read_qr(draw_ticket(a_slip(url=url))) == [url.encode()]


@pytest.mark.parametrize("length", [20, 120, 500, 1500])
def test_long_addresses_still_fit_and_decode(length: int) -> None:
    url = "https://example.vn/" + "x" * (length - 19)

    assert read_qr(draw_ticket(a_slip(url=url))) == [url.encode()]


@pytest.mark.parametrize("length", [20, 500, 1500])
def test_no_module_is_smaller_than_a_phone_can_see(length: int) -> None:
    """Three dots of an eighth of a millimetre; the smallest code of `length` bytes has at least so many modules."""
    (code,) = zxingcpp.read_barcodes(draw_ticket(a_slip(url="x" * length)).convert("L"))
    modules = {20: 21, 500: 73, 1500: 121}[length]

    assert code.position.top_right.x - code.position.top_left.x >= 3 * modules - 3


def test_white_paper_stays_around_the_code() -> None:
    sheet = Sheet(width=576, fonts=find_fonts())
    sheet.rule(before=0, after=0)
    sheet.qr("x")
    sheet.rule(before=0, after=0)
    rows = ImageChops.invert(sheet.finish().convert("L"))
    inked = [y for y in range(rows.height) if rows.crop((0, y, 576, y + 1)).getbbox()]
    gaps = [after - before for before, after in itertools.pairwise(inked) if after - before > 1]

    assert len(gaps) == 2
    assert min(gaps) >= 4 * 8


def test_an_address_no_code_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="too long for a QR code"):
        draw_ticket(a_slip(url="x" * 4000))


def test_a_ticket_without_an_address_has_no_code() -> None:
    assert read_qr(draw_ticket(a_slip(url=""))) == []


def test_composed_and_decomposed_names_look_the_same() -> None:
    name = "Hộ tịch – Đắk Lắk, Ê Đê ê̆"
    composed, decomposed = (
        draw_ticket(a_slip(service_name=unicodedata.normalize(form, name))) for form in ("NFC", "NFD")
    )

    assert not differs(composed, decomposed)


def test_ede_marks_are_drawn_on_their_letters() -> None:
    with_breve = draw_ticket(a_slip(service_name="ê̆ ô̆"))
    without = draw_ticket(a_slip(service_name="ê ô"))

    assert with_breve.size == without.size
    assert differs(with_breve, without)


@pytest.mark.parametrize(
    "change",
    [
        {"class_name": "Người cao tuổi"},
        {"counters": ("7",)},
        {"people_ahead": 5},
        {"wait_high": 20},
        {"note": "Xin chuẩn bị giấy tờ tùy thân"},
        {"language": "en"},
        {"provisional": True},
        {"unit_name": "Điểm tiếp nhận số 2"},
    ],
)
def test_everything_the_slip_says_is_on_the_paper(change: dict[str, object]) -> None:
    assert differs(draw_ticket(a_slip()), draw_ticket(a_slip(**change)))


def test_a_provisional_ticket_promises_neither_place_nor_time() -> None:
    slip = a_slip(provisional=True)

    assert not differs(draw_ticket(slip), draw_ticket(replace(slip, people_ahead=99, wait_low=1, wait_high=2)))


def test_other_paper_widths() -> None:
    assert draw_ticket(a_slip(), width=384).width == 384
    assert read_qr(draw_ticket(a_slip(), width=384)) == [a_slip().url.encode()]


def test_a_checklist_has_a_box_for_every_paper() -> None:
    two, three = (draw_checklist(a_checklist(papers=("Tờ khai",) * count)) for count in (2, 3))

    assert three.height > two.height
    assert read_qr(two) == [a_checklist().url.encode()]


@pytest.mark.parametrize(
    "change",
    [
        {"papers": ()},
        {"not_needed": ()},
        {"fee": ""},
        {"time_limit": "3 ngày"},
        {"where": ""},
        {"note": "Mang bản chính để đối chiếu"},
        {"language": "en"},
        {"url": ""},
    ],
)
def test_everything_the_checklist_says_is_on_the_paper(change: dict[str, object]) -> None:
    assert differs(draw_checklist(a_checklist()), draw_checklist(a_checklist(**change)))


def test_the_words_of_a_ticket() -> None:
    assert say("vi", "number") == "SỐ THỨ TỰ"
    assert counters_phrase("vi", ("3", "4")) == "Quầy dự kiến: 3, 4"
    assert ahead_phrase("vi", 4) == "Trước ông/bà còn 4 người"
    assert wait_phrase("vi", 10, 15) == "Thời gian chờ khoảng 10–15 phút"
    assert say("vi", "keep") == "Giữ phiếu; khi quá lượt xin báo quầy hướng dẫn."
    assert time_phrase(MONDAY_AT_EIGHT) == "08:00, 23/11/2026"


@pytest.mark.parametrize(
    ("language", "people", "phrase"),
    [
        ("vi", 0, "Ông/bà là người tiếp theo"),
        ("vi", 1, "Trước ông/bà còn 1 người"),
        ("en", 0, "You are next"),
        ("en", 1, "1 person ahead of you"),
        ("en", 12, "12 people ahead of you"),
        ("vi", -3, "Ông/bà là người tiếp theo"),
    ],
)
def test_people_ahead(language: str, people: int, phrase: str) -> None:
    assert ahead_phrase(language, people) == phrase


@pytest.mark.parametrize(
    ("low", "high", "phrase"),
    [
        (12, 12, "Thời gian chờ khoảng 12 phút"),
        (15, 10, "Thời gian chờ khoảng 10–15 phút"),
        (-2, 5, "Thời gian chờ khoảng 0–5 phút"),
        (None, 5, "Xin chú ý bảng gọi số"),
        (5, None, "Xin chú ý bảng gọi số"),
    ],
)
def test_waiting_times_are_always_about(low: int | None, high: int | None, phrase: str) -> None:
    assert wait_phrase("vi", low, high) == phrase


def test_a_language_without_slips_of_its_own_gets_vietnamese() -> None:
    assert say("rade", "number") == "SỐ THỨ TỰ"


def test_both_languages_say_the_same_things() -> None:
    from hardware import slip_words

    assert set(slip_words._EN) - {"one_ahead"} == set(slip_words._VI)


@given(st.text(max_size=60), st.integers(40, 400))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    font = ImageFont.truetype(find_fonts().regular, 24)

    lines = wrap(text, font, width)

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(font.getlength(line) <= width or len(line.strip()) <= 3 or _one_letter(line) for line in lines)


def test_no_lonely_word_on_the_last_line() -> None:
    font = ImageFont.truetype(find_fonts().bold, 27)
    name = "Trung tâm Phục vụ hành chính công phường Buôn Ma Thuột"

    greedy, even = wrap(name, font, 528), balanced(name, font, 528)

    assert len(even) == len(greedy) == 2
    lengths = [font.getlength(line) for line in even]
    assert min(lengths) > 0.7 * max(lengths)
    assert font.getlength(greedy[1]) < font.getlength(even[1])


@given(st.text(max_size=60), st.integers(40, 400))
def test_balanced_lines_are_as_few_and_lose_no_letter(text: str, width: int) -> None:
    font = ImageFont.truetype(find_fonts().regular, 24)

    even = balanced(text, font, width)

    assert len(even) == len(wrap(text, font, width))
    assert "".join("".join(even).split()) == "".join(text.split())


def _one_letter(line: str) -> bool:
    return all(unicodedata.combining(character) for character in line[1:])


def test_an_empty_sheet_is_a_sheet() -> None:
    assert Sheet(width=100, fonts=find_fonts()).finish().width == 100


anything = st.text(max_size=80)


@settings(max_examples=40, deadline=None)
@given(
    slip=st.builds(
        TicketSlip,
        unit_name=anything,
        number=st.text(max_size=12),
        service_name=anything,
        class_name=st.none() | anything,
        counters=st.lists(st.text(max_size=10), max_size=4).map(tuple),
        people_ahead=st.none() | st.integers(-5, 10_000),
        wait_low=st.none() | st.integers(-5, 10_000),
        wait_high=st.none() | st.integers(-5, 10_000),
        issued_at=st.just(MONDAY_AT_EIGHT),
        url=st.text(min_size=1, max_size=120),
        language=st.sampled_from(["vi", "en", "x"]),
        provisional=st.booleans(),
        note=anything,
    )
)
def test_any_ticket_can_be_drawn_and_its_code_read(slip: TicketSlip) -> None:
    assert read_qr(draw_ticket(slip)) == [slip.url.encode()]


def test_a_hash_is_read_out_in_groups_of_four() -> None:
    digest = "0123456789abcdef" * 4
    assert groups(digest) == ["0123 4567 89ab cdef"] * 4
    assert groups("") == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("seq", [1, 1_234_567_890])
def test_the_end_of_the_journal_is_on_paper_for_people_and_programs(language: str, seq: int) -> None:
    digest = "0123456789abcdef" * 4
    slip = RecordSlip(
        unit_name="Trung tâm Phục vụ hành chính công phường Tân An",
        day=MONDAY_AT_EIGHT.date(),
        seq=seq,
        hash=digest,
        printed_at=MONDAY_AT_EIGHT,
        language=language,
    )
    picture = draw_record(slip)
    assert (picture.mode, picture.width) == ("1", 576)
    assert read_qr(picture) == [f"{seq}:{digest}".encode()]
    assert differs(picture, draw_record(replace(slip, hash=digest[::-1])))
