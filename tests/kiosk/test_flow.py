"""People on their way through the kiosk, step by step."""

from dataclasses import replace
from typing import Any

import pytest

from kiosk import events as ev
from kiosk import flow
from kiosk.events import Event, Printing, Refusal
from kiosk.flow import step
from kiosk.patience import CHOOSING, PRINTED, STAYS
from kiosk.state import Helping, Screen, State
from kiosk.world import Wanted, World
from tests.kiosk.gallery import a_person, a_ticket, starter_world

BIRTH = Wanted(service="ho_tich", procedure="khai_sinh", ready=True, papers=3, cases=())


class Journey:
    """Somebody's way: each step is an event, the screen it must lead to, and what is asked of the world."""

    def __init__(self, world: World | None = None, **settings: Any) -> None:
        self.state: State = a_person(world, **settings).state
        self.now = 200.0
        self.asked: list[ev.Effect] = []

    def step(self, event: Event, screen: Screen, *, after: float = 1.0) -> "Journey":
        self.now += after
        self.state, effects = step(self.state, event, self.now)
        self.asked += effects
        assert self.state.screen is screen, f"{event} led to {self.state.screen}"
        return self

    def steps(self, *way: tuple[Event, Screen]) -> "Journey":
        for event, screen in way:
            self.step(event, screen)
        return self

    def waits(self, seconds: float, screen: Screen) -> "Journey":
        end = self.now + seconds
        while self.now < end:
            self.now += 0.25
            self.state, effects = step(self.state, ev.Tick(), self.now)
            self.asked += effects
        assert self.state.screen is screen
        return self

    def tickets_asked(self) -> list[ev.AskForTicket]:
        return [each for each in self.asked if isinstance(each, ev.AskForTicket)]


TO_PAPERS = (
    (ev.Begin(), Screen.LANGUAGE),
    (ev.ChooseLanguage("vi"), Screen.HOME),
    (ev.ChooseField("ho_tich"), Screen.PROCEDURES),
    (ev.ChooseProcedure("khai_sinh"), Screen.CASES),
    (ev.ShowPapers(), Screen.PAPERS),
)
TO_PRIORITY = (
    *TO_PAPERS,
    (ev.WantNumber(), Screen.READY),
    (ev.SayReady(True), Screen.PRIORITY),
)
TO_TAKING = (*TO_PRIORITY, (ev.TakeNumber("elderly"), Screen.TAKING))
TO_TICKET = (*TO_TAKING, (ev.TicketTaken("boot-1", a_ticket()), Screen.TICKET))


def test_a_grandmother_registers_a_birth() -> None:
    journey = Journey().steps(*TO_TICKET)
    assert journey.asked == [
        ev.AskForTicket("boot-1", (BIRTH,), "elderly", "vi"),
        ev.PrintTicket(a_ticket()),
    ]
    journey.step(ev.PrintEnded("boot-1", Printing.PRINTED), Screen.TICKET)
    journey.step(ev.Done(), Screen.THANKS).waits(STAYS[Screen.THANKS].shown, Screen.ATTRACT)
    assert journey.state.ticket is None
    assert journey.state.place.basket == ()


def test_the_number_leaves_by_itself_when_the_slip_is_taken() -> None:
    journey = Journey().steps(*TO_TICKET, (ev.PrintEnded("boot-1", Printing.PRINTED), Screen.TICKET))
    journey.waits(PRINTED.shown, Screen.THANKS).waits(STAYS[Screen.THANKS].shown, Screen.ATTRACT)


def test_english_all_the_way_and_vietnamese_again_for_the_next() -> None:
    journey = Journey().steps((ev.Begin(), Screen.LANGUAGE), (ev.ChooseLanguage("en"), Screen.HOME))
    assert journey.state.language == "en"
    journey.step(ev.StartOver(), Screen.ATTRACT)
    assert journey.state.language == "vi"


def test_the_language_changes_on_any_screen() -> None:
    journey = Journey().steps(*TO_PAPERS, (ev.ChooseLanguage("en"), Screen.PAPERS))
    assert journey.state.language == "en"
    assert Journey().steps(*TO_PAPERS, (ev.ChooseLanguage("fr"), Screen.PAPERS)).state.language == "vi"


def test_one_language_is_no_question() -> None:
    world = starter_world()
    only = replace(world, office=replace(world.office, languages=("vi",)))
    Journey(only).step(ev.Begin(), Screen.HOME)


