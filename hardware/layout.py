"""How tickets and other slips look on 80 mm paper: black-and-white pictures. Pure but for reading the fonts."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from PIL import Image

from hardware import slip_words as words
from hardware.fonts import Fonts, find_fonts
from hardware.sheet import Sheet

PAPER_WIDTH: Final = 576


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketSlip:
    """All that one ticket says. Waits are minutes, `issued_at` is local time, `url` the ticket's phone page.

    `provisional`: taken while the server was away; place and waiting time are then not printed.
    """

    unit_name: str
    number: str
    service_name: str
    issued_at: datetime
    url: str
    class_name: str | None = None
    counters: tuple[str, ...] = ()
    people_ahead: int | None = None
    wait_low: int | None = None
    wait_high: int | None = None
    language: str = "vi"
    provisional: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistSlip:
    """What a citizen takes home to come back prepared: papers, fee, time limit, place."""

    unit_name: str
    procedure_name: str
    issued_at: datetime
    papers: tuple[str, ...] = ()
    not_needed: tuple[str, ...] = ()
    fee: str = ""
    time_limit: str = ""
    where: str = ""
    url: str = ""
    language: str = "vi"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSlip:
    """Where the journal ended on a day: number and hash of its newest entry. `printed_at` is local time."""

    unit_name: str
    day: date
    seq: int
    hash: str
    printed_at: datetime
    language: str = "vi"


def draw_ticket(slip: TicketSlip, width: int = PAPER_WIDTH, *, fonts: Fonts | None = None) -> Image.Image:
    """The ticket as a mode "1" picture `width` dots wide (8 dots a millimetre), as high as its text needs."""
    sheet = Sheet(width=width, fonts=fonts or _system_fonts())
    language = slip.language
    sheet.text(slip.unit_name, size=27, bold=True)
    sheet.rule(before=10, after=10)
    sheet.text(words.say(language, "number"), size=30, bold=True)
    sheet.headline(slip.number, height=150)
    sheet.text(slip.service_name, size=32, bold=True, before=4)
    if slip.class_name:
        sheet.badge(slip.class_name, size=25, before=8)
    sheet.space(12)
    if slip.counters:
        sheet.text(words.counters_phrase(language, slip.counters), size=29, bold=True)
    _draw_prospect(sheet, slip)
    if slip.note:
        sheet.text(slip.note, size=25, before=8)
    sheet.rule(before=12, after=2, dashed=True)
    sheet.qr(slip.url)
    sheet.text(words.say(language, "scan"), size=22)
    sheet.text(words.say(language, "keep"), size=22, before=8)
    sheet.text(words.say(language, "issued", time=words.time_phrase(slip.issued_at)), size=22, before=4)
    return sheet.finish()


def draw_checklist(slip: ChecklistSlip, width: int = PAPER_WIDTH, *, fonts: Fonts | None = None) -> Image.Image:
    """The checklist as a mode "1" picture: a box to tick before each paper, then fee, time limit and place."""
    sheet = Sheet(width=width, fonts=fonts or _system_fonts())
    language = slip.language
    sheet.text(slip.unit_name, size=25, bold=True)
    sheet.rule(before=10, after=10)
    sheet.text(slip.procedure_name, size=32, bold=True)
    sheet.heading(words.say(language, "checklist"), size=26, before=16)
    for paper in slip.papers:
        sheet.tick_box(paper, size=26)
    if not slip.papers:
        sheet.text(words.say(language, "nothing_to_bring"), size=26, left=True, before=8)
    if slip.not_needed:
        sheet.text(words.say(language, "not_needed") + ":", size=24, bold=True, left=True, before=16)
        for paper in slip.not_needed:
            sheet.bullet(paper, size=24)
    _draw_facts(sheet, slip)
    if slip.note:
        sheet.text(slip.note, size=24, left=True, before=12)
    if slip.url:
        sheet.rule(before=14, after=2, dashed=True)
        sheet.qr(slip.url, target=220)
        sheet.text(words.say(language, "more"), size=22)
    sheet.text(words.say(language, "printed", time=words.time_phrase(slip.issued_at)), size=22, before=10)
    return sheet.finish()


def draw_record(slip: RecordSlip, width: int = PAPER_WIDTH, *, fonts: Fonts | None = None) -> Image.Image:
    """The end of the journal as a mode "1" picture: to be read out, and as a QR code of `SEQ:HASH`."""
    sheet = Sheet(width=width, fonts=fonts or _system_fonts())
    language = slip.language
    sheet.text(slip.unit_name, size=25, bold=True)
    sheet.heading(words.say(language, "record"), size=28, before=14)
    sheet.text(words.say(language, "record_day", day=words.day_phrase(slip.day)), size=32, bold=True, before=6)
    sheet.text(words.say(language, "record_seq", seq=slip.seq), size=32, bold=True)
    sheet.space(10)
    for line in words.groups(slip.hash):
        sheet.text(line, size=32)
    sheet.qr(f"{slip.seq}:{slip.hash}")
    sheet.text(words.say(language, "record_keep"), size=22)
    sheet.text(words.say(language, "record_keeper"), size=22, before=12)
    sheet.rule(before=90, after=2, dashed=True)
    sheet.text(words.say(language, "printed", time=words.time_phrase(slip.printed_at)), size=22, before=4)
    return sheet.finish()


def _draw_prospect(sheet: Sheet, slip: TicketSlip) -> None:
    if slip.provisional:
        sheet.badge(words.say(slip.language, "provisional"), size=25, before=8)
        return
    if slip.people_ahead is not None:
        sheet.text(words.ahead_phrase(slip.language, slip.people_ahead), size=29, before=2)
    sheet.text(words.wait_phrase(slip.language, slip.wait_low, slip.wait_high), size=29, before=2)


def _draw_facts(sheet: Sheet, slip: ChecklistSlip) -> None:
    facts: Sequence[tuple[str, str]] = (
        ("fee", slip.fee),
        ("time_limit", slip.time_limit),
        ("where", slip.where),
    )
    if any(value for _, value in facts):
        sheet.rule(before=14, after=4)
    for key, value in facts:
        if value:
            sheet.text(words.say(slip.language, key) + ":", size=24, bold=True, left=True, before=8)
            sheet.text(value, size=26, left=True)


@functools.lru_cache(maxsize=1)
def _system_fonts() -> Fonts:
    return find_fonts()
