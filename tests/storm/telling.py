"""Tells one seed: plays it on files of its own and has it checked."""

import gc
import shutil
import tempfile
from pathlib import Path

from tests.storm.checks import violations
from tests.storm.cuts import Cuts
from tests.storm.plan import planned
from tests.storm.randomness import seeded
from tests.storm.story import Director, Story

IN_MEMORY = Path("/dev/shm")  # where there is one: what is synced there is synced at once


def told(seed: int, chosen: frozenset[str], cuts: Cuts | None = None) -> tuple[Story, list[str]]:
    """Plays a seed on files that are gone afterwards; the story and what the chosen checks say of it."""
    folder = Path(tempfile.mkdtemp(prefix="storm-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    gc.disable()
    director = None
    try:
        with seeded(seed):
            director = Director(planned(seed), folder, cuts or Cuts.usual(seed))
            story = director.play()
            return story, violations(story, chosen)
    finally:
        if director is not None:
            director.timeline.bury()
            director.office.clear_away()
            if director.follower is not None:
                director.follower.close()
        shutil.rmtree(folder, ignore_errors=True)
        gc.enable()
