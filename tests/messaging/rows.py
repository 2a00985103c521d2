"""A small office as view rows, changed with `replace`, on a Monday at eight."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from queue_server.contract.views import BoardView, CallRow, CounterRow, ServiceRow, Wait
from queue_server.messaging.outbound import Stamp

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # eight o'clock in Đà Nẵng
SITE = "lien-chieu"

CALL = CallRow(
    id="20261123-A012/1", number="A012", counter="1", counter_label="1", zone="main", called_at=MONDAY, time=1,
    serving=False, priority=True, language="vi",
)  # fmt: skip
LAND = ServiceRow(
    id="land", name={"vi": "Đất đai", "en": "Land"}, prefix="A", zone="main", waiting=3,
    wait=Wait(low=5, likely=9, high=15), counters=("1",), state="open",
)  # fmt: skip
COUNTER = CounterRow(
    id="1", label="1", zone="main", name={"vi": "Quầy 1"}, status="open", officer="Trần Thị Bình", services=("land",),
    number="A012", doing="called", since=MONDAY, served=4, pause_reason="khám bệnh",
)  # fmt: skip
CLOSED = replace(COUNTER, id="2", label="2", status="closed", officer=None, number=None, doing="idle", since=None)
BOARD = BoardView(
    zone="main", zone_name={"vi": "Sảnh chính"}, unit_name={"vi": "UBND phường Liên Chiểu"}, as_of=MONDAY, open=True,
    calls=(CALL,), services=(LAND,), counters=(COUNTER, CLOSED), missed=(), mean_wait=6.44, target=15.0, speaks=True,
)  # fmt: skip


def stamp(seq: int = 1, *, epoch: int = 1) -> Stamp:
    return Stamp(at=MONDAY + timedelta(seconds=seq), epoch=epoch, seq=seq, site=SITE)


@dataclass
class Office:
    """The rows of an office that a test may change."""

    lines: tuple[ServiceRow, ...] = (LAND,)
    desks: tuple[CounterRow, ...] = (COUNTER, CLOSED)
    calls: tuple[CallRow, ...] = (CALL,)
    mean_wait: float | None = 6.44

    def zones(self) -> dict[str, dict[str, str]]:
        return {"main": {"vi": "Sảnh chính"}}

    def services(self) -> tuple[ServiceRow, ...]:
        return self.lines

    def counters(self) -> tuple[CounterRow, ...]:
        return self.desks

    def board(self, zone: str) -> BoardView:
        return replace(
            BOARD, zone=zone, calls=self.calls, services=self.lines, counters=self.desks, mean_wait=self.mean_wait
        )


def recalled(call: CallRow, time: int) -> CallRow:
    return replace(call, id=f"{call.id[:-1]}{time}", time=time, called_at=call.called_at + timedelta(minutes=time))
