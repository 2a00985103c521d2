"""What stands on a counter's panel after each message."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.fonts import find_fonts
from hardware.payloads import BadPayloadError
from hardware.simulated.panel_state import AWAY, PanelState, draw_panel, heard_call, heard_presence, heard_state

FRESH = PanelState(counter="3", stale=False)


def state(**fields: object) -> bytes:
    return json.dumps({"v": 1, "status": "open", "number": None, "called_at": None} | fields).encode()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (state(number="A012"), "A012"),
        (state(), "– – –"),
        (state(status="paused", number="A012"), "TẠM NGƯNG"),
        (state(status="closed"), "ĐÓNG"),
        (b"", "– – –"),
    ],
)
def test_the_text(message: bytes, text: str) -> None:
    assert heard_state(FRESH, message).text == text


def test_the_last_state_stays_with_a_mark_when_the_line_is_lost() -> None:
    showing = heard_state(FRESH, state(number="A012"))

    assert replace(showing, stale=True).text == "A012 ⋯"


def test_an_older_message_changes_nothing() -> None:
    showing = heard_state(FRESH, state(number="A013", epoch=2, seq=7))

    assert heard_state(showing, state(number="A012", epoch=2, seq=6)) == showing
    assert heard_state(showing, state(number="A012", epoch=1, seq=99)) == showing
    assert heard_state(showing, state(number="A014", epoch=3, seq=0)).number == "A014"


def test_only_calls_to_this_counter_make_it_blink() -> None:
    called = heard_call(FRESH, b'{"specversion":"1.0","data":{"number":"A012","counter":"3"}}')
    elsewhere = heard_call(called, b'{"data":{"number":"A012","counter":"4"}}')

    assert (called.calls, elsewhere.calls) == (1, 1)


@pytest.mark.parametrize(
    "message",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"x" * 10_000,
        b"[" * 8_000,
        state(status="on fire"),
        state(status=None),
        state(status=[]),
        state(number=12),
        state(number="A" * 200),
        state(epoch="one"),
        state(seq=True),
    ],
)
def test_what_is_no_state_is_refused(message: bytes) -> None:
    with pytest.raises(BadPayloadError):
        heard_state(FRESH, message)


@given(st.binary(max_size=60) | st.from_type(dict).map(lambda value: json.dumps(value, default=str).encode()))
def test_no_message_whatever_does_worse_than_being_refused(message: bytes) -> None:
    for heard in (heard_state, heard_call):
        try:
            heard(FRESH, message)
        except BadPayloadError:
            continue


def test_the_picture_follows_the_state() -> None:
    fonts = find_fonts()
    shown = heard_state(FRESH, state(number="A012"))
    pictures = [
        draw_panel(panel, fonts).tobytes()
        for panel in (
            FRESH,
            shown,
            replace(shown, stale=True),
            heard_state(FRESH, state(status="paused")),
            heard_state(FRESH, state(status="closed")),
        )
    ]

    assert len(set(pictures)) == 5


def test_the_panel_says_that_the_server_is_away_until_it_is_back() -> None:
    showing = heard_state(FRESH, state(number="A012"))
    away = heard_presence(showing, b'{"v":1,"online":false}')

    assert away.text == AWAY
    assert heard_presence(away, b'{"v":1,"online":true}').text == "A012"
    assert heard_presence(away, b"").text == "A012"  # somebody took the topic away: nothing is said
    with pytest.raises(BadPayloadError):
        heard_presence(away, b'{"online":"no"}')


def test_the_picture_of_an_absent_server_has_two_lines_that_fit() -> None:
    shown = draw_panel(replace(FRESH, away=True), find_fonts())
    lit = shown.convert("L").point(lambda light: 255 if light > 60 else 0).getbbox()

    assert lit is not None
    left, top, right, bottom = lit
    assert 0 < left < right < shown.width
    assert bottom - top > shown.height / 3
