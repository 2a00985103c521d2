"""What the pages say and offer: for eyes, for ears and for keys."""

from dataclasses import replace
from functools import cache

import pytest

from kiosk import events as ev
from kiosk.events import Aid
from kiosk.focus import Focus, Move, focused, kept, moved, spoken
from kiosk.lists import holds
from kiosk.pages.build import page_for
from kiosk.pages.facts import queue_text, wait_text
from kiosk.pages.model import Page
from kiosk.state import Screen, State
from kiosk.texts import Texts
from kiosk.world import Service
from tests.kiosk.gallery import OPEN_BIRTH, a_person, screens, starter_world

VI, EN = Texts("vi"), Texts("en")


@cache
def every(language: str = "vi", *aids: Aid, portrait: bool = True) -> dict[str, State]:
    return dict(screens(portrait=portrait, language=language, aids=aids))


def page(name: str, language: str = "vi") -> Page:
    return page_for(every(language)[name])


def test_every_screen_has_its_picture_in_the_gallery() -> None:
    assert {state.screen for state in every().values()} == set(Screen)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_screen_speaks_and_can_be_left(language: str) -> None:
    for name, state in every(language).items():
        shown = page_for(state)
        assert shown.title, name
        assert shown.title in shown.spoken, name
        ids = [choice.id for choice in shown.focus]
        assert len(set(ids)) == len(ids), name
        assert all(choice.label for choice in shown.focus), name
        resting = state.screen in (Screen.ATTRACT, Screen.CLOSED)
        assert resting or any(choice.event == ev.StartOver() for choice in shown.nav), name


def test_the_aids_stand_on_every_screen() -> None:
    for name, state in every().items():
        offered = {choice.event for choice in page_for(state).bar}
        assert {ev.ToggleAid(aid) for aid in Aid} <= offered, name
    wide = page_for(every(portrait=False)["home"])
    assert ev.ToggleAid(Aid.LOW) not in {choice.event for choice in wide.bar}, "a wide screen is low already"


def test_keys_walk_every_choice_and_come_round() -> None:
    home, focus, walked = page("home"), Focus(), []
    for _ in range(len(home.focus) + 1):
        focus = moved(focus, home, Move.NEXT)
        choice = focused(focus, home)
        assert choice is not None
        walked.append(choice.id)
    assert walked[:-1] == [choice.id for choice in home.focus]
    assert walked[-1] == walked[0]
    assert focused(moved(Focus(place=0), home, Move.BEFORE), home) == home.focus[-1]


def test_what_is_said_of_a_choice() -> None:
    home = page("home")
    assert spoken(Focus(place=0), home).startswith("Hộ tịch, 4 người chờ")
    assert spoken(Focus(place=0), home).endswith(f"nút 1 trên {len(home.focus)}")
    cases = page("cases", "en")
    assert "marked" in spoken(Focus(place=1), cases)
    assert "not marked" in spoken(Focus(place=0), cases)
    assert spoken(Focus(), home) == ""


def test_the_keys_stay_where_they_were_when_a_mark_changes() -> None:
    before = a_person().does(ev.Begin(), ev.ChooseLanguage("vi"), *OPEN_BIRTH[:2])
    after = before.does(ev.ToggleCase("mang_thai_ho"))
    focus = Focus(place=1)
    assert kept(focus, page_for(before.state), page_for(after.state)) == focus
    assert kept(focus, page_for(before.state), page("home")) == Focus(place=0)
    assert kept(Focus(), page_for(before.state), page("home")) == Focus()


def test_a_blind_person_hears_number_outlook_and_papers() -> None:
    assert "A012." in page("ticket").spoken
    assert "Trước ông/bà còn 4 người." in page("ticket").spoken
    assert "Chờ khoảng 8–15 phút." in page("ticket").spoken
    assert "Giấy chứng sinh" in page("papers").spoken
    assert "Miễn phí" in page("papers").spoken


