"""What the page of the virtual devices says: words, state and HTML. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

from hardware.ports import Paper, PrinterStatus, Problem
from hardware.simulated.panel_state import PanelState
from hardware.simulated.virtual_printer import Knobs
from queue_server.contract.buttons import Button

NEW_ROLL_MM: Final = 80_000.0
TOGGLES: Final[Mapping[str, tuple[str, str]]] = {
    "cover": ("Mở nắp", "Cover open"),
    "jam": ("Kẹt giấy", "Paper jam"),
    "slow": ("In chậm", "Slow"),
    "silent": ("Không trả lời", "Silent"),
    "garbage": ("Trả lời sai", "Garbage"),
    "automatic": ("Tự báo trạng thái", "Automatic status"),
    "power": ("Tắt nguồn", "Power off"),
}
PAPER_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "new-roll": ("Lắp cuộn mới", "New roll"),
    "near-end": ("Sắp hết giấy", "Paper near end"),
    "ends-soon": ("Còn 5 cm giấy", "5 cm of paper left"),
    "paper-out": ("Hết giấy", "Paper out"),
}
KEYS: Final[Mapping[Button, tuple[str, str]]] = {
    Button.NEXT: ("Mời tiếp", "Call next"),
    Button.RECALL: ("Gọi lại", "Recall"),
    Button.START: ("Bắt đầu", "Start"),
    Button.FINISH: ("Hoàn thành", "Finish"),
    Button.NO_SHOW: ("Vắng mặt", "No-show"),
    Button.HOLD: ("Tạm để chờ", "Hold"),
    Button.PAUSE: ("Tạm ngưng quầy", "Pause counter"),
}
_AWAY = "Máy chủ vắng, xin gọi bằng miệng · Server away: please call by word of mouth"
_PROBLEMS: Final[Mapping[Problem, str]] = {
    Problem.COVER_OPEN: "Nắp đang mở · Cover open",
    Problem.PAPER_OUT: "Hết giấy · Paper out",
    Problem.JAM: "Kẹt giấy · Paper jam",
    Problem.FAULT: "Máy in hỏng · Printer fault",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterView:
    """What the page shows of one printer."""

    name: str
    powered: bool
    status: PrinterStatus
    knobs: Knobs
    address: str
    slips: int
    last: str  # the last slip's file name, or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterView:
    """What the page shows of one counter's keypad and panel."""

    counter: str
    panel: PanelState
    keypad_connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """Everything on the page that can change, by element id, as the script reads it."""

    texts: dict[str, str] = field(default_factory=dict)
    bad: dict[str, bool] = field(default_factory=dict)
    pressed: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, dict[str, str]] = field(default_factory=dict)


def page_state(printers: Iterable[PrinterView], counters: Iterable[CounterView]) -> PageState:
    """The state of the page."""
    state = PageState()
    for printer in printers:
        name = printer.name
        state.texts[f"status-{name}"] = printer_words(printer)
        state.texts[f"roll-{name}"] = (
            f"Cuộn giấy còn {printer.knobs.roll_mm / 1000:.1f} m · {printer.slips} phiếu đã in · {printer.address}"
        )
        state.bad[f"status-{name}"] = not printer.powered or not printer.status.can_print
        for toggle, on in pressed_toggles(printer).items():
            state.pressed[f"{toggle}-{name}"] = "true" if on else "false"
        source = f"/printer/{name}/last.png?{printer.last}" if printer.last else ""
        state.pictures[f"last-{name}"] = {"src": source, "alt": "Phiếu in gần nhất · The last slip"}
    for view in counters:
        source = f"/panel/{view.counter}.png?{hash((view.panel.text, view.panel.calls)) & 0xFFFFFF}"
        state.pictures[f"panel-{view.counter}"] = {
            "src": source,
            "alt": view.panel.text,
            "calls": str(view.panel.calls),
        }
        works = view.keypad_connected and not view.panel.away
        state.texts[f"keypad-{view.counter}"] = "Bàn phím sẵn sàng · Keypad ready" if works else _AWAY
        state.bad[f"keypad-{view.counter}"] = not works
    return state


