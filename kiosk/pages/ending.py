"""Pages from the taking of a number to the farewell, and notices. Pure."""

from kiosk import events as ev
from kiosk.events import Printing, Refusal
from kiosk.flow import may_print_again
from kiosk.pages.choosing import wanted_name
from kiosk.pages.facts import wait_text
from kiosk.pages.model import Choice, Mood, NumberCard, Page, Tone
from kiosk.state import Helping, Screen, State
from kiosk.texts import Texts
from kiosk.world import Ticket, said

PAPER_PROBLEMS = ("paper-out",)


def taking(_state: State, say: Texts) -> Page:
    """The number is being taken; nothing else can be touched but *start over*."""
    return Page(screen=Screen.TAKING, name="taking", title=say("taking.title"), lead=say("taking.lead"))


def ticket(state: State, say: Texts) -> Page:
    """The number, as large as it gets, and what the person needs to know while waiting."""
    taken = state.ticket
    if taken is None:
        return Page(screen=Screen.TICKET, name="ticket", title=say("no_number.title"))
    done = Choice(id="done", label=say("ticket.done"), event=ev.Done(), tone=Tone.MAIN, sign="done")
    again = Choice(id="again", label=say("ticket.again"), event=ev.PrintAgain(), sign="print")
    return Page(
        screen=Screen.TICKET,
        name=_variant(state, taken),
        title=say("ticket.title"),
        lead=_paper(state, say),
        lines=_advice(state, taken, say),
        card=NumberCard(
            number=taken.number,
            service=wanted_name(state, taken.service, None),
            lines=_outlook(taken, say),
            url=taken.url,
            more=tuple(f"{each.number} – {wanted_name(state, each.service, None)}" for each in taken.more),
        ),
        actions=(done, *([again] if may_print_again(state) else [])),
        mood=Mood.CARE if state.printing in (Printing.FAILED, Printing.DOUBTFUL) else Mood.GOOD,
    )


def _variant(state: State, taken: Ticket) -> str:
    if state.printing is Printing.FAILED:
        return "ticket-no-paper" if state.problem in PAPER_PROBLEMS else "ticket-printer-fault"
    if state.printing is Printing.DOUBTFUL:
        return "ticket-printer-fault"
    return "ticket-server-away" if taken.provisional else "ticket"


def _paper(state: State, say: Texts) -> str:
    match state.printing:
        case Printing.PRINTED:
            return say("ticket.take_slip")
        case Printing.FAILED if state.problem in PAPER_PROBLEMS:
            return say("ticket.no_paper")
        case Printing.FAILED:
            return say("ticket.fault")
        case Printing.DOUBTFUL:
            return say("ticket.doubtful")
        case _:
            return say("ticket.printing")


def _outlook(taken: Ticket, say: Texts) -> tuple[str, ...]:
    if taken.provisional:
        return (say("ticket.provisional"),)
    lines = []
    if taken.people_ahead is not None:
        ahead = say.count("ticket.ahead", taken.people_ahead) if taken.people_ahead else say("ticket.next")
        lines.append(ahead)
    wait = wait_text(taken.wait_low, taken.wait_high, say)
    if wait and taken.people_ahead:
        lines.append(wait[0].upper() + wait[1:])
    if taken.counters:
        lines.append(say("ticket.counters", counters=", ".join(taken.counters)))
    return tuple(lines)


def _advice(state: State, taken: Ticket, say: Texts) -> tuple[str, ...]:
    """What to do now: note the number where there is no paper, scan the code, watch the board."""
    if state.printing in (Printing.FAILED, Printing.DOUBTFUL):
        told = state.world.server_up and not taken.provisional
        return (say("ticket.note_it"), say("ticket.desk_knows") if told else say("ticket.tell_desk"))
    if taken.provisional:
        return (say("ticket.valid"), say("ticket.watch"))
    return (say("ticket.scan"), say("ticket.watch"))


def no_number(state: State, say: Texts) -> Page:
    """No number came, and why; what to do instead."""
    reason = state.refusal or Refusal.NO_NUMBERS
    return Page(
        screen=Screen.NO_NUMBER,
        name=f"no-number-{reason}",
        title=say(f"no_number.{reason}"),
        lead=said(state.world.office.hours, state.language) if reason is Refusal.CLOSED else say("no_number.lead"),
        lines=(say("no_number.desk"),),
        actions=(Choice(id="done", label=say("no_number.done"), event=ev.Done(), tone=Tone.MAIN, sign="done"),),
        mood=Mood.CARE,
    )


def help_called(state: State, say: Texts) -> Page:
    """A guide is on the way, or could not be reached."""
    return Page(
        screen=Screen.HELP,
        name=f"help-{state.helping}",
        title=say(f"help.{state.helping}"),
        lead=say(f"help.{state.helping}_lead"),
        mood=Mood.CARE if state.helping is Helping.UNHEARD else Mood.GOOD,
        actions=(Choice(id="go-on", label=say("help.go_on"), event=ev.Back(), tone=Tone.MAIN, sign="back"),),
    )


def closed(state: State, say: Texts) -> Page:
    """The office is closed: its hours, and the list of papers all the same."""
    hours = said(state.world.office.hours, state.language)
    look = Choice(id="look", label=say("closed.look"), event=ev.Begin(), tone=Tone.MAIN, sign="list")
    return Page(
        screen=Screen.CLOSED,
        name="closed",
        title=say("closed.title"),
        lead=hours,
        lines=(say("closed.lead"),),
        actions=() if state.trail else (look,),
        mood=Mood.CARE,
    )


def thanks(state: State, say: Texts) -> Page:
    """The farewell."""
    number = state.ticket.number if state.ticket else ""
    lines = (say("thanks.board", number=number),) if number else ()
    return Page(
        screen=Screen.THANKS,
        name="thanks",
        title=say("thanks.title"),
        lead=say("thanks.lead"),
        lines=lines,
        mood=Mood.GOOD,
    )
