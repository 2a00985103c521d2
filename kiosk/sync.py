"""Keeps the kiosk's picture of the office fresh, its lease full and its spool empty, in the background."""

import asyncio
import logging
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any, Final

from kiosk.cache import Cache
from kiosk.catalogue import CatalogueError, only_offered, read_catalogue, read_office, read_services, server_time
from kiosk.courier import Courier
from kiosk.lease import Leased
from kiosk.office_time import OfficeTime
from kiosk.search import Index, build_index, read_everyday
from kiosk.server import RefusedError, Server, ServerError
from kiosk.settings import Settings, read_settings
from kiosk.spool import Spool
from kiosk.trouble import SHUT_OUT, Cause, trouble_of
from kiosk.world import Field, Procedure, World

EVERY: Final = 5.0
CATALOGUE_EVERY: Final = 60  # rounds
LEASE_EVERY: Final = 12  # rounds
TIME_EVERY: Final = 12  # rounds

_log = logging.getLogger(__name__)

_CURES: Final = {
    Cause.CERTIFICATE: "its certificate is not trusted here; put the authority into /usr/local/share/ca-certificates "
    "and run update-ca-certificates, or ask for the name in the certificate",
    Cause.NAME: "its name is not found; check MOTCUA_URL and the DNS of this machine",
    Cause.REFUSED: "nobody listens there; check MOTCUA_URL, and that server and nginx run",
    Cause.UNREACHABLE: "no answer; check MOTCUA_URL, cable and network",
    Cause.TOKEN: "it does not know MOTCUA_TOKEN; make one on the server: motcua token kiosk --kiosk ID",
    Cause.OTHER_KIOSK: "MOTCUA_TOKEN is not this kiosk's; make its own on the server: motcua token kiosk --kiosk ID",
    Cause.UNKNOWN_KIOSK: "the site names no such kiosk; check --kiosk and `kiosks:` of the site file",
    Cause.SERVER: "it does not answer as a queue server",
}


