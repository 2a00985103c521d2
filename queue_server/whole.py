"""Runs programs until they are told to stop: the whole office, the server alone, a kiosk, the devices."""

import asyncio
import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

from queue_server import options as opt
from queue_server.contract.ports import Identity
from queue_server.main import stop_signals

if TYPE_CHECKING:
    from hardware.ports import BrokerAddress
    from hardware.supervisor import VirtualDevices
    from queue_server.messaging.endpoint import Endpoint
    from queue_server.runtime import Runtime

KIOSK_GRACE = 1.5


def say(text: str) -> None:
    """A line for whoever started the program, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def run_server(options: opt.ServerOptions) -> int:
    from queue_server.runtime import RunOptions, Runtime

    runtime = Runtime(
        RunOptions(
            data=options.data,
            site=options.site,
            host=options.host,
            port=options.port,
            mqtt_port=options.mqtt_port,
            mqtt_url=options.mqtt_url,
        )
    )
    stop = asyncio.Event()
    stop_signals(asyncio.get_running_loop(), stop)
    try:
        await runtime.start()
        say(f"ready {runtime.url}")
        await stop.wait()
    finally:
        await runtime.stop()
    return 0


async def run_up(options: opt.UpOptions) -> int:
    from hardware.supervisor import DevicePlan, VirtualDevices
    from queue_server.runtime import RunOptions, Runtime
    from queue_server.site.loader import load_site

    site = load_site(options.site)
    plan = DevicePlan(
        site=site.id,
        folder=options.data / "printed",
        counters=tuple(site.office.counters),
        printers=tuple(f"printer-{kiosk}" for kiosk in site.kiosks) or ("printer-1",),
    )
    links: list[tuple[str, str]] = []
    runtime = Runtime(
        RunOptions(
            data=options.data,
            site=options.site,
            host=options.host,
            port=options.port,
            mqtt_port=options.mqtt_port,
            devices=plan.printers if options.hardware else (),
            links=links,
        )
    )
    stop = asyncio.Event()
    stop_signals(asyncio.get_running_loop(), stop)
    devices: VirtualDevices | None = None
    window: asyncio.subprocess.Process | None = None
    try:
        await runtime.start()
        if options.hardware:
            devices = VirtualDevices(plan, lambda name: broker_address(runtime, name))
            await devices.start()
            links.append(("Thiết bị ảo · Virtual devices", devices.page_url))
        say(f"ready {runtime.url}")
        say_addresses(runtime, devices)
        if options.kiosk:
            window = await open_kiosk(options, runtime, devices)
        await stop.wait()
    finally:
        await close_all(runtime, devices, window)
    return 0


async def close_all(
    runtime: "Runtime", devices: "VirtualDevices | None", window: asyncio.subprocess.Process | None
) -> None:
    """The kiosk first, so that it sees no server go away; devices and server together."""
    if window is not None and window.returncode is None:
        window.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(window.wait(), KIOSK_GRACE)
        if window.returncode is None:
            window.kill()
    if devices is not None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(devices.stop(), KIOSK_GRACE)
    await runtime.stop()


def broker_address(runtime: "Runtime", user: str) -> "BrokerAddress":
    from hardware.ports import BrokerAddress

    found = runtime.mqtt.endpoint(user)
    return BrokerAddress(
        host=found.host, port=found.port, username=found.user, password=found.password, tls_ca=found.ca
    )


def say_addresses(runtime: "Runtime", devices: "VirtualDevices | None") -> None:
    """Every page of the office with its address; staff addresses sign in by themselves."""
    url, make = runtime.url, runtime.tokens.make
    counter = next(iter(runtime.site.office.counters))
    staff = {
        "console": (make(Identity(role="officer", subject="demo")), f"/console?counter={counter}"),
        "manager": (make(Identity(role="manager", subject="demo")), "/manager"),
        "admin": (make(Identity(role="admin", subject="demo")), "/admin"),
    }
    say(f"  pages    {url}/")
    for zone in runtime.site.office.zones:
        say(f"  board    {url}/board/{zone}")
    for name, (token, page) in staff.items():
        say(f"  {name:<8} {url}/sign-in#{token}&next={page}")
    if devices is not None:
        say(f"  devices  {devices.page_url}   (tickets from the virtual printer, faults to cause)")


async def open_kiosk(
    options: opt.UpOptions, runtime: "Runtime", devices: "VirtualDevices | None"
) -> asyncio.subprocess.Process | None:
    """A kiosk window as a program of its own; without a screen a line that says how to see one."""
    kiosk = next(iter(runtime.site.kiosks), None)
    if kiosk is None:
        say("  kiosk    the site file names none")
        return None
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        say("  kiosk    no screen here; to see it: ./scripts/screens draws every screen to docs/screens/,")
        say(f"           or on a machine with a screen: motcua kiosk --url {runtime.url} --kiosk {kiosk} --token …")
        return None
    command = [sys.executable, "-m", "queue_server", "kiosk", "--url", runtime.url, "--kiosk", kiosk]
    command += ["--data", str(options.data), "--window", "540x960"]
    if devices is not None:
        command += ["--printer", f"{devices.printer_host}:{devices.printer_port}"]
    way = runtime.mqtt.endpoint(kiosk)
    environment = {**os.environ, "MOTCUA_MQTT": f"mqtt://{quote(way.user)}:{quote(way.password)}@{way.host}:{way.port}"}
    say(f"  kiosk    a window opens for {kiosk}")
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)


def run_kiosk(options: opt.KioskOptions) -> int:
    """The kiosk program; its token is the one given, or made from the data folder when that is on this machine."""
    from kiosk import main as program
    from kiosk.device_link import Broker
    from queue_server.access import existing_secret
    from queue_server.auth import Tokens
    from queue_server.messaging.endpoint import endpoint_from_url
    from queue_server.site.loader import load_site

    site = load_site(options.site)
    kiosk = options.kiosk or next(iter(site.kiosks), None)
    if kiosk is None:
        raise opt.ConfigError("the site file names no kiosk; add one under `kiosks:`")
    known = site.kiosks.get(kiosk)
    own = Identity(role="kiosk", kiosk=kiosk, subject=kiosk)
    token = options.token or Tokens(existing_secret(options.data)).make(own)
    broker = None
    if options.mqtt_url:
        try:
            way = endpoint_from_url(options.mqtt_url)
        except ValueError as error:
            raise opt.ConfigError(str(error)) from error
        broker = Broker(host=way.host, port=way.port, username=way.user, password=way.password, tls=way.tls)
    return program.run(
        program.KioskOptions(
            url=options.url,
            kiosk=kiosk,
            token=token,
            data=options.data / kiosk,
            printer=options.printer,
            mqtt=broker,
            portrait=known is None or known.orientation == "portrait",
            fullscreen=options.fullscreen,
            size=options.size,
        )
    )


def run_hardware(options: opt.HardwareOptions) -> int:
    """Virtual devices as a program of their own, or the watch over one real printer; until SIGTERM."""
    if options.simulated:
        return _run_simulated(options)
    if options.printer is None or options.mqtt_url is None:
        raise opt.ConfigError(
            "name the printer and the broker: motcua hardware --printer HOST:PORT --mqtt mqtt://user:password@host, "
            "or run virtual devices with --simulated"
        )
    from queue_server.messaging.endpoint import endpoint_from_url

    try:
        way = endpoint_from_url(options.mqtt_url)
    except ValueError as error:
        raise opt.ConfigError(str(error)) from error
    asyncio.run(_watch_printer(options, way))
    return 0


def _run_simulated(options: opt.HardwareOptions) -> int:
    from hardware.main import run
    from hardware.supervisor import DevicePlan
    from queue_server.site.loader import load_site

    site = load_site(options.site)
    plan = DevicePlan(site=site.id, folder=options.data / "printed", counters=tuple(site.office.counters))
    run(plan, on_ready=lambda devices: say(f"ready {devices.page_url}"))
    return 0


async def _watch_printer(options: opt.HardwareOptions, way: "Endpoint") -> None:
    from hardware.drivers.network_printer import NetworkPrinter
    from hardware.ports import BrokerAddress
    from hardware.printer_watch import PrinterWatch
    from queue_server.site.loader import load_site

    assert options.printer is not None
    address = BrokerAddress(host=way.host, port=way.port, username=way.user, password=way.password, tls_ca=way.ca)
    printer = NetworkPrinter(*options.printer)
    watch = PrinterWatch(printer, address, site=load_site(options.site).id, device=options.device)
    stop = asyncio.Event()
    stop_signals(asyncio.get_running_loop(), stop)
    await watch.start()
    say(f"ready watching {options.device}")
    try:
        await stop.wait()
    finally:
        await watch.stop()
