"""Walking a page with keys: which choice the keys stand on, and what is said about it. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.pages.model import Choice, Page
from kiosk.texts import Texts


class Move(StrEnum):
    """What a key of the keypad asks for."""

    NEXT = "next"
    BEFORE = "before"
    PRESS = "press"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """The place of the keys on a page; None until a key was used."""

    place: int | None = None


def moved(focus: Focus, page: Page, move: Move) -> Focus:
    """One step on, round and round; the first key finds the first choice."""
    count = len(page.focus)
    if not count or move in (Move.PRESS, Move.REPEAT):
        return focus
    if focus.place is None:
        return replace(focus, place=0 if move is Move.NEXT else count - 1)
    return replace(focus, place=(focus.place + (1 if move is Move.NEXT else -1)) % count)


def kept(focus: Focus, before: Page, after: Page) -> Focus:
    """The place on a page that took the place of another: the same choice if it is still there, else the first."""
    if focus.place is None:
        return focus
    held = focused(focus, before)
    if before.screen is after.screen and held is not None:
        for place, choice in enumerate(after.focus):
            if choice.id == held.id:
                return Focus(place=place)
    return Focus(place=0 if after.focus else None)


def focused(focus: Focus, page: Page) -> Choice | None:
    """The choice the keys stand on."""
    if focus.place is None or focus.place >= len(page.focus):
        return None
    return page.focus[focus.place]


def spoken(focus: Focus, page: Page) -> str:
    """What is said of that choice: its text, its mark, its place among all."""
    choice, say = focused(focus, page), Texts(page.language)
    if choice is None:
        return ""
    parts = [choice.label, choice.note]
    if choice.on is not None:
        parts.append(say("speech.marked") if choice.on else say("speech.unmarked"))
    label = ", ".join(part for part in parts if part)
    return say("speech.button", label=label, place=(focus.place or 0) + 1, total=len(page.focus))
