"""The machine's randomness, from the seed while a story is told: ids must not make two runs differ."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """What the operating system gives as random bytes comes from the seed."""
    dice = random.Random(f"randomness-{seed}")
    kept = os.urandom, random._urandom  # type: ignore[attr-defined]
    os.urandom = random._urandom = dice.randbytes  # type: ignore[attr-defined,assignment]
    try:
        yield
    finally:
        os.urandom, random._urandom = kept  # type: ignore[attr-defined,assignment]
