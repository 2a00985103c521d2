"""What the kiosk says and hears over MQTT, as payloads. Pure: `device_link` carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kiosk.catalogue import service_news
from kiosk.state import RESTING, State
from kiosk.world import World
from queue_server.contract import topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where a state payload stands: by the server's epoch and sequence, never by clock or arrival."""

    epoch: int = -1
    seq: int = -1


def own_state(state: State, *, kiosk: str, at: datetime, printer: str | None) -> dict[str, Any]:
    """The retained word of this kiosk: there, resting or in use, its printer. Nothing about a person."""
    return {
        "v": 1,
        "at": at.isoformat(),
        "kiosk": kiosk,
        "online": True,
        "doing": "resting" if state.screen in RESTING else "in-use",
        "server": "up" if state.world.server_up else "away",
        "printer": printer or "ok",
    }


def last_will(*, kiosk: str) -> dict[str, Any]:
    """What the broker says for a kiosk that is gone. Without a time: nobody can know it beforehand."""
    return {"v": 1, "kiosk": kiosk, "online": False}


def hear(
    world: World, order: Mapping[str, Order], *, site: str, topic: str, payload: bytes
) -> tuple[World, dict[str, Order]]:
    """The world after a service's state came in; unchanged when it is older than what is known, or garbled."""
    known = dict(order)
    found = topics.ids(site, "service_state", topic)
    service = world.services.get(found["service"]) if found else None
    if service is None:
        return world, known
    try:
        data = json.loads(payload)
        place = Order(epoch=int(data["epoch"]), seq=int(data["seq"]))
        fresh = service_news(service, data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return world, known
    before = known.get(service.id, Order())
    if (place.epoch, place.seq) <= (before.epoch, before.seq):
        return world, known
    known[service.id] = place
    return replace(world, services={**world.services, service.id: fresh}), known
