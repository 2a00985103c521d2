"""Texts that scripts say, and words for states and faults that arrive as codes."""

from display.words import translations


def console_words(language: str) -> dict[str, str]:
    """What the console's script may have to say."""
    _ = translations(language).gettext
    return {
        "away": _("The server did not answer. Nothing is lost: please try again."),
        "session": _("Your session has ended. Please sign in again."),
        "failed": _("That did not work. Please try again."),
        "nobody": _("Nobody whom this counter serves is waiting."),
        "cancel": _("Cancel number {number}? This cannot be undone."),
    }


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
    words = console_words(language)
    return {name: words[name] for name in ("away", "session", "failed")}


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
    }
    return known.get(problem, problem)
