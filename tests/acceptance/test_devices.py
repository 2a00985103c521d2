"""Devices that misbehave or are set up wrongly, on the real program with its real broker."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from queue_server.contract.topics import topic
from tests.acceptance.program import ROOT, SITE, Program, wait_for
from tests.messaging.conftest import Device

Plug = Callable[..., Device]
FLOOD = 5_000


def entries(office: Program) -> int:
    journal = office.journal()
    journal.close()
    return journal.last_seq


def press(seq: int, button: str) -> dict[str, Any]:
    return {"v": 1, "id": str(uuid.uuid4()), "button": button, "seq": seq, "boot": "b"}


def alternating(seq: int) -> dict[str, Any]:
    return press(seq, "pause" if seq % 2 else "next")


def command(seq: int) -> dict[str, Any]:
    return {"v": 1, "id": str(uuid.uuid4()), "command": "unpause" if seq % 2 else "pause"}


FLOODS: dict[str, tuple[str, str, Callable[[int], dict[str, Any]]]] = {
    "presses": ("keypad-q1", topic(SITE, "keypad_event", counter="q1"), alternating),
    "commands": ("terminal-q2", topic(SITE, "counter_command", counter="q2"), command),
    "availability": (
        "panel-q3", topic(SITE, "device_availability", device="panel-q3"), lambda n: {"v": 1, "online": bool(n % 2)},
    ),
    "kiosk": ("kiosk-1", topic(SITE, "kiosk_state", kiosk="kiosk-1"), lambda n: {"v": 1, "online": bool(n % 2)}),
}  # fmt: skip


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_one_device_is_counted_and_harms_nobody(office: Program, plug_in: Plug, kind: str) -> None:
    user, where, said = FLOODS[kind]
    with office.client("officer") as officer:
        for counter in ("q1", "q2", "q4"):
            officer.post(f"/counters/{counter}/open", json={})
    before = entries(office)
    alerts = plug_in("monitor", topic(SITE, "alert"))
    mad = plug_in(user)
    for number in range(FLOOD):
        mad.line.publish(where, json.dumps(said(number)).encode(), qos=1).wait_for_publish(20)
    wait_for(lambda: dropped(office) > 0 and shown(office, user), "the flood is not shown")
    assert entries(office) - before <= 100
    assert len(alerts.heard) <= 50
    honest = plug_in("keypad-q4")
    seen = status(office, "q4")
    honest.say(topic(SITE, "keypad_event", counter="q4"), json.dumps(press(before, "pause")).encode())
    wait_for(lambda: status(office, "q4") != seen, "an honest keypad was not heard")


def dropped(office: Program) -> float:
    found = httpx.get(f"{office.url}/metrics").text
    return float(found.split("\nmotcua_device_messages_dropped_total ")[1].split("\n")[0])


def shown(office: Program, device: str) -> bool:
    with office.client("manager") as manager:
        report = manager.get("/reports/today").json()
    return [device, "too-many-messages"] in report["problems"]


def status(office: Program, counter: str) -> str:
    with office.client("officer") as officer:
        rows = officer.get("/counters").json()["counters"]
    return str(next(row["status"] for row in rows if row["id"] == counter))


@contextmanager
def hardware(way: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-m", "queue_server", "hardware", "--printer", "127.0.0.1:9", "--mqtt", way, *more]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.terminate()
            child.wait(20)


def test_the_devices_program_has_an_account_of_its_own(office: Program, plug_in: Plug) -> None:
    there = topic(SITE, "device_availability", device="kiosk-1-printer")
    monitor = plug_in("monitor", there)
    with hardware(office.way("kiosk-1-printer").url) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready watching kiosk-1-printer\n"
        wait_for(lambda: bool(monitor.heard_on(there)), "the printer was not announced")
        said = json.loads(monitor.heard_on(there)[-1])
        assert (said["online"], said["problem"]) == (False, "unreachable")
        assert httpx.get(f"{office.url}/readyz").json()["ready"] is True


def test_the_devices_program_is_not_ready_before_the_broker_lets_it_in(office: Program) -> None:
    way = office.way("kiosk-1-printer")
    with hardware(way.url.replace(way.password, "wrong")) as child:
        assert child.stderr is not None
        assert "refuses kiosk-1-printer" in child.stderr.readline()
        child.terminate()
        assert child.stdout is not None
        assert child.stdout.read() == ""


def test_the_servers_account_is_refused_to_the_devices(office: Program) -> None:
    with hardware(office.way("server").url) as child:
        _, said = child.communicate(timeout=30)
    assert child.returncode == 2
    assert "belongs to another program" in said
    assert office.way("server").password not in said


EXAMPLE = ROOT / "queue_server/site/example.yaml"
BUTTONS = [
    {"topic": "stat/button3/RESULT", "counter": "q3"},
    {"topic": "zigbee2mqtt/nut-1", "counter": "q1", "gestures": {"1_single": "next", "2_hold": "pause"}},
]


def test_foreign_buttons_of_the_site_file_press(
    make: Callable[..., Program], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = yaml.safe_load(EXAMPLE.read_text("utf-8")) | {"buttons": BUTTONS}
    (tmp_path / "site.yaml").write_text(json.dumps(site))
    monkeypatch.setenv("MOTCUA_SITE", str(tmp_path / "site.yaml"))
    office = make().start()
    tasmota = Device(office.way("button3")).plug_in()
    zigbee = Device(office.way("zigbee")).plug_in()
    try:
        tasmota.say("stat/button3/RESULT", b'{"Button1":{"Action":"SINGLE"}}', retained=True)
        zigbee.say("zigbee2mqtt/nut-1", b'{"action":"single"}')
        wait_for(lambda: [status(office, q) for q in ("q1", "q3")] == ["open", "open"], "a press was not heard")
        office.kill_broker()  # what it kept is said again, and is no press
        wait_for(lambda: httpx.get(f"{office.url}/readyz").json()["ready"], "the broker did not come back")
        assert status(office, "q3") == "open"
    finally:
        tasmota.plug_out()
        zigbee.plug_out()
        office.stop()
