"""`motcua take-over`: opens the office on the machine that followed it, in a new generation."""

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from queue_server import options as opt
from queue_server.follower.files import FOLLOWING
from queue_server.follower.link import serves
from queue_server.generation import raise_generation
from queue_server.journal.journal import Journal
from queue_server.kit.program import program
from queue_server.machine import claimed
from queue_server.settings import journal_path

LIMIT = 3.0  # seconds for the office that was followed to answer
TAKEN = "followed.json"  # what `following.json` becomes


def take_over(options: opt.TakeOverOptions) -> opt.TakeOverOptions:
    """Raises the generation and says how to go on; gives the options to serve with.

    Raises `ConfigError` while the office that was followed still answers.
    """
    with claimed(options.data):
        following = _following(options.data)
        if serves(following["of"], LIMIT):
            raise opt.ConfigError(
                f"the office at {following['of']} still answers. Stop it or pull its plug first: two machines for one "
                "office would both call people"
            )
        entries = _entries(options.data)
        raise_generation(options.data, "take-over")
        (options.data / FOLLOWING).replace(options.data / TAKEN)
    site = options.site or _site(options.data, following)
    sys.stdout.write(f"taken over from {following['of']}: {entries} entries; numbers go on behind all on paper\n")
    sys.stdout.flush()
    if not options.start:
        named = f" --site {shlex.quote(str(site))}" if site else ""
        sys.stdout.write(f"start it: {program()} server --data {shlex.quote(str(options.data))}{named}\n")
    return replace(options, site=site)


def _following(data: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads((data / FOLLOWING).read_text())
        return {"of": str(known["of"]), "site": known.get("site")}
    except FileNotFoundError as error:
        after = f" It took over already; open it with {program()} server" if (data / TAKEN).exists() else ""
        raise opt.ConfigError(f"{data} follows no office ({program()} follow).{after}") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise opt.ConfigError(f"{data / FOLLOWING} cannot be read: {error!r}") from error


def _site(data: Path, following: dict[str, Any]) -> Path | None:
    return data / following["site"] if following["site"] else None


def _entries(data: Path) -> int:
    with Journal(journal_path(data)).reading() as journal:
        return journal.last_seq
