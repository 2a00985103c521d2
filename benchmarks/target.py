"""Target at risk: will the tickets of the next hour wait over 15 minutes on average? Asked every five minutes.

python -m benchmarks target --days FILE [--load 1.0] [--more FILE] [--runs 100] [--json OUT]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial
from pathlib import Path

import numpy as np

from benchmarks import sources
from queue_server.forecasting import kernel
from queue_server.forecasting.features_office import Outlook, outlook, played, seen
from queue_server.forecasting.kernel import Flags, Floats, Floor, LineRule, Lines
from queue_server.forecasting.lookahead import Habits, View
from queue_server.forecasting.office_days import Day, OfficeDaysError, OfficeFacts, read_office_days
from queue_server.forecasting.target_arrays import Ground
from queue_server.forecasting.target_draws import AtDesk, Waiting
from queue_server.forecasting.target_run import Scene, means, play, share_over
from queue_server.queue.policy import Rule

TARGET = 15.0
STEP, HOUR, RECENT = 5.0, 60.0, 30.0
HORIZON = 210.0  # minutes played after each question
SKIP = 20  # days before the first one asked about: habits and arrivals are learned from days before only
LEARNED_FROM = 40
FEWEST = 3  # tickets in the hour; with fewer there is nothing to be at risk
INDEX = Rule(
    name="index", head_start=0.5, queue_power=0.5, time_power=0.5, targets={0: 15.0, 1: 1.5, 2: 1.5}
)  # the cheap index of queueing practice, as a fixed policy that every signal meets
SIGNALS = ("mean of the last 30 minutes", "longest wait now", "Erlang C", "fluid", "motcua")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question: the true answer, whether the last half-hour still looks fine, and every signal."""

    late: bool
    fine: bool
    signals: tuple[float, ...]


def ground_of(office: OfficeFacts, floor: Floor, lines: Lines, lunched: Flags, ratio: int) -> Ground:
    """The reference office as the forward run wants it: one break each, nobody sent to one counter."""
    none = np.zeros(len(lines.keys), dtype=np.bool_)
    return Ground(
        phase_at=np.array([-np.inf]), reach=floor.reach[None], reach_count=floor.reach_count[None],
        serving=floor.serves[None], serves=floor.serves, barred=np.zeros((1, *floor.serves.shape), dtype=np.bool_),
        flexibility=floor.flexibility,
        speed=floor.speed, line_service=floor.line_service, favoured=floor.favoured, own=none,
        break_at=np.where(lunched, np.inf, floor.lunch_at)[:, None], break_length=floor.lunch_minutes[:, None],
        closes=np.full(len(office.counters), np.inf), bounded=ratio > 0, early_last=False, services=lines.services,
        lean=False,
    )  # fmt: skip


def scene(
    now: float, view: View, office: OfficeFacts, lines: Lines, ahead: Outlook, habits: Habits, level: Floats
) -> Scene:
    """What is seen at `now`, ready to run."""
    return Scene(
        now=now,
        ground=ground_of(office, ahead.floor, lines, view.lunched, ahead.rule.ratio),
        rule=ahead.rule,
        known=Waiting(key=view.key, arrive=np.full(len(view.key), now), due=view.due, line=view.ticket_line,
                      scale=np.ones(len(view.key)), power=np.ones(len(view.key))),
        desks=AtDesk(
            kind=view.kind, since=view.since, until=view.until, line=view.line,
            idle_since=np.where(view.kind == 0, view.since, np.inf), run=view.run,
            scale=np.ones(len(view.kind)),
        ),
        habits=habits,
        coming=ahead.coming,
        level=level,
        seed=1,
        least=0.5,
    )  # fmt: skip


def erlang_c(servers: int, rate: float, mean: float) -> float:
    """Mean wait of M/M/s, minutes; an overloaded one gives the growth of an hour."""
    load = rate * mean
    if servers <= load:
        return HOUR + load - servers
    top = load**servers / factorial(servers) * servers / (servers - load)
    waits = top / (sum(load**k / factorial(k) for k in range(servers)) + top)
    return waits * mean / (servers - load)


def day_asked(day: Day, office: OfficeFacts, lines: Lines, ahead: Outlook, mean: float, until: float) -> list[Asked]:
    """Every question of one day."""
    done = played(office, day, lines, ahead.floor, ahead.rule)
    arrive, due = done.fates.arrive, done.fates.due
    waits = np.maximum(0.0, done.start - due)
    found = []
    for now in np.arange(30.0, until, STEP):
        hour = (arrive > now) & (arrive <= now + HOUR)
        if hour.sum() < FEWEST:
            continue
        recent = (done.start > now - RECENT) & (done.start <= now)
        last = float(waits[recent].mean()) if recent.any() else 0.0
        issued = int((arrive <= now).sum())
        view = seen(done, ahead.floor, now, issued, lines.services)
        level = np.full(len(lines.keys), ahead.level(now, issued))
        ours = _simulated(scene(now, view, office, lines, ahead, ahead.habits, level))
        longest = float(np.maximum(now - view.due, 0.0).max(initial=0.0))
        usual = float(ahead.expected[min(int(now + HOUR), len(ahead.expected) - 1)] - ahead.expected[int(now)])
        coming = usual * ahead.level(now, issued)
        working = _working(ahead.floor, view, now)
        fluid = (len(view.due) + coming) * mean / max(working, 0.5) - HOUR
        signals = (last, longest, erlang_c(max(1, round(working)), coming / HOUR, mean), fluid, ours)
        found.append(Asked(late=float(waits[hour].mean()) > TARGET, fine=last <= TARGET, signals=signals))
    return found


