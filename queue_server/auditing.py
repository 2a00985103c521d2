"""What `motcua journal verify`, `losses` and `digest` do."""

import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from queue_server import options as opt
from queue_server.access import check_folder
from queue_server.journal.anchor import Anchor, End, Loss
from queue_server.journal.journal import Journal, JournalError
from queue_server.journal.losses import Losses
from queue_server.journal.schema import SCHEMA
from queue_server.journal.verify import Verdict, verify
from queue_server.settings import anchor_path, journal_path, losses_path

DAMAGED = 3
END = re.compile(r"\b(\d{1,15}):([0-9a-f]{64})\b")


def verify_record(options: opt.VerifyOptions) -> int:
    """Prints every problem and a line of result; 1 on any, 3 where the database itself is damaged."""
    path = journal_path(options.data)
    ends = [_end(text) for text in options.digests]
    if options.digest_file:
        ends += ends_in(options.digest_file.read_text("utf-8", errors="replace"))
    anchored, notes = _anchored(options)
    if not path.is_file():
        lost = f" {Loss(ends=0, anchored=anchored)}." if anchored else ""
        raise JournalError(f"{path} is not there.{lost} Is --data right?")
    with opened_to_look(Journal(path)) as journal:
        losses = Losses(losses_path(options.data, options.anchor))
        verdict = verify(journal, ends, anchored=anchored, confirmed=losses.confirmed())
        verdict.add(str(noted) for noted in losses.open_ones())
    return _say(verdict, notes, compared=len(ends))


def list_losses(options: opt.LossesOptions) -> int:
    """Prints every loss that was noted; 1 while one is not confirmed. Raises `ConfigError` where no office is."""
    if options.anchor is None:
        check_folder(options.data, chosen=False)
    losses = Losses(losses_path(options.data, options.anchor))
    if options.confirm:
        losses.confirm(datetime.now(UTC))
    for noted in losses.all():
        sys.stdout.write(f"{noted}\n")
    open_ones = len(losses.open_ones())
    sys.stdout.write(f"{len(losses.all())} losses, {open_ones} not confirmed\n")
    return 1 if open_ones else 0


def print_digest(options: opt.DigestOptions) -> int:
    """Prints the day and the end of its record, with `printer` also on paper. Raises `MachineError`."""
    path = journal_path(options.data)
    if not path.is_file():
        raise JournalError(f"{path} is not there. Is --data right?")
    with opened_to_look(Journal(path)) as journal:
        day = options.day.strftime("%Y%m%d") if options.day else journal.last_day()
        end = journal.end_of(day) if day else None
    if day is None or end is None:
        raise opt.ConfigError("the journal has no such day" if day else "the journal has no day yet")
    shown = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007  a day of the office, no moment
    sys.stdout.write(f"{shown} {end}\n")
    if options.printer is not None:
        _print_slip(options.printer, options.site, shown, end)
    return 0


def _print_slip(printer: tuple[str, int], site_file: Path | None, day: date, end: End) -> None:
    """Raises `MachineError` where the paper may not hold all of it."""
    from hardware.drivers.network_printer import NetworkPrinter
    from hardware.layout import RecordSlip, draw_record
    from hardware.ports import Outcome
    from queue_server.site.loader import load_site

    site = load_site(site_file)
    now = datetime.now(ZoneInfo(site.timezone))
    slip = RecordSlip(unit_name=site.name["vi"], day=day, seq=end.seq, hash=end.hash, printed_at=now)
    result = asyncio.run(NetworkPrinter(*printer).print(draw_record(slip)))
    if result.outcome is not Outcome.PRINTED:
        host, port = printer
        state = "may have printed only part of the slip" if result.outcome is Outcome.UNKNOWN else "printed no slip"
        raise opt.MachineError(f"the printer {host}:{port} {state} ({result.problem}). See to it, then print again.")


def ends_in(text: str) -> list[End]:
    """Every end of a record that stands in a text, such as the log of another machine."""
    return [End(int(seq), digest) for seq, digest in END.findall(text)]


def _end(text: str) -> End:
    """As a program writes it or as a person copies it from a slip, in groups."""
    match = END.fullmatch("".join(text.lower().split()))
    if match is None:
        raise opt.ConfigError(f"--digest takes SEQ:HASH with 64 hexadecimal digits, not {text[:80]!r}")
    return End(int(match[1]), match[2])


def _anchored(options: opt.VerifyOptions) -> tuple[End | None, list[str]]:
    """The noted end, read before the journal, and what is to be said of it."""
    path = anchor_path(options.data, options.anchor)
    try:
        anchored = Anchor(path).read()
    except ValueError as error:
        return None, [f"{error}: whether the record has lost its end cannot be said"]
    if anchored is None:
        return None, [f"{path} is not there yet: whether the record has lost its end cannot be said"]
    return anchored, []


@contextmanager
def opened_to_look(journal: Journal) -> Iterator[Journal]:
    """For looking only, so that a damaged file stays as it is; an older one is brought up to date first."""
    journal.open_to_read()
    if journal.reader.execute("pragma user_version").fetchone()[0] != SCHEMA:
        journal.close()
        journal.open()
    try:
        yield journal
    finally:
        journal.close()


def _say(verdict: Verdict, notes: list[str], compared: int) -> int:
    for problem in [*verdict.problems, *notes]:
        sys.stderr.write(f"motcua: {problem}\n")
    if verdict.more:
        sys.stderr.write(f"motcua: and {verdict.more} more problems\n")
    wrong = f"{verdict.count} problems" if verdict.count else "ok"
    outside = f", {compared} ends from outside" if compared else ""
    sys.stdout.write(f"{verdict.entries} entries, {verdict.days} days{outside}: {wrong}\n")
    if verdict.damaged:
        return DAMAGED
    return 1 if verdict.count else 0
