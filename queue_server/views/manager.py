"""The manager's view: today's figures against the target table. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from queue_server.contract.views import ManagerView, TargetRow
from queue_server.contract.words import Words
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import TicketState
from queue_server.views import figures
from queue_server.views.pages import device_problems, help_rows
from queue_server.views.rows import Names, as_written, is_open

NO_NOTE: Words = {"vi": "", "en": ""}
CONFLICT: Words = {
    "vi": "Văn bản gốc ghi hai mức cho năm này; nơi đây chọn một, mức kia vẫn được giữ để đối chiếu.",
    "en": "The source gives two values for this year; one is chosen here, the other is kept for comparison.",
}
LITERAL: Words = {
    "vi": "Nguyên văn ghi “tối thiểu”; ở đây hiểu là không quá, có thể đổi trong tệp cấu hình.",
    "en": "The text literally says “at least”; it is read as “at most” here, the site file can change that.",
}


class TargetLike(Protocol):
    """A row of the site's target table."""

    @property
    def id(self) -> str: ...
    @property
    def year(self) -> int: ...
    @property
    def measure(self) -> str: ...
    @property
    def minutes(self) -> float: ...
    @property
    def direction(self) -> str: ...
    @property
    def chosen(self) -> bool: ...
    @property
    def source(self) -> str: ...
    @property
    def quote(self) -> str | None: ...


UNITS: dict[str, Words] = {
    "visit_wait": {"vi": "phút chờ trung bình mỗi lần đến", "en": "minutes of waiting per visit, mean"},
    "transaction_wait": {"vi": "phút chờ trung bình mỗi lượt giao dịch", "en": "minutes of waiting per transaction"},
    "counter_time": {"vi": "phút tại quầy mỗi hồ sơ, trung bình", "en": "minutes at the counter per file, mean"},
}  # fmt: skip


def measures(state: OfficeDay) -> dict[str, float | None]:
    """Today's value of each measure, minutes."""
    tickets = state.tickets.values()
    waits, times = figures.mean(figures.ticket_waits(tickets)), figures.mean(figures.handled(tickets))
    return {
        "visit_wait": figures.mean_visit_wait(state),
        "transaction_wait": None if waits is None else waits / 60,
        "counter_time": None if times is None else times / 60,
    }


def target_rows(targets: Sequence[TargetLike], values: dict[str, float | None]) -> tuple[TargetRow, ...]:
    """Every row of the table with today's verdict; rows of one year and measure that disagree are marked."""
    rows = []
    for target in targets:
        rivals = [t for t in targets if t.year == target.year and _family(t) == _family(target) and t.id != target.id]
        value = values[str(target.measure)]
        met = (
            None
            if value is None
            else (value <= target.minutes if target.direction == "max" else value >= target.minutes)
        )
        literal = "tối thiểu" in (target.quote or "") and target.direction == "max"
        rows.append(
            TargetRow(
                id=target.id,
                year=target.year,
                minutes=target.minutes,
                unit=UNITS[str(target.measure)],
                source=target.source,
                quote=target.quote or "",
                kind=_family(target),
                direction=target.direction,
                chosen=target.chosen,
                value=value,
                met=met,
                note=LITERAL if literal else (CONFLICT if rivals else NO_NOTE),
            )
        )
    return tuple(rows)


def _family(target: TargetLike) -> str:
    return "handling" if str(target.measure) == "counter_time" else "wait"


def manager(
    state: OfficeDay,
    now: datetime,
    targets: Sequence[TargetLike],
    periods: dict[str, dict[str, float]],
    names: Names = as_written,
) -> ManagerView:
    """`periods`: counter → status → seconds so far today."""
    tickets = list(state.tickets.values())
    values = measures(state)
    scores = [t.score for t in tickets if t.score is not None]
    config = state.setup
    return ManagerView(
        as_of=now,
        day=state.day,
        unit_name=config.name,
        open=is_open(state),
        issued=len(tickets),
        served=figures.count(tickets, TicketState.SERVED),
        waiting=figures.count(tickets, TicketState.WAITING),
        at_counters=figures.at_counters(state),
        missed=figures.count(tickets, TicketState.MISSED),
        cancelled=figures.count(tickets, TicketState.CANCELLED),
        mean_wait=values["visit_wait"],
        mean_wait_transaction=values["transaction_wait"],
        over_target=figures.over(figures.visit_waits(state), config.target),
        longest_now=figures.longest(tickets, now),
        mean_handled=values["counter_time"],
        target=config.target / 60,
        targets=target_rows(targets, values),
        services=figures.service_figures(state, now),
        counters=figures.counter_figures(state, periods, names),
        hours=figures.hour_figures(state),
        helps=help_rows(state),
        problems=device_problems(state),
        rating=sum(scores) / len(scores) if scores else None,
        ratings=len(scores),
    )
