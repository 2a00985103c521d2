"""Every screen of the kiosk as a state reached by real events, and its picture (see scripts/screens)."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk import events as ev
from kiosk.catalogue import read_catalogue, read_office, read_services
from kiosk.events import Aid, Event, Printing, Refusal
from kiosk.flow import start, step
from kiosk.state import State
from kiosk.trouble import Cause, Trouble
from kiosk.world import Ticket, World
from tests.kiosk.standin import CATALOGUE, office_json, services_json

TAKEN_AT = datetime(2026, 9, 21, 1, 12, tzinfo=UTC)
PORTRAIT, LANDSCAPE = (1080, 1920), (1920, 1080)
MAIN = ("attract", "home", "papers", "search", "priority", "ticket")


def starter_world(*, is_open: bool = True, server_up: bool = True) -> World:
    """The starter catalogue in an office where some people wait."""
    fields, procedures = read_catalogue(CATALOGUE)
    return World(
        office=read_office(office_json(is_open=is_open)),
        fields=fields,
        procedures=procedures,
        services=read_services(services_json()),
        server_up=server_up,
    )


def a_ticket(command_id: str = "boot-1", **changes: Any) -> Ticket:
    """Number A012, four people ahead."""
    ticket = Ticket(
        command_id=command_id,
        id="20260921-A012",
        number="A012",
        service="ho_tich",
        token="q7Vd2kZx0aJ4nB8mR1cW5t",
        url="https://motcua.example/t/q7Vd2kZx0aJ4nB8mR1cW5t",
        issued_at=TAKEN_AT,
        people_ahead=4,
        wait_low=8,
        wait_high=15,
        counters=("1", "2"),
    )
    return replace(ticket, **changes)


@dataclass(frozen=True)
class Person:
    """Somebody at the kiosk, acting once a second."""

    state: State
    now: float = 100.0

    def does(self, *happenings: Event) -> "Person":
        state, now = self.state, self.now
        for event in happenings:
            now += 1.0
            state, _ = step(state, event, now)
        return Person(state, now)


def a_person(
    world: World | None = None, *, portrait: bool = True, language: str = "vi", aids: tuple[Aid, ...] = ()
) -> Person:
    """Somebody in front of the first screen."""
    state = start(boot="boot", world=world or starter_world(), portrait=portrait, now=99.0)
    return Person(replace(state, language=language)).does(*(ev.ToggleAid(aid) for aid in aids))


OPEN_BIRTH = (ev.ChooseField("ho_tich"), ev.ChooseProcedure("khai_sinh"), ev.ShowPapers())


def screens(*, portrait: bool, language: str, aids: tuple[Aid, ...] = ()) -> Iterator[tuple[str, State]]:
    """Every screen and every variant of it, by name."""
    person = a_person(portrait=portrait, language=language, aids=aids)
    yield "attract", person.state
    yield "language", person.does(ev.Begin()).state
    home = person.does(ev.Begin(), ev.ChooseLanguage(language))
    yield "home", home.state
    yield "services", home.does(ev.OpenServices()).state
    yield "procedures", home.does(ev.ChooseField("ho_tich")).state
    typing = home.does(ev.OpenSearch())
    yield "search-empty", typing.state
    typed = typing.does(*(ev.TypeKey(key) for key in "giaays khai sinh"))
    yield (
        "search",
        typed.does(ev.SearchFound("giấy khai sinh", ("khai_sinh", "dang_ky_lai_khai_sinh", "ket_hon"))).state,
    )
    yield "search-nothing", typed.state
    yield "cases", home.does(*OPEN_BIRTH[:2], ev.ToggleCase("mang_thai_ho")).state
    papers = home.does(*OPEN_BIRTH)
    yield "papers", papers.state
    ready = papers.does(ev.WantNumber())
    yield "ready", ready.state
    missing = ready.does(ev.SayReady(False))
    yield "missing", missing.does(ev.ToggleMissing("1.001193-02")).state
    listed = missing.does(ev.PrintPapers())
    yield "missing-printed", listed.does(ev.PrintEnded("khai_sinh", Printing.PRINTED)).state
    yield "missing-no-printer", listed.does(ev.PrintEnded("khai_sinh", Printing.FAILED, "paper-out")).state
    priority = ready.does(ev.SayReady(True))
    yield "priority", priority.state
    yield "home-more", priority.does(ev.AddAnother()).state
    yield "priority-two", priority.does(ev.AddAnother(), ev.ChooseService("tra_ket_qua")).state
    yield from _endings(priority)
    yield "help", home.does(ev.AskHelp(), ev.HelpAnswered(True)).state
    yield "help-unheard", home.does(ev.AskHelp(), ev.HelpAnswered(False)).state
    away = a_person(starter_world(server_up=False), portrait=portrait, language=language, aids=aids)
    yield "home-server-away", away.does(ev.Begin(), ev.ChooseLanguage(language)).state
    untrusted = Trouble(cause=Cause.CERTIFICATE, detail="self-signed certificate in certificate chain")
    cut_off = replace(starter_world(server_up=False), numbers_held=False, trouble=untrusted)
    yield "attract-cut-off", a_person(cut_off, portrait=portrait, language=language, aids=aids).state
    shut = a_person(starter_world(is_open=False), portrait=portrait, language=language, aids=aids)
    yield "closed", shut.state
    yield "papers-closed", shut.does(ev.Begin(), ev.ChooseLanguage(language), *OPEN_BIRTH).state


def _endings(priority: Person) -> Iterator[tuple[str, State]]:
    taking = priority.does(ev.TakeNumber())
    yield "taking", taking.state
    taken = taking.does(ev.TicketTaken("boot-1", a_ticket()))
    yield "ticket-printing", taken.state
    printed = taken.does(ev.PrintEnded("boot-1", Printing.PRINTED))
    yield "ticket", printed.state
    yield "ticket-no-paper", taken.does(ev.PrintEnded("boot-1", Printing.FAILED, "paper-out")).state
    yield "ticket-printer-fault", taken.does(ev.PrintEnded("boot-1", Printing.FAILED, "jam")).state
    yield "ticket-doubtful", taken.does(ev.PrintEnded("boot-1", Printing.DOUBTFUL, "timeout")).state
    second = a_ticket(number="N003", service="tra_ket_qua", provisional=True)
    leased = a_ticket(provisional=True, people_ahead=None, wait_low=None, wait_high=None, counters=(), more=(second,))
    away = taking.does(ev.TicketTaken("boot-1", leased), ev.PrintEnded("boot-1", Printing.PRINTED))
    yield "ticket-server-away", away.state
    for reason in Refusal:
        yield f"no-number-{reason}", taking.does(ev.TicketRefused("boot-1", reason)).state
    yield "thanks", printed.does(ev.Done()).state


class Canvas:
    """Draws states through the real frame, without a visible window."""

    def __init__(self) -> None:
        from kivy.clock import Clock
        from kivy.core.window import Window
        from kivy.lang import Builder

        from hardware.fonts import check_fonts
        from kiosk.app import use_fonts
        from kiosk.screens.frame import Frame
        from kiosk.widgets.skin import Skin

        assert Window is not None
        use_fonts(check_fonts())
        self._clock, self._builder = Clock, Builder
        self._skin = Skin()
        self._frame = Frame(skin=self._skin, chosen=lambda _: None)

    def draw(self, state: State, *, countdown: str = "") -> Any:
        """The frame with that state on it, laid out."""
        from kiosk.pages.build import page_for
        from kiosk.world import said

        size = PORTRAIT if state.portrait else LANDSCAPE
        self._skin.set_size(*size)
        self._skin.set_aids(
            large=Aid.LARGE in state.aids, contrast=Aid.CONTRAST in state.aids, low=Aid.LOW in state.aids
        )
        frame = self._frame
        frame.size = size
        frame.time = "08:12"
        frame.show(page_for(state), unit=said(state.world.office.unit_name, state.language), renew=True)
        frame.countdown = countdown
        for _ in range(4):
            self._builder.sync()
            self._clock.tick()
            self._clock.tick_draw()
        return frame


def save(frame: Any, path: Path) -> None:
    """A small PNG: 540 or 960 pixels wide, 64 colours."""
    from PIL import Image

    frame.export_to_png(str(path))
    with Image.open(path) as picture:
        wide = 540 if picture.height > picture.width else 960
        small = picture.convert("RGB").resize((wide, picture.height * wide // picture.width), Image.Resampling.LANCZOS)
        small.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def main(folder: Path) -> None:
    """Every screen in both languages upright, the main ones wide, and the aids."""
    folder.mkdir(parents=True, exist_ok=True)
    canvas = Canvas()
    for language in ("vi", "en"):
        for name, state in screens(portrait=True, language=language):
            save(canvas.draw(state), folder / f"kiosk-{name}-{language}.png")
        for name, state in screens(portrait=False, language=language):
            if name in MAIN:
                save(canvas.draw(state), folder / f"kiosk-wide-{name}-{language}.png")
    for label, aids in (("large", (Aid.LARGE,)), ("contrast", (Aid.CONTRAST,)), ("low", (Aid.LOW,))):
        for name, state in screens(portrait=True, language="vi", aids=aids):
            if name in MAIN:
                save(canvas.draw(state), folder / f"kiosk-{label}-{name}-vi.png")


if __name__ == "__main__":
    os.environ.update(
        SDL_VIDEODRIVER="offscreen",
        SDL_AUDIODRIVER="dummy",
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="PYTHON",
    )
    main(Path(sys.argv[1]))