def test_a_search_finds_and_opens() -> None:
    journey = Journey().steps(*TO_PAPERS[:2], (ev.OpenSearch(), Screen.SEARCH))
    for key in "con moi":
        journey.step(ev.TypeKey(key), Screen.SEARCH)
    assert journey.asked[-1] == ev.Search("con moi")
    journey.step(ev.SearchFound("con m", ("ket_hon",)), Screen.SEARCH)
    assert journey.state.place.found == (), "an answer to an older query is dropped"
    journey.step(ev.SearchFound("con moi", ("khai_sinh", "gone")), Screen.SEARCH)
    assert journey.state.place.found == ("khai_sinh",)
    journey.step(ev.ChooseProcedure("khai_sinh"), Screen.CASES).step(ev.Back(), Screen.SEARCH)
    assert journey.state.place.typing.text == "con moi"
    assert journey.state.place.found == ("khai_sinh",)


def test_clearing_the_search_clears_what_was_found() -> None:
    journey = Journey().steps(*TO_PAPERS[:2], (ev.OpenSearch(), Screen.SEARCH), (ev.TypeKey("a"), Screen.SEARCH))
    journey.step(ev.SearchFound("a", ("khai_sinh",)), Screen.SEARCH).step(ev.TypeKey("clear"), Screen.SEARCH)
    assert journey.state.place.found == ()


def test_case_answers_decide_the_papers() -> None:
    journey = Journey().steps(*TO_PAPERS[:4])
    procedure = journey.state.procedure
    assert procedure is not None
    question = procedure.questions[0].id
    plain = procedure.needed(journey.state.place.cases)
    journey.step(ev.ToggleCase(question), Screen.CASES)
    assert len(procedure.needed(journey.state.place.cases)) == len(plain) + 1
    journey.step(ev.ToggleCase(question), Screen.CASES)
    assert procedure.needed(journey.state.place.cases) == plain


def test_missing_papers_are_printed_and_a_number_is_taken_all_the_same() -> None:
    journey = Journey().steps(
        *TO_PAPERS,
        (ev.WantNumber(), Screen.READY),
        (ev.SayReady(False), Screen.MISSING),
        (ev.ToggleMissing("1.001193-02"), Screen.MISSING),
        (ev.PrintPapers(), Screen.MISSING),
    )
    assert journey.asked == [ev.PrintList("khai_sinh", frozenset(), frozenset({"1.001193-02"}), "vi")]
    journey.step(ev.PrintPapers(), Screen.MISSING)
    assert len(journey.asked) == 1, "one list at a time"
    journey.step(ev.PrintEnded("khai_sinh", Printing.FAILED, "paper-out"), Screen.MISSING)
    assert journey.state.list_printing is Printing.FAILED
    journey.steps((ev.TakeAnyway(), Screen.PRIORITY), (ev.TakeNumber(), Screen.TAKING))
    assert journey.tickets_asked()[0].wanted == (replace(BIRTH, ready=False, papers=2),)


def test_coming_back_another_day_takes_no_number() -> None:
    journey = Journey().steps(*TO_PAPERS, (ev.WantNumber(), Screen.READY), (ev.SayReady(False), Screen.MISSING))
    journey.step(ev.Done(), Screen.THANKS)
    assert journey.tickets_asked() == []


def test_several_things_one_visit() -> None:
    journey = Journey().steps(
        *TO_PRIORITY,
        (ev.AddAnother(), Screen.HOME),
        (ev.ChooseService("tra_ket_qua"), Screen.PRIORITY),
        (ev.AddAnother(), Screen.HOME),
        (ev.BackToVisit(), Screen.PRIORITY),
        (ev.TakeNumber(), Screen.TAKING),
    )
    assert journey.tickets_asked()[0].wanted == (BIRTH, Wanted(service="tra_ket_qua"))


def test_the_same_thing_twice_is_one_thing() -> None:
    journey = Journey().steps(
        (ev.Begin(), Screen.LANGUAGE),
        (ev.ChooseLanguage("vi"), Screen.HOME),
        (ev.ChooseService("tra_ket_qua"), Screen.PRIORITY),
        (ev.AddAnother(), Screen.HOME),
        (ev.ChooseService("tra_ket_qua"), Screen.PRIORITY),
    )
    assert journey.state.place.basket == (Wanted(service="tra_ket_qua"),)


def test_a_visit_has_six_things_at_most() -> None:
    journey = Journey().steps(*TO_PRIORITY)
    others = ["tra_ket_qua", "bo_sung", "huong_dan", "phan_anh", "thanh_toan"]
    for service in others:
        journey.step(ev.AddAnother(), Screen.HOME).step(ev.ChooseService(service), Screen.PRIORITY)
    journey.step(ev.AddAnother(), Screen.PRIORITY)
    assert len(journey.state.place.basket) == flow.MOST_THINGS


def test_a_service_without_a_procedure() -> None:
    Journey().steps(
        *TO_PAPERS[:2],
        (ev.OpenServices(), Screen.SERVICES),
        (ev.ChooseService("phan_anh"), Screen.PRIORITY),
        (ev.Back(), Screen.SERVICES),
        (ev.Back(), Screen.HOME),
    )


