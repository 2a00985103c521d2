"""Tokens: who may do what, and the unguessable address of a ticket."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from queue_server.contract.ports import Identity

SECRET = "secret"  # noqa: S105  name of the file, not its content
ROLES = ("officer", "kiosk", "manager", "admin", "auditor", "board")
KNOWN = 1000  # tokens whose signature was checked already
TICKET_TOKEN = 22  # base64 characters: 132 bits


def load_secret(data: Path) -> bytes:
    """The key of this data folder; made at first use, readable by its owner only."""
    path = data / SECRET
    data.mkdir(parents=True, exist_ok=True)
    part = data / f".{SECRET}.{os.getpid()}"
    if not path.exists():
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # whoever is first wins, so that two programs starting at once agree
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text().strip().encode()


class Tokens:
    """Makes and reads bearer tokens and ticket tokens. Changing the secret file revokes them all."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._known: dict[str, Identity] = {}  # good tokens only: what a stranger sends is never kept
        self._serializer = URLSafeSerializer(secret, salt="motcua.role.v1")

    def make(self, identity: Identity) -> str:
        """A bearer token; raises `ValueError` for an unknown role."""
        if identity.role not in ROLES:
            raise ValueError(f"role is one of {', '.join(ROLES)}")
        parts = {"r": identity.role, "c": identity.counter, "k": identity.kiosk, "s": identity.subject or None}
        return str(self._serializer.dumps({name: value for name, value in parts.items() if value}))

    def identify(self, token: str) -> Identity | None:
        """Who a token speaks for; None when it is not ours."""
        known = self._known.get(token)
        if known is None:
            known = self._read(token)
            if known is not None:
                if len(self._known) >= KNOWN:
                    self._known.clear()
                self._known[token] = known
        return known

    def _read(self, token: str) -> Identity | None:
        try:
            parts = self._serializer.loads(token)
        except (BadSignature, ValueError, UnicodeError):
            return None
        if not isinstance(parts, dict) or parts.get("r") not in ROLES:
            return None
        return Identity(
            role=parts["r"], counter=parts.get("c"), kiosk=parts.get("k"), subject=parts.get("s") or parts["r"]
        )

    def ticket(self, visit: str) -> str:
        """The unguessable token of a visit's page."""
        digest = hmac.digest(self._secret, f"visit:{visit}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest)[:TICKET_TOKEN].decode()
