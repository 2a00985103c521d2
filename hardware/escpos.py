"""The few ESC/POS commands a ticket needs, written and read as bytes. Pure.

The printer works off commands in order, but answers *real-time* ones (DLE …) at once, also in the
middle of other data and while it stands still. A real-time sequence inside picture data would
therefore be obeyed; `raster` never lets one arise.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from PIL import Image, ImageChops

from hardware.ports import Paper, PrinterStatus, Problem

INIT: Final = b"\x1b@"
CUT: Final = b"\x1dVB\x00"
END_MARK: Final = b"\x1dr\x01"
CLEAR_BUFFERS: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
STATUS_QUERIES: Final = (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04")
DOTS_PER_MM: Final = 8
MAX_STRIP_ROWS: Final = 255

_DLE: Final = 0x10
_REAL_TIME_SECONDS: Final = (0x04, 0x05, 0x14)
_FLOW_CONTROL: Final = (0x11, 0x13)  # XON, XOFF


def feed(lines: int) -> bytes:
    """Feed `lines` text lines (0 … 255)."""
    return b"\x1bd" + bytes([lines])


def raster(image: Image.Image, *, strip_rows: int = MAX_STRIP_ROWS) -> Iterator[bytes]:
    """One `GS v 0` command for each strip of the picture, top to bottom; black pixels print.

    The picture is made black and white; its width is filled up with white to whole bytes.
    """
    if not 1 <= strip_rows <= MAX_STRIP_ROWS:
        raise ValueError(f"a strip has 1 to {MAX_STRIP_ROWS} rows, not {strip_rows}")
    ink = ImageChops.invert(image.convert("L")).convert("1", dither=Image.Dither.NONE)
    width_bytes = (image.width + 7) // 8
    rows = ink.tobytes()
    for top in range(0, image.height, strip_rows):
        count = min(strip_rows, image.height - top)
        head = b"\x1dv0\x00" + width_bytes.to_bytes(2, "little") + count.to_bytes(2, "little")
        body = rows[top * width_bytes : (top + count) * width_bytes]
        yield head + without_real_time_commands(body)


def without_real_time_commands(data: bytes) -> bytes:
    """Picture data in which no DLE starts a real-time command: one more dot is set in such a DLE."""
    if _DLE not in data:
        return data
    safe = bytearray(data)
    for at, byte in enumerate(safe):
        if byte == _DLE and at + 1 < len(safe) and safe[at + 1] in _REAL_TIME_SECONDS:
            safe[at] = _DLE | 0x08
    return bytes(safe)


def ending(*, cut: bool) -> bytes:
    """What follows the picture: feed it past the knife, and cut."""
    return feed(3) + (CUT if cut else b"")


def is_status(byte: int) -> bool:
    """True for an answer to `DLE EOT`: fixed bits 0, 1, 4 and 7."""
    return byte & 0x93 == 0x12


def is_end_mark(byte: int) -> bool:
    """True for an answer to `GS r 1`: paper sensors in the low four bits, the others zero."""
    return byte & 0xF0 == 0x00


def begins_automatic_status(byte: int) -> bool:
    """True for the first of the four bytes that a printer with automatic status (`GS a`) sends unasked."""
    return byte & 0x93 == 0x10


class AnswerSorter:
    """Sorts what a printer sends: end marks, answers to status queries, and automatic status, which is passed over.

    The last three bytes of an automatic status look like end marks, so they are counted off after its first. An answer
    to a query has bit 4 set, which they never have, and may come between them.
    """

    def __init__(self) -> None:
        self._unasked = 0

    def sort(self, received: bytes) -> tuple[bytes, bytes]:
        """The end marks and the answers in these bytes, each in order."""
        marks, answers = bytearray(), bytearray()
        for byte in received:
            if byte in _FLOW_CONTROL:
                continue
            if begins_automatic_status(byte):
                self._unasked = 3
            elif self._unasked and not byte & 0x90:
                self._unasked -= 1
            elif is_end_mark(byte):
                marks.append(byte)
            else:
                answers.append(byte)
        return bytes(marks), bytes(answers)


def tells_paper_out(mark: int) -> bool:
    """True for an end mark that was worked off without paper; most printers stop instead."""
    return bool(mark & 0x0C)


def parse_status(answers: bytes) -> PrinterStatus:
    """The status told by the four answers to `DLE EOT` 1 to 4, in that order.

    Fewer than four answers is silence, a wrong fixed bit is garbage; neither says anything of the paper.
    """
    if any(not is_status(byte) for byte in answers):
        return PrinterStatus(unheard=Problem.GARBLED)
    if len(answers) != len(STATUS_QUERIES):
        return PrinterStatus(unheard=Problem.SILENT if len(answers) < 4 else Problem.GARBLED)
    printer, offline_cause, error_cause, sensor = answers
    status = PrinterStatus(
        online=not printer & 0x08,
        paper=_paper(sensor),
        cover_open=bool(offline_cause & 0x04),
        jam=bool(error_cause & 0x0C),
        fault=bool(error_cause & 0x20),
        overheated=bool(error_cause & 0x40),
    )
    if offline_cause & 0x20 and status.paper is not Paper.OUT:
        return replace(status, paper=Paper.OUT)
    return status


def status_bytes(status: PrinterStatus) -> tuple[int, int, int, int]:
    """The four answers by which a printer tells this status (the way back of `parse_status`)."""
    stopped = status.paper is Paper.OUT
    error = status.jam or status.fault or status.overheated
    return (
        0x12 | (0x08 if not status.online else 0),
        0x12 | _bits((status.cover_open, 0x04), (stopped, 0x20), (error, 0x40)),
        0x12 | _bits((status.jam, 0x08), (status.fault, 0x20), (status.overheated, 0x40)),
        0x12 | _bits((status.paper in (Paper.NEAR_END, Paper.OUT), 0x0C), (stopped, 0x60)),
    )


def automatic_status_bytes(status: PrinterStatus) -> bytes:
    """The four bytes that a printer with automatic status sends when this is its state."""
    return bytes(
        (
            0x10 | _bits((not status.online, 0x08), (status.cover_open, 0x20)),
            _bits((status.jam, 0x08), (status.fault, 0x20), (status.overheated, 0x40)),
            _bits((status.paper in (Paper.NEAR_END, Paper.OUT), 0x03), (status.paper is Paper.OUT, 0x0C)),
            0x00,
        )
    )


def _paper(sensor: int) -> Paper:
    if sensor & 0x60:
        return Paper.OUT
    return Paper.NEAR_END if sensor & 0x0C else Paper.OK


def _bits(*pairs: tuple[bool, int]) -> int:
    return sum(bit for holds, bit in pairs if holds)
