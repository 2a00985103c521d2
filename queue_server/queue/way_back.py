"""The way back of somebody who was sent on and is to return: a stack, so that nested sendings all come home. Pure.

The last stop is the next one. A stop is reached when the person stands at its counter, or waits for its service
where its counter has closed meanwhile; whoever closes a counter takes nobody's way back away.
"""

from dataclasses import dataclass

from queue_server.queue.events import TicketTransferred


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Who sent the person on, and in which service they were."""

    counter: str
    service: str


WayBack = tuple[Stop, ...]


def from_counter(way: WayBack, counter: str) -> WayBack:
    """What is left of a way for somebody who is at `counter`: stops at this very counter are reached."""
    while way and way[-1].counter == counter:
        way = way[:-1]
    return way


def after(way: WayBack, service: str, event: TicketTransferred) -> WayBack:
    """The way back after a transfer of somebody who was in `service`."""
    if event.returned:
        way = from_counter(way, event.counter)[:-1]
    elif way and _leads_to(way[-1], event):
        way = way[:-1]
    if event.return_to is not None:
        way = (*way, Stop(counter=event.return_to, service=service))
    return way


def _leads_to(stop: Stop, event: TicketTransferred) -> bool:
    """Whether an officer sends the person by hand to where they were to return anyway."""
    if event.to_counter is not None:
        return event.to_counter == stop.counter
    return event.service == stop.service


def is_return(event: TicketTransferred) -> bool:
    """Whether the office itself sent the person back; journals of before say so in the note."""
    return event.returned or event.note == "return"