class Sync:
    """The background loop. `tell` receives every new picture of the office."""

    def __init__(
        self,
        *,
        server: Server,
        spool: Spool,
        cache: Cache,
        time: OfficeTime,
        tell: Callable[[World], None],
        every: float = EVERY,
    ) -> None:
        self._server = server
        self._spool = spool
        self._cache = cache
        self.time = time
        self._tell = tell
        self._every = every
        self._courier = Courier(server=server, spool=spool, clock=time.now, day=time.day)
        self._wake = asyncio.Event()
        self._kept: dict[str, Any] = {}
        self._rounds = 0
        self._read: Any = None  # the catalogue that the next two and `index` were made from
        self._fields: tuple[Field, ...] = ()
        self._procedures: dict[str, Procedure] = {}
        self._leased_rounds_ago = LEASE_EVERY
        self.world = World(server_up=False)
        self.index: Index = build_index({}, read_everyday(None))
        self.failures = 0

    @property
    def site(self) -> str:
        """The site's name in MQTT topics; empty until the server told it once."""
        office = self._kept.get("office")
        return str(office.get("site") or "") if isinstance(office, dict) else ""

    @property
    def settings(self) -> Settings:
        """What the office has settled for this kiosk, as heard last."""
        return read_settings(self._kept.get("office"))

    def nudge(self) -> None:
        """There is something to tell the server, or its state is in doubt: do not wait for the next round."""
        self._leased_rounds_ago = LEASE_EVERY
        self._wake.set()

    def load(self) -> World:
        """The picture kept on disk; the server counts as away until it answers."""
        self._kept = self._cache.load()
        try:
            self.time.recall(self._spool.kept_time())
        except (sqlite3.Error, ValueError):
            _log.exception("the spool cannot be read")
        try:
            self._take_over()
        except CatalogueError:
            self._kept = {}
            self.world = World(server_up=False)
        return self.world

    def news(self, world: World) -> None:
        """A fresher picture came by another way."""
        self._show(world)

    async def run(self) -> None:
        """Round after round until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.round()
            except Exception:  # noqa: BLE001  # the loop must outlive any one bad answer
                self.failures += 1
                _log.exception("a round failed")
            try:
                await asyncio.wait_for(self._wake.wait(), self._every)
            except TimeoutError:
                continue

    async def round(self) -> None:
        """Hear the server once; carry the spool and fill the lease when it answers."""
        try:
            changed = await self._hear()
        except (ServerError, CatalogueError) as failure:
            await self._away(failure)
            return
        if self.world.trouble is not None:
            _log.warning("the server answers again")
            self.world = replace(self.world, trouble=None)
        if changed:
            await self._keep()
        self._show(self.world)
        await self._errands()

    async def _away(self, failure: ServerError | CatalogueError) -> None:
        """Says why, once for each cause; a server that only refuses for a moment is still there."""
        trouble = trouble_of(failure)
        before = self.world.trouble
        if before is None or before.cause is not trouble.cause:
            _log.warning("no service from %s: %s (%s)", self._server.url, _CURES[trouble.cause], trouble.detail)
        passing = isinstance(failure, RefusedError) and trouble.cause not in SHUT_OUT
        held = await asyncio.to_thread(self._holds_numbers)
        up = passing and self.world.server_up
        self._show(replace(self.world, server_up=up, numbers_held=held, trouble=trouble))

    def _holds_numbers(self) -> bool:
        try:
            day = self.time.day() or self._spool.lease_day()
            return day is not None and bool(self._spool.free(day))
        except sqlite3.Error:
            return False  # what cannot be read cannot be issued

    async def _hear(self) -> bool:
        office = await self._hear_time()
        services = await self._server.services()
        fresh = {**self._kept, "office": office, "services": services}
        if self._rounds % CATALOGUE_EVERY == 0 or "catalogue" not in self._kept:
            heard = await self._server.catalogue(str(self._kept.get("etag", "")) if "catalogue" in self._kept else "")
            if heard is not None:
                fresh["etag"], fresh["catalogue"] = heard
        self._rounds += 1
        changed = any(_lasting(fresh, key) != _lasting(self._kept, key) for key in ("office", "catalogue"))
        before, self._kept = self._kept, fresh
        try:
            self._take_over()
        except CatalogueError:
            self._kept = before
            raise
        self.world = replace(self.world, server_up=True)
        return changed or not before

    async def _hear_time(self) -> Any:
        """The office as the server tells it; its time goes on here, and is kept from time to time."""
        began = monotonic()
        office = await self._server.office()
        at = server_time(office)
        if at is not None:
            heard = self.time.hear(at, took=monotonic() - began)
            if self._rounds % TIME_EVERY == 0:
                try:
                    await asyncio.to_thread(self._spool.keep_time, heard)
                except sqlite3.Error:
                    _log.exception("the spool cannot be written")
        return office

    def _take_over(self) -> None:
        world = self.world
        if "catalogue" in self._kept and self._kept["catalogue"] is not self._read:
            self._fields, self._procedures = read_catalogue(self._kept["catalogue"])
            self.index = build_index(self._procedures, read_everyday(self._kept["catalogue"]))
            self._read = self._kept["catalogue"]
        world = replace(world, fields=self._fields, procedures=self._procedures)
        if "services" in self._kept:
            world = replace(world, services=read_services(self._kept["services"]))
        if "office" in self._kept:
            world = replace(world, office=read_office(self._kept["office"]))
            self.time.zone = world.office.timezone
            world = only_offered(world, self._kept["office"].get("services") or ())
        self.world = world

    async def _keep(self) -> None:
        try:
            await asyncio.to_thread(self._cache.save, self._kept)
        except OSError:
            _log.exception("the cache cannot be written")

    def _show(self, world: World) -> None:
        self.world = world
        self._tell(world)

    async def _errands(self) -> None:
        try:
            await self._courier.deliver()
            self._leased_rounds_ago += 1
            if self._leased_rounds_ago > LEASE_EVERY:
                await self._fill_lease()
                self._leased_rounds_ago = 0
        except ServerError as failure:
            _log.warning("lease not filled: %s", failure)
        except sqlite3.Error:
            _log.exception("the spool cannot be used")

    async def _fill_lease(self) -> None:
        """Numbers issued here but not handed in yet may come back in the answer: the spool knows that they are gone."""
        answer = await self._server.lease(key=f"lease-{uuid.uuid4().hex}")
        numbers = [
            Leased(day=answer.day, number=each.number, prefix=each.prefix, token=each.token, url=each.url)
            for each in answer.numbers
        ]
        await asyncio.to_thread(self._spool.keep_lease, numbers, day=answer.day)
        await asyncio.to_thread(self._spool.forget_before, self.time.day() or answer.day)


def _lasting(kept: Mapping[str, Any], key: str) -> Any:
    """What is worth a write to disk: all but the time, which is another one in every answer."""
    found = kept.get(key)
    return (
        {name: value for name, value in found.items() if name != "server_time"} if key == "office" and found else found
    )
