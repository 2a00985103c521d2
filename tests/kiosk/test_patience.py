"""How long a screen waits: nobody is asked too early, nobody is left standing for ever."""

import math
from collections.abc import Iterator

import pytest

from kiosk import events as ev
from kiosk.events import Aid, Printing
from kiosk.flow import step
from kiosk.pages.build import page_for
from kiosk.pages.model import Page
from kiosk.patience import CHOOSING, PRINTED, SLOW_FACTOR, STAYS, UNPRINTED, seconds_left, stay_of
from kiosk.state import RESTING, Screen, State
from tests.kiosk.gallery import Person, a_person, a_ticket, screens, starter_world

SLOW_READER = 2.5  # words a second
LANGUAGES = ("vi", "en")


def reading(page: Page) -> float:
    """Seconds until a slow reader has read all that stands on the page but what stands on every page."""
    words = page.spoken.split()
    for choice in page.rows:
        words += f"{choice.label} {choice.note}".split()
    return len(words) / SLOW_READER


def every_page(language: str) -> Iterator[State]:
    """Every screen and variant, and the pages of every procedure of the catalogue."""
    yield from (state for _, state in screens(portrait=True, language=language))
    world = starter_world()
    home = a_person(world, language=language).does(ev.Begin(), ev.ChooseLanguage(language))
    for procedure in world.procedures.values():
        listed = home.does(ev.ChooseField(procedure.field))
        opened = listed.does(ev.ChooseProcedure(procedure.id))
        asked = opened.does(*(ev.ToggleCase(each.id) for each in procedure.questions))
        papers = asked.does(ev.ShowPapers())
        missing = papers.does(ev.WantNumber(), ev.SayReady(False))
        yield from (each.state for each in (listed, opened, papers, missing))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_read_before_anybody_is_asked(language: str) -> None:
    hasty = {}
    for state in every_page(language):
        stay, page = stay_of(state), page_for(state)
        if stay and state.screen is not Screen.TAKING and stay.shown - stay.counted < reading(page):
            hasty[page.name] = (stay.shown - stay.counted, round(reading(page)))
    assert hasty == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_screen_counts_down_as_it_comes_up(language: str) -> None:
    for state in every_page(language):
        assert seconds_left(state, max(state.since, state.touched)) is None, state.screen


def a_printed_ticket() -> Person:
    asked = a_person().does(ev.Begin(), ev.ChooseLanguage("vi"), ev.OpenServices(), ev.ChooseService("tra_ket_qua"))
    taken = asked.does(ev.TakeNumber(), ev.TicketTaken("boot-1", a_ticket()))
    return taken.does(ev.PrintEnded("boot-1", Printing.PRINTED))


def test_whoever_holds_the_slip_is_asked_nothing() -> None:
    state, now = a_printed_ticket().state, a_printed_ticket().now
    left = [seconds_left(state, now + second) for second in range(math.ceil(PRINTED.shown))]
    assert left == [None] * len(left)
    state, _ = step(state, ev.Tick(), now + PRINTED.shown)
    assert state.screen is Screen.THANKS


def test_without_paper_there_is_time_to_note_the_number() -> None:
    taken = a_person().does(ev.Begin(), ev.ChooseLanguage("vi"), ev.OpenServices(), ev.ChooseService("tra_ket_qua"))
    failed = taken.does(ev.TakeNumber(), ev.TicketTaken("boot-1", a_ticket()))
    failed = failed.does(ev.PrintEnded("boot-1", Printing.FAILED, "paper-out"))
    assert seconds_left(failed.state, failed.now + UNPRINTED.shown - UNPRINTED.counted - 1) is None
    assert seconds_left(failed.state, failed.now + UNPRINTED.shown - 1) == 1


def test_the_countdown_runs_to_the_end_and_a_touch_stops_it() -> None:
    home = a_person().does(ev.Begin(), ev.ChooseLanguage("vi"))
    stay = STAYS[Screen.HOME]
    assert seconds_left(home.state, home.now + stay.shown - stay.counted - 1) is None
    left = [seconds_left(home.state, home.now + stay.shown - second) for second in range(int(stay.counted), -1, -1)]
    assert left == list(range(int(stay.counted), -1, -1))
    touched, _ = step(home.state, ev.Touched(), home.now + stay.shown - 1)
    assert seconds_left(touched, home.now + stay.shown) is None
    ended, _ = step(home.state, ev.Tick(), home.now + stay.shown)
    assert ended.screen in RESTING


@pytest.mark.parametrize("aid", [Aid.LARGE, Aid.SPEECH])
def test_large_text_and_speech_get_more_time(aid: Aid) -> None:
    person = a_person(aids=(aid,)).does(ev.Begin())
    stay = stay_of(person.state)
    assert stay is not None
    assert stay.shown == SLOW_FACTOR * CHOOSING.shown
    assert stay.counted == CHOOSING.counted
