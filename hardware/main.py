"""Runs the virtual devices of an office as a program of their own."""

import asyncio
import signal
from collections.abc import Callable

from hardware.fonts import check_fonts
from hardware.supervisor import Credentials, DevicePlan, VirtualDevices


def run(
    plan: DevicePlan,
    credentials: Credentials | None = None,
    *,
    on_ready: Callable[[VirtualDevices], None] = lambda _devices: None,
) -> None:
    """Run the devices until SIGTERM or Ctrl-C; `on_ready` is told once ports and page are open.

    FontError when a font or a letter is missing, OSError when a port is taken.
    """
    check_fonts()
    asyncio.run(_until_told_to_stop(plan, credentials, on_ready))


async def _until_told_to_stop(
    plan: DevicePlan, credentials: Credentials | None, on_ready: Callable[[VirtualDevices], None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with VirtualDevices(plan, credentials) as devices:
        on_ready(devices)
        await stop.wait()
