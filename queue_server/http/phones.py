"""Numbers taken by phone: how many one device and one address may hold, and the number a device has already.

People in the hall share the address of its wireless network, so an address may hold many numbers and a device few.
Devices are known by a cookie without meaning; both are forgotten when the office day ends.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from queue_server.contract.problems import Problem, Refused
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import AT_COUNTER, TicketState
from queue_server.views.pages import shown_ticket

DEVICE_COOKIE = "motcua_device"
DEVICE = "device-"  # no address begins so
NUMBERS_PER_DEVICE = 3
RECENT = timedelta(minutes=10)  # a number given back counts for so long
HERE = AT_COUNTER | {TicketState.WAITING, TicketState.HELD}
GONE = frozenset({TicketState.CANCELLED, TicketState.EXPIRED})
V6_SITE = 64  # bits of an IPv6 address that one customer has to himself


def neighbourhood(host: str) -> str:
    """The address that a limit counts: one of IPv4, a network of IPv6, in which a device chooses freely."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> (128 - V6_SITE) << (128 - V6_SITE))}/{V6_SITE}"


@dataclass(slots=True)
class Taking:
    """A number being taken; `visit` is set once there is one."""

    visit: str | None = None


@dataclass(slots=True)
class PhoneNumbers:
    """Who holds which visit, of the running day; `per_address` is the site's."""

    per_address: int
    _day: str = ""
    _visits: dict[str, list[str]] = field(default_factory=dict)  # address or device → visits, in order
    _begun: Counter[str] = field(default_factory=Counter)  # numbers being taken at this moment

    def device(self, sent: str | None) -> str:
        """The device that sent this cookie; a new one when the cookie is none of ours."""
        if sent is not None and sent.startswith(DEVICE) and sent in self._visits:
            return sent
        return DEVICE + secrets.token_urlsafe(16)

    def waiting_visit(self, state: OfficeDay, device: str, services: Iterable[str]) -> str | None:
        """The visit in which this device waits for exactly these services already."""
        wanted = set(services)
        for visit in self._of(state, device):
            tickets = [state.tickets[ticket] for ticket in state.visits[visit].tickets]
            still = {t.service for t in tickets if t.state is TicketState.WAITING}
            if still == wanted:
                return visit
        return None

    @contextmanager
    def taking(self, state: OfficeDay, address: str, device: str, now: datetime) -> Iterator[Taking]:
        """Room for one more number of both; refused with `too-many-requests` when either holds its share."""
        for who, limit in ((device, NUMBERS_PER_DEVICE), (address, self.per_address)):
            if self._burden(state, who, now) >= limit:
                what = "device" if who == device else "address"
                raise Refused(Problem.TOO_MANY_REQUESTS, f"at most {limit} numbers by phone from one {what}")
        taking = Taking()
        self._begun.update((device, address))
        try:
            yield taking
        finally:
            self._begun -= Counter((device, address))
            if taking.visit is not None:
                for who in (device, address):
                    self._visits.setdefault(who, []).append(taking.visit)

    def _burden(self, state: OfficeDay, who: str, now: datetime) -> int:
        """Numbers that are still to be served, those lately given back, and missed ones beyond those served.

        Who takes numbers and never comes soon gets no more; where people do come, nobody pays for the absent.
        """
        here = missed = served = 0
        for visit in self._of(state, who):
            ticket = shown_ticket(state, visit)
            here += ticket.state in HERE or (ticket.state in GONE and now - ticket.taken_at < RECENT)
            missed += ticket.state is TicketState.MISSED
            served += ticket.state is TicketState.SERVED
        return here + max(0, missed - served) + self._begun[who]

    def _of(self, state: OfficeDay, who: str) -> list[str]:
        if self._day != state.day:
            self._day, self._visits = state.day, {}
        return self._visits.get(who, [])
