"""Power loss and bad disks: the record is cut and turned wherever it can be, and start or verify say so every time."""

from tests.soak.campaign import Campaign, Findings, Options
from tests.soak.storm import shared

SEEDS = 50
FLIPS = 200  # bytes a seed, beside every frame edge of the write-ahead log


def run(options: Options) -> Findings:
    """Each story is told to its end, then its disk is damaged some hundred times, each time anew."""
    return shared(options, options.count(SEEDS), "--flips", str(FLIPS))


CAMPAIGN = Campaign(
    name="power",
    shows="the write-ahead log cut at every frame edge, 200 bytes turned a seed: no loss without a word",
    run=run,
)
