"""What a kiosk does not use any more, the machine has back; letters come in few sizes."""

import re
from pathlib import Path

from kiosk.memory import give_back
from kiosk.widgets.fit import rung

KB, PIECES = 1024, 40_000


def resident() -> int:
    """Bytes of this process in memory."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    assert found
    return int(found[1]) * KB


def test_what_was_freed_between_what_stays_goes_back() -> None:
    pieces = [bytes(8 * KB) for _ in range(PIECES)]
    stays = pieces[::100]
    full = resident()
    pieces.clear()
    assert give_back()
    assert len(stays) == PIECES // 100
    assert resident() < full - PIECES * 8 * KB // 2


def test_letters_have_few_sizes_and_become_smaller_step_by_step() -> None:
    every = {rung(size / 10) for size in range(100, 1500)}
    assert len(every) < 60
    for tenths in range(50, 3000):
        size = tenths / 10
        assert 0.9 * size - 1 <= rung(size) <= size
        assert rung(0.95 * rung(size)) < rung(size)
