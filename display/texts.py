"""Texts that scripts say, and words for states and faults that arrive as codes."""

from collections.abc import Sequence
from dataclasses import dataclass

from display.formats import counter_name
from display.words import pick, translations
from queue_server.contract.sending import SentRow, TransferRow, WarningRow
from queue_server.contract.views import TicketRow


def console_words(language: str) -> dict[str, str]:
    """What the console's script may have to say."""
    _ = translations(language).gettext
    return {
        "away": _("The server did not answer. Nothing is lost: please try again."),
        "session": _("Your session has ended. Please sign in again."),
        "failed": _("That did not work. Please try again."),
        "nobody": _("There is nobody for this counter to call now."),
        "cancel": _("Cancel number {number}? This cannot be undone."),
        "by_mouth": _("served at {time}"),
        "untick": _("Take out {number}"),
        "nobody_there": _("No counter is open for this now. Send the person there all the same?"),
    }


def back_words(ticket: TicketRow, language: str) -> str:
    """Where somebody goes when the matter at this counter ends."""
    _ = translations(language).gettext
    if ticket.back_label:
        return _("When done here, goes back to counter {label}").format(label=ticket.back_label)
    return _("When done here, waits again for: {service}").format(service=pick(ticket.back_service or {}, language))


def sent_words(sent: SentRow, language: str) -> str:
    """Where somebody is whom this counter wants back, and what happens afterwards."""
    _ = translations(language).gettext
    if sent.counter_label is None:
        where = _("waits for: {service}").format(service=pick(sent.service_name, language))
    elif sent.at_counter:
        where = _("is at counter {label}").format(label=sent.counter_label)
    else:
        where = _("waits for counter {label}").format(label=sent.counter_label)
    if sent.back_service is None:
        return _("{where}, will come back here").format(where=where)
    service = pick(sent.back_service, language)
    return _("{where}, then waits again for: {service}").format(where=where, service=service)


def transfer_words(row: TransferRow, language: str) -> str:
    """A place to send somebody to, with who serves there and how many wait."""
    known = translations(language)
    _, ngettext = known.gettext, known.ngettext
    name = pick(row.name, language) if row.kind == "service" else counter_name(row.label, language)
    if row.closed:
        return f"{name} ({_('closed')})"
    waiting = ngettext("{n} person waiting", "{n} people waiting", row.waiting).format(n=row.waiting)
    if row.kind == "counter":
        return f"{name} – {waiting if row.open else _('paused') + ', ' + waiting}"
    counters = ngettext("{n} counter open", "{n} counters open", row.open).format(n=row.open)
    return f"{name} – {counters if row.open else _('no counter open')}, {waiting}"


def closing_words(closing: Sequence[WarningRow], language: str) -> tuple[str, ...]:
    """What closing the counter does to people, a sentence each."""
    ngettext = translations(language).ngettext
    said = []
    for one in closing:
        match one.code:
            case "service-unserved":
                text = ngettext(
                    "{n} person waits for a service that no other open counter serves.",
                    "{n} people wait for services that no other open counter serves.",
                    one.people,
                )
            case "sent-here":
                text = ngettext(
                    "{n} person was sent to this counter and will wait for the others.",
                    "{n} people were sent to this counter and will wait for the others.",
                    one.people,
                )
            case "held-here":
                text = ngettext("{n} person is on hold here.", "{n} people are on hold here.", one.people)
            case _:
                text = ngettext(
                    "{n} person is to come back here and will wait for the service again.",
                    "{n} people are to come back here and will wait for the service again.",
                    one.people,
                )
        said.append(text.format(n=one.people))
    return tuple(said)


def citizen_words(language: str) -> dict[str, str]:
    """What the phone page's script may have to say."""
    _ = translations(language).gettext
    return {
        "away": _("No connection. Please try again in a moment."),
        "session": _("That did not work. Please try again."),
        "failed": _("That did not work. Please try again."),
        "cancel": _("Give up your number? You would have to take a new one."),
        "cancelled": _("Your number has been cancelled."),
        "postpone": _("Your turn has been moved back by about 10 minutes."),
        "feedback": _("Thank you for your answer."),
    }


def admin_words(language: str) -> dict[str, str]:
    """What the rules page's script may have to say."""
    _ = translations(language).gettext
    words = console_words(language)
    return {
        **{name: words[name] for name in ("away", "session", "failed")},
        "unchanged": _("Nothing has been changed yet."),
        "refused": _("These rules contradict each other; please mend what is marked."),
    }


