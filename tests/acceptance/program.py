"""The real program as a person starts it, in a process of its own, and how to reach, stop and kill it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from queue_server.auth import Tokens
from queue_server.contract.broker import BrokerAddress
from queue_server.contract.ports import Identity
from queue_server.journal.journal import Journal
from queue_server.journal.verify import verify
from queue_server.keys import load_secret
from queue_server.messaging.broker import end_orphan

ROOT = Path(__file__).parents[2]
SITE = "tan-loi"
LIMIT = 60.0


def motcua(*arguments: object, timeout: float = LIMIT) -> subprocess.CompletedProcess[str]:
    """Runs a command of the program to its end."""
    command = [sys.executable, "-m", "queue_server", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)


def wait_for(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@dataclass
class Program:
    """One office on a data folder. The ports stay the same over restarts."""

    data: Path
    port: int = 0
    mqtt_port: int = 0
    hardware: bool = False
    speed: float = 1.0
    starts: int = 0
    root: Path = ROOT  # the checkout whose program it is
    child: subprocess.Popen[bytes] = field(init=False)
    url: str = field(init=False, default="")

    def start(self) -> "Program":
        """Returns when it says that it is ready."""
        self.begin()
        wait_for(lambda: self._ready() or self.child.poll() is not None, "it never said ready")
        assert self.child.poll() is None, self.said()
        return self

    def begin(self) -> None:
        """Starts it and waits for nothing."""
        self.starts += 1
        self.log = self.data.with_name(f"{self.data.name}-{self.starts}.log")
        command = [sys.executable, "-m", "queue_server", *self.command()]
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(command, cwd=self.root, stdout=log, stderr=subprocess.STDOUT)

    def command(self) -> list[str]:
        """What is started."""
        ports = ["--port", str(self.port), "--mqtt-port", str(self.mqtt_port)]
        devices = [] if self.hardware else ["--no-hardware"]
        speed = [] if self.speed == 1.0 else ["--speed", str(self.speed)]
        return ["up", "--no-kiosk", "--data", str(self.data), *ports, *devices, *speed]

    def _ready(self) -> bool:
        found = re.search(r"^ready (?:following )?(http://[^\s,]+)", self.said(), re.MULTILINE)
        self.url = found[1] if found else self.url
        return found is not None

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def kill(self) -> None:
        """As a power cut does, for this process alone."""
        self.child.kill()
        self.child.wait(LIMIT)

    def stop(self) -> float:
        """Asks it to stop; returns how many seconds that took."""
        began = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(LIMIT)
        return time.monotonic() - began

    def clear_away(self) -> None:
        """Leaves no process behind, however the test ended."""
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait(LIMIT)
        end_orphan(self.data / "broker" / "pid", self.data / "broker" / "mosquitto.conf")

    def token(self, role: str, **place: str) -> str:
        return Tokens(load_secret(self.data)).make(Identity(role=role, subject=role, **place))

    def client(self, role: str | None = None, **place: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.token(role, **place)}"} if role else {}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=10.0)

    @property
    def broker_pid(self) -> int:
        return int((self.data / "broker" / "pid").read_text())

    def kill_broker(self) -> None:
        before = self.broker_pid
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: self.broker_pid != before, "no new broker was started")

    def way(self, user: str) -> BrokerAddress:
        """How a device reaches the broker, with the password that the program made for it."""
        passwords = json.loads((self.data / "broker" / "passwords.json").read_text())
        found = re.search(r"^listener (\d+)", (self.data / "broker" / "mosquitto.conf").read_text(), re.MULTILINE)
        assert found
        return BrokerAddress(host="127.0.0.1", port=int(found[1]), user=user, password=passwords[user])

    def journal(self) -> Journal:
        """The journal as it is on disk now; the caller closes it."""
        journal = Journal(self.data / "journal.sqlite3")
        journal.open()
        return journal

    def problems(self) -> list[str]:
        """What verifying the journal finds."""
        journal = self.journal()
        try:
            return verify(journal).problems
        finally:
            journal.close()
