"""The keys of a data folder: one for staff, one for devices, one for tickets, each changed without the others.

`secret` is the key of folders of before, which knew one for everything: it seals tickets, and still reads the codes
that it once made. `keys.json` holds the others. Both are for their owner only.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

SECRET = "secret"  # noqa: S105  name of the file, not its content
KEYS = "keys.json"
FORMER = "former"  # in keys.json: purposes whose codes made with `secret` are still taken
LOOK = 1.0  # seconds between two looks at the file


class Purpose(StrEnum):
    """What a key is for."""

    STAFF = "staff"
    DEVICES = "devices"
    TICKETS = "tickets"


SIGNING = (Purpose.STAFF, Purpose.DEVICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The keys in force. `former` reads codes of before, for the purposes that have not been changed since."""

    staff: bytes
    devices: bytes
    tickets: bytes
    former: bytes = b""
    former_for: frozenset[Purpose] = frozenset()

    @classmethod
    def single(cls, key: bytes) -> "Secret":
        """Everything from one key, as in a folder of before."""
        return cls(staff=key, devices=key, tickets=key, former=key, former_for=frozenset(SIGNING))


def has_secret(data: Path) -> bool:
    """Whether keys were ever made in this folder."""
    return (data / SECRET).is_file()


def load_secret(data: Path) -> Secret:
    """The keys of this data folder; what is missing is made, readable by the folder's owner only."""
    make_folder(data)
    if not (data / KEYS).exists():
        made: dict[str, Any] = {purpose: secrets.token_hex(32) for purpose in SIGNING}
        made[FORMER] = list(SIGNING) if has_secret(data) else []
        write_first(data / KEYS, json.dumps(made))
    if not has_secret(data):
        write_first(data / SECRET, secrets.token_hex(32))
    kept = json.loads((data / KEYS).read_text())
    first = (data / SECRET).read_text().strip()
    return Secret(
        staff=kept[Purpose.STAFF].encode(),
        devices=kept[Purpose.DEVICES].encode(),
        tickets=kept.get(Purpose.TICKETS, first).encode(),
        former=first.encode(),
        former_for=frozenset(Purpose(name) for name in kept[FORMER]),
    )


def change_key(data: Path, purpose: Purpose) -> None:
    """Makes a new key for one purpose: all codes made with the one before open nothing any more."""
    load_secret(data)
    kept = json.loads((data / KEYS).read_text())
    kept[purpose] = secrets.token_hex(32)
    kept[FORMER] = [name for name in kept[FORMER] if name != purpose]
    part = written(data / f".{KEYS}.{os.getpid()}", json.dumps(kept))
    part.replace(data / KEYS)


async def watch_keys(data: Path, changed: Callable[[Secret], None]) -> None:
    """Tells of changed keys within a second, so that what was withdrawn opens nothing although the server runs on."""
    seen = (data / KEYS).stat().st_mtime_ns
    while True:
        await asyncio.sleep(LOOK)
        try:
            now = (data / KEYS).stat().st_mtime_ns
        except FileNotFoundError:
            continue
        if now != seen:
            seen = now
            changed(load_secret(data))


def make_folder(data: Path) -> None:
    """The data folder; one that an administrator makes belongs to whom the folder around it belongs to."""
    if not data.exists():
        data.mkdir(mode=0o700, parents=True)
        give_to_owner(data)


def write_first(path: Path, text: str) -> None:
    """Writes a file that is not there; whoever is first wins, so that two programs starting at once agree."""
    part = written(path.with_name(f".{path.name}.{os.getpid()}"), text)
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def written(part: Path, text: str) -> Path:
    """A file on disk for the folder's owner only."""
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    give_to_owner(part)
    return part


def give_to_owner(path: Path) -> None:
    """What an administrator makes in a folder belongs to the folder's owner: the service must be able to read it."""
    if os.geteuid() == 0:
        folder = path.absolute().parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)
