"""Two versions in one office: the real program of the version before, out of git's history, beside this one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.program import ROOT, Program
from tests.conftest import take_free_ports
from tests.soak.campaign import Campaign, Findings, Options

BEFORE = "72fbb8e"
# Runs in either version: everything that a kiosk asks for, and the numbers it is given, as one line of JSON.
KIOSK = """
import asyncio, json, sys
from datetime import UTC, datetime
from kiosk.server import Server

async def story(url, token, key):
    line = Server(url=url, kiosk="kiosk-1", token=token)
    await line.office(); await line.services(); await line.catalogue(); await line.search("khai sinh", limit=5)
    held = await line.lease(key=key + "-lease")
    taken = await line.take({"service": "ho_tich"}, key=key + "-take", limit=10)
    again = await line.take({"service": "ho_tich"}, key=key + "-take", limit=10)
    number = [each.number for each in held.numbers if each.number[0] == taken.number[0]][-1]
    body = {"service": "ho_tich", "number": number, "taken_at": datetime.now(UTC).isoformat()}
    body |= {"day": held.day} if DAY else {}
    handed = await line.hand_in(body, key=key + "-hand")
    await line.report_print(ticket=taken.id, problem=None, key=key + "-print")
    await line.call_help(key=key + "-help")
    await line.close()
    print(json.dumps({"taken": taken.number, "again": again.number, "handed": handed.number,
                      "papers": [taken.token, handed.token]}))

asyncio.run(story(*sys.argv[1:]))
"""


@dataclass
class Version:
    """A checkout of one version."""

    root: Path
    knows_day: bool

    def motcua(self, *arguments: object) -> str:
        """A command of this version; raises `CalledProcessError`."""
        command = [sys.executable, "-m", "queue_server", *map(str, arguments)]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True, timeout=60).stdout

    def kiosk(self, url: str, token: str, key: str) -> dict[str, Any]:
        """A kiosk of this version at a server."""
        script = f"DAY = {self.knows_day}\n{KIOSK}"
        run = [sys.executable, "-c", script, url, token, key]
        said = subprocess.run(run, cwd=self.root, capture_output=True, text=True, check=True, timeout=60)
        return dict(json.loads(said.stdout))

    @contextmanager
    def serving(self, data: Path, start: int) -> Iterator[Program]:
        """This version's server on a data folder."""
        program = Program(data, *take_free_ports(2), starts=start, root=self.root)
        try:
            yield program.start()
        finally:
            program.stop()
            program.clear_away()


@contextmanager
def checkout(folder: Path) -> Iterator[Version]:
    """The version before, beside this one."""
    place = folder / "before"
    subprocess.run(["git", "worktree", "add", "--detach", place, BEFORE], cwd=ROOT, check=True, capture_output=True)
    try:
        yield Version(place, knows_day=False)
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", place], cwd=ROOT, check=True, capture_output=True)


def run(options: Options) -> Findings:
    """Update with kiosks of both versions at both servers, then the way back by the backup made before it."""
    new, data, copy = Version(ROOT, knows_day=True), options.folder / "data", options.folder / "before.tar.gz"
    failures: list[str] = []
    with checkout(options.folder) as old:
        token = old.motcua("token", "kiosk", "--kiosk", "kiosk-1", "--data", data).strip()
        with old.serving(data, 0) as program:
            first = [each.kiosk(program.url, token, f"at-old-{n}") for n, each in enumerate((old, new))]
            old.motcua("backup", copy, "--data", data)
        with new.serving(data, 10) as program:
            second = [each.kiosk(program.url, token, f"at-new-{n}") for n, each in enumerate((old, new))]
            failures += unread(program, [*first, *second])
        if problems := program.problems():
            failures += problems
        back = options.folder / "back"
        new.motcua("restore", copy, "--data", back)  # that of the version before fails on Python 3.11.0 to 3.11.3
        with old.serving(back, 20) as program:
            third = old.kiosk(program.url, token, "back")
            failures += unread(program, [*first, third])
        if said := old.motcua("journal", "verify", "--data", back):
            print(f"  the version before says of its folder: {said.splitlines()[0]}")
    stories = [*first, *second]
    failures += [f"a repeat had another number: {each}" for each in [*stories, third] if each["taken"] != each["again"]]
    numbers = [each[name] for each in stories for name in ("taken", "handed")]
    if len(set(numbers)) < len(numbers):
        failures.append(f"a number was given twice: {numbers}")
    return Findings(figures={"numbers": len(numbers)}, failures=tuple(failures))


def unread(program: Program, stories: list[dict[str, Any]]) -> list[str]:
    """Papers that open no page."""
    with program.client() as citizen:
        answers = {token: citizen.get(f"/tickets/{token}").status_code for each in stories for token in each["papers"]}
    return [f"paper {token} opens nothing: {status}" for token, status in answers.items() if status != 200]


CAMPAIGN = Campaign(
    name="versions",
    shows=f"kiosks of {BEFORE} and of now at servers of both, an update, and the way back",
    run=run,
)
