"""`motcua simulate`: plans the day, plays it, says what came of it."""

import asyncio
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from queue_server.access import existing_secret
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.journal.journal import Journal
from queue_server.options import ConfigError, SimulateOptions
from queue_server.simulate.live import Player
from queue_server.simulate.offline import JournalSink, VirtualOffice, open_day, play
from queue_server.simulate.people import DayPlan, plan_day
from queue_server.simulate.play import processes
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from queue_server.views.figures import mean_visit_wait, over, visit_waits

OPENS = timedelta(hours=7, minutes=30)
FIRST_DAY = date(2026, 11, 23)  # a Monday: without --day the same seed gives the same journal on any date
REPORT = 10.0


def run(options: SimulateOptions) -> int:
    site = load_site(options.site)
    plan = plan_day(site.office, options.seed, procedures_of(site))
    return offline(options, site, plan) if options.offline else asyncio.run(live(options, site, plan))


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
    """Against a running server; tokens come from its data folder."""
    kiosk = next(iter(site.kiosks), None)
    url = options.url or ""
    async with httpx.AsyncClient(base_url=url, limits=httpx.Limits(max_connections=40)) as client:
        await _reach(client, url)
        tokens = Tokens(existing_secret(options.data))
        bearer = {
            "kiosk": tokens.make(Identity(role="kiosk", kiosk=kiosk, subject="simulator")),
            "officer": tokens.make(Identity(role="officer", subject="simulator")),
        }
        await _check(client, bearer["officer"], url)
        sys.stdout.write(
            f"playing seed {plan.seed}: {len(plan.people)} people, {len(plan.shifts)} counters, "
            f"{options.speed:g}× life. "
            "The pages show real seconds, so waits look that much shorter.\n"
        )
        sys.stdout.flush()
        player = Player(client, bearer, options.speed)
        reporter = asyncio.create_task(_report(player))
        try:
            await player.play(processes(plan, kiosk))
        finally:
            reporter.cancel()
    sys.stdout.write(said(player) + "\n")
    return 1 if player.tally.failed > player.tally.issued else 0


async def _reach(client: httpx.AsyncClient, url: str) -> None:
    try:
        await client.get("/healthz", timeout=5.0)
    except httpx.HTTPError as error:
        raise ConfigError(f"no server at {url}: start one with ./scripts/run") from error


async def _check(client: httpx.AsyncClient, officer: str, url: str) -> None:
    got = await client.get("/api/v1/counters", headers={"authorization": f"Bearer {officer}"}, timeout=5.0)
    if got.status_code == 401:
        raise ConfigError(f"the server at {url} keeps other data: name its folder with --data")


def said(player: Player) -> str:
    """What was asked and what came of it, in one line."""
    tally = player.tally
    codes = ", ".join(f"{count} {code}" for code, count in sorted(tally.codes.items()))
    refused = f"{tally.refused} refused" + (f" ({codes})" if codes else "")
    return f"{tally.issued} tickets, {tally.called} calls, {refused}, {tally.failed} unanswered"


async def _report(player: Player) -> None:
    while True:
        await asyncio.sleep(REPORT)
        sys.stdout.write(said(player) + "\n")
        sys.stdout.flush()
