"""`motcua replay`: past days of the journal as they were, or as they would have been with a change. Only reads."""

import json
import sqlite3
import sys
from collections.abc import Sequence
from datetime import date

from queue_server.journal.entry import Entry
from queue_server.journal.journal import Journal, JournalError
from queue_server.journal.replay import UNREADABLE
from queue_server.journal.replay import replay as fold
from queue_server.options import ConfigError, ReplayOptions
from queue_server.queue.config import OfficeConfig, Policy
from queue_server.queue.events import DayClosed
from queue_server.settings import journal_path
from queue_server.simulate.replay import compare
from queue_server.simulate.replay_change import change_of
from queue_server.simulate.replay_clock import by_one_clock, is_abandoned, last_opened
from queue_server.simulate.replay_day import ReplayError, recorded
from queue_server.simulate.replay_decide import as_it_was
from queue_server.simulate.replay_rows import page_values
from queue_server.simulate.replay_words import Told, as_values, checked, date_of, report

USUAL = 30  # days where nothing is said
EMPTY = "No day in this journal yet: nothing can be replayed.\n"


def run(options: ReplayOptions) -> int:
    """Prints what was asked for; 1 when the journal is not there, is empty, or a check finds a difference.

    Raises `ConfigError` for days or changes that do not exist, `JournalError` for a file that cannot be read.
    """
    path = journal_path(options.data)
    if not path.is_file():
        raise JournalError(f"{path} is not there. Is --data right?")
    if options.check and options.anything:
        raise ConfigError("--check looks at the day as it was; leave out the change")
    journal = Journal(path)
    journal.open_to_read()
    try:
        days = _days(journal, options)
    except (sqlite3.Error, *UNREADABLE) as error:
        raise JournalError(f"{path} cannot be read: {error}. `motcua journal verify` says where.") from error
    finally:
        journal.close()
    if not days:
        sys.stderr.write(EMPTY)
        return 1
    return _check(days, options) if options.check else _play(days, options)


def _days(journal: Journal, options: ReplayOptions) -> list[list[Entry]]:
    """The entries of the days asked for, oldest first; a day that still runs only when it is asked for by its date."""
    known = journal.days()
    named = options.day is not None or options.first is not None or options.to is not None
    chosen = [day for day in known if _wanted(day, options)]
    if known and not chosen:
        raise ConfigError(f"the journal has no such day; it has {date_of(known[0])} to {date_of(known[-1])}")
    if named:
        return _whole([list(journal.day(day)) for day in chosen])
    many = options.last or USUAL
    found = _whole([list(journal.day(day)) for day in chosen[-many - 1 :]])
    if len(found) > 1 and not any(isinstance(entry.event, DayClosed) for entry in found[-1]):
        found = found[:-1]
    return found[-many:]


def _whole(days: Sequence[Sequence[Entry]]) -> list[list[Entry]]:
    """The days that were days: one that a wrong clock had opened is left out."""
    return [last_opened(entries) for entries in days if not is_abandoned(entries)]


def _wanted(day: str, options: ReplayOptions) -> bool:
    first, to = options.day or options.first, options.day or options.to
    return (first is None or _code(first) <= day) and (to is None or day <= _code(to))


def _code(day: date) -> str:
    return day.strftime("%Y%m%d")


def _check(days: Sequence[Sequence[Entry]], options: ReplayOptions) -> int:
    told, same, rows = Told(language=options.language), True, []
    for entries in days:
        day = date_of(entries[0].day)
        try:
            found = as_it_was(entries)
        except UNREADABLE as error:
            raise JournalError(f"{day}: entries are missing or cannot be read ({error!r})") from error
        same = same and found.same
        rows.append({"day": day, "same": found.same, "entries": found.entries, "decided": found.decided,
                     "differences": list(found.differences), "fingerprint": found.fingerprint})  # fmt: skip
        if not options.json:
            sys.stdout.write(checked(found, day, told) + "\n")
    if options.json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return 0 if same else 1


def _play(days: Sequence[Sequence[Entry]], options: ReplayOptions) -> int:
    days = [by_one_clock(entries) for entries in days]
    config, policy = _in_force(days)
    try:
        found = compare(days, change_of(options, policy))
    except ReplayError as error:
        raise ConfigError(str(error)) from error
    told = Told(language=options.language, config=config)
    if options.json:
        values = {**as_values(found, told), "page": page_values(found, told)}
        sys.stdout.write(json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    else:
        sys.stdout.write(report(found, told) + "\n")
    return 0 if found.before else 1


def _in_force(days: Sequence[Sequence[Entry]]) -> tuple[OfficeConfig | None, Policy]:
    """The office and the policy as the newest readable day ended."""
    for entries in reversed(days):
        try:
            return recorded(entries).config, fold(entries).policy
        except UNREADABLE:
            continue
    return None, Policy()
