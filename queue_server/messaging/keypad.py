"""What a keypad's buttons mean at a counter, which presses are repeats, and which are bounces of one press."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, NamedTuple

from queue_server.messaging.inbound import KeypadRequest
from queue_server.queue import commands as cmd

KEYPAD_OFFICER = "keypad"
REMEMBERED = 512
BOUNCE: Final = 1.0  # seconds; nobody is called, comes and is served in less
_PLAIN: dict[str, Callable[..., cmd.Command]] = {
    "recall": cmd.Recall,
    "start": cmd.Start,
    "finish": cmd.Finish,
    "no-show": cmd.NoShow,
}


def keypad_command(button: str, doing: str, status: str, counter: str) -> cmd.Command:
    """The command of a button. `doing` is idle, called or serving; `status` is open, paused or closed. Pure.

    *next* opens a closed counter, so an officer with nothing but a keypad can begin the day; *pause* also ends the
    pause. What does not fit the counter's state is left to the office to refuse. Raises `KeyError` for an unknown
    button.
    """
    if button == "next":
        if status == "closed":
            return cmd.OpenCounter(counter=counter, officer=KEYPAD_OFFICER)
        return cmd.CallNext(counter=counter, finish_current=doing != "idle")
    if button == "pause":
        return cmd.ResumeCounter(counter=counter) if status == "paused" else cmd.PauseCounter(counter=counter)
    if button == "hold":
        return cmd.Hold(counter=counter)
    return _PLAIN[button](counter=counter)


class Presses:
    """Tells a press from its repeats: MQTT delivers at least once.

    A press is new when its id was not seen, and its `seq` is higher than any of the same keypad since it was switched
    on (`boot`). Remembers the newest `REMEMBERED` ids and as many keypads.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()

    def is_new(self, press: KeypadRequest) -> bool:
        """Whether to act on it; asking takes note of it."""
        line = (press.counter, press.boot)
        if (press.counter, press.id) in self._ids or press.seq <= self._last.get(line, -1):
            return False
        self._ids[press.counter, press.id] = None
        self._last[line] = press.seq
        self._last.move_to_end(line)
        for memory in (self._ids, self._last):
            if len(memory) > REMEMBERED:
                memory.popitem(last=False)
        return True


class _Press(NamedTuple):
    what: Hashable
    id: str
    at: float


class Bounces:
    """Makes one press of a contact that bounces, a hand that trembles, a finger that doubts.

    The same thing asked again at a counter within `BOUNCE` of the last time, with nothing done there in between, is
    the first press still. Every way of pressing asks here: our keypads, foreign buttons, terminals. Pure but for what
    it remembers: `now` is in seconds of a clock that only goes forward.
    """

    def __init__(self) -> None:
        self._last: dict[str, _Press] = {}

    def first(self, counter: str, what: Hashable, press_id: str, now: float) -> str:
        """The id of the press that this one belongs to: its own when it is a new one. Asking takes note of it."""
        last = self._last.get(counter)
        same = last is not None and last.what == what and now - last.at < BOUNCE
        first = last.id if last is not None and same else press_id
        self._last[counter] = _Press(what, first, now)
        return first

    def worked(self, counter: str) -> None:
        """Something else was done at the counter, so what is pressed next is meant."""
        self._last.pop(counter, None)
