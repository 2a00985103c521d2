"""Runs campaigns: `python -m tests.soak [NAME …] [--share 0.1] [--json OUT]`; `--list` says which there are."""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.soak.campaign import Campaign, Findings, Options, campaigns


def main() -> int:
    """0 when every campaign kept its promises."""
    known, given = campaigns(), _arguments()
    if given.list:
        for each in known.values():
            print(f"{each.name:<12} {each.shows}")
        return 0
    unknown = sorted(set(given.names) - known.keys())
    if unknown:
        print(f"no such campaign: {', '.join(unknown)}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [known[name] for name in given.names or known]
    found = {each.name: _run(each, share=given.share, first=given.first) for each in chosen}
    if given.json:
        rows = {name: {"figures": dict(each.figures), "failures": each.failures} for name, each in found.items()}
        given.json.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return int(any(each.failures for each in found.values()))


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="scripts/soak", description="Long trials of the whole product.")
    parser.add_argument("names", nargs="*", metavar="CAMPAIGN", help="which ones; all when none is named")
    parser.add_argument("--list", action="store_true", help="say which campaigns there are, and stop")
    parser.add_argument("--share", type=float, default=1.0, help="how much of each campaign, 1 is the whole")
    parser.add_argument("--first", type=int, default=0, help="the first seed, where a campaign counts seeds")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    return parser.parse_args()


def _run(campaign: Campaign, *, share: float, first: int) -> Findings:
    print(f"{campaign.name}: {campaign.shows}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"motcua-{campaign.name}-") as folder:
        found = campaign.run(Options(folder=Path(folder), share=share, first=first))
    for name, value in found.figures.items():
        print(f"  {name}: {value}")
    for failure in found.failures:
        print(f"  FAILED {failure}")
    verdict = f"{len(found.failures)} failures" if found.failures else "all promises kept"
    print(f"  {verdict}, {time.monotonic() - began:.0f} s", flush=True)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
