"""The whole way with a real broker: from a pressed button to a command, from an office to a panel, through faults."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hardware.simulated.keypad import Keypad
from hardware.simulated.panel import Panel
from queue_server.contract.broker import BrokerAddress
from queue_server.contract.buttons import Button
from queue_server.contract.problems import Problem
from queue_server.contract.topics import topic
from queue_server.kit.mqtt import MqttClient, Received, Will
from queue_server.messaging.acl import Kind, User
from queue_server.messaging.broker import Broker
from queue_server.messaging.inbound import (
    CommandRequest,
    DeviceAvailability,
    KeypadRequest,
    Rejected,
    Request,
    parse,
    subscriptions,
)
from queue_server.messaging.keypad import Presses, keypad_command
from queue_server.messaging.outbound import presence
from queue_server.messaging.passwords import password_lines
from queue_server.messaging.relay import Relay
from queue_server.queue import commands as cmd
from tests.messaging.conftest import SITE, Device, Lines, Running, office_users, until, wait_for
from tests.messaging.rows import CALL, LAND, MONDAY, Office, recalled, stamp


@dataclass
class Desk:
    """A server in small: the relay on a line, and what was asked of it."""

    asked: list[Request] = field(default_factory=list)
    line: MqttClient = field(init=False)
    relay: Relay = field(init=False)

    async def open(self, lines: Lines, endpoint: BrokerAddress) -> "Desk":
        self.line = MqttClient(
            endpoint, loop=asyncio.get_running_loop(), subscriptions=subscriptions(SITE),
            on_message=self.take, on_connected=self.connected,
            will=Will(topic=gone.topic, payload=gone.payload),
        )  # fmt: skip
        self.relay = Relay(self.line.publish)
        lines.open.append(self.line)
        self.ready = asyncio.Event()
        self.line.start()
        await self.ready.wait()
        return self

    def connected(self) -> None:
        here = presence("server", SITE, online=True)  # the will of an earlier test's server says otherwise
        self.line.publish(here.topic, here.payload, True)
        self.relay.republish()
        self.ready.set()

    def take(self, received: Received) -> None:
        request = parse(received.topic, received.payload, site=SITE, now=MONDAY, retained=received.retained)
        if request is not None:
            self.asked.append(request)

    def of(self, kind: type) -> list[Request]:
        return [each for each in self.asked if isinstance(each, kind)]


gone = presence("server", SITE, online=False)


def test_a_pressed_button_becomes_a_command(broker: Broker, running: Running) -> None:
    async def story(lines: Lines) -> None:
        desk = await Desk().open(lines, broker.endpoint())
        keypad = Keypad(broker.endpoint("keypad-1"), site=SITE, counter="1")
        keypad.start()
        try:
            await until(lambda: keypad.link.connected)
            pressed = [keypad.press(Button.NEXT), keypad.press(Button.PAUSE)]
            await until(lambda: len(desk.of(KeypadRequest)) == 2)
        finally:
            await asyncio.to_thread(keypad.stop)
        presses, found = Presses(), []
        for press in desk.of(KeypadRequest):
            assert isinstance(press, KeypadRequest)
            assert presses.is_new(press)
            assert not presses.is_new(press)
            found.append((press.id, keypad_command(press.button, "serving", "open", press.counter)))
        assert [each for each, _ in found] == pressed
        assert [each for _, each in found] == [
            cmd.CallNext(counter="1", finish_current=True), cmd.PauseCounter(counter="1"),
        ]  # fmt: skip
        await until(lambda: len(desk.of(DeviceAvailability)) >= 2)
        last = desk.of(DeviceAvailability)[-1]
        assert last == DeviceAvailability(device="keypad-1", online=False, problem=None)

    running(story)


def test_a_terminal_commands_and_rubbish_changes_nothing(
    broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    async def story(lines: Lines) -> None:
        desk = await Desk().open(lines, broker.endpoint())
        terminal = await asyncio.to_thread(device, broker.endpoint("terminal-1"))
        where = topic(SITE, "counter_command", counter="1")
        for payload in (b"\xff{", b"[" * 5_000, b'{"v":1,"id":"terminal-1-1","command":"start"}'):
            terminal.line.publish(where, payload, qos=1)
        await until(lambda: len(desk.of(CommandRequest)) == 1)
        assert [each.code for each in desk.of(Rejected) if isinstance(each, Rejected)] == [Problem.BODY_INVALID] * 2
        assert desk.line.connected
        assert desk.of(CommandRequest) == [
            CommandRequest(counter="1", id="terminal-1-1", command=cmd.Start(counter="1"), expires=None)
        ]

    running(story)


def test_a_panel_shows_what_the_office_says(broker: Broker, running: Running) -> None:
    async def story(lines: Lines) -> None:
        desk = await Desk().open(lines, broker.endpoint())
        panel = Panel(broker.endpoint("panel-1"), site=SITE, counter="1")
        panel.start()
        try:
            desk.relay.state(Office(), stamp())
            await until(lambda: panel.text == "A012")
            desk.relay.calls([CALL], stamp(2))
            desk.relay.calls([recalled(CALL, 2), CALL], stamp(3))
            await until(lambda: panel.state.calls == 1)
            assert panel.rejected == 0
        finally:
            await asyncio.to_thread(panel.stop)

    running(story)


def test_a_broker_killed_under_load_is_filled_again(
    own_broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    """Whatever the broker lost, a device that comes afterwards finds the office as it is."""

    async def story(lines: Lines) -> None:
        desk, office = await Desk().open(lines, own_broker.endpoint()), Office()
        for seq in range(200):
            office.lines = (replace(LAND, waiting=seq),)
            desk.relay.state(office, stamp(seq))
            if seq == 100:
                assert own_broker.pid is not None
                os.kill(own_broker.pid, signal.SIGKILL)
            await asyncio.sleep(0.001)
        await until(lambda: desk.line.counts.connections == 2)
        late = await asyncio.to_thread(device, own_broker.endpoint("monitor"), f"motcua/v1/{SITE}/#")
        waiting = topic(SITE, "service_state", service="land")
        await until(lambda: bool(late.heard_on(waiting)) and json.loads(late.heard_on(waiting)[-1])["waiting"] == 199)
        states = {where.removeprefix(f"motcua/v1/{SITE}/") for where, _, _ in late.heard}
        assert states >= {
            "office/state", "service/land/state", "counter/1/state", "counter/2/state", "board/main/calls",
            "board/all/calls",
        }  # fmt: skip

    running(story)


def test_a_killed_server_is_told_by_its_will(broker: Broker, device: Callable[..., Device]) -> None:
    watcher = device(broker.endpoint("monitor"), gone.topic)
    way = broker.endpoint()
    code = (
        "import asyncio, os, signal, sys\n"
        "from queue_server.kit.mqtt import MqttClient, Will\n"
        "from queue_server.contract.broker import BrokerAddress\n"
        "async def main():\n"
        "    way = BrokerAddress(host=sys.argv[1], port=int(sys.argv[2]), user='server', password=sys.argv[3])\n"
        "    dead = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    will = Will(topic=sys.argv[4], payload=b'gone')\n"
        "    MqttClient(way, loop=asyncio.get_running_loop(), will=will, on_connected=dead).start()\n"
        "    await asyncio.sleep(20)\n"
        "asyncio.run(main())\n"
    )
    arguments = [way.host, str(way.port), way.password, gone.topic]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    wait_for(lambda: b"gone" in watcher.heard_on(gone.topic))


def test_a_tasmota_button_speaks_only_for_itself(tmp_path: Path, device: Callable[..., Device]) -> None:
    button = User(name="button1", kind=Kind.TASMOTA)
    ears = User(name="ears", kind=Kind.SERVER, hears=("stat/button1/RESULT",))
    broker = Broker(tmp_path, 0, (*office_users(), button, ears), site=SITE)
    broker.start()
    try:
        ear = device(broker.endpoint("ears"), "stat/#")
        tasmota = device(broker.endpoint("button1"))
        tasmota.say("stat/button2/RESULT", b"forged")
        tasmota.say(topic(SITE, "keypad_event", counter="1"), b"forged")
        tasmota.say("stat/button1/RESULT", b'{"Button1":{"Action":"SINGLE"}}')
        wait_for(lambda: ear.heard_on("stat/button1/RESULT") != [])
        assert len(ear.heard) == 1
    finally:
        broker.stop()


@dataclass(frozen=True)
class SiteBroker:
    """A site's own Mosquitto with TLS, and two authorities: the one it is signed by and a stranger."""

    endpoint: BrokerAddress
    stranger: Path


