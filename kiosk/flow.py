"""The way through the kiosk: which screen follows which, what is asked of the world, when a person is forgotten. Pure.

`step(state, event, now)` is the whole of it; `now` is seconds of one steady clock.
"""

from dataclasses import replace
from typing import Any, Final

from kiosk import events as ev
from kiosk.events import Effect, Event, PersonEvent, Printing
from kiosk.keyboard import typed
from kiosk.lists import last_page, page_of
from kiosk.patience import is_over
from kiosk.state import RESTING, Helping, Place, Screen, State
from kiosk.world import Ticket, Wanted, World

Step = tuple[State, tuple[Effect, ...]]

GAP: Final = 0.4  # between two taps that count
SETTLE: Final = 0.3  # a new screen takes no tap this long: the finger was meant for the one before
KEY_GAP: Final = 0.06  # letters follow each other faster, a bounce of the panel faster still
MOST_THINGS: Final = 6
MOST_PRINTS: Final = 3


def step(state: State, event: Event, now: float) -> Step:
    """The state after an event, and what to do. A tap that came too early changes nothing but the inactivity count."""
    if isinstance(event, PersonEvent):
        return _person(state, event, now)
    match event:
        case ev.Touched():
            return replace(state, touched=now), ()
        case ev.Tick():
            return _tick(state, now)
        case ev.WorldHeard(world=world):
            return _news(state, world, now), ()
        case ev.SearchFound(query=query, procedures=found):
            return _found(state, query, found), ()
        case ev.TicketTaken(command_id=command_id, ticket=ticket):
            return _taken(state, command_id, ticket, now)
        case ev.TicketRefused(command_id=command_id, reason=reason):
            if command_id != state.asked:
                return state, ()
            return _go(replace(state, asked=None, refusal=reason), Screen.NO_NUMBER, now), ()
        case ev.PrintEnded():
            return _printed(state, event, now), ()
        case ev.HelpAnswered(came=came):
            return replace(state, helping=Helping.COMING if came else Helping.UNHEARD), ()
        case _:
            return state, ()


def resting_screen(world: World) -> Screen:
    """What stands while nobody is there."""
    return Screen.ATTRACT if world.office.open else Screen.CLOSED


def start(*, boot: str, world: World, portrait: bool, now: float) -> State:
    """The kiosk as it stands when switched on."""
    place = Place(screen=resting_screen(world))
    return State(boot=boot, world=world, portrait=portrait, place=place, since=now, touched=now)


def _person(state: State, event: PersonEvent, now: float) -> Step:
    gap = KEY_GAP if isinstance(event, ev.TypeKey) else GAP
    if 0 <= now - state.since < SETTLE or 0 <= now - state.tapped < gap:
        return replace(state, touched=now), ()
    return _act(replace(state, touched=now, tapped=now), event, now)


def _act(state: State, event: PersonEvent, now: float) -> Step:
    match event:
        case ev.StartOver():
            return _home(state, now), ()
        case ev.Back():
            return _back(state, now), ()
        case ev.Done():
            leaving = state.screen in (Screen.TICKET, Screen.MISSING, Screen.NO_NUMBER, Screen.PAPERS)
            return (_thanks(state, now) if leaving else state), ()
        case ev.AskHelp():
            return _help(state, now)
        case ev.ToggleAid(aid=aid):
            return replace(state, aids=state.aids ^ {aid}), ()
        case ev.TurnPage(by=by):
            page = min(max(0, page_of(state) + by), last_page(state))
            return _place(state, page=page), ()
        case ev.ChooseLanguage(language=language):
            return _language(state, language, now), ()
        case ev.TypeKey() | ev.OpenSearch():
            return _search(state, event, now)
        case ev.TakeNumber() | ev.PrintAgain() | ev.PrintPapers():
            return _paper(state, event, now)
        case _:
            return _choose(state, event, now), ()


