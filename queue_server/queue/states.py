"""The states of a ticket and of a counter, and the moves that are allowed. Pure.

`MOVES` is the one table: the rules ask it, the documentation prints it, the property tests walk it.
"""

from enum import StrEnum

from queue_server.contract.problems import Problem, Refused


class TicketState(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    MISSED = "missed"
    SERVED = "served"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class CounterStatus(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    PAUSED = "paused"


W, C, S, H = TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.HELD
ENDED = frozenset({TicketState.SERVED, TicketState.CANCELLED, TicketState.EXPIRED})
AT_COUNTER = frozenset({C, S})

MOVES: dict[str, dict[TicketState, TicketState]] = {
    "call": {W: C},
    "recall": {C: C},
    "start": {C: S},
    "finish": {C: TicketState.SERVED, S: TicketState.SERVED},
    "serve-by-mouth": {
        W: TicketState.SERVED,
        C: TicketState.SERVED,
        S: TicketState.SERVED,
        H: TicketState.SERVED,
        TicketState.MISSED: TicketState.SERVED,
    },
    "no-show": {C: TicketState.MISSED},
    "reinstate": {TicketState.MISSED: W},
    "hold": {C: H, S: H},
    "resume": {H: S},
    "transfer": {C: W, S: W},
    "put-back": {C: W, S: W},
    "postpone": {W: W},
    "change-priority": {W: W},
    "cancel": {W: TicketState.CANCELLED, H: TicketState.CANCELLED, TicketState.MISSED: TicketState.CANCELLED},
    "close-day": {
        W: TicketState.EXPIRED,
        C: TicketState.EXPIRED,
        H: TicketState.EXPIRED,
        S: TicketState.SERVED,
    },
}


def require_move(move: str, state: TicketState) -> TicketState:
    """The state that `move` leads to from `state`; refused with `ticket-state` when the table has no such move."""
    try:
        return MOVES[move][state]
    except KeyError:
        raise Refused(Problem.TICKET_STATE, f"{move} is not possible while {state}") from None
