"""Whether a matter is expected to be short, usual or long against the usual time of its service. Pure, stdlib only.

Under a policy whose score looks at the time at the counter, each band of a service has a line of its own, so that a
short matter may pass a long one. Within a band it stays first come, first served, and everybody of a band is weighed
alike: comparing the first of each line still compares everybody.
"""

from collections.abc import Sequence

SHORT, USUAL, LONG = 0, 1, 2
BANDS = (SHORT, USUAL, LONG)
NAMES = ("short", "usual", "long")
EDGES = (0.7, 1.4)  # of the usual time of the service
WEIGHED = (0.5, 1.0, 1.9)  # what a matter of each band counts as, of the same

Lane = tuple[str, int]  # class, band: what cuts the people of a service into lines


def band_of(expected: float | None, typical: float) -> int:
    """The band of a matter expected to take so many seconds; usual where nothing is known or `typical` says nothing."""
    if expected is None or not typical > 0.0:
        return USUAL
    if expected <= EDGES[0] * typical:
        return SHORT
    return LONG if expected > EDGES[1] * typical else USUAL


def edges(typical: float) -> Sequence[float]:
    """Seconds at which one band ends and the next begins; the edge belongs to the shorter one."""
    return [typical * share for share in EDGES]


def weighed(typical: float) -> Sequence[float]:
    """Seconds that a matter of each band counts as in the score."""
    return [typical * share for share in WEIGHED]