def _choose(state: State, event: PersonEvent, now: float) -> State:
    """Choices that only lead to another screen or mark something on this one."""
    world, screen = state.world, state.screen
    match event:
        case ev.Begin() if screen in RESTING:
            only = len(world.office.languages) < 2
            return _go(state, Screen.HOME if only else Screen.LANGUAGE, now)
        case ev.OpenServices() if screen is Screen.HOME:
            return _go(state, Screen.SERVICES, now)
        case ev.ChooseField(field=field) if screen is Screen.HOME and world.procedures_of(field):
            return _go(state, Screen.PROCEDURES, now, field=field)
        case ev.ChooseProcedure(procedure=chosen) if screen in (Screen.PROCEDURES, Screen.SEARCH):
            return _open_procedure(state, chosen, now)
        case ev.ChooseService(service=service) if screen in (Screen.HOME, Screen.SERVICES):
            return _want(state, Wanted(service=service), now) if service in world.services else state
        case ev.ToggleCase(question=question) if screen is Screen.CASES:
            return _place(state, cases=state.place.cases ^ {question})
        case ev.ShowPapers() if screen is Screen.CASES:
            return _go(state, Screen.PAPERS, now)
        case ev.WantNumber() if screen is Screen.PAPERS:
            return _after_papers(state, now)
        case ev.SayReady(ready=ready) if screen is Screen.READY:
            return _want_procedure(state, ready=True, now=now) if ready else _go(state, Screen.MISSING, now)
        case ev.ToggleMissing(paper=paper) if screen is Screen.MISSING:
            return _place(state, missing=state.place.missing ^ {paper})
        case ev.TakeAnyway() if screen is Screen.MISSING:
            return _want_procedure(state, ready=False, now=now)
        case ev.AddAnother() if screen is Screen.PRIORITY and len(state.place.basket) < MOST_THINGS:
            return _go(state, Screen.HOME, now)
        case ev.BackToVisit() if state.place.basket:
            return _back_to_visit(state, now)
        case _:
            return state


def _open_procedure(state: State, chosen: str, now: float) -> State:
    procedure = state.world.procedures.get(chosen)
    if procedure is None:
        return state
    screen = Screen.CASES if procedure.questions else Screen.PAPERS
    fresh: frozenset[str] = frozenset()
    return _go(state, screen, now, procedure=chosen, field=procedure.field, cases=fresh, missing=fresh)


def _after_papers(state: State, now: float) -> State:
    procedure = state.procedure
    if procedure is None or procedure.service is None:
        return state
    if procedure.needed(state.place.cases):
        return _go(state, Screen.READY, now)
    return _want_procedure(state, ready=True, now=now)


def _want_procedure(state: State, *, ready: bool, now: float) -> State:
    procedure = state.procedure
    if procedure is None or procedure.service is None:
        return state
    missing = frozenset() if ready else state.place.missing
    wanted = Wanted(
        service=procedure.service,
        procedure=procedure.id,
        ready=ready,
        papers=sum(paper.code not in missing for paper in procedure.needed(state.place.cases)),
        cases=tuple(q.id for q in procedure.questions if q.id in state.place.cases) if procedure.questions else None,
    )
    return _want(state, wanted, now)


def _want(state: State, wanted: Wanted, now: float) -> State:
    """Into the basket, once; a closed office gives no numbers."""
    if not state.world.office.open:
        return _go(state, Screen.CLOSED, now)
    others = tuple(
        known for known in state.place.basket if (known.service, known.procedure) != (wanted.service, wanted.procedure)
    )
    return _go(state, Screen.PRIORITY, now, basket=(*others, wanted)[:MOST_THINGS])


def _back_to_visit(state: State, now: float) -> State:
    for index in range(len(state.trail) - 1, -1, -1):
        if state.trail[index].screen is Screen.PRIORITY:
            return replace(state, place=state.trail[index], trail=state.trail[:index], since=now)
    return state


def _search(state: State, event: PersonEvent, now: float) -> Step:
    match event:
        case ev.OpenSearch() if state.screen is Screen.HOME:
            return _go(state, Screen.SEARCH, now), ()
        case ev.TypeKey(key=key) if state.screen is Screen.SEARCH:
            typing = typed(state.place.typing, key)
            query = typing.text.strip()
            found = state.place.found if query else ()
            state = _place(state, typing=typing, found=found, page=0)
            return state, (ev.Search(query),) if query else ()
        case _:
            return state, ()


def _found(state: State, query: str, found: tuple[str, ...]) -> State:
    if state.screen is not Screen.SEARCH or state.place.typing.text.strip() != query:
        return state
    known = tuple(procedure for procedure in found if procedure in state.world.procedures)
    return _place(state, found=known)


