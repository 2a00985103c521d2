"""A device's line with passwords, rights and TLS, on a real broker."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.device_link import DeviceLink
from hardware.simulated.keypad import Keypad
from queue_server.contract.broker import BrokerAddress
from tests.hardware.conftest import Broker, Listener, eventually

HERE = "motcua/v1/s1/device/keypad-3/availability"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Broker]:
    """A broker with one keypad's password and rights, and one auditor who may hear everything."""
    passwords = tmp_path / "passwords"
    passwords.touch()
    for name in ("keypad-3", "auditor"):
        subprocess.run(["/usr/bin/mosquitto_passwd", "-b", str(passwords), name, f"secret of {name}"], check=True)
    rights = tmp_path / "rights"
    rights.write_text(
        "user auditor\ntopic read #\n\npattern readwrite motcua/v1/s1/device/%u/availability\n"
        "user keypad-3\ntopic write motcua/v1/s1/counter/3/keypad/event\n"
    )
    broker = Broker(tmp_path / "broker", extra=f"password_file {passwords}\nacl_file {rights}\n", anonymous=False)
    broker.start()
    yield broker
    broker.stop()


def as_user(broker: Broker, name: str, password: str | None = None) -> BrokerAddress:
    return replace(broker.address, user=name, password=password or f"secret of {name}")


def test_a_device_with_its_own_user_is_let_in(guarded: Broker) -> None:
    auditor = Listener(as_user(guarded, "auditor"))
    keypad = Keypad(as_user(guarded, "keypad-3"), site="s1", counter="3")

    keypad.start()

    eventually(lambda: auditor.last_on(HERE).get("online") is True, "the keypad announces itself")
    keypad.stop()
    eventually(lambda: auditor.last_on(HERE).get("online") is False, "the keypad says good-bye")
    auditor.close()


@pytest.mark.parametrize(("name", "password"), [("keypad-3", "guessed"), ("stranger", "guessed")])
def test_a_wrong_password_is_refused_and_counted(guarded: Broker, name: str, password: str) -> None:
    link = DeviceLink(as_user(guarded, name, password), site="s1", device="keypad-3")

    link.start()

    eventually(lambda: link.refusals > 0, "the refusal")
    assert not link.connected
    link.stop()


def test_a_device_cannot_speak_for_another_counter(guarded: Broker) -> None:
    auditor = Listener(as_user(guarded, "auditor"))
    forger = DeviceLink(as_user(guarded, "keypad-3"), site="s1", device="keypad-3")
    forger.start()
    eventually(lambda: forger.connected, "the forger connects")

    forger.publish("motcua/v1/s1/counter/4/keypad/event", {"forged": True})
    forger.publish("motcua/v1/s1/counter/3/keypad/event", {"forged": False})

    eventually(lambda: auditor.on("motcua/v1/s1/counter/3/keypad/event"), "the permitted event")
    assert auditor.on("motcua/v1/s1/counter/4/keypad/event") == []
    forger.stop()
    auditor.close()


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(
        ["openssl", "req", "-x509", *new_key, *subject, "-keyout", str(key), "-out", str(certificate), "-days", "2"],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[Broker, Path]]:
    """A broker that speaks TLS only, and its certificate."""
    certificate, key = make_certificate(tmp_path, "broker")
    broker = Broker(tmp_path / "broker", extra=f"certfile {certificate}\nkeyfile {key}\n")
    broker.start()
    yield broker, certificate
    broker.stop()


def test_tls_with_the_right_authority(encrypted: tuple[Broker, Path]) -> None:
    broker, certificate = encrypted
    link = DeviceLink(replace(broker.address, tls=True, ca=certificate), site="s1", device="kiosk-1")

    link.start()

    eventually(lambda: link.connected, "TLS connects")
    link.stop()


@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")  # paho leaves the failed socket to Python
def test_tls_with_somebody_else_is_refused(encrypted: tuple[Broker, Path], tmp_path: Path) -> None:
    broker, _ = encrypted
    other, _ = make_certificate(tmp_path, "somebody-else")
    link = DeviceLink(replace(broker.address, tls=True, ca=other), site="s1", device="kiosk-1")

    link.start()

    eventually(lambda: link.refusals > 0, "the wrong certificate is noticed")
    assert not link.connected
    link.stop()
