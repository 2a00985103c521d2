"""`python -m tests.storm --seeds N [--first S] [--code DIR] [--json OUT]`: plays seeds, prints what broke.

`--code` takes the product from another checkout; the storm itself stays this one. Ends with 1 on a violation.
"""

import argparse
import json
import logging
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

MANY = 20  # sentences of one check that are printed


def main() -> int:
    """0 when every seed kept every promise."""
    given = _arguments()
    if given.code is not None:
        sys.path.insert(0, str(given.code.resolve()))
    logging.disable(logging.CRITICAL)
    sys.unraisablehook = lambda _: None  # what dead programs say while they are cleared away
    from tests.storm.quick import quicken

    quicken()
    from tests.storm.adapter_site import forget_first_folder
    from tests.storm.checks import CHECKS
    from tests.storm.cuts import Cuts
    from tests.storm.telling import told
    from tests.storm.waits_report import told_waits, waits

    chosen = frozenset(CHECKS) - frozenset(given.without)
    cuts = None if given.flips is None else Cuts(edges=None, flips=given.flips)
    faults: Counter[str] = Counter()
    found: list[tuple[int, str]] = []
    waited = []
    began = time.process_time()
    for seed in range(given.first, given.first + given.seeds):
        story, wrong = told(seed, chosen, cuts)
        faults.update(story.record.faults)
        found += [(seed, sentence) for sentence in wrong]
        waited += [(seed, wait) for wait in waits(story)] if given.report else []
        if given.verbose:
            print(seed, len(story.record.papers), story.timeline.steps, wrong, flush=True)
    forget_first_folder()
    seconds = time.process_time() - began
    _show(given.seeds, faults, found, seconds)
    if given.report:
        print(told_waits(waited))
    if given.json:
        rows = {
            "seeds": given.seeds,
            "first": given.first,
            "seconds": round(seconds, 1),
            "faults": dict(sorted(faults.items())),
            "violations": found,
        }
        given.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(bool(found))


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description="A simulation by seed.")
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first one")
    parser.add_argument("--code", type=Path, metavar="DIR", help="take the product from this checkout")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write seeds, faults and violations here too")
    parser.add_argument("--flips", type=int, metavar="N", help="cut at every frame edge and turn N bytes after a seed")
    parser.add_argument("--without", action="append", default=[], metavar="CHECK", help="leave a check out")
    parser.add_argument("--report", choices=("waits",), help="tell besides what breaks nothing")
    parser.add_argument("--verbose", action="store_true", help="a line a seed")
    return parser.parse_args()


def _show(seeds: int, faults: Counter[str], found: list[tuple[int, str]], seconds: float) -> None:
    print(f"{seeds} seeds")
    for kind, count in sorted(faults.items()):
        print(f"  {kind}: {count}")
    by_check: dict[str, list[tuple[int, str]]] = {}
    for seed, sentence in found:
        by_check.setdefault(sentence.split(":", 1)[0], []).append((seed, sentence))
    print(f"{len(found)} violations in {len({seed for seed, _ in found})} seeds")
    for check, rows in sorted(by_check.items()):
        print(f"  {check}: {len(rows)} in {len({seed for seed, _ in rows})} seeds")
        for seed, sentence in rows[:MANY]:
            print(f"    seed {seed}: {sentence.split(':', 1)[1].strip()}")
    print(f"{seeds / seconds * 60:.0f} seeds a minute of processor time", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
