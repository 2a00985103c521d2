"""The printer that the office has settled for a kiosk: found without a word on its machine, and told to the desk."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml

from hardware.ports import Outcome
from hardware.simulated.virtual_printer import VirtualPrinter
from kiosk.cache import Cache
from kiosk.main import KioskOptions, Parts, assemble, settled
from kiosk.printer_health import AGAIN
from kiosk.settings import Settings, read_settings
from kiosk.world import Ticket
from queue_server.contract.printer import printer_address
from tests.conftest import take_free_ports

ROOT = Path(__file__).parents[2]
TICKET = Ticket(
    command_id="boot-1", number="A012", service="ho_tich", token="t", url="http://127.0.0.1/t/t",
    issued_at=datetime(2026, 11, 23, 1, 4, tzinfo=UTC),
)  # fmt: skip
EXAMPLE = ROOT / "queue_server/site/example.yaml"


@dataclass
class Office:
    """A running server whose site file names the printer of kiosk-1; kiosk-2 lies on its side."""

    url: str
    data: Path
    printer: tuple[str, int]

    def token(self, *role: str) -> str:
        return motcua("token", *role, "--data", str(self.data)).strip()

    def manager_page(self) -> str:
        with httpx.Client(base_url=self.url, headers={"accept-language": "vi"}) as browser:
            browser.post("/sign-in", data={"token": self.token("manager"), "next": "/manager"})
            return browser.get("/manager").text

    def options(self, folder: Path, kiosk: str = "kiosk-1") -> KioskOptions:
        return KioskOptions(url=self.url, kiosk=kiosk, token=self.token("kiosk", "--kiosk", kiosk), data=folder)


def motcua(*words: str) -> str:
    command = [sys.executable, "-m", "queue_server", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    port, mqtt_port, printer = take_free_ports(3)
    site = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    site["kiosks"][0]["printer"] = f"127.0.0.1:{printer}"
    (folder / "site.yaml").write_text(json.dumps(site))
    words = ["server", "--data", str(folder / "data"), "--site", str(folder / "site.yaml")]
    words += ["--port", str(port), "--mqtt-port", str(mqtt_port)]
    command = [sys.executable, "-m", "queue_server", *words]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert next(line for line in child.stdout if line.startswith("ready "))
            yield Office(f"http://127.0.0.1:{port}", folder / "data", ("127.0.0.1", printer))
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(20)


def at_kiosk(options: KioskOptions, printer: VirtualPrinter, story: Callable[[Parts], Awaitable[None]]) -> None:
    async def told() -> None:
        parts = assemble(options)
        await printer.start()
        try:
            await story(parts)
        finally:
            await printer.stop()
            await parts.close()

    asyncio.run(told())


def test_a_fault_reaches_the_desk_without_mqtt_and_goes_when_it_is_mended(office: Office, tmp_path: Path) -> None:
    host, port = office.printer
    printer = VirtualPrinter(tmp_path / "paper", host=host, port=port)

    async def story(parts: Parts) -> None:
        await parts.sync.round()
        await parts.health.round()
        assert "kiosk-1-printer" not in office.manager_page()
        printer.turn(roll_mm=0)
        await parts.health.round()
        assert "kiosk-1-printer" in office.manager_page()
        assert "hết giấy" in office.manager_page()
        printer.turn(roll_mm=80_000)
        await parts.health.round()
        assert "kiosk-1-printer" not in office.manager_page()

    at_kiosk(office.options(tmp_path), printer, story)


def test_the_printer_of_the_site_prints(office: Office, tmp_path: Path) -> None:
    host, port = office.printer
    printer = VirtualPrinter(tmp_path / "paper", host=host, port=port)

    async def story(parts: Parts) -> None:
        assert not parts.effects._printer.connected
        await parts.sync.round()
        assert parts.effects._printer.connected
        ended = await parts.effects._printer.ticket(TICKET, parts.sync.world)
        assert str(ended.printing) == str(Outcome.PRINTED)

    at_kiosk(office.options(tmp_path), printer, story)
    assert [slip.whole for slip in printer.slips] == [True]


def test_what_did_not_reach_the_server_is_said_again_and_the_well_known_seldom(office: Office, tmp_path: Path) -> None:
    host, port = office.printer
    printer = VirtualPrinter(tmp_path / "paper", host=host, port=port)
    calls: list[str] = []

    async def story(parts: Parts) -> None:
        await parts.sync.round()
        printer.turn(cover_open=True)
        well = parts.server._client
        parts.server._client = httpx.AsyncClient(transport=httpx.MockTransport(away))
        await parts.health.round()
        await parts.health.round()
        assert len(calls) == 2
        parts.server._client = well
        await parts.health.round()
        assert "kiosk-1-printer" in office.manager_page()
        parts.server._client = httpx.AsyncClient(transport=httpx.MockTransport(away))
        for _ in range(AGAIN - 1):
            await parts.health.round()
        assert len(calls) == 2
        await parts.health.round()
        assert len(calls) == 3
        parts.server._client = well

    def away(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        raise httpx.ConnectError("away")

    at_kiosk(office.options(tmp_path), printer, story)


@pytest.mark.parametrize(("kiosk", "portrait"), [("kiosk-1", True), ("kiosk-2", False)])
def test_the_screen_stands_as_the_office_says_also_when_it_is_away(
    office: Office, tmp_path: Path, kiosk: str, portrait: bool
) -> None:
    options = office.options(tmp_path, kiosk)
    assert settled(options).portrait is portrait
    heard = {"office": {"orientation": "portrait" if portrait else "landscape"}}
    Cache(tmp_path / f"cache-{kiosk}.json").save(heard)
    away = KioskOptions(url="http://127.0.0.1:9", kiosk=kiosk, token="", data=tmp_path)
    assert settled(away).portrait is portrait


@pytest.mark.parametrize(
    ("office", "settings"),
    [
        (None, Settings()),
        ([], Settings()),
        ({"orientation": "sideways", "printer": "a b"}, Settings()),
        ({"orientation": 7, "printer": 9100}, Settings()),
        ({"orientation": "landscape", "printer": "p:0"}, Settings(portrait=False)),
        ({"orientation": "portrait", "printer": "p"}, Settings(portrait=True, printer=("p", 9100))),
    ],
)
def test_settings_that_cannot_be_read_count_as_not_said(office: object, settings: Settings) -> None:
    assert read_settings(office) == settings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", ("192.0.2.7", 9100)),
        ("192.0.2.7:9101", ("192.0.2.7", 9101)),
        ("[2001:db8::7]:9101", ("2001:db8::7", 9101)),
        ("[2001:db8::7]", ("2001:db8::7", 9100)),
    ],
)
def test_a_printers_address(text: str, address: tuple[str, int]) -> None:
    assert printer_address(text) == address


@pytest.mark.parametrize(
    "text", ["", ":9100", "a b:1", "host:", "host:x", "host:0", "host:65536", "http://host:9100", "h:²"]
)
def test_what_is_no_address_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="printer"):
        printer_address(text)
