"""Rows of sending on, coming back and closing a counter. Frozen, standard library only."""

from dataclasses import dataclass

from queue_server.contract.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRow:
    """Somebody whom this counter sent on and wants back: where they are, or wait, and whether it has closed since."""

    number: str
    counter_label: str | None  # at this counter, or waiting for it
    service_name: Words  # of their matter now
    at_counter: bool
    back_service: Words | None  # where they wait again instead


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """Where a person may be sent: `kind` is service or counter, `open` how many open counters serve them there."""

    kind: str
    id: str
    label: str
    name: Words
    open: int
    waiting: int
    closed: bool = False  # a counter that nobody may be sent to


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRow:
    """What a command does to people, said beside its answer: a stable code, how many, and for which services.

    `service-unserved`: they wait for what no other open counter serves; `sent-here`: they wait for this counter only;
    `held-here`: this counter holds them; `returns-here`: they are to come back to it.
    """

    code: str
    people: int
    services: tuple[str, ...] = ()
