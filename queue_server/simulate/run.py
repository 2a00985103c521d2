"""`motcua simulate`: plans the day, plays it, says what came of it."""

import asyncio
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from queue_server.access import existing_secret
from queue_server.auth import Tokens
from queue_server.contract.messages import ClockAnswer
from queue_server.contract.ports import Identity
from queue_server.journal.journal import Journal
from queue_server.options import ConfigError, SimulateOptions
from queue_server.simulate.live import Player, Tally
from queue_server.simulate.offline import JournalSink, VirtualOffice, open_day, play
from queue_server.simulate.people import DayPlan, at_the_door, crowded, plan_day
from queue_server.simulate.play import Process, processes
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from queue_server.views.figures import mean_visit_wait, over, visit_waits

OPENS = timedelta(hours=7, minutes=30)
FIRST_DAY = date(2026, 11, 23)  # a Monday: without --day the same seed gives the same journal on any date
REPORT = 10.0


def run(options: SimulateOptions) -> int:
    site = load_site(options.site)
    plan = plan_day(site.office, options.seed, procedures_of(site))
    return offline(options, site, plan) if options.offline else asyncio.run(live(options, site, crowded(plan)))


def procedures_of(site: Site) -> dict[str, list[str]]:
    """Service → the procedures that it receives, in the order of the catalogue."""
    found: dict[str, list[str]] = {}
    for procedure in site.catalogues.versions[-1].procedures.values():
        service = site.service_of(procedure)
        if service is not None:
            found.setdefault(service, []).append(procedure.id)
    return found


def offline(options: SimulateOptions, site: Site, plan: DayPlan) -> int:
    """On a virtual clock, into a new journal file when `--out` names one."""
    started = time.perf_counter()
    journal = _new_journal(options.out) if options.out else None
    office = VirtualOffice()
    sink = JournalSink(journal, lambda: office.state) if journal else None
    if sink is not None:
        office.sink = sink
    day = options.day or FIRST_DAY
    opens = datetime.combine(day, datetime.min.time(), ZoneInfo(site.timezone)).astimezone(ZoneInfo("UTC")) + OPENS
    open_day(office, site.office, day.strftime("%Y%m%d"), opens)
    kiosk = next(iter(site.kiosks), None)
    play(office, processes(plan, kiosk), opens)
    if journal is not None and sink is not None:
        sink.flush()
        sys.stdout.write(f"journal {options.out}: {journal.last_seq} entries, last hash {journal.last_hash[:16]}\n")
        journal.close()
    _say_result(office, plan, time.perf_counter() - started)
    return 0


def _new_journal(path: Path) -> Journal:
    if path.exists():
        raise ConfigError(f"{path} is there already; a simulated day goes into a new file")
    journal = Journal(path)
    journal.open()
    return journal


def _say_result(office: VirtualOffice, plan: DayPlan, seconds: float) -> None:
    waits = visit_waits(office.state)
    mean, late = mean_visit_wait(office.state) or 0.0, over(waits, office.state.setup.target) or 0.0
    sys.stdout.write(
        f"seed {plan.seed}: {len(plan.people)} people, {len(waits)} visits served, "
        f"mean wait {mean:.1f} min, {late:.0%} over {office.state.setup.target / 60:.0f} min ({seconds:.1f} s)\n"
    )


async def live(options: SimulateOptions, site: Site, plan: DayPlan) -> int:
    """Against a running server; tokens come from its data folder. Ctrl-C ends the day early and says the same."""
    kiosk = next(iter(site.kiosks), None)
    url = options.url or ""
    async with httpx.AsyncClient(base_url=url, limits=httpx.Limits(max_connections=40)) as client:
        await _reach(client, url)
        tokens = Tokens(existing_secret(options.data))
        bearer = {
            "kiosk": tokens.make(Identity(role="kiosk", kiosk=kiosk, subject="simulator")),
            "officer": tokens.make(Identity(role="officer", subject="simulator")),
            "manager": tokens.make(Identity(role="manager", subject="simulator")),
        }
        clock = ClockAnswer.model_validate(await _ask(client, "/api/v1/clock", bearer["manager"], url))
        player = Player(client, bearer, options.speed or clock.speed)
        crowd = f"{at_the_door(plan)} of {len(plan.people)} people at the door"
        say(f"playing seed {plan.seed}: {crowd}, {len(plan.shifts)} counters. {pace(player, clock)}")
        over = await _played(player, processes(plan, kiosk))
        report = await _ask(client, "/api/v1/reports/today", bearer["manager"], url)
    say(ending(report, player.tally, url, over=over))
    return 1 if player.tally.failed > player.tally.issued else 0