def printer_words(printer: PrinterView) -> str:
    """The printer's state in one line."""
    if not printer.powered:
        return "Đã tắt nguồn · Power off"
    if printer.status.problem is not None:
        return _PROBLEMS.get(printer.status.problem, printer.status.problem.value)
    if printer.status.paper is Paper.NEAR_END:
        return "Sẵn sàng, sắp hết giấy · Ready, paper near end"
    return "Sẵn sàng · Ready"


def pressed_toggles(printer: PrinterView) -> dict[str, bool]:
    """Which faults are switched on."""
    knobs = printer.knobs
    return {
        "cover": knobs.cover_open,
        "jam": knobs.jam,
        "slow": knobs.slow > 1,
        "silent": knobs.silent,
        "garbage": knobs.garbage,
        "automatic": knobs.automatic_status,
        "power": not printer.powered,
    }


def page_html(printers: Iterable[PrinterView], counters: Iterable[CounterView]) -> str:
    """The whole page; it also works without the script, by reloading."""
    printers, counters = tuple(printers), tuple(counters)
    state = page_state(printers, counters)
    sections = [_printer_html(printer.name, state) for printer in printers]
    sections += [_counter_html(view.counter, state) for view in counters]
    return f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Thiết bị mô phỏng · Virtual devices</title><link rel="stylesheet" href="/device_page.css">
<link rel="icon" href="/icon.svg"><script src="/device_page.js" defer></script></head><body>
<h1>Thiết bị mô phỏng · Virtual devices</h1>
<p>Máy in, bảng số và bàn phím của cán bộ, chạy bằng phần mềm. Bấm nút để gây lỗi. · Press to cause a fault.</p>
<div id="stale" role="status">Mất kết nối với thiết bị, đang thử lại… · Connection lost, trying again…</div>
<main>{"".join(sections)}</main></body></html>
"""


def _printer_html(name: str, state: PageState) -> str:
    paper = "".join(_button(f"/printer/{name}/{action}", words) for action, words in PAPER_ACTIONS.items())
    toggles = "".join(
        _button(f"/printer/{name}/{toggle}", words, f"{toggle}-{name}", state.pressed[f"{toggle}-{name}"])
        for toggle, words in TOGGLES.items()
    )
    return f"""<section aria-labelledby="printer-{escape(name)}">
<h2 id="printer-{escape(name)}">Máy in · Printer {escape(name)}</h2>
{_status(f"status-{name}", state)}<p id="roll-{escape(name)}">{escape(state.texts[f"roll-{name}"])}</p>
<div class="buttons">{paper}</div><div class="buttons">{toggles}</div>
<div class="paper">{_picture(f"last-{name}", state)}</div></section>
"""


def _counter_html(counter: str, state: PageState) -> str:
    keys = "".join(_button(f"/keypad/{counter}/{key.value}", words) for key, words in KEYS.items())
    return f"""<section aria-labelledby="counter-{escape(counter)}">
<h2 id="counter-{escape(counter)}">Quầy · Counter {escape(counter)}</h2>
{_picture(f"panel-{counter}", state, "panel")}{_status(f"keypad-{counter}", state)}
<div class="buttons">{keys}</div></section>
"""


def _status(place: str, state: PageState) -> str:
    kind = "status bad" if state.bad[place] else "status"
    return f'<p class="{kind}" id="{escape(place)}" role="status">{escape(state.texts[place])}</p>'


def _picture(place: str, state: PageState, kind: str = "slip") -> str:
    picture = state.pictures[place]
    source = f'src="{escape(picture["src"])}"' if picture["src"] else "hidden"
    return f'<img class="{kind}" id="{escape(place)}" alt="{escape(picture["alt"])}" {source}>'


def _button(action: str, words: tuple[str, str], place: str = "", pressed: str = "") -> str:
    state = f' id="{escape(place)}" aria-pressed="{pressed}"' if place else ""
    return (
        f'<form method="post" action="{escape(action)}"><button{state}>{escape(words[0])}'
        f'<small lang="en">{escape(words[1])}</small></button></form>'
    )
