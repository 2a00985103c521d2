"""Runs programs until they are told to stop: the whole office, the server alone, a kiosk, the devices."""

import asyncio
import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from queue_server import options as opt
from queue_server.contract.ports import Identity
from queue_server.contract.printer import printer_address
from queue_server.main import stop_signals

if TYPE_CHECKING:
    from hardware.supervisor import VirtualDevices
    from queue_server.contract.broker import BrokerAddress
    from queue_server.runtime import Runtime

KIOSK_GRACE = 1.5
CONNECTED_LOOK = 0.1  # seconds between two looks whether the broker has let us in


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
            anchor=options.anchor,
            syslog=options.syslog,
        )
    )
    stop = asyncio.Event()
    stop_signals(asyncio.get_running_loop(), stop)
    try:
        await runtime.start()
        say(f"ready {runtime.url}")
        await runtime.serve_until(stop)
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
        printers=site.printers,
        page_port=options.devices_port,
        printer_port=options.devices_port and options.devices_port + 1,
    )
    links: list[tuple[str, str]] = []
    runtime = Runtime(
        RunOptions(
            data=options.data,
            site=options.site,
            host=options.host,
            port=options.port,
            mqtt_port=options.mqtt_port,
            links=links,
            speed=options.speed,
        )
    )
    stop = asyncio.Event()
    stop_signals(asyncio.get_running_loop(), stop)
    devices: VirtualDevices | None = None
    window: asyncio.subprocess.Process | None = None
    try:
        await runtime.start()
        if options.hardware:
            devices = VirtualDevices(plan, runtime.mqtt.endpoint)
            await devices.start()
            links.append(("Thiết bị ảo · Virtual devices", devices.page_url))
        say(f"ready {runtime.url}")
        say_addresses(runtime, devices)
        if options.kiosk:
            window = await open_kiosk(options, runtime, devices)
        await runtime.serve_until(stop)
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


def say_addresses(runtime: "Runtime", devices: "VirtualDevices | None") -> None:
    """Every page of the office with its address; staff addresses sign in by themselves, once and soon."""
    url, now = runtime.url, runtime.source.now()
    counter = next(iter(runtime.site.office.counters))
    pages = {
        "console": ("officer", f"/console?counter={counter}"),
        "manager": ("manager", "/manager"),
        "admin": ("admin", "/admin"),
    }
    if runtime.options.speed != 1.0:
        shown = now.astimezone(ZoneInfo(runtime.site.timezone))
        say(f"  clock    a demonstration: {shown:%H:%M} now, and {runtime.options.speed:g} times as fast as life")
    say(f"  pages    {url}/")
    for zone in runtime.site.office.zones:
        say(f"  board    {url}/board/{zone}")
    for name, (role, page) in pages.items():
        code = runtime.sessions.invite(Identity(role=role, subject="demo"), now)
        say(f"  {name:<8} {url}/sign-in#{code}&next={page}")
    say("           each signs in once, within the hour; later: motcua token officer, manager or admin")
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
        paper = f" --printer {devices.printer_host}:{devices.printer_port}" if devices is not None else ""
        say("           or on a machine with a screen:")
        say(f"           motcua kiosk --url {runtime.url} --kiosk {kiosk} --token …{paper}")
        return None
    command = [sys.executable, "-m", "queue_server", "kiosk", "--url", runtime.url, "--kiosk", kiosk]
    command += ["--data", str(options.data), "--window", "540x960"]
    if devices is not None:
        command += ["--printer", f"{devices.printer_host}:{devices.printer_port}"]
    environment = {**os.environ, "MOTCUA_MQTT": runtime.mqtt.endpoint(kiosk).url}
    say(f"  kiosk    a window opens for {kiosk}")
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)


def run_kiosk(options: opt.KioskOptions) -> int:
    """The kiosk program; its token is the one given, or made from the data folder when that is on this machine."""
    from kiosk import main as program
    from queue_server.access import existing_secret
    from queue_server.auth import Tokens
    from queue_server.site.loader import load_site

    site = load_site(options.site)
    kiosk = options.kiosk or next(iter(site.kiosks), None)
    if kiosk is None:
        raise opt.ConfigError("the site file names no kiosk; add one under `kiosks:`")
    known = site.kiosks.get(kiosk) if options.site else None  # without a file of its own, the server's word counts
    own = Identity(role="kiosk", kiosk=kiosk, subject=kiosk)
    token = options.token or Tokens(existing_secret(options.data)).make(own)
    return program.run(
        program.KioskOptions(
            url=options.url,
            kiosk=kiosk,
            token=token,
            data=options.data / kiosk,
            printer=options.printer or (printer_address(known.printer) if known and known.printer else None),
            mqtt=_broker(options.mqtt_url) if options.mqtt_url else None,
            portrait=known.orientation == "portrait" if known else None,
            fullscreen=options.fullscreen,
            size=options.size,
        )
    )


def _broker(url: str) -> "BrokerAddress":
    """The broker behind an address; raises `ConfigError` with a sentence when there can be none."""
    from queue_server.contract.broker import broker_address

    try:
        return broker_address(url)
    except ValueError as error:
        raise opt.ConfigError(str(error)) from error


def run_hardware(options: opt.HardwareOptions) -> int:
    """Virtual devices as a program of their own, or the watch over one real printer; until SIGTERM."""
    if options.simulated:
        return _run_simulated(options)
    if options.printer is None or options.mqtt_url is None:
        raise opt.ConfigError(
            "name the printer and the broker: motcua hardware --printer HOST:PORT --mqtt mqtt://user:password@host, "
            "or run virtual devices with --simulated"
        )
    from queue_server.messaging.acl import MONITOR, SERVER
    from queue_server.site.loader import load_site

    broker = _broker(options.mqtt_url)
    if broker.user in {SERVER, MONITOR}:
        raise opt.ConfigError(
            f"the account {broker.user} on the broker belongs to another program; give the devices one of their own, "
            f"such as {load_site(options.site).printers[0]} (its password is in broker/passwords.json of the server)"
        )
    asyncio.run(_watch_printer(options, broker))
    return 0


def _run_simulated(options: opt.HardwareOptions) -> int:
    from hardware.main import run
    from hardware.supervisor import DevicePlan
    from queue_server.site.loader import load_site

    site = load_site(options.site)
    plan = DevicePlan(
        site=site.id,
        folder=options.data / "printed",
        counters=tuple(site.office.counters),
        printers=site.printers,
        page_port=options.devices_port,
        printer_port=options.devices_port and options.devices_port + 1,
    )
    run(plan, on_ready=lambda devices: say(f"ready {devices.page_url}"))
    return 0


async def _watch_printer(options: opt.HardwareOptions, broker: "BrokerAddress") -> None:
    from hardware.drivers.network_printer import NetworkPrinter
    from hardware.printer_watch import PrinterWatch
    from queue_server.site.loader import load_site

    assert options.printer is not None
    printer = NetworkPrinter(*options.printer)
    device = options.device or broker.user
    watch = PrinterWatch(printer, broker, site=load_site(options.site).id, device=device)
    stop = asyncio.Event()
    stop_signals(asyncio.get_running_loop(), stop)
    await watch.start()
    try:
        while not watch.link.connected and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), CONNECTED_LOOK)
        if not stop.is_set():
            say(f"ready watching {device}")
        await stop.wait()
    finally:
        await watch.stop()
