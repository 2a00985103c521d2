"""The private Mosquitto: its users and rights, its files, and what becomes of it when it is killed."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from queue_server.contract.topics import topic
from queue_server.messaging.broker import Broker, BrokerError
from tests.messaging.conftest import SITE, Device, office_users, wait_for

STATE = topic(SITE, "counter_state", counter="1")
PRESS = topic(SITE, "keypad_event", counter="1")


def test_without_a_name_nobody_gets_in(broker: Broker, device: Callable[..., Device]) -> None:
    stranger = device(replace(broker.endpoint(), user="", password=""))
    assert stranger.refused == "Not authorized"


def test_a_wrong_password_is_refused(broker: Broker, device: Callable[..., Device]) -> None:
    assert device(replace(broker.endpoint("keypad-1"), password="guessed")).refused == "Not authorized"


def test_a_password_is_for_one_device_only(broker: Broker, device: Callable[..., Device]) -> None:
    assert device(replace(broker.endpoint("keypad-1"), user="keypad-2")).refused == "Not authorized"


@pytest.mark.parametrize(
    ("user", "forbidden"),
    [
        ("keypad-1", topic(SITE, "keypad_event", counter="2")),
        ("keypad-1", STATE),
        ("keypad-1", topic(SITE, "counter_command", counter="1")),
        ("keypad-1", topic(SITE, "device_availability", device="keypad-2")),
        ("keypad-1", topic("elsewhere", "keypad_event", counter="1")),
        ("terminal-1", topic(SITE, "counter_command", counter="2")),
        ("terminal-1", topic(SITE, "counter_answer", counter="1")),
        ("panel-1", topic(SITE, "call")),
        ("kiosk-1", topic(SITE, "kiosk_state", kiosk="kiosk-2")),
        ("kiosk-1", topic(SITE, "service_state", service="land")),
        ("board-1", topic(SITE, "board_calls", zone="main")),
        ("printer-1", topic(SITE, "alert")),
        ("monitor", topic(SITE, "office_state")),
    ],
)
def test_what_is_not_ones_own_is_not_heard(
    broker: Broker, device: Callable[..., Device], user: str, forbidden: str
) -> None:
    witness = device(broker.endpoint("server"), f"motcua/v1/{SITE}/#", "#")
    forger = device(broker.endpoint(user))
    forger.say(forbidden, b"forged")
    device(broker.endpoint("keypad-2")).say(topic(SITE, "keypad_event", counter="2"), b"the end")
    wait_for(lambda: b"the end" in [payload for _, payload, _ in witness.heard])
    assert b"forged" not in [payload for _, payload, _ in witness.heard]


def test_what_is_ones_own_arrives(broker: Broker, device: Callable[..., Device]) -> None:
    witness = device(broker.endpoint("server"), f"motcua/v1/{SITE}/#")
    own = {
        "keypad-1": PRESS,
        "terminal-1": topic(SITE, "counter_command", counter="1"),
        "kiosk-1": topic(SITE, "kiosk_state", kiosk="kiosk-1"),
        "printer-1": topic(SITE, "device_availability", device="printer-1"),
    }
    for user, where in own.items():
        device(broker.endpoint(user)).say(where, user.encode())
    wait_for(lambda: {payload.decode() for _, payload, _ in witness.heard} >= set(own))


def test_a_panel_hears_its_counter_and_calls_and_nothing_else(broker: Broker, device: Callable[..., Device]) -> None:
    panel = device(broker.endpoint("panel-1"), "#")
    server = device(broker.endpoint("server"))
    for where in (topic(SITE, "counter_state", counter="2"), topic(SITE, "alert"), STATE, topic(SITE, "call")):
        server.say(where, b"said")
    wait_for(lambda: panel.heard_on(topic(SITE, "call")) == [b"said"])
    assert {where for where, _, _ in panel.heard} == {STATE, topic(SITE, "call")}


def test_state_is_there_for_who_comes_later(broker: Broker, device: Callable[..., Device]) -> None:
    where = topic(SITE, "service_state", service="land")
    device(broker.endpoint("server")).say(where, b"{}", retained=True)
    late = device(broker.endpoint("kiosk-1"), topic(SITE, "service_state", service="land"))
    wait_for(lambda: late.heard == [(where, b"{}", True)])


def test_a_huge_message_cuts_its_sender_off_and_nobody_else(own_broker: Broker, device: Callable[..., Device]) -> None:
    server = device(own_broker.endpoint("server"), PRESS)
    keypad = device(own_broker.endpoint("keypad-1"))
    keypad.line.publish(PRESS, b"x" * 1_000_000, qos=1)
    wait_for(lambda: keypad.losses > 0)
    keypad.plug_out()
    device(own_broker.endpoint("keypad-1")).say(PRESS, b"short")
    wait_for(lambda: server.heard_on(PRESS) == [b"short"])
    assert server.losses == 0


def test_passwords_stay_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    first = Broker(tmp_path, 0, office_users(), site=SITE)
    first.start()
    before = first.endpoint("keypad-1").password
    first.stop()
    files = [path for path in first.folder.iterdir() if path.name in {"passwords.json", "passwords", "acl"}]
    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(first.folder.stat().st_mode) == 0o700
    assert before not in (first.folder / "passwords").read_text()

    again = Broker(tmp_path, 0, office_users()[:-1], site=SITE)
    again.start()
    again.stop()
    assert again.endpoint("keypad-1").password == before
    assert "printer-1" not in json.loads((again.folder / "passwords.json").read_text())


def test_it_listens_on_this_machine_only(broker: Broker) -> None:
    table = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    listening = {row.split()[1] for row in table if row.split()[3] == "0A"}
    on_port = {address for address in listening if address.endswith(f":{broker.port:04X}")}
    assert on_port == {f"0100007F:{broker.port:04X}"}


def test_a_killed_broker_comes_back_with_the_same_passwords(own_broker: Broker, device: Callable[..., Device]) -> None:
    first = own_broker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: own_broker.pid not in {None, first})
    wait_for(lambda: accepts(own_broker.port))
    assert own_broker.restarts == 1
    assert device(own_broker.endpoint("keypad-1")).refused is None


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_stop_ends_it_and_start_brings_it_back(own_broker: Broker) -> None:
    own_broker.stop()
    assert not own_broker.running
    assert not accepts(own_broker.port)
    own_broker.start()
    assert accepts(own_broker.port)


def test_a_taken_port_is_said_clearly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BrokerError, match=f"port {port} is taken.* choose another port with --mqtt-port"):
            Broker(tmp_path, port, office_users(), site=SITE).start()


def test_missing_mosquitto_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="install the package `mosquitto`"):
        Broker(tmp_path / "data", 0, office_users(), site=SITE, search_path=str(tmp_path)).start()


def test_a_folder_that_cannot_be_written_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "broker").write_text("a file stands in the way")
    with pytest.raises(BrokerError, match="cannot be used"):
        Broker(tmp_path, 0, office_users(), site=SITE).start()


def test_spoiled_passwords_are_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "passwords.json").write_text("[1]")
    with pytest.raises(BrokerError, match=re.escape("passwords.json")):
        Broker(tmp_path, 0, office_users(), site=SITE).start()


def test_a_spoiled_store_does_not_keep_it_from_coming_back(own_broker: Broker) -> None:
    spoiled = b"\x00\xb5\x00mosquitto db" + b"\x00\x00\x00\x00" + b"\xff" * 400
    store = own_broker.folder / "mosquitto.db"
    store.write_bytes(spoiled)
    first = own_broker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: own_broker.pid not in {None, first} and accepts(own_broker.port))
    assert store.with_suffix(".broken").read_bytes() == spoiled


def test_a_start_forgets_what_was_said_before(own_broker: Broker, device: Callable[..., Device]) -> None:
    device(own_broker.endpoint("server")).say(STATE, b"yesterday", retained=True)
    own_broker.stop()
    assert (own_broker.folder / "mosquitto.db").exists()
    own_broker.start()
    panel = device(own_broker.endpoint("panel-1"), STATE)
    device(own_broker.endpoint("server")).say(STATE, b"today")
    wait_for(lambda: b"today" in panel.heard_on(STATE))
    assert panel.heard_on(STATE) == [b"today"]


KILLED_SERVER = """
import os, signal, sys
from pathlib import Path
from queue_server.messaging.broker import Broker
from tests.messaging.conftest import SITE, office_users