@pytest.fixture(scope="module")
def site_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteBroker]:
    folder = tmp_path_factory.mktemp("tls")
    for name in ("site", "stranger"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "passwords").write_text(password_lines({"queue": "secret"}))
    (folder / "passwords").chmod(0o600)
    lines = [
        "user root", f"listener {port}", "allow_anonymous false", f"password_file {folder / 'passwords'}",
        f"certfile {folder / 'site.pem'}", f"keyfile {folder / 'site.key'}", "persistence false",
    ]  # fmt: skip
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program
    with subprocess.Popen([program, "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL) as child:
        way = BrokerAddress(
            host="localhost", port=port, user="queue", password="secret", tls=True, ca=folder / "site.pem"
        )
        yield SiteBroker(endpoint=way, stranger=folder / "stranger.pem")
        child.terminate()


def test_the_sites_own_broker_over_tls(site_broker: SiteBroker, running: Running) -> None:
    async def story(lines: Lines) -> None:
        desk = await Desk().open(lines, site_broker.endpoint)
        await until(lambda: desk.relay.state(Office(), stamp()) > 0)  # a line may be cut and come back

    running(story)


def test_an_authority_may_be_named_by_the_environment(
    site_broker: SiteBroker, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(site_broker.endpoint.ca))

    async def story(lines: Lines) -> None:
        await Desk().open(lines, replace(site_broker.endpoint, ca=None))

    running(story)


def test_an_authority_that_is_not_there_is_said_clearly(site_broker: SiteBroker, running: Running) -> None:
    async def story(_lines: Lines) -> None:
        way = replace(site_broker.endpoint, ca=Path("nowhere.pem"))
        with pytest.raises(FileNotFoundError, match=r"nowhere\.pem"):
            MqttClient(way, loop=asyncio.get_running_loop()).start()

    running(story)


@pytest.mark.parametrize("mistake", ["another authority", "another name", "no TLS"])
def test_a_broker_that_cannot_prove_its_name_gets_no_password(
    site_broker: SiteBroker, running: Running, mistake: str
) -> None:
    way = {
        "another authority": replace(site_broker.endpoint, ca=site_broker.stranger),
        "another name": replace(site_broker.endpoint, host="127.0.0.1"),
        "no TLS": replace(site_broker.endpoint, tls=False, ca=None),
    }[mistake]

    async def story(lines: Lines) -> None:
        line = MqttClient(way, loop=asyncio.get_running_loop())
        lines.open.append(line)
        line.start()
        await until(lambda: line.counts.failures > 0)
        assert line.counts.connections == 0

    running(story)
