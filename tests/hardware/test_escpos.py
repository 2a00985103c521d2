"""The bytes on the wire, to the last bit."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hardware import escpos
from hardware.ports import Paper, PrinterStatus, Problem
from hardware.simulated.escpos_reader import CommandReader, Raster, RealTimeSieve


def a_job(picture: Image.Image) -> bytes:
    return escpos.INIT + b"".join(escpos.raster(picture)) + escpos.ending(cut=True)


def a_picture(*rows: str) -> Image.Image:
    """A picture in which # is a black dot."""
    picture = Image.new("1", (len(rows[0]), len(rows)), 255)
    for y, row in enumerate(rows):
        for x, dot in enumerate(row):
            picture.putpixel((x, y), 0 if dot == "#" else 255)
    return picture


def test_a_job_byte_by_byte() -> None:
    picture = a_picture("#.......", ".......#", "########")

    assert a_job(picture) == (
        b"\x1b@"  # ESC @
        b"\x1dv0\x00\x01\x00\x03\x00\x80\x01\xff"  # GS v 0, one byte wide, three rows
        b"\x1bd\x03"  # ESC d 3
        b"\x1dVB\x00"  # GS V B 0
    )


def test_without_cut_the_paper_stays_whole() -> None:
    assert escpos.CUT not in escpos.ending(cut=False)


def test_a_width_that_is_no_whole_byte_is_filled_with_white() -> None:
    (strip,) = escpos.raster(a_picture("###########"))

    assert strip == b"\x1dv0\x00\x02\x00\x01\x00\xff\xe0"


def test_long_pictures_are_cut_into_strips_of_at_most_255_rows() -> None:
    strips = list(escpos.raster(Image.new("1", (576, 600), 255)))

    assert [int.from_bytes(strip[6:8], "little") for strip in strips] == [255, 255, 90]
    assert [len(strip) for strip in strips] == [8 + 72 * 255, 8 + 72 * 255, 8 + 72 * 90]


@pytest.mark.parametrize("rows", [0, 256])
def test_a_strip_no_printer_takes_is_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="1 to 255 rows"):
        next(escpos.raster(Image.new("1", (8, 8)), strip_rows=rows))


def test_greys_become_black_or_white_without_dots() -> None:
    (strip,) = escpos.raster(Image.new("L", (8, 1), 90))

    assert strip[8:] == b"\xff"


@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x01, 0x08, 0xFF]), min_size=8, max_size=160))
def test_no_picture_can_give_the_printer_an_order(data: list[int]) -> None:
    rows = len(data) // 8
    picture = Image.frombytes("1", (64, rows), bytes(byte ^ 0xFF for byte in data[: rows * 8]))

    orders, rest = RealTimeSieve().sift(a_job(picture))

    assert orders == []
    assert rest.startswith(escpos.INIT)
    assert rest.endswith(escpos.CUT)


def test_at_most_one_dot_is_added_for_it() -> None:
    assert escpos.without_real_time_commands(b"\x10\x04\x01\x10\x10\x10\x14\x10") == b"\x18\x04\x01\x10\x10\x18\x14\x10"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (b"\x12\x12\x12\x12", PrinterStatus(online=True, paper=Paper.OK)),
        (b"\x12\x12\x12\x1e", PrinterStatus(online=True, paper=Paper.NEAR_END)),
        (b"\x1a\x32\x12\x7e", PrinterStatus(paper=Paper.OUT)),
        (b"\x1a\x16\x12\x12", PrinterStatus(paper=Paper.OK, cover_open=True)),
        (b"\x1a\x52\x1a\x12", PrinterStatus(paper=Paper.OK, jam=True)),
        (b"\x1a\x52\x32\x12", PrinterStatus(paper=Paper.OK, fault=True)),
        (b"\x1a\x52\x52\x12", PrinterStatus(paper=Paper.OK, overheated=True)),
        (b"\x1a\x32\x12\x12", PrinterStatus(paper=Paper.OUT)),
        (b"", PrinterStatus(unheard=Problem.SILENT)),
        (b"\x12\x12", PrinterStatus(unheard=Problem.SILENT)),
        (b"\x12" * 5, PrinterStatus(unheard=Problem.GARBLED)),
        (b"\x12\xff\x12\x12", PrinterStatus(unheard=Problem.GARBLED)),
        (b"HTTP", PrinterStatus(unheard=Problem.GARBLED)),
    ],
)
def test_what_the_four_answers_say(answers: bytes, status: PrinterStatus) -> None:
    assert escpos.parse_status(answers) == status