def test_back_undoes_step_by_step() -> None:
    journey = Journey().steps(*TO_PRIORITY)
    for screen in (Screen.READY, Screen.PAPERS, Screen.CASES, Screen.PROCEDURES, Screen.HOME, Screen.LANGUAGE):
        journey.step(ev.Back(), screen)
    assert journey.state.place.basket == ()
    journey.step(ev.Back(), Screen.ATTRACT).step(ev.Back(), Screen.ATTRACT)


def test_a_second_tap_is_no_second_ticket() -> None:
    journey = Journey().steps(*TO_PRIORITY)
    journey.step(ev.TakeNumber(), Screen.TAKING)
    for gap in (0.05, 0.1, 0.3, 1.0, 2.0):
        journey.step(ev.TakeNumber(), Screen.TAKING, after=gap)
    assert len(journey.tickets_asked()) == 1


def test_taps_meant_for_the_screen_before_are_ignored() -> None:
    journey = Journey().step(ev.Begin(), Screen.LANGUAGE)
    journey.step(ev.ChooseLanguage("vi"), Screen.LANGUAGE, after=flow.SETTLE - 0.01)
    journey.step(ev.ChooseLanguage("vi"), Screen.HOME, after=flow.GAP)


def test_two_quick_taps_on_one_screen_count_once() -> None:
    journey = Journey().steps(*TO_PAPERS[:4])
    question = ev.ToggleCase("mang_thai_ho")
    journey.step(question, Screen.CASES).step(question, Screen.CASES, after=flow.GAP - 0.01)
    assert journey.state.place.cases == {"mang_thai_ho"}
    journey.step(question, Screen.CASES, after=flow.GAP)
    assert journey.state.place.cases == frozenset()


def test_letters_may_follow_each_other_quickly() -> None:
    journey = Journey().steps(*TO_PAPERS[:2], (ev.OpenSearch(), Screen.SEARCH)).step(ev.TypeKey("k"), Screen.SEARCH)
    journey.step(ev.TypeKey("h"), Screen.SEARCH, after=0.12).step(ev.TypeKey("h"), Screen.SEARCH, after=0.01)
    assert journey.state.place.typing.text == "kh"


def test_who_leaves_while_the_number_comes_leaves_no_ghost() -> None:
    journey = Journey().steps(*TO_TAKING, (ev.StartOver(), Screen.ATTRACT))
    journey.step(ev.TicketTaken("boot-1", a_ticket()), Screen.ATTRACT)
    assert journey.asked[-1] == ev.GiveBack(a_ticket())


def test_the_number_in_hand_is_never_given_back() -> None:
    journey = Journey().steps(*TO_TICKET, (ev.TicketTaken("boot-1", a_ticket()), Screen.TICKET))
    assert journey.asked[-1] == ev.PrintTicket(a_ticket())


def test_the_next_person_gets_a_new_command_id() -> None:
    journey = Journey().steps(*TO_TAKING, (ev.StartOver(), Screen.ATTRACT), *TO_TAKING)
    first, second = journey.tickets_asked()
    assert first.command_id != second.command_id
    journey.step(ev.TicketTaken(first.command_id, a_ticket()), Screen.TAKING)
    journey.step(ev.TicketTaken(second.command_id, a_ticket(second.command_id)), Screen.TICKET)
    assert journey.asked[-2:] == [ev.GiveBack(a_ticket()), ev.PrintTicket(a_ticket(second.command_id))]


def test_an_answer_that_never_comes_ends_in_words() -> None:
    journey = Journey().steps(*TO_TAKING).waits(STAYS[Screen.TAKING].shown, Screen.NO_NUMBER)
    journey.step(ev.TicketTaken("boot-1", a_ticket()), Screen.NO_NUMBER)
    assert journey.asked[-1] == ev.GiveBack(a_ticket())


@pytest.mark.parametrize("reason", Refusal)
def test_a_refusal_is_told_and_leads_back(reason: Refusal) -> None:
    journey = Journey().steps(*TO_TAKING, (ev.TicketRefused("boot-1", reason), Screen.NO_NUMBER))
    assert journey.state.refusal is reason
    journey.step(ev.Back(), Screen.PRIORITY)
    journey.step(ev.TicketRefused("boot-1", reason), Screen.PRIORITY)


def test_without_paper_the_number_stays_and_is_printed_again() -> None:
    journey = Journey().steps(*TO_TICKET, (ev.PrintEnded("boot-1", Printing.FAILED, "paper-out"), Screen.TICKET))
    journey.waits(PRINTED.shown + 10, Screen.TICKET)
    assert journey.state.problem == "paper-out"
    journey.step(ev.PrintAgain(), Screen.TICKET).step(ev.PrintAgain(), Screen.TICKET)
    assert journey.asked.count(ev.PrintTicket(a_ticket())) == 2, "one more print, and the same number"
    assert len(journey.tickets_asked()) == 1


