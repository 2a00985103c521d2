"""Pages on which a person says what they came for. Pure."""

from kiosk import events as ev
from kiosk.lists import shown
from kiosk.pages.facts import queue_text
from kiosk.pages.model import Choice, Page, Tone
from kiosk.state import Screen, State
from kiosk.texts import Texts
from kiosk.world import Procedure, said

COLLECTING = ("tra_ket_qua", "collect_result")


def attract(state: State, say: Texts) -> Page:
    """The first screen: in every language at once, the whole glass is its button."""
    numbers = state.world.server_up or state.world.numbers_held
    other = [Texts(language) for language in state.world.office.languages if language != say.language]
    return Page(
        screen=Screen.ATTRACT,
        name="attract",
        title=say("attract.title"),
        lead=said(state.world.office.unit_name, state.language),
        lines=tuple(words("attract.lead" if numbers else "closed.look") for words in [say, *other]),
        actions=(Choice(id="begin", label=say("attract.begin"), event=ev.Begin(), tone=Tone.MAIN),),
    )


def language(state: State, _say: Texts) -> Page:
    """The languages, each named in itself."""
    rows = tuple(
        Choice(
            id=f"language-{code}",
            label=Texts(code)("language.name"),
            note=Texts(code)("language.note"),
            event=ev.ChooseLanguage(code),
            tone=Tone.MAIN,
        )
        for code in state.world.office.languages
    )
    return Page(
        screen=Screen.LANGUAGE,
        name="language",
        title=" · ".join(Texts(code)("language.title") for code in state.world.office.languages),
        rows=rows,
        columns=(1, 2),
    )


def home(state: State, say: Texts) -> Page:
    """The fields, above them the three short ways: search, collect a result, other services."""
    world = state.world
    rows = tuple(
        Choice(
            id=f"field-{field.id}",
            label=said(field.name, state.language),
            note=_field_queue(state, field.id, say),
            event=ev.ChooseField(field.id),
        )
        for field in shown(state, world.filled_fields())
    )
    plain = world.plain_services()
    collect = next((known for known in plain if known.id in COLLECTING), None)
    actions = [Choice(id="search", label=say("home.search"), event=ev.OpenSearch(), tone=Tone.MAIN, sign="search")]
    if collect is not None:
        label = say("home.collect")
        actions.append(
            Choice(id="collect", label=label, event=ev.ChooseService(collect.id), tone=Tone.MAIN, sign="collect")
        )
    if plain:
        actions.append(Choice(id="services", label=say("home.services"), event=ev.OpenServices(), sign="services"))
    basket = state.place.basket
    if basket:
        event = ev.BackToVisit()
        actions.append(
            Choice(id="visit", label=say.count("home.visit", len(basket)), event=event, tone=Tone.MAIN, sign="back")
        )
    return Page(
        screen=Screen.HOME,
        name="home-more" if basket else "home",
        title=say("home.title"),
        lead=say("home.lead_more") if basket else say("home.lead"),
        rows=rows,
        columns=(2, 3),
        actions=tuple(actions),
    )


def _field_queue(state: State, field: str, say: Texts) -> str:
    """How the line of a field stands, where all its procedures go to one service."""
    services = {known.service for known in state.world.procedures_of(field)}
    return queue_text(state.world.services.get(services.pop() or ""), say) if len(services) == 1 else ""


def services(state: State, say: Texts) -> Page:
    """What is done at a counter without a procedure."""
    rows = tuple(
        Choice(
            id=f"service-{known.id}",
            label=said(known.name, state.language),
            note=queue_text(known, say),
            event=ev.ChooseService(known.id),
        )
        for known in shown(state, state.world.plain_services())
    )
    return Page(
        screen=Screen.SERVICES, name="services", title=say("services.title"), lead=say("services.lead"), rows=rows
    )


def procedures(state: State, say: Texts) -> Page:
    """The procedures of the field that was chosen."""
    known = state.world.procedures_of(state.place.field or "")
    field = next((each for each in state.world.fields if each.id == state.place.field), None)
    return Page(
        screen=Screen.PROCEDURES,
        name="procedures",
        title=said(field.name, state.language) if field else "",
        lead=say("procedures.lead"),
        rows=tuple(_procedure(each, state.language) for each in shown(state, known)),
    )


def _procedure(procedure: Procedure, language: str) -> Choice:
    return Choice(
        id=f"procedure-{procedure.id}",
        label=said(procedure.name, language),
        event=ev.ChooseProcedure(procedure.id),
    )


def search(state: State, say: Texts) -> Page:
    """Plain words in, the best procedures out. The keyboard's keys are drawn by the screen and speak for themselves."""
    place = state.place
    known = [state.world.procedures[each] for each in place.found if each in state.world.procedures]
    if known:
        lead = "search.found"
    elif place.typing.text.strip():
        lead = "search.nothing"
    else:
        lead = "search.lead"
    return Page(
        screen=Screen.SEARCH,
        name="search",
        title=say("search.title"),
        lead=say(lead),
        typed=place.typing.text,
        rows=tuple(_procedure(each, state.language) for each in shown(state, known)),
        columns=(1, 2),
    )


def wanted_name(state: State, service: str, procedure: str | None) -> str:
    """What a person came for, in words."""
    known = state.world.procedures.get(procedure or "")
    if known is not None:
        return said(known.name, state.language)
    line = state.world.services.get(service)
    return said(line.name, state.language) if line else service


def priority(state: State, say: Texts) -> Page:
    """What the number is for, and whether the person may go first, in their own words and without proof."""
    classes = state.world.office.classes
    basket = state.place.basket
    rows = tuple(
        Choice(id=f"class-{known.id}", label=said(known.name, state.language), event=ev.TakeNumber(known.id))
        for known in shown(state, classes)
    )
    take = Choice(
        id="take",
        label=say("priority.ordinary") if classes else say("priority.take"),
        event=ev.TakeNumber(None),
        tone=Tone.MAIN,
        sign="ticket",
    )
    more = Choice(id="more", label=say("priority.more"), event=ev.AddAnother(), sign="more")
    return Page(
        screen=Screen.PRIORITY,
        name="priority",
        title=say("priority.title") if classes else say("priority.take_title"),
        lead=say("priority.lead") if classes else "",
        chips=tuple(wanted_name(state, each.service, each.procedure) for each in basket),
        rows=rows,
        columns=(1, 2),
        actions=(take, *([more] if len(basket) < 6 else [])),
    )