def weekdays(language: str) -> tuple[tuple[str, str], ...]:
    """The days of the week as the site file names them, and their names."""
    _ = translations(language).gettext
    return (
        ("mon", _("Monday")),
        ("tue", _("Tuesday")),
        ("wed", _("Wednesday")),
        ("thu", _("Thursday")),
        ("fri", _("Friday")),
        ("sat", _("Saturday")),
        ("sun", _("Sunday")),
    )


def manager_words(language: str) -> dict[str, str]:
    """What the manager page's script may have to say."""
    _ = translations(language).gettext
    return {
        **admin_words(language),
        "applied": _("Applied: {move}. What it did will be measured over the next hour."),
        "replaying": _("Playing the past days again. This may take up to a minute."),
        "replay_stopped": _("Stopped."),
        "if_policy": _("If calls had followed: {policy}"),
        "before_after": _("As it was → with the change"),
        "difference": _("Difference"),
        "everybody": _("All visits together"),
        "by_service": _("By service: minutes of waiting"),
        "by_class": _("By group of people: minutes of waiting"),
    }


def predictor_words(predictor: str, language: str) -> str:
    """How announced waits were worked out; a code without words stays itself."""
    _ = translations(language).gettext
    known = {
        "simulation": _("playing the office ahead"),
        "learned": _("learning from past days"),
        "les": _("the wait of the last person called"),
        "hol": _("the wait so far of the first in line"),
        "ql": _("people ahead × mean service time"),
        "last_ten": _("the mean of the last ten waits"),
    }
    return known.get(predictor, predictor)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWords:
    """A policy for those who choose it: its name in the site file, its title, one sentence, an example of a reason."""

    name: str
    title: str
    sentence: str
    example: str


def policies(language: str) -> tuple[PolicyWords, ...]:
    """The policies that can be chosen, simplest first."""
    _ = translations(language).gettext
    arrival = _("Next in order of arrival, has waited 12 minutes.")
    return (
        PolicyWords(
            name="fcfs",
            title=_("Order of arrival"),
            sentence=_("Whoever took a number first is called first; priority is not looked at."),
            example=arrival,
        ),
        PolicyWords(
            name="ratio",
            title=_("Priority by ratio"),
            sentence=_("Priority persons first, with a fixed number of ordinary ones in between."),
            example=_("Priority: elderly person, has waited 6 minutes; 2 ordinary called just before."),
        ),
        PolicyWords(
            name="accumulating",
            title=_("Priority that grows"),
            sentence=_("Everybody's claim grows while they wait; that of priority persons grows faster."),
            example=_("Elderly person: promised a shorter wait, has waited 6 minutes."),
        ),
        PolicyWords(
            name="index",
            title=_("Weighed at each call"),
            sentence=_("Weighs wait, priority, length of the line and how long the matter will take."),
            example=_("A short matter, has waited 6 minutes; it delays the others little."),
        ),
        PolicyWords(
            name="look-ahead",
            title=_("Looking ahead"),
            sentence=_(
                "Plays the next hours ahead for every possible call and takes the one after which everybody waits "
                "least; where that is not at hand, it weighs as above."
            ),
            example=_(
                "Looking ahead: everybody together waits about 4 minutes less than with A012 called now; has waited "
                "6 minutes."
            ),
        ),
    )


def state_words(state: str, language: str) -> str:
    """A ticket's state for its owner."""
    _ = translations(language).gettext
    known = {
        "waiting": _("waiting"),
        "called": _("called"),
        "serving": _("being served"),
        "held": _("on hold"),
        "missed": _("missed"),
        "served": _("done"),
        "cancelled": _("cancelled"),
        "expired": _("expired"),
    }
    return known.get(state, state)


def fault_words(problem: str, language: str) -> str:
    """A device fault for staff; a code without words stays itself."""
    _ = translations(language).gettext
    known = {
        "offline": _("does not answer"),
        "unreachable": _("cannot be reached"),
        "silent": _("says nothing about its state"),
        "garbled": _("answers nonsense"),
        "cover-open": _("cover open"),
        "paper-out": _("out of paper"),
        "paper-near-end": _("paper nearly used up"),
        "jam": _("paper jam"),
        "fault": _("reports a fault"),
        "overheated": _("too hot"),
        "busy": _("busy for too long"),
        "timeout": _("does not answer in time"),
        "connection-lost": _("connection lost"),
        "too-many-messages": _("sends far too many messages; they are not acted on"),
    }
    return known.get(problem, problem)