def _paper(state: State, event: PersonEvent, now: float) -> Step:
    """Taking a number and printing: the steps that ask something of the world."""
    place = state.place
    match event:
        case ev.TakeNumber(class_id=class_id) if state.screen is Screen.PRIORITY and place.basket:
            if not state.world.office.open:
                return _go(state, Screen.CLOSED, now), ()
            command_id = f"{state.boot}-{state.takings + 1}"
            state = replace(state, takings=state.takings + 1, asked=command_id)
            ask = ev.AskForTicket(command_id, place.basket, class_id, state.language)
            return _go(state, Screen.TAKING, now), (ask,)
        case ev.PrintAgain() if state.screen is Screen.TICKET and state.ticket and may_print_again(state):
            state = replace(state, printing=Printing.UNDER_WAY, problem=None, prints=state.prints + 1)
            return state, (ev.PrintTicket(state.ticket),) if state.ticket else ()
        case ev.PrintPapers() if state.screen in (Screen.MISSING, Screen.PAPERS) and state.procedure:
            if state.list_printing is Printing.UNDER_WAY:
                return state, ()
            state = replace(state, list_printing=Printing.UNDER_WAY)
            missing = place.missing if state.screen is Screen.MISSING else frozenset[str]()
            return state, (ev.PrintList(state.place.procedure or "", place.cases, missing, state.language),)
        case _:
            return state, ()


def may_print_again(state: State) -> bool:
    """Whether the same number may be printed once more."""
    return state.printing in (Printing.FAILED, Printing.DOUBTFUL) and state.prints < MOST_PRINTS


def _taken(state: State, command_id: str, ticket: Ticket, now: float) -> Step:
    """The number is there. Nobody waits for it any more: it is given back, so that no ghost stands in the queue."""
    if state.ticket is not None and state.ticket.command_id == command_id:
        return state, ()
    if command_id != state.asked:
        return state, (ev.GiveBack(ticket),)
    state = replace(state, asked=None, ticket=ticket, printing=Printing.UNDER_WAY, problem=None, prints=1)
    return replace(_go(state, Screen.TICKET, now), touched=now, trail=()), (ev.PrintTicket(ticket),)


def _printed(state: State, event: ev.PrintEnded, now: float) -> State:
    if state.ticket is not None and event.subject == state.ticket.command_id:
        return replace(state, printing=event.printing, problem=event.problem, touched=now)
    if event.subject == state.place.procedure:
        return replace(state, list_printing=event.printing)
    return state


def _help(state: State, now: float) -> Step:
    if state.screen in (Screen.HELP, Screen.TAKING):
        return state, ()
    state = replace(state, calls=state.calls + 1, helping=Helping.CALLING)
    return _go(state, Screen.HELP, now), (ev.CallGuide(f"{state.boot}-help-{state.calls}"),)


def _language(state: State, language: str, now: float) -> State:
    if language not in state.world.office.languages:
        return state
    state = replace(state, language=language)
    return _go(state, Screen.HOME, now) if state.screen is Screen.LANGUAGE else state


def _news(state: State, world: World, now: float) -> State:
    """News of the office. The lists under a person's finger stay as they are until that person has gone."""
    if state.screen not in RESTING:
        held = state.world
        return replace(state, world=replace(world, fields=held.fields, procedures=held.procedures))
    state = replace(state, world=world)
    resting = resting_screen(world)
    return state if state.screen is resting else _home(state, now)


def _tick(state: State, now: float) -> Step:
    if not is_over(state, now):
        return state, ()
    if state.screen is Screen.TAKING:
        state = replace(state, asked=None, refusal=ev.Refusal.NO_NUMBERS)
        return _go(state, Screen.NO_NUMBER, now), ()
    if state.screen is Screen.TICKET and state.printing is Printing.PRINTED:
        return _thanks(state, now), ()
    return _home(state, now), ()


def _go(state: State, screen: Screen, now: float, **changes: Any) -> State:
    """To another screen; where the person was goes onto the trail."""
    place = replace(state.place, screen=screen, page=0, **changes)
    quiet = Printing.NONE if screen is not Screen.HELP else state.list_printing
    return replace(state, place=place, trail=(*state.trail, state.place), since=now, list_printing=quiet)


def _place(state: State, **changes: Any) -> State:
    return replace(state, place=replace(state.place, **changes))


def _back(state: State, now: float) -> State:
    if not state.trail or state.screen in (Screen.TAKING, Screen.TICKET, Screen.THANKS):
        return state
    if state.screen is Screen.NO_NUMBER:
        return _back_to_visit(state, now)
    return replace(state, place=state.trail[-1], trail=state.trail[:-1], since=now, list_printing=Printing.NONE)


def _thanks(state: State, now: float) -> State:
    return replace(_go(state, Screen.THANKS, now), trail=())


def _home(state: State, now: float) -> State:
    """Forgets the person: what they said, their number, their language and aids."""
    kept = start(boot=state.boot, world=state.world, portrait=state.portrait, now=now)
    return replace(kept, takings=state.takings, calls=state.calls, tapped=state.tapped)
