"""How true the waits told are while calls look ahead: they are played under the base rule, the calls are not.

`python -m benchmarks foresight_cover [--days N] [--first SEED] [--load X]`. The same simulated days of the example
office called by the index and by look-ahead; the teller begins knowing nothing and sees one look a minute.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from benchmarks.foresight import LEARN_EVERY, OPENS, SeeingOffice, past_days
from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.look import Memory, close_day, learn, waits
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
from queue_server.site.loader import load_site

FUTURES = 48
LOOK_EVERY = timedelta(minutes=1)


class TellingOffice(SeeingOffice):
    """An office whose waits are told each minute, and that remembers how they came out."""

    def __init__(self, past: Past, memory: Memory) -> None:
        super().__init__(past, SETTINGS)
        self.memory = memory
        self._told_at: datetime | None = None

    def carry_out(self, command: cmd.Command, now: datetime) -> list[ev.Event]:
        if self.state.config is not None and (self._told_at is None or now - self._told_at >= LOOK_EVERY):
            self._tell(now)
        events = super().carry_out(command, now)
        for event in events:
            learn(self.memory, self.state, event, now)
        return events

    def _tell(self, now: datetime) -> None:
        if self._known is None or self._known_at is None or now - self._known_at >= LEARN_EVERY:
            self._known, self._known_at = known_now(self.state, self.past, Hours(), now), now
        known = self._known
        live = live_scene(self.state, known.basis, known.plan, now, level=known.level, predicted=known.predicted)
        waits(self.state, known, replace(live, scene=fewer(live.scene, FUTURES)), self.memory, now)
        self._told_at = now


def days_told(config: OfficeConfig, past: Past, seeds: Sequence[int], load: float) -> Memory:
    """Plays the days one after the other; the nights stand in the memory."""
    memory = Memory()
    for seed in seeds:
        office, day = TellingOffice(past, memory), f"202611{23 + seed - seeds[0]}"
        open_day(office, config, "20261123", OPENS)
        play(office, processes(plan_day(config, seed, {}, load), None), OPENS)
        if not office.state.closed:
            close_day(memory, day)
    return memory


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the share of waits inside the interval told and the mean error of its middle (minutes)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks foresight_cover", description=__doc__)
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--first", type=int, default=301)
    parser.add_argument("--load", type=float, default=0.72)
    given = parser.parse_args(argv)
    config = load_site(None).office
    past = past_days(config, given.load)
    print("policy      tickets  inside  mean error")
    for name in ("index", "look-ahead"):
        policy = Policy(name=name, ceiling_multiple=config.policy.ceiling_multiple)
        seeds = range(given.first, given.first + given.days)
        nights = days_told(replace(config, policy=policy), past, seeds, given.load).nights
        tickets = sum(night["tickets"] for night in nights)
        inside = sum(night["tickets"] * night["inside"] for night in nights) / tickets
        error = sum(night["tickets"] * night["mean_error"] for night in nights) / tickets
        print(f"{name:<11} {tickets:>7} {inside:>7.3f} {error:>11.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
