"""The files that docs/operations.md tells people to copy: they start, and they name commands that exist."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from typer.main import get_command

from queue_server.cli import app
from queue_server.contract.broker import broker_address
from queue_server.kit.mqtt import MqttClient
from queue_server.messaging.acl import users_of
from queue_server.messaging.broker import Broker
from tests.acceptance.program import wait_for
from tests.certificates import make_certificates

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    group: Any = get_command(app)
    for call in re.findall(r"/opt/motcua/\.venv/bin/motcua ([^'\n]*)", unit.read_text()):
        words = call.split(" -- ")[0].split()
        command = group.commands[words[0]]
        known = {name for parameter in command.params for name in parameter.opts}
        assert [word for word in words[1:] if word.startswith("--") and word not in known] == []


def test_every_timer_has_its_service() -> None:
    timers = [path.stem for path in DEPLOY.glob("*.timer")]
    assert timers
    assert [name for name in timers if not (DEPLOY / f"{name}.service").exists()] == []


class TlsBroker:
    """Mosquitto with the documented settings, and the users of an office with one counter."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        make_certificates(folder)
        office = Broker(folder, 0, users_of(counters=["1"]), site="s1")
        office.start()
        self.passwords = {name: office.endpoint(name).password for name in ("server", "keypad-1")}
        office.stop()
        settings = (DEPLOY / "mosquitto.conf").read_text()
        settings = settings.replace("/etc/mosquitto/motcua.", f"{folder}/broker/")
        settings = settings.replace("/etc/mosquitto/certs/", f"{folder}/")
        settings = settings.replace("listener 8883", f"listener {port} 127.0.0.1")
        runs_as = "user root\n" if os.geteuid() == 0 else ""
        (folder / "tls.conf").write_text(f"{runs_as}{settings}")
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program
        self.child = subprocess.Popen([program, "-c", folder / "tls.conf"], stderr=subprocess.DEVNULL)

    def connect(self, user: str, password: str, authority: str | None = "ca.crt") -> tuple[str, list[str]]:
        """What the broker says to a user, and the topics that come back of a call published by it."""
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=user)
        client.username_pw_set(user, password)
        client.tls_set(str(self.folder / authority) if authority else None)
        said: list[str] = []
        heard: list[str] = []
        acknowledged: list[int] = []
        client.on_connect = lambda *told: said.append(str(told[3]))
        client.on_message = lambda *told: heard.append(told[2].topic)
        client.on_publish = lambda *told: acknowledged.append(told[2])
        client.connect("localhost", self.port)
        spin(client, until=said)
        if said == ["Success"]:
            client.subscribe("motcua/v1/s1/#", qos=1)
            client.publish("motcua/v1/s1/call", "{}", qos=1)
            spin(client, until=acknowledged)
            # A second one: its acknowledgement comes behind whatever the first one brought.
            acknowledged.clear()
            client.publish("motcua/v1/s1/device/none/availability", "{}", qos=1)
            spin(client, until=acknowledged)
        client.disconnect()
        return said[0], [topic for topic in heard if topic.endswith("/call")]


def spin(client: mqtt.Client, until: list[Any], limit: float = 10.0) -> None:
    deadline = time.monotonic() + limit
    while not until and time.monotonic() < deadline:
        client.loop(0.1)
    assert until


@pytest.fixture(scope="module")
def tls_broker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    broker = TlsBroker(tmp_path_factory.mktemp("tls"), port)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            break
    yield broker
    broker.child.terminate()
    broker.child.wait(10)


def test_the_server_hears_its_own_call(tls_broker: TlsBroker) -> None:
    assert tls_broker.connect("server", tls_broker.passwords["server"]) == ("Success", ["motcua/v1/s1/call"])


def test_a_keypad_can_call_nobody(tls_broker: TlsBroker) -> None:
    assert tls_broker.connect("keypad-1", tls_broker.passwords["keypad-1"]) == ("Success", [])


def test_a_wrong_password_is_refused(tls_broker: TlsBroker) -> None:
    assert tls_broker.connect("server", "guess")[0] == "Not authorized"


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # paho drops the socket of a failed handshake
def test_an_unknown_authority_is_refused(tls_broker: TlsBroker) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        tls_broker.connect("server", tls_broker.passwords["server"], authority=None)


def test_a_broker_of_another_name_says_what_cures_it(tls_broker: TlsBroker) -> None:
    """Its certificate is for `localhost`."""
    address = broker_address(f"mqtts://server:x@127.0.0.1:{tls_broker.port}", ca=tls_broker.folder / "ca.crt")
    client = MqttClient(address)
    client.start()
    try:
        wait_for(lambda: client.complaint, "the client does not complain")
    finally:
        client.stop()
    assert "ask for it by the name in its certificate" in client.complaint
