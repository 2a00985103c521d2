"""Passwords of the private broker's users: random, one each, kept in a file that only its owner reads."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

ITERATIONS = 101  # Mosquitto's own; the passwords are random, so guessing them is hopeless at any count
SALT_BYTES = 12


def keep_passwords(path: Path, users: Iterable[str]) -> dict[str, str]:
    """Every user's password. Known users keep theirs, new ones get one; those of former users are dropped.

    Raises `OSError` when the file cannot be read or written, `ValueError` when it holds something else.
    """
    known = _read(path)
    current = {user: known.get(user) or secrets.token_urlsafe(24) for user in users}
    if current != known:
        write_private(path, json.dumps(current, indent=1, sort_keys=True) + "\n")
    return current


def password_lines(passwords: Mapping[str, str]) -> str:
    """Mosquitto's password file: PBKDF2-HMAC-SHA512 hashes in its `$7$` form."""
    return "".join(f"{user}:{_hashed(password)}\n" for user, password in sorted(passwords.items()))


def write_private(path: Path, text: str) -> None:
    """Replace a file at once by one that only its owner reads."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError(f"{path.name} does not hold user names and passwords")
    return found


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
