"""The server as it is started tells another machine's log where the record ends."""

import socket
from dataclasses import dataclass
from pathlib import Path

from queue_server.auditing import ends_in
from tests.acceptance.program import LIMIT, Program, motcua


@dataclass
class Reporting(Program):
    """`motcua server` with a receiver of its record's ends."""

    receiver: str = ""

    def command(self) -> list[str]:
        ports = ["--port", str(self.port), "--mqtt-port", str(self.mqtt_port)]
        return ["server", "--data", str(self.data), *ports, "--syslog", self.receiver]


def test_the_opening_of_a_day_is_noted_elsewhere(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(LIMIT)
        program = Reporting(tmp_path / "data", receiver=f"127.0.0.1:{ear.getsockname()[1]}")
        try:
            program.begin()
            line = ear.recv(4096).decode()
            program.stop()
        finally:
            program.clear_away()
    [end] = ends_in(line)
    assert "record-digest" in line
    assert "1 ends from outside: ok" in motcua("journal", "verify", "--data", program.data, "--digest", end).stdout
