"""The storm over many seeds, in as many processes as the machine has processors."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.soak.campaign import Campaign, Findings, Options

SEEDS = 10_000
ROOT = Path(__file__).parents[2]


def run(options: Options) -> Findings:
    """As many seeds as were asked for."""
    return shared(options, options.count(SEEDS))


def shared(options: Options, seeds: int, *more: str) -> Findings:
    """Shares the seeds among processes of `python -m tests.storm`, and puts together what they found."""
    parts = len(os.sched_getaffinity(0))
    edges = [options.first + seeds * part // parts for part in range(parts + 1)]
    outs = [options.folder / f"part-{part}.json" for part in range(parts)]
    running = [_start(edges[part], edges[part + 1], outs[part], more) for part in range(parts)]
    said = [each.communicate()[0] for each in running]
    broken = [text for each, text in zip(running, said, strict=True) if each.returncode not in (0, 1)]
    if broken:
        return Findings(figures={"seeds": 0}, failures=tuple(text[-2000:] for text in broken))
    found = [json.loads(out.read_text("utf-8")) for out in outs]
    faults = sum((Counter(each["faults"]) for each in found), Counter())
    seconds = sum(each["seconds"] for each in found)
    figures = {
        "seeds": seeds,
        "seeds a minute on one core": round(seeds / seconds * 60),
        **dict(sorted(faults.items())),
    }
    wrong = [f"seed {seed}: {sentence}" for each in found for seed, sentence in each["violations"]]
    return Findings(figures=figures, failures=tuple(wrong))


def _start(first: int, end: int, out: Path, more: Sequence[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "ignore", "-m", "tests.storm", "--first", str(first)]
    command += ["--seeds", str(end - first), "--json", str(out), *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


CAMPAIGN = Campaign(
    name="storm",
    shows="10,000 seeds of clocks, lines, deaths, disks and midnights on virtual time: no promise broken",
    run=run,
)
