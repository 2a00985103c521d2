"""What the office has settled for this kiosk: how its screen stands, and its printer."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.cache import Cache
from kiosk.server import Server, ServerError
from queue_server.contract.printer import printer_address

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`portrait` None and `printer` None: the office has not said."""

    portrait: bool | None = None
    printer: tuple[str, int] | None = None


def read_settings(office: object) -> Settings:
    """The settings in what the server says of a kiosk; what cannot be read counts as not said."""
    if not isinstance(office, Mapping):
        return Settings()
    stands = {"portrait": True, "landscape": False}.get(str(office.get("orientation")))
    return Settings(portrait=stands, printer=_printer(office.get("printer")))


def ask_settings(server: Server, cache: Cache) -> Settings:
    """What the server says now, or said last. For the start, before anything runs."""

    async def ask() -> Any:
        try:
            return await server.office()
        finally:
            await server.close()

    try:
        return read_settings(asyncio.run(ask()))
    except ServerError as failure:
        _log.warning("no settings from the server, taking the last ones: %s", failure)
        return read_settings(cache.load().get("office"))


def _printer(said: object) -> tuple[str, int] | None:
    if not isinstance(said, str):
        return None
    try:
        return printer_address(said)
    except ValueError as wrong:
        _log.warning("%s", wrong)
        return None
