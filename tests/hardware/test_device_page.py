"""The page of the virtual devices: asked with raw bytes, and used in a real browser."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from hardware.drivers.network_printer import NetworkPrinter
from hardware.simulated.virtual_printer import Knobs
from hardware.supervisor import DevicePlan, VirtualDevices
from tests.hardware.conftest import Broker, Listener

pytestmark = pytest.mark.anyio


@pytest.fixture
async def devices(tmp_path: Path) -> AsyncIterator[VirtualDevices]:
    async with VirtualDevices(DevicePlan(site="s1", folder=tmp_path, knobs=Knobs(speed_mm_s=5_000))) as running:
        yield running


def port_of(devices: VirtualDevices) -> int:
    return int(devices.page_url.rsplit(":", 1)[1].strip("/"))


async def ask(devices: VirtualDevices, raw: bytes) -> tuple[int, bytes]:
    """Send raw bytes; the status (0 when the connection was just closed) and the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(devices))
    writer.write(raw)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    return (int(answer.split()[1]) if answer else 0), answer


async def get(devices: VirtualDevices, path: str) -> tuple[int, bytes]:
    return await ask(devices, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())


async def post(devices: VirtualDevices, path: str, origin: str = "http://127.0.0.1") -> tuple[int, bytes]:
    return await ask(devices, f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {origin}\r\n\r\n".encode())


async def test_every_answer_carries_a_strict_policy_and_no_outside_address(devices: VirtualDevices) -> None:
    for path in ("/", "/device_page.css", "/device_page.js", "/state.json", "/nowhere"):
        _, answer = await get(devices, path)
        assert b"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'" in answer
        body = answer.partition(b"\r\n\r\n")[2]
        assert b"http://" not in body
        assert b"https://" not in body
        assert b"unsafe-inline" not in answer


@pytest.mark.parametrize(
    ("action", "knob", "value"),
    [
        ("paper-out", "roll_mm", 0),
        ("near-end", "roll_mm", 3_000),
        ("ends-soon", "roll_mm", 50),
        ("cover", "cover_open", True),
        ("jam", "jam", True),
        ("silent", "silent", True),
        ("garbage", "garbage", True),
        ("slow", "slow", 20),
    ],
)
async def test_every_button_turns_its_knob(devices: VirtualDevices, action: str, knob: str, value: object) -> None:
    status, answer = await post(devices, f"/printer/printer-1/{action}")

    assert status == 303
    assert b"Location: /\r\n" in answer
    assert getattr(devices.printers["printer-1"].knobs, knob) == value


@pytest.mark.parametrize("toggle", ["cover", "jam", "silent", "garbage", "slow", "power"])
async def test_a_second_press_takes_the_fault_back(devices: VirtualDevices, toggle: str) -> None:
    before = json.loads((await get(devices, "/state.json"))[1].partition(b"\r\n\r\n")[2])["pressed"]
    await post(devices, f"/printer/printer-1/{toggle}")
    during = json.loads((await get(devices, "/state.json"))[1].partition(b"\r\n\r\n")[2])["pressed"]
    await post(devices, f"/printer/printer-1/{toggle}")
    after = json.loads((await get(devices, "/state.json"))[1].partition(b"\r\n\r\n")[2])["pressed"]

    assert during[f"{toggle}-printer-1"] == "true"
    assert before == after


async def test_a_new_roll_mends_the_paper(devices: VirtualDevices) -> None:
    await post(devices, "/printer/printer-1/paper-out")
    await post(devices, "/printer/printer-1/new-roll")

    assert devices.printers["printer-1"].status.can_print


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"DELETE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (b"GET \xff HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"GET / HTTP/1.1\r\n\r\n", 403),
        (b"POST /printer/printer-1/jam HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 403),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 404),
        (b"GET /printer/nobody/last.png HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 404),
        (b"GET /printer/printer-1/last.png HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1", 0),
        (b"", 0),
    ],
)
async def test_bad_requests_change_nothing(devices: VirtualDevices, raw: bytes, status: int) -> None:
    before = devices.printers["printer-1"].status

    assert (await ask(devices, raw))[0] == status
    assert devices.printers["printer-1"].status == before
    assert (await get(devices, "/"))[0] == 200


async def test_a_form_on_another_site_cannot_press_our_buttons(devices: VirtualDevices) -> None:
    assert (await post(devices, "/printer/printer-1/jam", origin="http://evil.example"))[0] == 403
    assert not devices.printers["printer-1"].knobs.jam


async def test_unknown_devices_actions_and_keys(devices: VirtualDevices) -> None:
    for path in ("/printer/printer-1/explode", "/printer/x/jam", "/keypad/9/next", "/", "/printer"):
        assert (await post(devices, path))[0] == 404


async def test_a_request_head_without_end_is_refused(devices: VirtualDevices) -> None:
    assert (await ask(devices, b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n"))[0] == 400


async def open_page(page: Page, devices: VirtualDevices) -> list[str]:
    """Open the page; what the console complains of is collected."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(devices.page_url)
    return complaints


async def test_a_person_sees_the_ticket_and_causes_faults(
    broker: Broker, listener: Listener, tmp_path: Path, ticket: Image.Image
) -> None:
    plan = DevicePlan(site="s1", folder=tmp_path, counters=("3",), knobs=Knobs(speed_mm_s=5_000))
    async with VirtualDevices(plan, lambda _device: broker.address) as devices, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 360, "height": 800})
        complaints = await open_page(page, devices)
        kiosk = NetworkPrinter(devices.printer_host, devices.printer_port)
        status = page.locator("#status-printer-1")
        await expect(status).to_have_text("Sẵn sàng · Ready")
        await expect(page.locator("#last-printer-1")).to_be_hidden()

        await kiosk.print(ticket)
        await expect(page.locator("#last-printer-1")).to_be_visible()
        await expect(page.locator("#last-printer-1")).to_have_js_property("naturalWidth", 576)

        await page.get_by_role("button", name="Mở nắp").click()
        await expect(status).to_have_text("Nắp đang mở · Cover open")
        await expect(page.get_by_role("button", name="Mở nắp")).to_have_attribute("aria-pressed", "true")

        listener.say("motcua/v1/s1/counter/3/state", {"v": 1, "status": "open", "number": "A012", "called_at": None})
        await expect(page.locator("#panel-3")).to_have_attribute("alt", "A012")
        await expect(page.locator("#keypad-3")).to_have_text("Bàn phím sẵn sàng · Keypad ready")
        await expect(page.locator("#panel-3.called")).to_have_count(0)
        listener.say("motcua/v1/s1/call", {"data": {"number": "A012", "counter": "3"}})
        await expect(page.locator("#panel-3.called")).to_have_count(1)
        await page.get_by_role("button", name="Mời tiếp").click()
        async with asyncio.timeout(20):
            while not listener.on("motcua/v1/s1/counter/3/keypad/event"):  # noqa: ASYNC110 - looks from outside
                await asyncio.sleep(0.01)

        wider_than_the_phone = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wider_than_the_phone
        assert complaints == []
        await browser.close()


async def test_the_page_says_when_the_devices_are_gone(devices: VirtualDevices) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        await open_page(page, devices)
        await expect(page.locator("#stale")).to_be_hidden()

        await devices.stop()

        await expect(page.locator("#stale")).to_be_visible()
        await browser.close()
