"""What buttons mean, and that a repeat means nothing."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.contract.messages import KeypadEvent
from queue_server.messaging.inbound import KeypadRequest
from queue_server.messaging.keypad import BOUNCE, REMEMBERED, Bounces, Presses, keypad_command
from queue_server.queue import commands as cmd

BUTTONS = get_args(KeypadEvent.model_fields["button"].annotation)


@pytest.mark.parametrize(
    ("button", "doing", "status", "command"),
    [
        ("next", "idle", "open", cmd.CallNext(counter="3")),
        ("next", "called", "open", cmd.CallNext(counter="3", finish_current=True)),
        ("next", "serving", "open", cmd.CallNext(counter="3", finish_current=True)),
        ("next", "idle", "closed", cmd.OpenCounter(counter="3", officer="keypad")),
        ("pause", "idle", "open", cmd.PauseCounter(counter="3")),
        ("pause", "idle", "paused", cmd.ResumeCounter(counter="3")),
        ("recall", "called", "open", cmd.Recall(counter="3")),
        ("start", "called", "open", cmd.Start(counter="3")),
        ("finish", "serving", "open", cmd.Finish(counter="3")),
        ("no-show", "called", "open", cmd.NoShow(counter="3")),
        ("hold", "serving", "open", cmd.Hold(counter="3")),
        ("finish", "idle", "closed", cmd.Finish(counter="3")),
    ],
)
def test_a_button_is_a_command(button: str, doing: str, status: str, command: cmd.Command) -> None:
    assert keypad_command(button, doing, status, "3") == command


@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize("status", ["open", "paused", "closed"])
@pytest.mark.parametrize("doing", ["idle", "called", "serving"])
def test_every_button_means_something_at_its_own_counter(button: str, doing: str, status: str) -> None:
    assert getattr(keypad_command(button, doing, status, "3"), "counter") == "3"  # noqa: B009


def press(seq: int, *, id: str = "", boot: str = "b1", counter: str = "3") -> KeypadRequest:  # noqa: A002
    return KeypadRequest(counter=counter, id=id or f"press-{boot}-{seq}", button="next", boot=boot, seq=seq)


def test_a_second_press_is_new_and_a_repeat_is_not() -> None:
    presses = Presses()
    asked = [press(1), press(1), press(2), press(1), press(2), press(3)]
    assert [presses.is_new(each) for each in asked] == [True, False, True, False, False, True]


def test_the_same_id_is_a_repeat_even_with_another_seq() -> None:
    presses = Presses()
    assert presses.is_new(press(1, id="one-press"))
    assert not presses.is_new(press(2, id="one-press"))


def test_the_same_place_in_the_row_is_a_repeat_even_with_another_id() -> None:
    presses = Presses()
    assert presses.is_new(press(1, id="first-id"))
    assert not presses.is_new(press(1, id="second-id"))


def test_a_keypad_that_was_switched_off_counts_anew() -> None:
    presses = Presses()
    assert presses.is_new(press(40))
    assert presses.is_new(press(1, boot="b2"))
    assert not presses.is_new(press(39))


def test_two_counters_do_not_know_of_each_other() -> None:
    presses = Presses()
    assert presses.is_new(press(5))
    assert presses.is_new(press(1, counter="4", id="press-b1-5"))


def test_memory_has_an_end_and_the_newest_stays() -> None:
    presses = Presses()
    for seq in range(3 * REMEMBERED):
        assert presses.is_new(press(seq, boot=f"b{seq}"))
    assert len(presses._ids) == len(presses._last) == REMEMBERED
    assert not presses.is_new(press(3 * REMEMBERED - 1, boot=f"b{3 * REMEMBERED - 1}"))


@given(st.lists(st.integers(0, 30), max_size=60))
def test_each_press_counts_at_most_once_whatever_the_order(seqs: list[int]) -> None:
    presses = Presses()
    taken = [seq for seq in seqs if presses.is_new(press(seq))]
    assert taken == sorted(set(taken))


@given(st.lists(st.floats(0, BOUNCE, exclude_max=True), max_size=20), st.floats(BOUNCE, 100))
def test_however_often_a_contact_bounces_it_is_one_press(gaps: list[float], pause: float) -> None:
    bounces, now = Bounces(), 1_000.0
    firsts = [bounces.first("3", "next", "p0", now)]
    for index, gap in enumerate(gaps, start=1):
        now += gap * 0.999  # short of the limit also after rounding
        firsts.append(bounces.first("3", "next", f"p{index}", now))
    assert set(firsts) == {"p0"}
    assert bounces.first("3", "next", "later", now + pause * 1.001) == "later"


def test_another_button_another_counter_or_work_in_between_is_meant() -> None:
    bounces = Bounces()
    assert bounces.first("3", "next", "p1", 5.0) == "p1"
    assert bounces.first("4", "next", "p2", 5.1) == "p2"
    assert bounces.first("3", "finish", "p3", 5.2) == "p3"
    assert bounces.first("3", "next", "p4", 5.3) == "p4"
    assert bounces.first("3", "next", "p5", 5.4) == "p4"
    bounces.worked("3")
    assert bounces.first("3", "next", "p6", 5.5) == "p6"
