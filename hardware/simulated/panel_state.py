"""What a counter's panel shows, worked out from the messages it hears. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from hardware.fonts import Fonts, drawable
from hardware.payloads import BadPayloadError, decode

STALE_MARK: Final = "⋯"
_PICTURE_SIZE: Final = (512, 192)
_AMBER: Final = (255, 176, 0)
_DIM: Final = (110, 76, 0)


class CounterStatus(StrEnum):
    """What a counter may be."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


_WORDS: Final = {CounterStatus.PAUSED: "TẠM NGƯNG", CounterStatus.CLOSED: "ĐÓNG"}
_NOTHING: Final = "– – –"
AWAY: Final = "MÁY CHỦ VẮNG, GỌI BẰNG MIỆNG"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelState:
    """The last that was heard of the counter. `calls` counts calls and recalls: the panel blinks when it grows."""

    counter: str
    status: CounterStatus | None = None
    number: str | None = None
    called_at: str | None = None
    order: tuple[int, int] = (-1, -1)
    calls: int = 0
    stale: bool = True
    away: bool = False  # nobody is behind the broker

    @property
    def text(self) -> str:
        """The number while open, else the word; with a mark when the broker is away.

        Where the server is away no number is the newest one: people are called by word of mouth.
        """
        if self.away:
            return AWAY
        shown = _NOTHING if self.status is None else _WORDS.get(self.status, self.number or _NOTHING)
        return f"{shown} {STALE_MARK}" if self.stale else shown


def heard_state(panel: PanelState, payload: bytes) -> PanelState:
    """The panel after a message on `counter/{counter}/state`; an empty one clears it.

    Older messages, by (`epoch`, `seq`), change nothing. BadPayloadError for what is not a counter's state.
    """
    if not payload:
        return replace(panel, status=None, number=None, called_at=None, order=(-1, -1))
    message = decode(payload)
    try:
        status = CounterStatus(message.get("status"))  # type: ignore[arg-type]
    except ValueError as problem:
        raise BadPayloadError(str(problem)) from problem
    order = (_whole(message.get("epoch", 0)), _whole(message.get("seq", 0)))
    if order < panel.order:
        return panel
    number, called_at = _text(message.get("number"), 12), _text(message.get("called_at"), 40)
    return replace(panel, status=status, number=number, called_at=called_at, order=order)


def heard_presence(panel: PanelState, payload: bytes) -> PanelState:
    """The panel after the server, or its last will, said whether it is there; nothing said: it is."""
    online = decode(payload).get("online") if payload else True
    if not isinstance(online, bool):
        raise BadPayloadError("online is neither true nor false")
    return replace(panel, away=not online)


def heard_call(panel: PanelState, payload: bytes) -> PanelState:
    """The panel after an event on `call`: one more blink when it is for this counter."""
    message = decode(payload)
    data = message.get("data", message)
    if not isinstance(data, dict):
        raise BadPayloadError("data is not an object")
    if str(data.get("counter")) != panel.counter:
        return panel
    return replace(panel, calls=panel.calls + 1)


def draw_panel(panel: PanelState, fonts: Fonts) -> Image.Image:
    """The panel as an amber picture; dim while it is stale."""
    picture = Image.new("RGB", _PICTURE_SIZE, (16, 14, 10))
    lines = panel.text.removesuffix(STALE_MARK).strip().split(", ")
    shown = [drawable(fonts.bold, line) for line in lines]
    size = 150 // len(lines)
    font = ImageFont.truetype(fonts.bold, size)
    while max(map(font.getlength, shown)) > _PICTURE_SIZE[0] - 32 and size > 12:
        size -= 4
        font = ImageFont.truetype(fonts.bold, size)
    pen = ImageDraw.Draw(picture)
    ink = _DIM if panel.stale else _AMBER
    height = _PICTURE_SIZE[1] / len(lines)
    for place, line in enumerate(shown):
        pen.text((_PICTURE_SIZE[0] / 2, height * (place + 0.5)), line, ink, font, "mm")
    if panel.stale:
        for x in (470, 484, 498):
            pen.ellipse((x - 3, 177, x + 3, 183), fill=_AMBER)
    return picture


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadPayloadError(f"{value!r} is not a whole number")
    return value


def _text(value: object, longest: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise BadPayloadError(f"{value!r} is not a text of at most {longest} letters")
    return value or None
