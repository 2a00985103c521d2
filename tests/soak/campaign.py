"""What a campaign is: a long trial that is too slow for the suite, with figures and a verdict.

A campaign is a module of this folder with a `CAMPAIGN`; nothing else need be edited to add one.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tests.soak

Figure = int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a campaign is run. `share`: how much of the whole, 1.0 as the issue asks; `first` moves the seeds on."""

    folder: Path  # empty, for the campaign alone
    share: float = 1.0
    first: int = 0

    def count(self, whole: int) -> int:
        """So many of the whole campaign's rounds, seeds or hours: at least one."""
        return max(1, round(whole * self.share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came out: named figures with their units in the name, and what must not have happened."""

    figures: Mapping[str, Figure]
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """`shows` is one sentence for whoever chooses among the campaigns."""

    name: str
    shows: str
    run: Callable[[Options], Findings] = field(repr=False)


def campaigns() -> dict[str, Campaign]:
    """Every campaign by its name, in the order of the alphabet."""
    modules = sorted(found.name for found in pkgutil.iter_modules(tests.soak.__path__))
    loaded = (importlib.import_module(f"tests.soak.{name}") for name in modules if not name.startswith("_"))
    known = (getattr(module, "CAMPAIGN", None) for module in loaded)
    return {each.name: each for each in known if isinstance(each, Campaign)}
