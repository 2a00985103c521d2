"""The virtual printer reads the stream however the network cuts it up."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hardware import escpos
from hardware.simulated.escpos_reader import (
    ClearBuffers,
    Command,
    CommandReader,
    Feed,
    Raster,
    RealTime,
    RealTimeSieve,
    Simple,
    StatusQuery,
)

JOB = b"".join(
    [escpos.INIT, *escpos.raster(Image.new("1", (40, 9)), strip_rows=4), escpos.ending(cut=True), escpos.END_MARK]
)


def read(pieces: list[bytes]) -> tuple[list[RealTime], list[Command]]:
    sieve, reader = RealTimeSieve(), CommandReader()
    urgent: list[RealTime] = []
    commands: list[Command] = []
    for piece in pieces:
        found, rest = sieve.sift(piece)
        urgent += found
        commands += reader.feed(rest)
    return urgent, commands


@given(st.data())
def test_any_cutting_gives_the_same_commands(data: st.DataObject) -> None:
    stream = escpos.STATUS_QUERIES[1] + JOB + escpos.STATUS_QUERIES[3]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=12)))
    edges = [0, *cuts, len(stream)]

    urgent, commands = read([stream[a:b] for a, b in itertools.pairwise(edges)])

    assert urgent == [StatusQuery(2), StatusQuery(4)]
    assert commands == [
        Simple.INIT,
        Raster(5, b"\xff" * 20),
        Raster(5, b"\xff" * 20),
        Raster(5, b"\xff" * 5),
        Feed(3),
        Simple.CUT,
        Simple.MARK,
    ]


def test_a_question_inside_a_picture_is_answered_and_not_printed() -> None:
    strip = next(escpos.raster(Image.new("1", (64, 2))))

    urgent, commands = read([strip[:12], escpos.STATUS_QUERIES[0], strip[12:]])

    assert urgent == [StatusQuery(1)]
    assert commands == [Raster(8, b"\xff" * 16)]


def test_clearing_is_seen_in_the_middle_of_anything() -> None:
    urgent, commands = read([JOB[:20] + escpos.CLEAR_BUFFERS])

    assert [type(order) for order in urgent] == [ClearBuffers]
    assert commands == [Simple.INIT]


@pytest.mark.parametrize(
    "stray", [b"\x10\x04\x09", b"\x10\x14\x08\x02", b"\x10\x10", b"Xin ch\xc3\xa0o", b"\x1b!\x1dB"]
)
def test_bytes_that_are_no_command_of_ours_are_passed_over(stray: bytes) -> None:
    urgent, commands = read([stray, b"\n", JOB])

    assert urgent == []
    assert commands[-1] is Simple.MARK


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_noise_never_stops_the_reader(pieces: list[bytes]) -> None:
    read(pieces)
