"""The composition root: what each command of `motcua` does. Everything heavy is imported by the command itself."""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from queue_server import options as opt
from queue_server.forecaster.compiled import keep_compiled
from queue_server.logs import configure_logs
from queue_server.machine import make_data_folder

if TYPE_CHECKING:
    from queue_server.journal.entry import Entry


def up(options: opt.UpOptions) -> int:
    """Broker, server, pages, virtual devices, and a kiosk where there is a screen; until SIGTERM or Ctrl-C."""
    gc.disable()  # until it serves: reading a day makes many objects and no garbage
    from queue_server.whole import run_up

    configure_logs()
    make_data_folder(options.data)
    keep_compiled(options.data)
    return run_quickly(run_up(options))


def server(options: opt.ServerOptions) -> int:
    """The server and its pages; until SIGTERM or Ctrl-C."""
    gc.disable()
    from queue_server.whole import run_server

    configure_logs()
    make_data_folder(options.data)
    keep_compiled(options.data)
    return run_quickly(run_server(options))


def take_over(options: opt.TakeOverOptions) -> int:
    """Makes this machine the office's, then serves it."""
    from queue_server.follower.take_over import take_over as make_ours

    ours = make_ours(options)
    return server(ours) if ours.start else 0


def run_quickly(program: Coroutine[Any, Any, int]) -> int:
    """Runs a program on uvloop, a loop with half the cost a request."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(program)


def journal_export(options: opt.ExportOptions) -> int:
    """One JSON object a line: open columns, no personal data (R-72)."""
    from queue_server.auditing import opened_to_look
    from queue_server.journal.journal import Journal, JournalError
    from queue_server.settings import journal_path

    path = journal_path(options.data)
    if not path.is_file():
        raise JournalError(f"{path} is not there. Is --data right?")
    out = options.out.open("w", encoding="utf-8") if options.out else sys.stdout
    try:
        with opened_to_look(Journal(path)) as journal:
            days = [options.day.strftime("%Y%m%d")] if options.day else journal.days()
            for day in days:
                for entry in journal.day(day):
                    out.write(json.dumps(_exported(entry), ensure_ascii=False) + "\n")
    finally:
        if options.out:
            out.close()
    return 0


def _exported(entry: "Entry") -> dict[str, Any]:
    return {
        "seq": entry.seq, "day": entry.day, "at": entry.at.isoformat(), "kind": entry.kind,
        "version": entry.version, "command_id": entry.command_id, "actor": entry.actor,
        "device": entry.device, "ticket": entry.ticket, "visit": entry.visit, "counter": entry.counter,
        "data": json.loads(entry.data), "hash": entry.hash,
    }  # fmt: skip


def backup(options: opt.BackupOptions) -> int:
    """Copies the data folder into one checked file, also while the server runs."""
    from queue_server.journal.backup import backup as copy
    from queue_server.journal.thinning import superfluous
    from queue_server.site.loader import files_of, load_site

    target = options.target
    if target.is_dir():
        now = datetime.now(ZoneInfo(load_site(options.site).timezone))
        target /= f"{now:%Y-%m-%d-%H%M}.tar.gz"
    sys.stdout.write(f"{copy(options.data, target, (*files_of(options.site), *options.also), options.anchor)}\n")
    if options.thin:
        for name in superfluous(path.name for path in target.parent.iterdir()):
            (target.parent / name).unlink()
            sys.stdout.write(f"removed {name}\n")
    return 0


def restore(options: opt.RestoreOptions) -> int:
    """Unpacks a backup into an empty data folder."""
    from queue_server.generation import raise_generation, read_generation
    from queue_server.journal.backup import restore as unpack

    before = read_generation(options.data)  # of a folder that lost its journal: the backup may know less
    entries = unpack(options.source, options.data)
    raise_generation(options.data, "restore", before=before)
    sys.stdout.write(f"{entries} entries restored into {options.data}\n")
    return 0


def board(options: opt.BoardOptions) -> int:
    """A hall board in a browser without borders."""
    import shutil
    import urllib.request

    zone = options.zone or "all"
    browser = next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)
    if browser is None:
        raise opt.ConfigError(f"no Chromium on this machine; open {options.url}/board/{zone} in any browser")
    with urllib.request.urlopen(f"{options.url}/healthz", timeout=5):  # noqa: S310  the address the user gave
        pass
    flags = [
        "--kiosk",
        "--noerrdialogs",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-session-crashed-bubble",
    ]
    os.execvp(browser, [browser, *flags, f"--app={options.url}/board/{zone}"])  # noqa: S606


def kiosk(options: opt.KioskOptions) -> int:
    """One kiosk on this machine's screen."""
    from queue_server.whole import run_kiosk

    configure_logs()
    return run_kiosk(options)


def hardware(options: opt.HardwareOptions) -> int:
    """The devices of this place."""
    from queue_server.whole import run_hardware

    configure_logs()
    return run_hardware(options)


def simulate(options: opt.SimulateOptions) -> int:
    """A synthetic day against a running server, or offline on a virtual clock."""
    from queue_server.simulate.run import run

    configure_logs()
    return run(options)


def forecast(options: opt.ForecastOptions) -> int:
    """Waits to be expected on a day and the counters they need."""
    keep_compiled(options.data)
    from queue_server.forecast import run

    configure_logs()
    return run(options)


def replay(options: opt.ReplayOptions) -> int:
    """Past days as they were, or with a change."""
    keep_compiled(options.data)
    from queue_server.replay import run

    configure_logs()
    return run(options)


def stop_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """SIGTERM and Ctrl-C set `stop`."""
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