def test_printing_again_has_an_end() -> None:
    journey = Journey().steps(*TO_TICKET)
    for _ in range(5):
        journey.step(ev.PrintEnded("boot-1", Printing.FAILED, "jam"), Screen.TICKET).step(
            ev.PrintAgain(), Screen.TICKET
        )
    assert journey.asked.count(ev.PrintTicket(a_ticket())) == flow.MOST_PRINTS


def test_a_printed_slip_is_not_printed_again() -> None:
    journey = Journey().steps(*TO_TICKET, (ev.PrintEnded("boot-1", Printing.PRINTED), Screen.TICKET))
    journey.step(ev.PrintAgain(), Screen.TICKET)
    assert journey.asked.count(ev.PrintTicket(a_ticket())) == 1


def test_help_is_called_and_leads_back_to_where_one_was() -> None:
    journey = Journey().steps(*TO_PAPERS, (ev.AskHelp(), Screen.HELP))
    assert journey.asked == [ev.CallGuide("boot-help-1")]
    assert journey.state.helping is Helping.CALLING
    journey.step(ev.HelpAnswered(True), Screen.HELP)
    assert journey.state.helping is Helping.COMING
    journey.step(ev.AskHelp(), Screen.HELP).step(ev.Back(), Screen.PAPERS)
    assert journey.state.procedure is not None
    assert journey.asked == [ev.CallGuide("boot-help-1")]


def test_help_can_be_called_over_a_number_without_losing_it() -> None:
    journey = Journey().steps(*TO_TICKET, (ev.AskHelp(), Screen.HELP), (ev.Back(), Screen.TICKET))
    assert journey.state.ticket == a_ticket()


def test_a_guide_who_cannot_be_called_is_told() -> None:
    journey = Journey().step(ev.AskHelp(), Screen.HELP).step(ev.HelpAnswered(False), Screen.HELP)
    assert journey.state.helping is Helping.UNHEARD


def test_a_closed_office_shows_papers_but_gives_no_number() -> None:
    journey = Journey(starter_world(is_open=False)).steps(*TO_PAPERS, (ev.WantNumber(), Screen.READY))
    journey.step(ev.SayReady(True), Screen.CLOSED).waits(CHOOSING.shown, Screen.CLOSED)
    assert journey.state.trail == ()
    assert journey.tickets_asked() == []


def test_the_office_opens_and_closes_under_the_resting_screen() -> None:
    journey = Journey().step(ev.WorldHeard(starter_world(is_open=False)), Screen.CLOSED)
    journey.step(ev.WorldHeard(starter_world()), Screen.ATTRACT)


def test_closing_time_while_choosing() -> None:
    journey = Journey().steps(*TO_PRIORITY, (ev.WorldHeard(starter_world(is_open=False)), Screen.PRIORITY))
    journey.step(ev.TakeNumber(), Screen.CLOSED)
    assert journey.tickets_asked() == []


def test_lists_do_not_change_under_a_finger() -> None:
    journey = Journey().steps(*TO_PAPERS, (ev.WorldHeard(World(server_up=False)), Screen.PAPERS))
    assert journey.state.procedure is not None
    assert not journey.state.world.server_up
    journey.step(ev.StartOver(), Screen.ATTRACT).step(ev.WorldHeard(World()), Screen.ATTRACT)
    assert journey.state.world.procedures == {}


def test_turning_pages_stays_within_the_list() -> None:
    journey = Journey().steps(*TO_PAPERS[:3])
    for turn, page in ((-1, 0), (1, 1), (1, 1), (-1, 0)):
        journey.step(ev.TurnPage(turn), Screen.PROCEDURES)
        assert journey.state.place.page == page


@pytest.mark.parametrize(
    "event",
    [
        ev.ChooseProcedure("khai_sinh"),
        ev.ChooseService("unheard-of"),
        ev.ChooseField("unheard-of"),
        ev.SayReady(True),
        ev.TakeNumber(),
        ev.TakeAnyway(),
        ev.PrintAgain(),
        ev.PrintPapers(),
        ev.ShowPapers(),
        ev.Done(),
        ev.AddAnother(),
        ev.BackToVisit(),
        ev.TypeKey("a"),
    ],
)
def test_what_does_not_fit_the_screen_changes_nothing(event: Event) -> None:
    journey = Journey().steps(*TO_PAPERS[:2])
    before = journey.state.place
    journey.step(event, Screen.HOME)
    assert journey.state.place == before
    assert journey.asked == []
