"""The frontier of mean wait against the worst-served service, as a picture.

`python -m benchmarks routing_frontier --days FILE --load 1.0 --svg OUT [--add LABEL=routing.json …]`: the fixed
policies, indexes tuned for several bounds on the worst service, and any results that `routing --json` wrote.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.routing import figures
from queue_server.forecasting.kernel import office_lines
from queue_server.forecasting.kernel_policies import Plan, play_policy
from queue_server.forecasting.kernel_tuning import Effort, Goal, gather, waits_under, worst_service
from queue_server.forecasting.office_days import Day, OfficeDaysError, OfficeFacts, read_office_days
from queue_server.queue.policy import Rule

WIDE, HIGH, LEFT, BELOW = 760, 460, 64, 56
STYLE = (
    "text{font:13px sans-serif;fill:#222}.note{fill:#666}.axis{stroke:#888}.grid{stroke:#e4e4e4}"
    ".bound{stroke:#b00;stroke-dasharray:5 4}.fixed{fill:#888}.tuned{fill:#0a6}.bounded{fill:#06a}.added{fill:#d60}"
)


class Point(NamedTuple):
    """One policy: its label, its kind (a class of STYLE), mean wait and worst service."""

    label: str
    kind: str
    mean: float
    worst: float


def main(argv: list[str]) -> int:
    """Prints the points and writes the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks routing_frontier", description=__doc__)
    parser.add_argument("--days", type=Path, required=True)
    parser.add_argument("--load", default="1.0")
    parser.add_argument("--svg", type=Path, required=True)
    parser.add_argument("--add", action="append", default=[], metavar="LABEL=JSON")
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args(argv)
    try:
        read = read_office_days(options.days)
        days = read.at(options.load)
    except OfficeDaysError as error:
        print(f"routing_frontier: {error}", file=sys.stderr)
        return 2
    points = fixed(read.office, days) + tuned(read.office, days, options.rounds)
    for added in options.add:
        label, _, path = added.partition("=")
        report = json.loads(Path(path).read_text("utf-8"))["policy"]
        points.append(Point(label, "added", report["mean"], report["worst_service"]))
    for point in points:
        print(f"{point.label:<44}{point.mean:8.2f}{point.worst:8.1f}")
    options.svg.write_text(drawn(points, f"load {options.load}, {len(days)} days"), "utf-8")
    return 0


def fixed(office: OfficeFacts, days: Sequence[Day]) -> list[Point]:
    """The yardsticks of the literature, as score rules."""
    never = dict.fromkeys(range(len(office.classes)), 1e12)
    known = (
        ("FCFS", Rule(name="fcfs"), True),
        ("longest queue", Rule(name="longest", head_start=1, targets=never, queue_power=1), True),
        ("MaxWeight", Rule(name="maxweight", head_start=1, targets=never, queue_power=1, time_power=1), True),
    )
    past = gather(office, office_lines(office), days, {})
    points = []
    for label, rule, by_arrival in known:
        waits = waits_under(past, rule, by_arrival=by_arrival)
        points.append(Point(label, "fixed", float(waits.mean()), worst_service(waits, past.services)))
    return points


def tuned(office: OfficeFacts, days: Sequence[Day], rounds: int) -> list[Point]:
    """Indexes tuned on other folds for different bounds, under wide and under narrow ceilings."""
    points = []
    for kind, (ordinary, favoured) in (("tuned", (120.0, 40.0)), ("bounded", (60.0, 20.0))):
        for bound in (1.0, 1.2, 1.6):
            ceilings = {cls: favoured if cls else ordinary for cls in range(len(office.classes))}
            goal = Goal(worst=bound, favoured=4.0)
            outcome = play_policy(
                "index", office, days, Plan(ceilings=ceilings, goal=goal, effort=Effort(rounds=rounds))
            )
            table = figures(outcome, office.classes)
            label = f"index {ordinary:.0f}/{favoured:.0f}, worst ≤ {bound:.1f}"
            points.append(Point(label, kind, float(table["mean"] or 0), float(table["worst_service"] or 0)))
    return points


def drawn(points: Sequence[Point], title: str) -> str:
    """An SVG scatter: worst service to the right, mean upwards; the line is 1.25 × FCFS's worst."""
    xs, ys = [p.worst for p in points], [p.mean for p in points]
    x0, x1 = float(np.floor(min(xs) - 2)), float(np.ceil(max(xs) + 8))
    y0, y1 = float(np.floor(min(ys) * 2 - 1)) / 2, float(np.ceil(max(ys) * 2 + 1)) / 2

    def x(value: float) -> float:
        return LEFT + (value - x0) / (x1 - x0) * (WIDE - LEFT - 20)

    def y(value: float) -> float:
        return HIGH - BELOW - (value - y0) / (y1 - y0) * (HIGH - BELOW - 40)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img">',
        f"<title>Mean wait against the worst-served service, {escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>',
    ]
    for tick in np.arange(x0, x1 + 0.1, 5.0):
        parts.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="40" y2="{HIGH - BELOW}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{HIGH - BELOW + 18}" text-anchor="middle">{tick:.0f}</text>')
    for tick in np.arange(y0, y1 + 0.01, 0.5):
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDE - 20}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.1f}</text>')
    bound = x(1.25 * points[0].worst)
    parts.append(f'<line class="bound" x1="{bound:.1f}" x2="{bound:.1f}" y1="40" y2="{HIGH - BELOW}"/>')
    parts.append(f'<text class="note" x="{bound + 5:.1f}" y="52">1.25 × FCFS</text>')
    for k, p in enumerate(points, start=1):
        parts.append(f'<circle class="{p.kind}" cx="{x(p.worst):.1f}" cy="{y(p.mean):.1f}" r="5"/>')
        parts.append(f'<text x="{x(p.worst) + 7:.1f}" y="{y(p.mean) + 4:.1f}">{k}</text>')
        parts.append(f'<text class="note" x="{WIDE - 232}" y="{50 + 17 * k}">{k} {escape(p.label)}</text>')
    parts.append(f'<text x="{(WIDE + LEFT) / 2}" y="{HIGH - 14}" text-anchor="middle">')
    parts.append("mean wait of the worst-served service, minutes</text>")
    parts.append(f'<text x="{LEFT}" y="24">mean wait, minutes ({escape(title)})</text></svg>')
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
