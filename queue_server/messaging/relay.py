"""What the broker holds of the office: sends states that changed, and everything again when the broker is empty."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from queue_server.contract.views import BoardView, CallRow, CounterRow, ServiceRow
from queue_server.messaging.outbound import (
    Outgoing,
    Stamp,
    alert_event,
    board_calls,
    call_event,
    counter_state,
    office_state,
    service_state,
)

WHOLE = "all"
REMEMBERED = 1_000

Publish = Callable[[str, bytes, bool], bool]


class Rows(Protocol):
    """The part of `queue_server.contract.ports.Source` that devices hear of."""

    def zones(self) -> dict[str, dict[str, str]]: ...

    def services(self) -> tuple[ServiceRow, ...]: ...

    def counters(self) -> tuple[CounterRow, ...]: ...

    def board(self, zone: str) -> BoardView: ...


class Relay:
    """Keeps the last state of each retained topic.

    `publish(topic, payload, retained)` says whether the message was taken: a state that was not goes out with the
    next `state()` or `republish()`, an event that was not is over. Runs on the event loop and does no I/O itself.
    """

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._kept: dict[str, Outgoing] = {}
        self._unsent: set[str] = set()
        self._told: OrderedDict[str, None] | None = None

    def state(self, rows: Rows, stamp: Stamp) -> int:
        """Send what changed since the last time; the number of messages sent."""
        return self._update(states(rows, stamp))

    def republish(self) -> int:
        """Send everything again: the broker has come back and may hold nothing. Call it on every connection."""
        self._unsent.update(self._kept)
        return self._send_unsent()

    def calls(self, rows: Iterable[CallRow], stamp: Stamp) -> int:
        """Send each call or recall that was not sent yet, oldest first. Give it the newest calls of the office.

        The first time only takes note of them: what was called before a start is not called again by it.
        """
        current = sorted(rows, key=lambda row: row.called_at)
        if self._told is None:
            self._told = OrderedDict.fromkeys(row.id for row in current)
        fresh = [row for row in current if row.id not in self._told]
        self._told.update(dict.fromkeys(row.id for row in fresh))
        # A call that was taken back may let an older one onto the list again: that is no new call.
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return sum(self._send(call_event(row, stamp)) for row in fresh)

    def alert(self, kind: str, data: Mapping[str, Any], stamp: Stamp) -> bool:
        """Send an alert; see `outbound.alert_event`."""
        return self._send(alert_event(kind, data, stamp))

    def _update(self, messages: Iterable[Outgoing]) -> int:
        fresh = {message.topic: message for message in messages}
        gone = self._kept.keys() - fresh.keys()
        for topic, message in fresh.items():
            kept = self._kept.get(topic)
            if kept is None or kept.meaning != message.meaning:
                self._kept[topic] = message
                self._unsent.add(topic)
        # An empty retained payload takes the topic away; without it a service that is no more waits for ever.
        for topic in gone:
            self._kept[topic] = Outgoing(topic=topic, payload=b"", retained=True, meaning={})
            self._unsent.add(topic)
        sent = self._send_unsent()
        self._kept = {topic: kept for topic, kept in self._kept.items() if kept.payload or topic in self._unsent}
        return sent

    def _send_unsent(self) -> int:
        done = {topic for topic in sorted(self._unsent) if self._send(self._kept[topic])}
        self._unsent -= done
        return len(done)

    def _send(self, message: Outgoing) -> bool:
        return self._publish(message.topic, message.payload, message.retained)


def states(rows: Rows, stamp: Stamp) -> list[Outgoing]:
    """Every retained state of the office now."""
    whole = rows.board(WHOLE)
    last_calls: dict[str, CallRow] = {}
    for call in whole.calls:
        last_calls.setdefault(call.counter, call)
    boards = [whole, *(rows.board(zone) for zone in rows.zones() if zone != WHOLE)]
    return [
        office_state(whole, stamp),
        *(service_state(row, stamp) for row in rows.services()),
        *(counter_state(row, last_calls.get(row.id), stamp) for row in rows.counters()),
        *(board_calls(board, stamp) for board in boards),
    ]