def test_the_papers_of_a_birth() -> None:
    papers = page("papers")
    assert len(papers.lines) == 3
    assert papers.lines[1].endswith("(1 bản chính; không phải nộp nếu tra được trong dữ liệu chứng sinh đã ký số)")
    assert [fact.label for fact in papers.facts] == ["Phí, lệ phí", "Thời hạn giải quyết", "Nơi nộp"]
    assert papers.facts[0].text == "Miễn phí"
    assert "quá hạn" in papers.facts[0].note
    assert papers.facts[2].text == "Quầy 1, 2"


def test_what_the_catalogue_does_not_vouch_for_is_marked() -> None:
    marks = [
        page_for(a_person().does(*way).state).facts
        for way in [
            (
                ev.Begin(),
                ev.ChooseLanguage("vi"),
                ev.ChooseField(each.field),
                ev.ChooseProcedure(each.id),
                ev.ShowPapers(),
            )
            for each in starter_world().procedures.values()
            if not each.questions
        ]
    ]
    assert any("Thông tin tham khảo" in fact.note for facts in marks for fact in facts)


def test_a_closed_office_offers_papers_and_no_number() -> None:
    assert [choice.id for choice in page("papers-closed").actions] == ["print"]
    assert page("papers-closed").warning
    assert "07:30" in page("closed").lead


def test_a_server_away_is_said_on_screen() -> None:
    assert page("home-server-away").warning == VI("warning.server")
    assert VI("ticket.provisional") in page("ticket-server-away").spoken
    assert page("ticket-server-away").card is not None


def test_a_printer_without_paper_keeps_the_number_on_the_screen() -> None:
    shown = page("ticket-no-paper")
    assert shown.lead == VI("ticket.no_paper")
    assert shown.card is not None
    assert (shown.card.number, bool(shown.card.url)) == ("A012", True)
    assert any(choice.event == ev.PrintAgain() for choice in shown.actions)
    assert VI("ticket.desk_knows") in shown.lines
    assert not any(choice.event == ev.PrintAgain() for choice in page("ticket").actions)


def test_the_desk_is_not_said_to_know_what_it_cannot_know() -> None:
    state = every()["ticket-no-paper"]
    away = replace(state, world=replace(state.world, server_up=False))
    assert VI("ticket.tell_desk") in page_for(away).lines


def test_without_priority_classes_there_is_no_question() -> None:
    state = every()["priority"]
    bare = replace(state, world=replace(state.world, office=replace(state.world.office, classes=())))
    assert page_for(bare).title == VI("priority.take_title")
    assert page_for(bare).rows == ()


def test_long_lists_are_turned_not_scrolled() -> None:
    for aids in [(), (Aid.LARGE,), (Aid.LOW,), (Aid.LARGE, Aid.LOW)]:
        person = a_person(aids=aids).does(ev.Begin(), ev.ChooseLanguage("vi"), ev.ChooseField("ho_tich"))
        seen: list[str] = []
        while True:
            shown = page_for(person.state)
            assert len(shown.rows) <= holds(person.state)
            seen += [choice.id for choice in shown.rows]
            if not any(choice.id == "later" for choice in shown.pager):
                break
            person = person.does(ev.TurnPage(1))
        assert len(seen) == len(set(seen)) == len(starter_world().procedures_of("ho_tich"))


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(8, 15, "chờ khoảng 8–15 phút"), (5, 5, "chờ khoảng 5 phút"), (None, 4, ""), (0, 0, "gần như không phải chờ")],
)
def test_waits_in_words(low: int | None, high: int | None, text: str) -> None:
    assert wait_text(low, high, VI) == text


def test_lines_in_words() -> None:
    service = Service(id="a", name={"vi": "A"}, prefix="A", waiting=1, wait_low=2, wait_high=6)
    assert queue_text(service, EN) == "1 waiting · about 2–6 min"
    assert queue_text(replace(service, waiting=0), VI) == "Chưa có ai chờ"
    assert queue_text(replace(service, waiting=None), VI) == ""
    assert queue_text(None, VI) == ""
