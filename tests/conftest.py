"""What every test may use: a quiet Kivy without a screen, free ports, a real broker and where the browser is."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Kivy reads these once, when it is first imported, so they are set before any test module is.
os.environ.update(
    KIVY_NO_ARGS="1",
    KIVY_NO_CONFIG="1",
    KIVY_NO_FILELOG="1",
    KIVY_NO_CONSOLELOG="1",
    SDL_AUDIODRIVER="dummy",
    SDL_VIDEODRIVER="offscreen",
)

LOOPBACK = "127.0.0.1"
START_LIMIT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A running Mosquitto and one user of it who may read and write every topic."""

    host: str
    port: int
    username: str
    password: str


def take_free_ports(count: int) -> list[int]:
    """Different free TCP ports of the loopback; another program may still take one before the test does."""
    sockets = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def free_port() -> int:
    return take_free_ports(1)[0]


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    return take_free_ports


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real Mosquitto of this worker's own: use topics of your own under it, its retained messages stay."""
    folder = tmp_path_factory.mktemp("mosquitto")
    broker = Broker(host=LOOPBACK, port=take_free_ports(1)[0], username="tester", password="let-me-test")
    config = _mosquitto_config(folder, broker)
    # Its own name on a user's PATH is not certain: Debian keeps servers in /usr/sbin.
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert program, "Mosquitto is missing: run scripts/setup test"
    with (folder / "log").open("wb") as log, subprocess.Popen([program, "-c", config], stdout=log, stderr=log) as child:
        try:
            _wait_until_open(broker.port, child, folder / "log")
            yield broker
        finally:
            child.terminate()


def _mosquitto_config(folder: Path, broker: Broker) -> Path:
    passwords, rights, config = folder / "passwords", folder / "acl", folder / "mosquitto.conf"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, broker.username, broker.password], check=True)
    rights.write_text(f"user {broker.username}\ntopic readwrite #\n")
    lines = [
        f"listener {broker.port} {broker.host}",
        "allow_anonymous false",
        f"password_file {passwords}",
        f"acl_file {rights}",
        "set_tcp_nodelay true",
        "persistence false",
    ]
    if os.geteuid() == 0:
        lines.insert(0, "user root")  # else it gives up its rights and cannot read this folder
    config.write_text("\n".join(lines) + "\n")
    return config


def _wait_until_open(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"Mosquitto did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium_launch() -> dict[str, Any]:
    """Arguments for Playwright's `chromium.launch`: the system's browser, or Playwright's own where there is none."""
    path = os.environ.get("MOTCUA_CHROMIUM") or shutil.which("chromium")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-gpu", "--no-first-run"]
    found: dict[str, Any] = {"args": ["--no-sandbox", *quiet]}
    if path and not _is_snap(Path(path)):
        found["executable_path"] = path
    return found


def _is_snap(program: Path) -> bool:
    """Ubuntu's Chromium is a snap or a script that points to one; Playwright can drive neither."""
    return program.resolve().name == "snap" or b"/snap/bin" in program.read_bytes()[:1000]
