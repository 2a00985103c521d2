"""How true the waits told are on simulated days of the example office, the same under every policy.

`python -m benchmarks foresight_cover [--days N] [--first SEED] [--load X] [--matters] [--policy NAME]`. Under
look-ahead waits are played under the base rule, and the calls are not. `--matters`: people come for procedures, and
what is expected of them is learned from days before and stamped. The teller begins knowing nothing and sees one look a
minute.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from benchmarks.bands import Expect, Procedures, learned, play_one
from benchmarks.foresight import LEARN_EVERY, OPENS, PAST_DAYS, SeeingOffice, moved, past_days
from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.look import Memory, close_day, learn, waits
from queue_server.forecaster.matters import usual_of
from queue_server.forecaster.past import Past
from queue_server.forecasting.advice import fewer
from queue_server.forecasting.foresight import SETTINGS
from queue_server.forecasting.outlook_office import live_scene
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import OfficeConfig, Policy
from queue_server.simulate.offline import open_day, play
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from queue_server.simulate.run import procedures_of
from queue_server.site.loader import load_site

FUTURES = 48
LOOK_EVERY = timedelta(minutes=1)


class TellingOffice(SeeingOffice):
    """An office whose waits are told each minute, and that remembers how they came out."""

    def __init__(self, past: Past, memory: Memory, expect: Expect | None) -> None:
        super().__init__(past, SETTINGS)
        self.memory = memory
        self.expect = expect
        self._told_at: datetime | None = None

    def carry_out(self, command: cmd.Command, now: datetime) -> list[ev.Event]:
        if self.state.config is not None and (self._told_at is None or now - self._told_at >= LOOK_EVERY):
            self._tell(now)
        if isinstance(command, cmd.IssueTicket) and self.expect is not None:
            command = replace(command, wanted=tuple(replace(w, expected=self.expect(w)) for w in command.wanted))
        events = super().carry_out(command, now)
        for event in events:
            learn(self.memory, self.state, event, now)
        return events

    def _tell(self, now: datetime) -> None:
        if self._known is None or self._known_at is None or now - self._known_at >= LEARN_EVERY:
            self._known, self._known_at = known_now(self.state, self.past, Hours(), now), now
        known = self._known
        told = {t.id: t.expected for t in self.state.active() if t.expected is not None and t.spread is not None}
        live = live_scene(self.state, known.basis, known.plan, now, level=known.level, predicted=told)
        waits(self.state, known, replace(live, scene=fewer(live.scene, FUTURES)), self.memory, now)
        self._told_at = now


def days_told(
    config: OfficeConfig, past: Past, seeds: Sequence[int], load: float, procedures: Procedures, expect: Expect | None
) -> Memory:
    """Plays the days one after the other; the nights stand in the memory."""
    memory = Memory()
    for seed in seeds:
        office, day = TellingOffice(past, memory, expect), f"202611{23 + seed - seeds[0]}"
        open_day(office, config, "20261123", OPENS)
        play(office, processes(plan_day(config, seed, procedures, load), None), OPENS)
        if not office.state.closed:
            close_day(memory, day)
    return memory


def past_of_matters(config: OfficeConfig, procedures: Procedures, load: float, expect: Expect) -> Past:
    """Days before on which people came for procedures, called by the index."""
    index = replace(config, policy=replace(config.policy, name="index"))
    tickets = []
    for n in range(PAST_DAYS):
        state = play_one(index, 900 + n, procedures, load, expect)
        tickets += [replace(t, day=f"202611{16 + n}") for t in moved(state, timedelta(days=n - 7))]
    return Past(tickets=tuple(tickets))


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the share of waits inside the interval told and the mean error of its middle (minutes)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks foresight_cover", description=__doc__)
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--first", type=int, default=301)
    parser.add_argument("--load", type=float, default=0.72)
    parser.add_argument("--matters", action="store_true")
    parser.add_argument("--policy", action="append")
    given = parser.parse_args(argv)
    site = load_site(None)
    config = site.office
    procedures = procedures_of(site) if given.matters else {}
    expect = learned(config, procedures, usual_of(site), given.load) if given.matters else None
    past = past_of_matters(config, procedures, given.load, expect) if expect else past_days(config, given.load)
    print("policy      tickets  inside  mean error")
    for name in given.policy or ("index", "look-ahead"):
        policy = Policy(name=name, ceiling_multiple=config.policy.ceiling_multiple)
        seeds = range(given.first, given.first + given.days)
        nights = days_told(replace(config, policy=policy), past, seeds, given.load, procedures, expect).nights
        tickets = sum(night["tickets"] for night in nights)
        inside = sum(night["tickets"] * night["inside"] for night in nights) / tickets
        error = sum(night["tickets"] * night["mean_error"] for night in nights) / tickets
        print(f"{name:<11} {tickets:>7} {inside:>7.3f} {error:>11.2f}")
    return 0
