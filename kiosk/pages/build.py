"""From the flow's state to the page that shows it. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kiosk import events as ev
from kiosk.lists import last_page, page_of
from kiosk.pages import choosing, ending, papers
from kiosk.pages.model import Choice, Page, Tone
from kiosk.state import RESTING, Screen, State
from kiosk.texts import Texts

_NO_BACK = frozenset({Screen.ATTRACT, Screen.TAKING, Screen.TICKET, Screen.THANKS})


def page_for(state: State) -> Page:
    """The page of the screen that stands now, with its navigation, list pages and accessibility bar."""
    say = Texts(state.language)
    page = _own(state, say)
    return replace(
        page,
        language=state.language,
        nav=_nav(state, say),
        bar=_bar(state, say),
        pager=_pager(state, say),
        pager_text=_pager_text(state, say),
        warning=_warning(state, say),
        technical=_technical(state, say),
    )


def _own(state: State, say: Texts) -> Page:
    return _PAGES[state.screen](state, say)


_PAGES: Final[dict[Screen, Callable[[State, Texts], Page]]] = {
    Screen.ATTRACT: choosing.attract,
    Screen.LANGUAGE: choosing.language,
    Screen.HOME: choosing.home,
    Screen.SERVICES: choosing.services,
    Screen.PROCEDURES: choosing.procedures,
    Screen.SEARCH: choosing.search,
    Screen.CASES: papers.cases,
    Screen.PAPERS: papers.papers,
    Screen.READY: papers.ready,
    Screen.MISSING: papers.missing,
    Screen.PRIORITY: choosing.priority,
    Screen.TAKING: ending.taking,
    Screen.TICKET: ending.ticket,
    Screen.NO_NUMBER: ending.no_number,
    Screen.HELP: ending.help_called,
    Screen.CLOSED: ending.closed,
    Screen.THANKS: ending.thanks,
}


def _nav(state: State, say: Texts) -> tuple[Choice, ...]:
    nav: list[Choice] = []
    if state.screen is Screen.ATTRACT or (state.screen is Screen.CLOSED and not state.trail):
        return (Choice(id="help", label=say("nav.help"), event=ev.AskHelp(), tone=Tone.QUIET, sign="help"),)
    if state.trail and state.screen not in _NO_BACK:
        nav.append(Choice(id="back", label=say("nav.back"), event=ev.Back(), tone=Tone.QUIET, sign="back"))
    nav.append(Choice(id="over", label=say("nav.over"), event=ev.StartOver(), tone=Tone.QUIET, sign="over"))
    if state.screen not in (Screen.HELP, Screen.TAKING):
        nav.append(Choice(id="help", label=say("nav.help"), event=ev.AskHelp(), tone=Tone.QUIET, sign="help"))
    return tuple(nav)


def _bar(state: State, say: Texts) -> tuple[Choice, ...]:
    """The aids, on every screen; the seated layout only where the screen stands upright."""
    aids = [ev.Aid.LARGE, ev.Aid.CONTRAST, *([ev.Aid.LOW] if state.portrait else []), ev.Aid.SPEECH]
    bar = [
        Choice(
            id=f"aid-{aid}",
            label=say(f"aid.{aid}"),
            event=ev.ToggleAid(aid),
            tone=Tone.QUIET,
            on=aid in state.aids,
            sign=str(aid),
        )
        for aid in aids
    ]
    languages = state.world.office.languages
    if state.screen not in (Screen.LANGUAGE, *RESTING) and len(languages) > 1:
        other = (
            languages[(languages.index(state.language) + 1) % len(languages)] if state.language in languages else "vi"
        )
        label = Texts(other)("language.name")
        bar.append(Choice(id="language", label=label, event=ev.ChooseLanguage(other), tone=Tone.QUIET, sign="language"))
    return tuple(bar)


def _pager(state: State, say: Texts) -> tuple[Choice, ...]:
    page, last = page_of(state), last_page(state)
    before = Choice(id="earlier", label=say("list.earlier"), event=ev.TurnPage(-1), tone=Tone.QUIET, sign="up")
    after = Choice(id="later", label=say("list.later"), event=ev.TurnPage(1), tone=Tone.QUIET, sign="down")
    return (*([before] if page else []), *([after] if page < last else []))


def _pager_text(state: State, say: Texts) -> str:
    last = last_page(state)
    return say("list.page", page=page_of(state) + 1, pages=last + 1) if last else ""


def _warning(state: State, say: Texts) -> str:
    if not state.world.server_up and state.screen not in (Screen.TICKET, Screen.NO_NUMBER):
        return say("warning.server" if state.world.numbers_held else "warning.no_numbers")
    if not state.world.office.open and state.screen is not Screen.CLOSED:
        return say("warning.closed")
    return ""


def _technical(state: State, say: Texts) -> str:
    trouble = state.world.trouble
    if trouble is None or state.screen not in (*RESTING, Screen.NO_NUMBER):
        return ""
    detail = f" ({trouble.detail})" if trouble.detail else ""
    return say("technical", reason=say(f"technical.{trouble.cause}")) + detail