async def _played(player: Player, cast: Iterable[Process]) -> bool:
    """Whether the day was played to its end."""
    reporter = asyncio.create_task(_report(player))
    try:
        await player.play(cast)
    except asyncio.CancelledError:  # Ctrl-C
        return False
    finally:
        reporter.cancel()
    return True


def pace(player: Player, clock: ClockAnswer) -> str:
    """How fast the day is played, and what that makes of the minutes shown."""
    told = f"It goes {player.speed:g} times as fast as life."
    if player.speed != clock.speed:
        off = "shorter" if player.speed > clock.speed else "longer"
        return f"{told} The office's clock goes {clock.speed:g} times, so waits look {off} than in life."
    if clock.speed == 1.0:
        return f"{told} For a morning in minutes: ./scripts/run --speed 30 --data demo"
    return f"{told} So does the office's clock: minutes shown are an office's minutes."


async def _reach(client: httpx.AsyncClient, url: str) -> None:
    try:
        await client.get("/healthz", timeout=5.0)
    except httpx.HTTPError as error:
        raise ConfigError(f"no server at {url}: start one with ./scripts/run") from error


async def _ask(client: httpx.AsyncClient, path: str, token: str, url: str) -> Any:
    try:
        got = await client.get(path, headers={"authorization": f"Bearer {token}"}, timeout=5.0)
    except httpx.HTTPError as error:
        raise ConfigError(f"the server at {url} has gone away") from error
    if got.status_code == 401:
        raise ConfigError(f"the server at {url} keeps other data: name its folder with --data")
    return got.raise_for_status().json()


def say(text: str) -> None:
    """A line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def said(player: Player) -> str:
    """What was asked and what came of it so far, in one line."""
    tally = player.tally
    return f"{tally.issued} numbers, {tally.called} calls, {refused(tally)}"


def refused(tally: Tally) -> str:
    """What the office refused, by its codes."""
    codes = ", ".join(f"{count} {code}" for code, count in sorted(tally.codes.items()))
    return f"{tally.refused} refused" + (f" ({codes})" if codes else "") + f", {tally.failed} unanswered"


def ending(report: Mapping[str, Any], tally: Tally, url: str, *, over: bool) -> str:
    """What came of the day by the office's own figures, and where to look next. `over`: it was played to its end."""
    mean, late = report["mean_wait"], report["over_target"] or 0.0
    waited = "nobody yet" if mean is None else f"{mean:.1f} minutes on average"
    if mean is not None:
        waited += f", {late:.0%} of the visits longer than {report['target']:.0f} minutes"
    left = (
        ("still waiting", "waiting"),
        ("at a counter", "at_counters"),
        ("no-shows", "missed"),
        ("left", "cancelled"),
    )
    return f"""
{"The day is over." if over else "Ended early; people who took a number still wait."} The office's figures of today:
  numbers  {report["issued"]}, {report["served"]} of them served
  others   {", ".join(f"{report[key]} {name}" for name, key in left)}
  calls    {tally.called}
  waits    {waited}
  asked    {refused(tally)}
Where to look next:
  {url}/manager   waits by service and hour, what may be done about them
  {url}/          every page of the office
  motcua replay   the same day again with another rule, once it has ended"""


async def _report(player: Player) -> None:
    while True:
        await asyncio.sleep(REPORT)
        say(said(player))
