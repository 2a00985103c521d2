"""Compares a new catalogue with the one in use before it is put into the site file."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from queue_server.catalogue.diff import CatalogueDiff, SilentLossError, checked_import, publication_gaps
from queue_server.catalogue.loader import CatalogueError, load_catalogue
from queue_server.catalogue.model import Catalogue

REFUSED, WRONG_FILE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what the new list changes. 0: it may be used, 1: it would lose procedures, 2: a file is wrong."""
    asked = _parser().parse_args(arguments)
    try:
        old, new = load_catalogue(asked.old), load_catalogue(asked.new)
        found = checked_import(old, new, asked.confirm)
    except CatalogueError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_FILE
    except SilentLossError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    lines = [*_report(found), *(_gaps(new) if asked.gaps else ())]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m queue_server.catalogue", description=__doc__)
    parser.add_argument("new", type=Path, help="the new catalogue file")
    parser.add_argument("--old", type=Path, help="the one in use; the starter catalogue when left out")
    parser.add_argument("--confirm", action="append", default=[], metavar="CODE", help="a code that may be dropped")
    parser.add_argument("--gaps", action="store_true", help="list what is not known well enough to publish")
    return parser


def _report(found: CatalogueDiff) -> Iterator[str]:
    yield from (f"+ {entry.code} {entry.name['vi']}" for entry in found.added)
    yield from (f"- {entry.code} {entry.name['vi']}" for entry in found.removed)
    yield from (f"~ {c.code} {c.aspect}: {c.before or '(none)'} → {c.after or '(none)'}" for c in found.changed)
    changed = len({change.code for change in found.changed})
    yield f"{len(found.added)} added, {len(found.removed)} removed, {changed} changed"


def _gaps(catalogue: Catalogue) -> Iterator[str]:
    gaps = publication_gaps(catalogue)
    yield f"{len(gaps)} of {len(catalogue.procedures)} procedures are not known well enough to publish:"
    yield from (
        f"  {gap.code} {catalogue.procedures[gap.procedure].name['vi']}: {', '.join(gap.aspects)}" for gap in gaps
    )


if __name__ == "__main__":
    sys.exit(main())
