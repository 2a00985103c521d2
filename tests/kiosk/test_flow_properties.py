"""Whatever people, printers and servers do, in any order and at any time."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import events as ev
from kiosk.events import Aid, Printing, Refusal
from kiosk.flow import step
from kiosk.pages.build import page_for
from kiosk.patience import SLOW_FACTOR, UNPRINTED
from kiosk.state import RESTING, Screen, State
from tests.kiosk.gallery import a_person, a_ticket, starter_world

OPEN, SHUT = starter_world(), starter_world(is_open=False, server_up=False)
ids = st.integers(1, 6).map(lambda count: f"boot-{count}")
sometimes = st.one_of(
    st.sampled_from(
        [
            ev.Touched(),
            ev.Tick(),
            ev.StartOver(),
            ev.Back(),
            ev.AskHelp(),
            ev.HelpAnswered(True),
            ev.WorldHeard(OPEN),
            ev.WorldHeard(SHUT),
            *(ev.ToggleAid(aid) for aid in Aid),
            *(ev.TurnPage(by) for by in (-1, 1)),
        ]
    ),
    st.builds(lambda key: ev.TicketTaken(key, a_ticket(key)), ids),
    st.builds(ev.TicketRefused, ids, st.sampled_from(Refusal)),
    st.builds(ev.PrintEnded, ids, st.sampled_from(Printing)),
)
gaps = st.sampled_from([0.01, 0.1, 0.35, 0.5, 1.0, 5.0, 40.0])
# a number picks a choice of the page that stands: this is how a crowd of people would tap
happenings = st.lists(st.tuples(st.one_of(st.integers(0, 30), st.integers(0, 30), sometimes), gaps), max_size=40)


def play(way: list[tuple[Any, float]]) -> tuple[State, float, list[tuple[ev.Effect, ...]]]:
    state, now, asked = a_person(OPEN).state, 200.0, []
    for what, gap in way:
        now += gap
        choices = page_for(state).focus
        event = choices[what % len(choices)].event if isinstance(what, int) else what
        state, effects = step(state, event, now)
        asked.append(effects)
    return state, now, asked


@settings(max_examples=150, deadline=None)
@given(happenings)
def test_start_over_always_works(way: list[tuple[Any, float]]) -> None:
    state, now, _ = play(way)
    state, effects = step(state, ev.StartOver(), now + 1)
    assert state.screen in RESTING
    assert effects == ()
    assert (state.ticket, state.place.basket, state.place.procedure, state.aids) == (None, (), None, frozenset())


@settings(max_examples=150, deadline=None)
@given(happenings)
def test_every_page_can_be_left_read_and_walked(way: list[tuple[Any, float]]) -> None:
    state, _, _ = play(way)
    page = page_for(state)
    assert page.spoken.strip()
    assert page.focus
    assert len({choice.id for choice in page.focus}) == len(page.focus)
    if state.screen not in RESTING:
        assert any(choice.event == ev.StartOver() for choice in page.nav)
    if state.screen is not Screen.TAKING:
        assert any(choice.event == ev.AskHelp() for choice in page.nav) or state.screen is Screen.HELP


@settings(max_examples=150, deadline=None)
@given(happenings)
def test_inactivity_always_leads_home(way: list[tuple[Any, float]]) -> None:
    state, now, _ = play(way)
    for _ in range(4 * int(2 * UNPRINTED.shown * SLOW_FACTOR)):
        now += 0.25
        state, _ = step(state, ev.Tick(), now)
    assert state.screen in RESTING
    assert state.trail == ()


@settings(max_examples=150, deadline=None)
@given(happenings)
def test_one_taking_is_one_command(way: list[tuple[Any, float]]) -> None:
    """No id twice, and never a second taking while one is under way."""
    state, now, seen = a_person(OPEN).state, 200.0, set()
    for what, gap in way:
        now += gap
        choices = page_for(state).focus
        event = choices[what % len(choices)].event if isinstance(what, int) else what
        under_way = state.asked
        state, effects = step(state, event, now)
        asked = [each for each in effects if isinstance(each, ev.AskForTicket)]
        assert len(asked) <= 1
        if asked:
            assert under_way is None
            assert asked[0].command_id not in seen
            assert asked[0].wanted
            seen.add(asked[0].command_id)
            assert state.asked == asked[0].command_id


@settings(max_examples=150, deadline=None)
@given(happenings)
def test_every_number_is_shown_or_given_back(way: list[tuple[Any, float]]) -> None:
    state, now = a_person(OPEN).state, 200.0
    for what, gap in way:
        now += gap
        choices = page_for(state).focus
        event = choices[what % len(choices)].event if isinstance(what, int) else what
        held = state.ticket
        state, effects = step(state, event, now)
        if isinstance(event, ev.TicketTaken) and event.ticket != held:
            shown = state.screen is Screen.TICKET and effects == (ev.PrintTicket(event.ticket),)
            assert shown or effects == (ev.GiveBack(event.ticket),)