@given(st.binary(max_size=8))
def test_no_answer_whatever_crashes_or_invents_paper(answers: bytes) -> None:
    status = escpos.parse_status(answers)

    assert status.can_print is (status.problem is None)
    if len(answers) != 4:
        assert status.paper is Paper.UNKNOWN


def test_what_is_told_is_what_is_understood() -> None:
    for paper, cover, jam, fault in itertools.product((Paper.OK, Paper.NEAR_END, Paper.OUT), *[(False, True)] * 3):
        stopped = cover or jam or fault or paper is Paper.OUT
        status = PrinterStatus(online=not stopped, paper=paper, cover_open=cover, jam=jam, fault=fault)

        assert escpos.parse_status(bytes(escpos.status_bytes(status))) == status


def test_the_two_kinds_of_answers_cannot_be_confused() -> None:
    for byte in range(256):
        assert not (escpos.is_status(byte) and escpos.is_end_mark(byte))


ANSWERS = [byte for byte in range(256) if escpos.is_status(byte)]
MARKS = [0x00, 0x03, 0x0C, 0x0F]
STATES = [
    PrinterStatus(online=online, paper=paper, cover_open=cover, jam=jam, fault=fault)
    for online, paper, cover, jam, fault in itertools.product(
        (True, False), (Paper.OK, Paper.NEAR_END, Paper.OUT), *[(False, True)] * 3
    )
]
said = st.one_of(
    st.sampled_from(MARKS).map(lambda mark: ("mark", bytes([mark]))),
    st.sampled_from(ANSWERS).map(lambda answer: ("answer", bytes([answer]))),
    st.sampled_from(STATES).map(lambda state: ("unasked", escpos.automatic_status_bytes(state))),
)


@given(st.lists(said, max_size=30), st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_what_a_printer_tells_unasked_is_no_answer_in_whatever_pieces_it_comes(
    words: list[tuple[str, bytes]], pieces: list[int]
) -> None:
    stream, sorter = b"".join(word for _, word in words), escpos.AnswerSorter()
    marks = answers = b""
    sizes, at = itertools.cycle(pieces), 0
    while at < len(stream):
        size = next(sizes)
        more_marks, more_answers = sorter.sort(stream[at : at + size])
        marks, answers, at = marks + more_marks, answers + more_answers, at + size

    assert marks == b"".join(word for kind, word in words if kind == "mark")
    assert answers == b"".join(word for kind, word in words if kind == "answer")


def test_an_answer_may_come_within_an_automatic_status() -> None:
    assert escpos.AnswerSorter().sort(b"\x18\x00\x12\x0f\x00\x03") == (b"\x03", b"\x12")


@given(st.lists(st.integers(0, 255).map(lambda byte: bytes([byte])), max_size=40))
def test_noise_never_makes_more_end_marks_than_it_has_such_bytes(noise: list[bytes]) -> None:
    marks, _ = escpos.AnswerSorter().sort(b"".join(noise))

    assert len(marks) <= sum(escpos.is_end_mark(byte[0]) for byte in noise)


def test_reader_and_writer_agree_on_a_strip() -> None:
    (strip,) = escpos.raster(a_picture("#.#.#.#.", "#######."))

    assert CommandReader().feed(strip) == [Raster(1, b"\xaa\xfe")]
