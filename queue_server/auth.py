"""Tokens: who may do what, and the unguessable address of a ticket."""

import base64
import hashlib
import hmac

from itsdangerous import BadSignature, URLSafeSerializer

from queue_server.contract.ports import Identity
from queue_server.keys import Purpose, Secret

PURPOSES = {
    "officer": Purpose.STAFF,
    "manager": Purpose.STAFF,
    "admin": Purpose.STAFF,
    "auditor": Purpose.STAFF,
    "follower": Purpose.STAFF,
    "kiosk": Purpose.DEVICES,
    "board": Purpose.DEVICES,
}
ROLES = tuple(PURPOSES)
KNOWN = 1000  # tokens whose signature was checked already
TICKET_TOKEN = 22  # base64 characters: 132 bits


class Tokens:
    """Makes and reads bearer tokens and ticket tokens. A changed key ends those of its purpose."""

    def __init__(self, secret: Secret) -> None:
        self.renew(secret)

    def renew(self, secret: Secret) -> None:
        """From now on these keys count."""
        self._tickets = secret.tickets
        self._known: dict[str, Identity] = {}  # good tokens only: what a stranger sends is never kept
        self._signers = {
            Purpose.STAFF: URLSafeSerializer(secret.staff, salt="motcua.staff.v1"),
            Purpose.DEVICES: URLSafeSerializer(secret.devices, salt="motcua.devices.v1"),
        }
        self._marks = {
            Purpose.STAFF: hashlib.sha256(b"mark:" + secret.staff).hexdigest()[:16],
            Purpose.DEVICES: hashlib.sha256(b"mark:" + secret.devices).hexdigest()[:16],
        }
        self._former = URLSafeSerializer(secret.former, salt="motcua.role.v1")
        self._former_for = secret.former_for

    def make(self, identity: Identity) -> str:
        """A bearer token; raises `ValueError` for an unknown role."""
        if identity.role not in PURPOSES:
            raise ValueError(f"role is one of {', '.join(ROLES)}")
        parts = {"r": identity.role, "c": identity.counter, "k": identity.kiosk, "s": identity.subject or None}
        signer = self._signers[PURPOSES[identity.role]]
        return str(signer.dumps({name: value for name, value in parts.items() if value}))

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
        for purpose, signer in self._signers.items():
            if (found := _identity(signer, token)) and PURPOSES[found.role] is purpose:
                return found
        found = _identity(self._former, token) if self._former_for else None
        return found if found and PURPOSES[found.role] in self._former_for else None

    def key_mark(self, role: str) -> str:
        """Tells whether the key of a role is still the same, and nothing of the key."""
        return self._marks[PURPOSES[role]]

    def ticket(self, visit: str, generation: str = "") -> str:
        """The unguessable token of a visit's page. The same visit of another generation is another person's."""
        about = f"visit:{visit}:{generation}" if generation else f"visit:{visit}"
        digest = hmac.digest(self._tickets, about.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest)[:TICKET_TOKEN].decode()


def _identity(signer: URLSafeSerializer, token: str) -> Identity | None:
    try:
        parts = signer.loads(token)
    except (BadSignature, ValueError, UnicodeError):
        return None
    if not isinstance(parts, dict) or parts.get("r") not in PURPOSES:
        return None
    return Identity(role=parts["r"], counter=parts.get("c"), kiosk=parts.get("k"), subject=parts.get("s") or parts["r"])
