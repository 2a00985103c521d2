"""What is known of a matter before anybody is called: its papers and circumstances, nothing of the person. Pure."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Facts that tell how long a matter takes; None is "not known"."""

    cases: tuple[str, ...] | None = None  # the case questions of the catalogue that were answered with yes
    papers: int | None = None
    copies: int | None = None
    supplement: bool | None = None  # adds to a dossier that was handed in before
    ready: bool | None = None  # the person said that all papers are there
    form_filled: bool | None = None


NOTHING_KNOWN = Matter()


class TellsMatter(Protocol):
    """A wish or an event that carries the facts as fields of its own."""

    @property
    def cases(self) -> tuple[str, ...] | None: ...
    @property
    def papers(self) -> int | None: ...
    @property
    def copies(self) -> int | None: ...
    @property
    def supplement(self) -> bool | None: ...
    @property
    def ready(self) -> bool | None: ...
    @property
    def form_filled(self) -> bool | None: ...


def matter_of(told: TellsMatter) -> Matter:
    """The facts that a wish or an event carries."""
    return Matter(
        cases=told.cases,
        papers=told.papers,
        copies=told.copies,
        supplement=told.supplement,
        ready=told.ready,
        form_filled=told.form_filled,
    )
