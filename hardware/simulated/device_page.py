"""The page of the virtual devices: shows them live and lets a person cause faults and press keys."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from hardware.fonts import find_fonts
from hardware.simulated.device_page_html import (
    NEW_ROLL_MM,
    CounterView,
    PrinterView,
    page_html,
    page_state,
)
from hardware.simulated.keypad import Keypad
from hardware.simulated.panel import Panel
from hardware.simulated.panel_state import draw_panel
from hardware.simulated.virtual_printer import VirtualPrinter
from hardware.simulated.web import BadRequestError, Request, Response, SmallServer
from queue_server.contract.buttons import Button

_STATIC: Final = Path(__file__).parent / "static"
_HEARTBEAT_SECONDS: Final = 15.0
_SLOW: Final = 20.0
_ICON: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a4d8c"/>'
    b'<path d="M4 3h8v10l-2-1-2 1-2-1-2 1z" fill="#fff"/></svg>'
)


class DevicePage:
    """Serves the page of these devices; the mappings may grow after the start."""

    def __init__(
        self,
        printers: Mapping[str, VirtualPrinter],
        keypads: Mapping[str, Keypad],
        panels: Mapping[str, Panel],
        *,
        host: str,
        port: int,
    ) -> None:
        self._printers = printers
        self._keypads = keypads
        self._panels = panels
        self._server = SmallServer(self._answer, host=host, port=port)
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """Where to open the page; on a machine-wide port, by the loopback address."""
        host = "127.0.0.1" if self._server.host in ("0.0.0.0", "") else self._server.host  # noqa: S104
        return f"http://{host}:{self._server.port}/"

    async def start(self) -> None:
        """Serve."""
        self._loop = asyncio.get_running_loop()
        for printer in self._printers.values():
            printer.watch(self.changed)
        await self._server.start()

    async def stop(self) -> None:
        """Stop serving, streams included."""
        self._loop = None
        await self._server.stop()

    def changed(self) -> None:
        """Tell every open page; call it in the event loop."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def changed_in_thread(self) -> None:
        """Tell every open page; call it from any other thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.changed)

    async def _answer(self, request: Request) -> Response:
        parts = request.path.strip("/").split("/")
        if request.method == "POST":
            return await self._act(parts)
        match parts:
            case [""]:
                page = page_html(self._printer_views(), self._counter_views())
                return Response(content_type="text/html; charset=utf-8", body=page.encode())
            case ["events"]:
                return Response(content_type="text/event-stream", frames=self._frames())
            case ["state.json"]:
                return Response(content_type="application/json", body=self._state().encode())
            case ["device_page.css"]:
                return Response(content_type="text/css", body=(_STATIC / "device_page.css").read_bytes())
            case ["device_page.js"]:
                return Response(content_type="text/javascript", body=(_STATIC / "device_page.js").read_bytes())
            case ["icon.svg"]:
                return Response(content_type="image/svg+xml", body=_ICON)
            case ["printer", name, "last.png"] if name in self._printers:
                return _picture_file(self._printers[name].folder / "last.png")
            case ["panel", picture] if picture.removesuffix(".png") in self._panels:
                return self._panel_picture(picture.removesuffix(".png"))
        raise BadRequestError(404, "no such page")

    async def _act(self, parts: list[str]) -> Response:
        match parts:
            case ["printer", name, action] if name in self._printers:
                await _turn(self._printers[name], action)
            case ["keypad", counter, key] if counter in self._keypads and key in list(Button):
                if self._keypads[counter].press(Button(key)) is None:
                    raise BadRequestError(503, "the keypad has no connection")
            case _:
                raise BadRequestError(404, "no such device or action")
        return Response(status=303, headers={"Location": "/"})

    async def _frames(self) -> AsyncIterator[bytes]:
        while True:
            news = self._news
            yield f"data: {self._state()}\n\n".encode()
            while not news.is_set():
                try:
                    await asyncio.wait_for(news.wait(), _HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b": still here\n\n"

    def _state(self) -> str:
        return json.dumps(asdict(page_state(self._printer_views(), self._counter_views())), ensure_ascii=False)

    def _printer_views(self) -> list[PrinterView]:
        return [
            PrinterView(
                name=name,
                powered=printer.powered,
                status=printer.status,
                knobs=printer.knobs,
                address=f"{printer.host}:{printer.port}",
                slips=len(printer.slips),
                last=printer.slips[-1].path.name if printer.slips else "",
            )
            for name, printer in self._printers.items()
        ]

    def _counter_views(self) -> list[CounterView]:
        return [
            CounterView(counter=counter, panel=panel.state, keypad_connected=self._keypads[counter].link.connected)
            for counter, panel in self._panels.items()
        ]

    def _panel_picture(self, counter: str) -> Response:
        picture = io.BytesIO()
        draw_panel(self._panels[counter].state, find_fonts()).save(picture, format="PNG")
        return Response(content_type="image/png", body=picture.getvalue())


async def _turn(printer: VirtualPrinter, action: str) -> None:
    knobs = printer.knobs
    match action:
        case "new-roll":
            printer.turn(roll_mm=NEW_ROLL_MM)
        case "near-end":
            printer.turn(roll_mm=min(knobs.near_end_mm, knobs.roll_mm))
        case "ends-soon":
            printer.turn(roll_mm=50)
        case "paper-out":
            printer.turn(roll_mm=0)
        case "cover":
            printer.turn(cover_open=not knobs.cover_open)
        case "jam" | "silent" | "garbage":
            printer.turn(**{action: not getattr(knobs, action)})
        case "automatic":
            printer.turn(automatic_status=not knobs.automatic_status)
        case "slow":
            printer.turn(slow=1.0 if knobs.slow > 1 else _SLOW)
        case "power":
            await (printer.stop() if printer.powered else printer.start())
        case _:
            raise BadRequestError(404, "no such action")


def _picture_file(path: Path) -> Response:
    try:
        return Response(content_type="image/png", body=path.read_bytes())
    except FileNotFoundError as missing:
        raise BadRequestError(404, "nothing printed yet") from missing