broker = Broker(Path(sys.argv[1]), 0, office_users(), site=SITE, search_path=sys.argv[2])
broker.start()
print(broker.port, broker.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_server(data: Path, search_path: str) -> tuple[int, int]:
    """Port and process id of the broker of a server that was killed."""
    arguments = [sys.executable, "-c", KILLED_SERVER, data, search_path]
    killed = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    port, broker = (int(word) for word in killed.stdout.split())
    return port, broker


def test_the_broker_ends_with_a_killed_server(tmp_path: Path) -> None:
    port, _ = killed_server(tmp_path, f"{os.environ['PATH']}:/usr/sbin")
    wait_for(lambda: not accepts(port))


def test_a_broker_left_behind_by_a_killed_server_is_replaced(tmp_path: Path) -> None:
    only_mosquitto = tmp_path / "programs"
    only_mosquitto.mkdir()
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program
    (only_mosquitto / "mosquitto").symlink_to(program)
    port, orphan = killed_server(tmp_path, str(only_mosquitto))
    assert accepts(port)

    successor = Broker(tmp_path, port, office_users(), site=SITE)
    successor.start()
    try:
        assert successor.pid not in {None, orphan}
        assert successor.restarts == 0
    finally:
        successor.stop()


def test_somebody_elses_process_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    with subprocess.Popen(["sleep", "60"]) as other:
        (tmp_path / "broker" / "pid").write_text(str(other.pid))
        broker = Broker(tmp_path, 0, office_users(), site=SITE)
        broker.start()
        broker.stop()
        assert other.poll() is None
        other.kill()
