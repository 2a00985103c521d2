"""What a new catalogue changes, and the refusal to lose procedures in silence (R-91), contents missing (R-32). Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from queue_server.catalogue.model import Catalogue, Certainty, Component, Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact of one procedure that differs: `aspect` "fee.amount", values as text, "" where there is none."""

    procedure: str
    code: str
    aspect: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueDiff:
    """New against old, matched by national code (a former code counts)."""

    added: tuple[Procedure, ...]
    removed: tuple[Procedure, ...]
    changed: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        """Whether both lists say the same."""
        return not (self.added or self.removed or self.changed)


class SilentLossError(Exception):
    """An import would drop procedures that nobody confirmed; `lost` names them."""

    def __init__(self, lost: tuple[Procedure, ...]) -> None:
        names = "; ".join(f"{entry.code} {entry.name['vi']}" for entry in lost)
        super().__init__(f"the new catalogue drops {len(lost)} procedures; confirm each by its code: {names}")
        self.lost = lost


def diff_catalogues(old: Catalogue, new: Catalogue) -> CatalogueDiff:
    """What is added, removed and changed when `new` replaces `old`."""
    pairs = [(entry, _successor(entry, new)) for entry in old.procedures.values()]
    followed = {successor.code for _, successor in pairs if successor}
    return CatalogueDiff(
        added=tuple(entry for entry in new.procedures.values() if entry.code not in followed),
        removed=tuple(entry for entry, successor in pairs if successor is None),
        changed=tuple(change for entry, successor in pairs if successor for change in _changes(entry, successor)),
    )


def checked_import(old: Catalogue, new: Catalogue, confirmed_losses: Collection[str] = ()) -> CatalogueDiff:
    """The diff of an import that may go ahead.

    Raises `SilentLossError` unless every removed procedure's code is among `confirmed_losses`.
    """
    found = diff_catalogues(old, new)
    lost = tuple(entry for entry in found.removed if entry.code not in confirmed_losses)
    if lost:
        raise SilentLossError(lost)
    return found


def _successor(entry: Procedure, new: Catalogue) -> Procedure | None:
    for code in (entry.code, *entry.code_aliases):
        found = new.by_code(code)
        if found:
            return found
    return None


def _changes(before: Procedure, after: Procedure) -> list[Change]:
    was, now = dict(_facts(before)), dict(_facts(after))
    return [
        Change(
            procedure=after.id, code=after.code, aspect=aspect, before=was.get(aspect, ""), after=now.get(aspect, "")
        )
        for aspect in dict.fromkeys((*was, *now))
        if was.get(aspect) != now.get(aspect)
    ]


def _facts(value: Any, aspect: str = "") -> Iterator[tuple[str, str]]:
    """Every single fact below `value` with its aspect: ("fee.amount", "8000"); papers are told apart by name."""
    prefix = f"{aspect}." if aspect else ""
    if isinstance(value, Component):
        yield aspect, "present"
    if is_dataclass(value):
        for part in fields(value):
            if not (isinstance(value, Component) and part.name == "code"):  # a number that shifts with its neighbours
                yield from _facts(getattr(value, part.name), prefix + part.name)
    elif isinstance(value, dict):
        for key, text in value.items():
            yield from _facts(text, prefix + str(key))
    elif isinstance(value, tuple) and value and isinstance(value[0], Component):
        for paper in value:
            yield from _facts(paper, f"{aspect}[{paper.name['vi']}]")
    elif value is not None and value != ():
        yield aspect, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that must be published about a procedure and is not known well enough (R-32)."""

    procedure: str
    code: str
    aspects: tuple[str, ...]


def publication_gaps(catalogue: Catalogue) -> tuple[Gap, ...]:
    """Procedures whose fee, time limit, papers or legal basis is missing or only a guess."""
    gaps = []
    for entry in catalogue.procedures.values():
        aspects = tuple(
            name
            for name, absent in (
                ("time_limit", entry.time_limit.value is None or entry.certainty.time is Certainty.LOW),
                ("fee", entry.fee.amount is None or entry.certainty.fee is Certainty.LOW),
                ("components", not entry.components or entry.certainty.components is Certainty.LOW),
                ("decision", entry.decision_vi is None),
            )
            if absent
        )
        if aspects:
            gaps.append(Gap(procedure=entry.id, code=entry.code, aspects=aspects))
    return tuple(gaps)
