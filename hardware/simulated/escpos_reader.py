"""Reads a stream of ESC/POS bytes the way a printer does, in whatever pieces it comes. Pure."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_DLE: Final = 0x10
_EOT: Final = 0x04
_CLEAR: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
_LINE_FEED: Final = 0x0A


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """`DLE EOT kind`: to be answered at once."""

    kind: int


class ClearBuffers:
    """`DLE DC4 8`: forget everything not yet printed, at once."""


RealTime = StatusQuery | ClearBuffers


class Simple(Enum):
    """Commands without arguments."""

    INIT = auto()
    CUT = auto()
    MARK = auto()


@dataclass(frozen=True, slots=True)
class Raster:
    """`GS v 0`: rows of dots, `width_bytes` to a row."""

    width_bytes: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """`ESC d`: text lines of blank paper."""

    lines: int


Command = Simple | Raster | Feed


class RealTimeSieve:
    """Takes the real-time commands out of a stream; even picture data is searched, as printers do."""

    def __init__(self) -> None:
        self._held = b""

    def sift(self, received: bytes) -> tuple[list[RealTime], bytes]:
        """The real-time commands found and the bytes left, in order; a possible beginning is held back."""
        data, self._held = self._held + received, b""
        found: list[RealTime] = []
        left = bytearray()
        at = 0
        while at < len(data):
            if data[at] != _DLE:
                left.append(data[at])
                at += 1
                continue
            command, length = _real_time_at(data[at : at + len(_CLEAR)])
            if length == 0:
                self._held = data[at:]
                break
            if command is None:
                left.append(_DLE)
            else:
                found.append(command)
            at += length
        return found, bytes(left)


def _real_time_at(data: bytes) -> tuple[RealTime | None, int]:
    """What begins at this DLE and its length; length 0 when more bytes are needed to tell."""
    if len(data) < len(_CLEAR) and _CLEAR.startswith(data):
        return None, 0
    if data == _CLEAR:
        return ClearBuffers(), len(_CLEAR)
    if len(data) > 1 and data[1] == _EOT:
        if len(data) < 3:
            return None, 0
        if 1 <= data[2] <= 4:
            return StatusQuery(data[2]), 3
    return None, 1


class CommandReader:
    """Puts commands together from bytes; unknown bytes are passed over as a printer would print them as text."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        """The commands completed by these bytes."""
        self._pending += data
        commands: list[Command] = []
        while self._pending:
            command, length = _command_at(self._pending)
            if length == 0:
                break
            del self._pending[:length]
            if command is not None:
                commands.append(command)
        return commands

    def clear(self) -> None:
        """Forget a command that began and did not end."""
        self._pending.clear()


def _command_at(data: bytearray) -> tuple[Command | None, int]:
    head = bytes(data[:4])
    if head[0] == _LINE_FEED:
        return Feed(1), 1
    if head[0] not in (0x1B, 0x1D):
        return None, 1
    if len(head) < 2:
        return None, 0
    if head[:2] == b"\x1b@":
        return Simple.INIT, 2
    if len(head) < 3:
        return None, 0
    if head[:2] == b"\x1bd":
        return Feed(head[2]), 3
    if head[:2] == b"\x1dr":
        return Simple.MARK, 3
    if head[:2] == b"\x1dV":
        length = 4 if head[2] >= 65 else 3
        return (Simple.CUT, length) if len(data) >= length else (None, 0)
    if head[:3] == b"\x1dv0":
        return _raster_at(data)
    return None, 2


def _raster_at(data: bytearray) -> tuple[Command | None, int]:
    if len(data) < 8:
        return None, 0
    width_bytes = int.from_bytes(data[4:6], "little")
    length = 8 + width_bytes * int.from_bytes(data[6:8], "little")
    if len(data) < length:
        return None, 0
    return Raster(width_bytes, bytes(data[8:length])), length
