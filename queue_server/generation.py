"""The generation of a data folder: raised when its record may lack what people hold on paper.

`raise_generation` is called by whoever puts an older record into force (a restore, a take-over, a lost tail); the next
start leaves a gap in the numbers behind all that may have been given out, and says so in the journal.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from queue_server.journal.journal import Journal
from queue_server.keys import written
from queue_server.logs import Log
from queue_server.office import Office
from queue_server.queue import commands as cmd
from queue_server.queue.rules_day import highest
from queue_server.site.model import Site

log = Log(__name__)

FILE = "generation.json"
PACE = 2.0  # numbers of one prefix a minute: no hall gives out more for long
MARGIN = 50  # and so many more; what was lost after the last note of it is among them
DAYS = 8  # whose gaps are noted: a wrong clock may come back to a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """How far the gaps of one day had come, by prefix: numbers in order, and leased ones."""

    serials: dict[str, int] = field(default_factory=dict)
    leased: dict[str, int] = field(default_factory=dict)

    def and_behind(self, other: "Skipped") -> "Skipped":
        """As far as the further of two."""
        return Skipped(serials=highest(self.serials, other.serials), leased=highest(self.leased, other.leased))


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """`name` is unlike every other; `lost`: entries that are known to be missing, None where nobody knows."""

    name: str
    reason: str
    lost: int | None = None
    settled: bool = False  # the gap stands in the journal
    skipped: dict[str, Skipped] = field(default_factory=dict)  # office day → its gaps: the next loss may take them


def raise_generation(data: Path, reason: str, lost: int | None = None, before: Generation | None = None) -> Generation:
    """Notes that from the next start on numbers and tickets are of a new generation; durable when it returns.

    `reason`: restore, take-over or tail-lost. `lost`: how many entries are missing at most, where that is known.
    `before`: the generation of a folder that a restore has replaced meanwhile.
    """
    known = read_generation(data)
    count = max(count_of(known), count_of(before)) + 1
    skipped = dict(before.skipped) if before else {}
    for day, gaps in known.skipped.items() if known else ():
        skipped[day] = gaps.and_behind(skipped.get(day, Skipped()))
    made = Generation(name=f"{count}-{secrets.token_hex(4)}", reason=reason, lost=lost, skipped=skipped)
    _write(data, made)
    return made


def read_generation(data: Path) -> Generation | None:
    """The generation of the folder; None where nothing was ever lost."""
    try:
        noted = json.loads((data / FILE).read_text())
    except FileNotFoundError:
        return None
    skipped = {day: Skipped(**gaps) for day, gaps in noted.pop("skipped", {}).items()}
    return Generation(**noted, skipped=skipped)


def count_of(generation: Generation | None) -> int:
    """The place of a generation in the life of its office: 0 where nothing was ever lost."""
    return int(generation.name.split("-")[0]) if generation else 0


def _write(data: Path, generation: Generation) -> None:
    written(data / f".{FILE}.part", json.dumps(asdict(generation))).replace(data / FILE)
    folder = os.open(data, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name is on disk too, before the first number is given out
    finally:
        os.close(folder)


def last_moment(journal: Journal) -> datetime | None:
    """When the newest entry was written."""
    rows = journal.rows("select at from journal order by seq desc limit 1")
    return datetime.fromisoformat(rows[0]["at"]) if rows else None


async def leave_gap(office: Office, site: Site, data: Path, last: datetime | None) -> None:
    """After a start in a new generation: skips the numbers that may be on paper. `last`: the end of the record.

    How far it came is noted outside the journal as well before anybody gets a number: the next loss may take the gap.
    """
    generation = read_generation(data)
    if generation is None or generation.settled:
        return
    skipped = dict(generation.skipped)
    day = office.state.day
    if office.state.config is not None and not office.state.closed:
        lost = _given_out_since(last, site, office.now()) if generation.lost is None else generation.lost + MARGIN
        earlier = skipped.pop(day, Skipped())
        await office.do(
            cmd.SkipNumbers(
                generation=generation.name,
                reason=generation.reason,
                lost=lost,
                serials=earlier.serials,
                leased=earlier.leased,
            )
        )
        skipped[day] = Skipped(serials=dict(office.state.serials), leased=dict(office.state.leased)).and_behind(earlier)
        log.warning("numbers-skipped", reason=generation.reason, generation=generation.name, lost=lost)
    newest = dict(list(skipped.items())[-DAYS:])
    _write(data, replace(generation, settled=True, skipped=newest))


def _given_out_since(last: datetime | None, site: Site, now: datetime) -> int:
    """The most numbers that an office gives out under one prefix between the end of its record and now."""
    midnight = now.astimezone(ZoneInfo(site.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    began = midnight if last is None else max(last, midnight)
    return int(max(now - began, timedelta(0)) / timedelta(minutes=1) * PACE) + MARGIN
