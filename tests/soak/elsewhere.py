"""The suite's parts as another machine would run them: processor, zone, date, hour, load, and other draws of chance."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.soak.campaign import Campaign, Findings, Options

ROOT = Path(__file__).parents[2]
SHIFTED = Path(__file__).with_name("shifted_clock.c")
LONGEST = 3600.0  # seconds a variant may take

COUNTING = ("forecasting", "forecaster", "simulate", "queue")
DATED = ("office", "http", "journal", "views", "site", "queue", "simulate", "catalogue", "people")
WAITING = ("messaging", "acceptance", "hardware", "kiosk", "display", "http")
EVERY_CLOCK = tuple(dict.fromkeys((*DATED, *WAITING)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What differs from this machine, and the folders of `tests/` whose verdicts could hang on it."""

    name: str
    parts: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    begins: str | None = None  # what the wall clock of `env["TZ"]` shows at the start
    busy: bool = False  # an idle loop beside it on every processor
    plugin: str | None = None


def _draws(number: int) -> Variant:
    return Variant(name=f"draws {number}", parts=COUNTING, env={"OTHER_DRAWS": str(number)}, plugin="tests.soak._draws")


VARIANTS = (
    Variant(
        name="plain processor",
        parts=COUNTING,
        env={"NUMBA_CPU_NAME": "generic", "OPENBLAS_CORETYPE": "Prescott"},
    ),
    Variant(name="Los Angeles", parts=EVERY_CLOCK, env={"TZ": "America/Los_Angeles"}),
    Variant(name="Kiritimati", parts=EVERY_CLOCK, env={"TZ": "Pacific/Kiritimati"}),
    Variant(name="busy", parts=WAITING, busy=True),
    # 23:57 in the office: midnight and the new year pass while the tests run.
    Variant(name="end of year", parts=EVERY_CLOCK, env={"TZ": "America/Los_Angeles"}, begins="2026-12-31 08:57:30"),
    Variant(name="end of month", parts=EVERY_CLOCK, env={"TZ": "Asia/Ho_Chi_Minh"}, begins="2027-02-28 23:57:30"),
    Variant(name="midday far east", parts=EVERY_CLOCK, env={"TZ": "Pacific/Kiritimati"}, begins="2027-02-28 12:00:00"),
)


def run(options: Options) -> Findings:
    """Each variant once and four other draws; a smaller share takes the first of them."""
    variants = (*VARIANTS, *(_draws(options.first + number) for number in range(1, 5)))
    figures: dict[str, str] = {}
    failures: list[str] = []
    for variant in variants[: options.count(len(variants))]:
        if variant.begins and shutil.which("cc") is None:
            figures[variant.name] = "not tried: there is no C compiler to shift the clock with"
            continue
        said = _tried(variant, options.folder)
        figures[variant.name] = said[-1] if said else "nothing was said"
        failures += [f"{variant.name}: {line}" for line in said[:-1]]
    return Findings(figures=figures, failures=tuple(failures))


def _tried(variant: Variant, folder: Path) -> list[str]:
    """The tests that failed, one a line, and the last line of pytest."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--tb=no", "--timeout", "600"]
    pytest += ["-p", variant.plugin] if variant.plugin else []
    command = [*pytest, *(f"tests/{part}" for part in variant.parts)]
    compiled = folder / f"compiled for {variant.name}"  # machine code is not mixed with this processor's
    env = {**os.environ, **variant.env, **_clock(variant, folder), "NUMBA_CACHE_DIR": str(compiled)}
    with _loaded(len(os.sched_getaffinity(0)) if variant.busy else 0):
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            return [f"not through after {LONGEST:.0f} s", "stopped"]
    return verdict(done.returncode, done.stdout)


def verdict(code: int, out: str) -> list[str]:
    """Lines of failed tests, then how many there were; a run that broke off is a failure with its last words."""
    lines = [line for line in out.splitlines() if line.strip()]
    wrong = [line for line in lines if re.match(r"(FAILED|ERROR) ", line)]
    if code != 0 and not wrong:
        wrong = [f"pytest ended with {code}"]
    return [*wrong, lines[-1].strip("= ") if lines else "no output"]


def _clock(variant: Variant, folder: Path) -> dict[str, str]:
    """Environment in which the wall clock of every program but the browser begins at the variant's moment."""
    if variant.begins is None:
        return {}
    library = folder / "shifted_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SHIFTED], check=True)
    begins = datetime.fromisoformat(variant.begins).replace(tzinfo=ZoneInfo(variant.env["TZ"]))
    shift = round((begins - datetime.now(UTC)).total_seconds())
    browser = folder / "chromium"  # driven by Playwright it hangs under a loaded library: it keeps the true clock
    real = os.environ.get("MOTCUA_CHROMIUM") or shutil.which("chromium") or "chromium"
    browser.write_text(f'#!/bin/sh\nexec env -u LD_PRELOAD "{real}" "$@"\n', "utf-8")
    browser.chmod(0o755)
    return {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(shift), "MOTCUA_CHROMIUM": str(browser)}


@contextmanager
def _loaded(loops: int) -> Iterator[None]:
    """So many processes that do nothing as fast as they can."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()


CAMPAIGN = Campaign(
    name="elsewhere",
    shows="the suite's parts on another processor, in other zones, at a year's end, under load, with other draws",
    run=run,
)
