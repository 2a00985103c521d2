"""A plugin of pytest: every seeded stream of chance draws something else. `OTHER_DRAWS=N` says which other.

It must be loaded before the tests import their parts: `python -m pytest -p tests.soak._draws`.
"""

import os
import random
from typing import Any

import numpy as np

DRAWS = os.environ.get("OTHER_DRAWS", "1")
_generator = np.random.default_rng


class OtherRandom(random.Random):
    """The standard library's, with every seed moved on."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(None if seed is None else f"{seed}-{DRAWS}")


def other_generator(seed: Any = None) -> np.random.Generator:
    """numpy's, with every seed moved on."""
    if isinstance(seed, (int, np.integer)):
        seed = [int(seed), int(DRAWS)]
    elif isinstance(seed, (list, tuple)):
        seed = [*seed, int(DRAWS)]
    return _generator(seed)


random.Random = OtherRandom  # type: ignore[misc]
np.random.default_rng = other_generator
