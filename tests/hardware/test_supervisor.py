"""The devices of an office together: announced, mended, stopped."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from hardware.drivers.network_printer import NetworkPrinter
from hardware.simulated.virtual_printer import Knobs
from hardware.supervisor import DevicePlan, VirtualDevices
from queue_server.contract.broker import BrokerAddress
from tests.hardware.conftest import QUICK, Broker, Listener, free_port

pytestmark = pytest.mark.anyio
PRINTER_HERE = "motcua/v1/s1/device/printer-1/availability"


def a_plan(folder: Path, **changes: object) -> DevicePlan:
    ordinary: dict[str, object] = {"site": "s1", "folder": folder, "knobs": Knobs(speed_mm_s=5_000)}
    return DevicePlan(**(ordinary | changes))  # type: ignore[arg-type]


async def heard(listener: Listener, **facts: object) -> None:
    """Wait until the printer's last availability message says this."""
    async with asyncio.timeout(20):
        while not facts.items() <= listener.last_on(PRINTER_HERE).items():  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(0.01)


def test_the_plan_names_every_device() -> None:
    plan = DevicePlan(site="s1", folder=Path("x"), counters=("1", "2"))

    assert plan.devices == ("printer-1", "keypad-1", "panel-1", "keypad-2", "panel-2")


async def test_every_fault_is_announced_and_its_end_too(broker: Broker, listener: Listener, tmp_path: Path) -> None:
    async with VirtualDevices(a_plan(tmp_path), lambda _device: broker.address) as devices:
        printer = devices.printers["printer-1"]
        await heard(listener, online=True, problem=None, paper="ok")
        printer.turn(roll_mm=1_000)
        await heard(listener, problem=None, paper="near_end")
        printer.turn(roll_mm=0)
        await heard(listener, online=True, problem="paper-out", paper="out")
        printer.turn(roll_mm=80_000, cover_open=True)
        await heard(listener, problem="cover-open", paper="ok")
        printer.turn(cover_open=False, jam=True)
        await heard(listener, problem="jam")
        printer.turn(jam=False)
        await heard(listener, problem=None)
        await printer.stop()
        await heard(listener, online=False, problem="unreachable")
        await printer.start()
        await heard(listener, online=True, problem=None)
    await heard(listener, online=False)


async def test_a_broker_that_forgot_everything_is_told_again(broker: Broker, tmp_path: Path) -> None:
    async with VirtualDevices(a_plan(tmp_path), lambda _device: broker.address) as devices:
        devices.printers["printer-1"].turn(cover_open=True)
        broker.stop()
        broker.start()
        listener = Listener(broker.address)
        await heard(listener, online=True, problem="cover-open")
        listener.close()


async def test_each_device_speaks_as_itself(broker: Broker, tmp_path: Path) -> None:
    asked: list[str] = []

    def credentials(device: str) -> BrokerAddress:
        asked.append(device)
        return broker.address

    plan = a_plan(tmp_path, counters=("1", "2"))
    async with VirtualDevices(plan, credentials):
        pass

    assert sorted(asked) == sorted(plan.devices)


async def test_the_composition_root_gets_what_it_needs_to_print(tmp_path: Path, ticket: Image.Image) -> None:
    async with VirtualDevices(a_plan(tmp_path)) as devices:
        kiosk = NetworkPrinter(devices.printer_host, devices.printer_port, timeouts=QUICK)

        assert (await kiosk.print(ticket)).printed
        assert (tmp_path / "printer-1" / "last.png").exists()
        assert devices.page_url.startswith("http://127.0.0.1:")


async def test_a_printer_that_falls_over_comes_back_on_the_same_port(tmp_path: Path, ticket: Image.Image) -> None:
    async with VirtualDevices(a_plan(tmp_path)) as devices:
        kiosk = NetworkPrinter(devices.printer_host, devices.printer_port, timeouts=QUICK)
        folder = tmp_path / "printer-1"
        folder.rmdir()
        assert not (await kiosk.print(ticket)).printed
        async with asyncio.timeout(20):
            while not (await kiosk.print(ticket)).printed:  # noqa: ASYNC110 - looks from outside
                await asyncio.sleep(0.1)

        assert devices.restarts >= 1
        assert [slip.whole for slip in devices.printers["printer-1"].slips][-1:] == [True]


async def test_a_taken_port_is_told_and_nothing_is_left_running(tmp_path: Path) -> None:
    async with VirtualDevices(a_plan(tmp_path)) as first:
        second = VirtualDevices(a_plan(tmp_path / "second", page_port=int(first.page_url.split(":")[2].strip("/"))))
        with pytest.raises(OSError, match="address already in use"):
            await second.start()

        assert not second.printers["printer-1"].powered


async def test_the_same_plan_can_be_started_twice_in_a_row(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, printer_port=free_port())
    for _ in range(2):
        async with VirtualDevices(plan) as devices:
            assert devices.printer_port == plan.printer_port
            assert devices.printers["printer-1"].knobs is not plan.knobs


def test_the_program_stops_on_sigterm_and_says_good_bye(broker: Broker, listener: Listener, tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from hardware.main import run
from queue_server.contract.broker import BrokerAddress
from hardware.supervisor import DevicePlan
run(DevicePlan(site="s1", folder=Path({str(tmp_path)!r}), counters=("3",)),
    lambda device: BrokerAddress(host="127.0.0.1", port={broker.address.port}),
    on_ready=lambda devices: print(devices.page_url, flush=True))
"""
    root = Path(__file__).parents[2]
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )
    with running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith(b"http://127.0.0.1:")
        asyncio.run(heard(listener, online=True))
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
    asyncio.run(heard(listener, online=False))
