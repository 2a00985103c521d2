"""Files of a data folder that belong into no backup, each with the reason. Everything else does. Pure."""

from fnmatch import fnmatch
from pathlib import PurePath

# A pattern of the path inside the data folder → why an office that is restored does without it.
MADE_ANEW = {
    "lock": "held by the program that runs",
    ".*": "a probe, or the half-written file of a program that was ended",
    ".*/*": "a backup or restore in the making",
    "*.new": "the half-written next version of a file",
    "*-wal": "part of an SQLite file, whose copy is whole without it",
    "*-shm": "part of an SQLite file, whose copy is whole without it",
    "*-journal": "part of an SQLite file, whose copy is whole without it",
    "broker/acl": "written at each start from the site file",
    "broker/mosquitto.*": "settings, log and cache of the private broker, which is sent everything again",
    "broker/passwords": "the hashes of passwords.json, written at each start",
    "broker/pid": "of the broker that runs",
    "sessions.sqlite3": "people sign in again, and nobody who signed out is back",
    "voice/made/*": "clips that the machine speaks itself",
    "compiled/*": "compiled loops of this processor",
    "printed/*": "slips of the virtual printers",
    "*/spool-*.db": "numbers in a kiosk's hand: an older copy would give them out twice",
    "*/cache-*.json": "a kiosk's copy of what the server has",
}


def is_made_anew(name: PurePath) -> bool:
    """Whether a file, by its path inside the data folder, is left out of a backup."""
    path = name.as_posix()
    return any(fnmatch(path, pattern) for pattern in MADE_ANEW)