def _simulated(moment: Scene) -> float:
    run = play(moment, moment.now + HORIZON)
    hour = run.real & (run.crowd.arrive > moment.now) & (run.crowd.arrive <= moment.now + HOUR)
    return share_over(means(run.waits, hour), TARGET)


def _working(floor: Floor, view: View, now: float) -> float:
    """Counters at work in the next hour, lunches taken off."""
    work = np.full(len(floor.speed), HOUR)
    away = view.kind == 3
    work[away] -= np.clip(view.until[away] - now, 0.0, HOUR)
    due = ~view.lunched & (floor.lunch_at < now + HOUR)
    work[due] -= np.minimum(floor.lunch_minutes[due], now + HOUR - np.maximum(floor.lunch_at[due], now))
    return float((work / floor.speed).sum() / HOUR)


def asked(office: OfficeFacts, days: Sequence[Day], *, skip: int, runs: int, rule: Rule = INDEX) -> list[Asked]:
    """All days after the first `skip`, each with what the days before it teach."""
    lines = kernel.office_lines(office)
    spread: LineRule = kernel.line_rule(rule, lines)
    found: list[Asked] = []
    for ordinal in range(skip, len(days)):
        past = days[max(0, ordinal - LEARNED_FROM) : ordinal]
        ahead = outlook(office, lines, spread, past, runs=runs, seed=ordinal)
        minutes = [t.minutes for day in past for t in day.tickets] or [s.mean_minutes for s in office.services]
        found += day_asked(days[ordinal], office, lines, ahead, float(np.mean(minutes)), office.close_at - HOUR)
    return found


def auc(score: Floats, late: Floats) -> float | None:
    """Chance that a late hour scores above one that is not, ties counting half; None when one kind is missing."""
    bad, good = score[late > 0], np.sort(score[late == 0])
    if not len(bad) or not len(good):
        return None
    below = np.searchsorted(good, bad, side="left")
    upto = np.searchsorted(good, bad, side="right")
    return float((below + upto).sum() / 2.0 / len(bad) / len(good))


def figures(questions: Sequence[Asked]) -> dict[str, object]:
    """AUC of every signal, overall and while the last half-hour is fine, and our precision, recall, reliability."""
    late = np.array([q.late for q in questions], dtype=np.float64)
    fine = np.array([q.fine for q in questions], dtype=np.bool_)
    scores = np.array([q.signals for q in questions]).reshape(len(questions), len(SIGNALS))
    ours = scores[:, -1]
    warned = ours >= 0.5
    hits = float((late[warned] > 0).sum())
    bins = np.clip((ours * 5).astype(int), 0, 4)
    return {
        "questions": len(questions),
        "late": float(late.mean()) if len(late) else 0.0,
        "auc": {name: auc(scores[:, k], late) for k, name in enumerate(SIGNALS)},
        "auc_fine": {name: auc(scores[fine, k], late[fine]) for k, name in enumerate(SIGNALS)},
        "precision": hits / max(1, int(warned.sum())),
        "recall": hits / max(1, int((late > 0).sum())),
        "reliability": [
            [float(ours[bins == b].mean()), float(late[bins == b].mean()), int((bins == b).sum())]
            for b in range(5)
            if (bins == b).any()
        ],
    }


def report(found: dict[str, object]) -> str:
    """The table that people read."""
    overall, early = found["auc"], found["auc_fine"]
    assert isinstance(overall, dict)
    assert isinstance(early, dict)
    lines = [f"{found['questions']} questions, {100 * float(str(found['late'])):.0f} % of the hours over target", ""]
    lines.append(f"{'signal':<30}{'AUC':>8}{'while still fine':>20}")
    for name in SIGNALS:
        pair = [("-" if each is None else f"{each:.3f}") for each in (overall[name], early[name])]
        lines.append(f"{name:<30}{pair[0]:>8}{pair[1]:>20}")
    lines.append("")
    lines.append(f"ours at 50 %: precision {100 * float(str(found['precision'])):.0f} %, "
                 f"recall {100 * float(str(found['recall'])):.0f} %")  # fmt: skip
    reliability = found["reliability"]
    assert isinstance(reliability, list)
    lines += [f"  said {100 * said:.0f} %, came true {100 * came:.0f} % of {n}" for said, came, n in reliability]
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """Read the files, print the table, write the JSON; 2 when the file is no office-days file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks target", description=__doc__)
    parser.add_argument("--days", type=Path, required=True)
    parser.add_argument("--more", type=Path, action="append", default=[], help="later days of the same office")
    parser.add_argument("--load", default="1.0")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--skip", type=int, default=SKIP, help="days that are only learned from")
    parser.add_argument("--json", type=sources.out_file)
    chosen = parser.parse_args(argv)
    try:
        files = [read_office_days(path) for path in (chosen.days, *chosen.more)]
        days = [day for file in files for day in file.at(chosen.load)]
    except OfficeDaysError as error:
        parser.error(str(error))
    questions = asked(files[0].office, days, skip=min(chosen.skip, len(days) // 2), runs=chosen.runs)
    if not questions:
        parser.error(f"at load {chosen.load} no hour of the tested days has {FEWEST} people: nothing can be asked")
    found = figures(questions)
    print(report(found))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0
