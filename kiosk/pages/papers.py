"""Pages about what to bring. Pure."""

from dataclasses import replace

from kiosk import events as ev
from kiosk.events import Printing
from kiosk.lists import holds, page_of, shown
from kiosk.pages.model import Choice, Fact, Page, Tone
from kiosk.state import Screen, State
from kiosk.texts import Texts
from kiosk.world import Paper, Procedure, Told, said


def cases(state: State, say: Texts) -> Page:
    """The questions that tell which papers are needed; untouched means no."""
    procedure = state.procedure
    questions = procedure.questions if procedure else ()
    rows = tuple(
        Choice(
            id=f"case-{question.id}",
            label=said(question.text, state.language),
            note=say("cases.yes") if question.id in state.place.cases else say("cases.no"),
            event=ev.ToggleCase(question.id),
            on=question.id in state.place.cases,
        )
        for question in shown(state, questions)
    )
    return Page(
        screen=Screen.CASES,
        name="cases",
        title=_name(procedure, state.language),
        lead=say("cases.lead"),
        rows=rows,
        columns=(1, 1),
        actions=(Choice(id="papers", label=say("cases.go_on"), event=ev.ShowPapers(), tone=Tone.MAIN, sign="next"),),
    )


def papers(state: State, say: Texts) -> Page:
    """What to bring, what it costs, how long it takes, where."""
    procedure = state.procedure
    if procedure is None:
        return Page(screen=Screen.PAPERS, name="papers", title=say("papers.gone"))
    needed = procedure.needed(state.place.cases)
    lines = tuple(paper_line(paper, state.language) for paper in shown(state, needed))
    take = Choice(id="number", label=say("papers.take"), event=ev.WantNumber(), tone=Tone.MAIN, sign="ticket")
    printing = Choice(id="print", label=say("papers.print"), event=ev.PrintPapers(), sign="print")
    offered = procedure.service is not None and state.world.office.open
    if not offered:
        printing = replace(printing, tone=Tone.MAIN)
    return Page(
        screen=Screen.PAPERS,
        name="papers",
        title=_name(procedure, state.language),
        lead=_printed(state, say) or (say("papers.lead") if needed else say("papers.none")),
        lines=lines,
        first_line=page_of(state) * holds(state) + 1,
        facts=facts_of(state, procedure, say),
        actions=(*([take] if offered else []), printing),
    )


def facts_of(state: State, procedure: Procedure, say: Texts) -> tuple[Fact, ...]:
    """Fee, time limit and place, in words."""
    service = state.world.services.get(procedure.service or "")
    if procedure.service is None:
        where = say("papers.not_here")
    elif service is not None and service.counters:
        where = say("papers.counters", counters=", ".join(service.counters))
    else:
        where = say("papers.counter_called")
    language = state.language
    return (
        _fact(say("papers.fee"), procedure.fee, language, say),
        _fact(say("papers.time"), procedure.time_limit, language, say),
        Fact(label=say("papers.where"), text=where, note=said(procedure.where, language)),
    )


def _fact(label: str, told: Told, language: str, say: Texts) -> Fact:
    note = said(told.note, language)
    return Fact(label=label, text=said(told.text, language) or say("fact.ask"), note=note[:1].upper() + note[1:])


def _name(procedure: Procedure | None, language: str) -> str:
    return said(procedure.name, language) if procedure else ""


def paper_line(paper: Paper, language: str) -> str:
    """A paper with how many of it, and whether it is only shown or may be left out."""
    name, extras = said(paper.name, language), [paper.amount.get(language, ""), paper.hint.get(language, "")]
    if any(each in said(paper.name, "vi") for each in ("xuất trình", "Xuất trình")):
        extras = []
    extra = "; ".join(each[0].lower() + each[1:] for each in extras if each)
    return f"{name} ({extra})" if extra else name


def _printed(state: State, say: Texts) -> str:
    """What became of the list on paper."""
    match state.list_printing:
        case Printing.UNDER_WAY:
            return say("list.printing")
        case Printing.PRINTED:
            return say("list.printed")
        case Printing.FAILED | Printing.DOUBTFUL:
            return say("list.failed")
        case _:
            return ""


def ready(state: State, say: Texts) -> Page:
    """Does the person have everything?"""
    needed = len(state.procedure.needed(state.place.cases)) if state.procedure else 0
    return Page(
        screen=Screen.READY,
        name="ready",
        title=say("ready.title"),
        lead=say.count("ready.lead", needed),
        chips=(_name(state.procedure, state.language),),
        rows=(
            Choice(
                id="ready",
                label=say("ready.yes"),
                note=say("ready.yes_note"),
                event=ev.SayReady(True),
                tone=Tone.MAIN,
                sign="yes",
            ),
            Choice(
                id="missing", label=say("ready.no"), note=say("ready.no_note"), event=ev.SayReady(False), sign="list"
            ),
        ),
        columns=(1, 2),
    )


def missing(state: State, say: Texts) -> Page:
    """Which papers are missing; the list to take home; a number all the same."""
    needed = state.procedure.needed(state.place.cases) if state.procedure else ()
    rows = tuple(
        Choice(
            id=f"paper-{paper.code}",
            label=said(paper.name, state.language),
            note=say("missing.marked") if paper.code in state.place.missing else "",
            event=ev.ToggleMissing(paper.code),
            on=paper.code in state.place.missing,
        )
        for paper in shown(state, needed)
    )
    return Page(
        screen=Screen.MISSING,
        name="missing",
        title=say("missing.title"),
        lead=_printed(state, say) or say("missing.lead"),
        rows=rows,
        columns=(1, 1),
        actions=(
            Choice(id="print", label=say("missing.print"), event=ev.PrintPapers(), tone=Tone.MAIN, sign="print"),
            Choice(id="anyway", label=say("missing.anyway"), event=ev.TakeAnyway(), sign="ticket"),
            Choice(id="later-day", label=say("missing.later"), event=ev.Done(), sign="done"),
        ),
    )
