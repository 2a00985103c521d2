"""From the tap to the board, through the program that `motcua up` starts: HTTP, MQTT, pages, command line."""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from queue_server.contract.topics import topic
from queue_server.messaging.keypad import BOUNCE
from tests.acceptance.program import SITE, Program, motcua, wait_for
from tests.messaging.conftest import Device

Plug = Callable[..., Device]


def key() -> dict[str, dict[str, str]]:
    return {"headers": {"idempotency-key": str(uuid.uuid4())}}


def take(office: Program, service: str) -> dict[str, Any]:
    with office.client("kiosk", kiosk="kiosk-1") as kiosk:
        got = kiosk.post("/tickets", json={"service": service}, **key())
    assert got.status_code == 201, got.text
    return dict(got.json())


@contextmanager
def opened(office: Program, counter: str) -> Iterator[httpx.Client]:
    """An officer at an open counter with nobody at it."""
    with office.client("officer", counter=counter) as officer:
        officer.post(f"/counters/{counter}/open", json={}, **key())
        yield officer


def test_from_the_tap_to_the_board(office: Program, plug_in: Plug) -> None:
    monitor = plug_in("monitor", f"motcua/v1/{SITE}/#")
    ticket = take(office, "ho_tich")
    with opened(office, "q1") as officer:
        called = officer.post("/counters/q1/call-next", json={}, **key()).json()
        assert called["number"] == ticket["number"]
        assert called["reason"]["vi"].startswith("Người duy nhất đang chờ")
        page = httpx.get(f"{office.url}/board/a")
        assert page.status_code == 200
        assert ticket["number"] in page.text
        citizen = httpx.get(f"{office.url}/t/{ticket['token']}")
        assert ticket["number"] in citizen.text
        wait_for(lambda: monitor.heard_on(topic(SITE, "call")), "no call was heard")
        event = json.loads(monitor.heard_on(topic(SITE, "call"))[-1])
        assert (event["type"], event["data"]["number"], event["data"]["counter_label"]) == (
            "motcua.call.v1", ticket["number"], "1",
        )  # fmt: skip
        states = topic(SITE, "counter_state", counter="q1")
        wait_for(lambda: json.loads(monitor.heard_on(states)[-1])["number"] == ticket["number"], "no counter state")
        board = topic(SITE, "board_calls", zone="a")
        wait_for(lambda: ticket["number"] in monitor.heard_on(board)[-1].decode(), "no board")
        assert officer.post("/counters/q1/finish", json={}, **key()).json()["ticket"] is None
    assert httpx.get(f"{office.url}/api/v1/tickets/{ticket['token']}").json()["state"] == "served"
    assert httpx.get(f"{office.url}/readyz").json()["ready"] is True
    assert ticket["token"] not in repr(monitor.heard)


def test_a_press_on_the_keypad_calls_the_next(office: Program, plug_in: Plug) -> None:
    ticket = take(office, "cu_tru")
    keypad = plug_in("keypad-q3")
    where = topic(SITE, "keypad_event", counter="q3")

    def press(seq: int, press_id: str) -> None:
        event = {"v": 1, "id": press_id, "button": "next", "seq": seq, "boot": "boot-1"}
        keypad.say(where, json.dumps(event).encode())

    with office.client("officer") as officer:

        def counter() -> dict[str, Any]:
            return next(row for row in officer.get("/counters").json()["counters"] if row["id"] == "q3")

        press(1, "press-0001")  # opens the closed counter
        press(2, "press-0002")  # the same press still: the contact bounced
        wait_for(lambda: counter()["status"] == "open", "the counter did not open")
        time.sleep(BOUNCE)
        assert counter()["number"] is None
        for _ in range(3):
            press(3, "press-0003")  # delivered three times, pressed once
        wait_for(lambda: counter()["number"] == ticket["number"], "nobody was called")
        keypad.say(where, b'{"button": "explode"}')
        keypad.say(where, b"\xff\xfe not even text")
        time.sleep(BOUNCE)
        press(4, "press-0004")
        wait_for(lambda: counter()["number"] is None, "the next press did not finish")
        assert counter()["served"] == 1


def test_a_terminal_gets_an_answer_to_everything(office: Program, plug_in: Plug) -> None:
    ticket = take(office, "dat_dai")
    answers = topic(SITE, "counter_answer", counter="q5")
    terminal = plug_in("terminal-q5", answers)

    def ask(command: str, command_id: str, **more: Any) -> dict[str, Any]:
        heard = len(terminal.heard_on(answers))
        body = {"v": 1, "id": command_id, "command": command, **more}
        terminal.say(topic(SITE, "counter_command", counter="q5"), json.dumps(body).encode())
        wait_for(lambda: len(terminal.heard_on(answers)) > heard, f"no answer to {body}")
        return dict(json.loads(terminal.heard_on(answers)[-1]))

    assert ask("open", "terminal-open-1", arguments={"officer": "Nguyễn Thị Hoa"})["ok"] is True
    with office.client("officer") as staff:
        shown = {row["id"]: row["officer"] for row in staff.get("/counters").json()["counters"]}
    assert shown["q5"] == "Nguyễn Thị Hoa"
    written = b"".join(path.read_bytes() for path in office.data.glob("*.sqlite3*"))
    assert "Nguyễn Thị Hoa".encode() not in written
    assert b"officer:1-" in written
    called = ask("call-next", "terminal-call-1")
    assert (called["ok"], called["number"], called["id"]) == (True, ticket["number"], "terminal-call-1")
    assert ask("call-next", "terminal-call-1") == called  # a repeat
    assert ask("call-next", "terminal-call-2")["code"] == "counter-busy"
    assert ask("open", "terminal-call-1")["code"] == "command-id-reused"
    past = (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
    assert ask("finish", "terminal-late-1", expires=past)["code"] == "command-expired"
    assert ask("call", "terminal-odd-1", arguments={"ticket": 7})["code"] == "body-invalid"
    assert ask("finish", "terminal-done-1")["ok"] is True


def test_done_and_next_pressed_twice_at_a_terminal_is_one(office: Program, plug_in: Plug) -> None:
    first, second = take(office, "kinh_doanh"), take(office, "kinh_doanh")
    answers = topic(SITE, "counter_answer", counter="q6")
    terminal = plug_in("terminal-q6", answers)
    body = {"v": 1, "command": "call-next", "arguments": {"finish_current": True}}
    with opened(office, "q6"):
        for press in ("terminal-press-1", "terminal-press-2"):
            terminal.say(topic(SITE, "counter_command", counter="q6"), json.dumps(body | {"id": press}).encode())
        wait_for(lambda: len(terminal.heard_on(answers)) == 2, "a press was not answered")
    told = [json.loads(each) for each in terminal.heard_on(answers)]
    assert [each["number"] for each in told] == [first["number"]] * 2
    assert [each["id"] for each in told] == ["terminal-press-1", "terminal-press-2"]
    assert httpx.get(f"{office.url}/api/v1/tickets/{second['token']}").json()["state"] == "waiting"


JUNK = [
    b"", b"null", b"[]", b"\xff\xfe", b"{" * 5_000, b'{"v": 1}', b'{"v": 2, "id": "12345678", "command": "open"}',
    b'{"v": 1, "id": "12345678", "command": "drop-table"}', b'{"v": 1, "id": "x", "command": "open"}',
    b'{"v": 1, "id": "12345678", "button": "next", "seq": -1, "boot": "b"}',
    b'{"v": 1, "id": "12345678", "button": "next", "seq": 1e999, "boot": "b"}',
    b'{"v": 1, "id": "12345678", "command": "open", "expires": "yesterday"}',
    b'{"v": 1, "id": "12345678", "command": "open", "arguments": {"officer": 7}}',
    b'{"v": 1, "id": "\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800", "command": "open"}',
]  # fmt: skip


def test_junk_over_mqtt_changes_nothing(office: Program, plug_in: Plug) -> None:
    answers, commands = (topic(SITE, name, counter="q4") for name in ("counter_answer", "counter_command"))
    terminal, keypad = plug_in("terminal-q4", answers), plug_in("keypad-q4")

    def newest() -> int:
        journal = office.journal()
        journal.close()
        return journal.last_seq

    before = newest()
    for junk in JUNK:
        terminal.say(commands, junk)
        keypad.say(topic(SITE, "keypad_event", counter="q4"), junk)
    terminal.say(commands, json.dumps({"v": 1, "id": "after-the-junk", "command": "pause"}).encode())
    wait_for(lambda: b"after-the-junk" in b"".join(terminal.heard_on(answers)), "the terminal was not heard after it")
    told = [json.loads(each) for each in terminal.heard_on(answers)]
    assert [answer["ok"] for answer in told] == [False] * len(told)
    assert told[-1]["code"] == "counter-closed"
    assert newest() == before
    assert httpx.get(f"{office.url}/readyz").status_code == 200


def test_the_links_of_up_sign_in_once_and_signing_out_ends_it(office: Program) -> None:
    wait_for(lambda: "/sign-in#" in office.said() and "admin  " in office.said(), "no link was printed")
    code = re.search(r"^  admin .*/sign-in#([^&]+)&", office.said(), re.MULTILINE)
    assert code
    assert httpx.get(f"{office.url}/api/v1/state", headers={"authorization": f"Bearer {code[1]}"}).status_code == 401
    form = {"token": code[1], "next": "/admin"}
    entered = httpx.post(f"{office.url}/sign-in", data=form)
    cookie = {"cookie": f"motcua_session={entered.cookies['motcua_session']}"}
    assert (entered.status_code, entered.headers["location"]) == (303, "/admin")
    assert httpx.get(f"{office.url}/admin", headers=cookie).status_code == 200
    assert httpx.post(f"{office.url}/sign-in", data=form).status_code == 401
    assert httpx.post(f"{office.url}/sign-out", headers=cookie).status_code == 303
    assert httpx.get(f"{office.url}/admin", headers=cookie).status_code == 401
    assert httpx.get(f"{office.url}/api/v1/state", headers=cookie).status_code == 401


def test_tokens_are_made_while_the_office_runs(office: Program) -> None:
    made = motcua("token", "officer", "--counter", "q7", "--data", office.data)
    assert made.returncode == 0
    headers = {"authorization": f"Bearer {made.stdout.strip()}"}
    assert httpx.post(f"{office.url}/api/v1/counters/q7/open", json={}, headers=headers).status_code == 200
    got = httpx.post(f"{office.url}/api/v1/counters/q8/open", json={}, headers=headers)
    assert (got.status_code, got.json()["code"]) == (403, "forbidden")


def test_a_second_office_on_the_same_port_says_what_to_do(office: Program, tmp_path: Path) -> None:
    port = office.url.rsplit(":", 1)[1]
    second = motcua("up", "--no-kiosk", "--no-hardware", "--data", tmp_path, "--port", port, "--mqtt-port", 0)
    assert second.returncode == 1
    assert f"port {port} is taken" in second.stderr
    assert "Traceback" not in second.stderr
    assert httpx.get(f"{office.url}/healthz").status_code == 200


def test_a_second_office_on_the_same_data_is_kept_out(office: Program) -> None:
    broker = office.broker_pid
    second = motcua("server", "--data", office.data, "--port", 0, "--mqtt-port", 0)
    assert second.returncode == 1
    assert f"another program serves the data folder {office.data}. Stop it first" in second.stderr
    assert "Traceback" not in second.stderr
    assert (office.broker_pid, httpx.get(f"{office.url}/readyz").status_code) == (broker, 200)


def test_a_killed_broker_comes_back_with_everything(office: Program, plug_in: Plug) -> None:
    answers = topic(SITE, "counter_answer", counter="q8")
    body = json.dumps({"v": 1, "id": "while-the-broker-died", "command": "open"}).encode()
    terminal = plug_in("terminal-q8")
    terminal.say(topic(SITE, "counter_command", counter="q8"), body)
    terminal.plug_out()
    with opened(office, "q6") as officer, office.client("kiosk", kiosk="kiosk-1") as kiosk:
        numbers = []
        for turn in range(30):
            numbers.append(kiosk.post("/tickets", json={"service": "kinh_doanh"}, **key()).json()["number"])
            if turn == 10:
                office.kill_broker()
            if turn % 10 == 5:
                officer.post("/counters/q6/call-next", json={"finish_current": True}, **key())
        assert len(set(numbers)) == 30
        wait_for(lambda: httpx.get(f"{office.url}/readyz").json()["ready"], "the office did not find its broker again")
        late = plug_in("monitor", f"motcua/v1/{SITE}/#")
        expected = {row["id"]: (row["status"], row["number"]) for row in officer.get("/counters").json()["counters"]}

    def told() -> dict[str, tuple[str, str | None]]:
        found = {}
        for counter in expected:
            heard = late.heard_on(topic(SITE, "counter_state", counter=counter))
            if heard:
                state = json.loads(heard[-1])
                found[counter] = (state["status"], state["number"])
        return found

    wait_for(lambda: told() == expected, f"retained states are not back: {expected}")
    assert expected["q8"][0] == "open"  # the terminal's command was not lost either
    terminal = plug_in("terminal-q8", answers)
    terminal.say(topic(SITE, "counter_command", counter="q8"), body)
    wait_for(lambda: terminal.heard_on(answers), "no answer after the broker came back")
    assert json.loads(terminal.heard_on(answers)[-1])["ok"] is True
    assert office.problems() == []


def test_backup_and_restore_bring_the_same_office(office: Program, tmp_path: Path) -> None:
    archive, new = tmp_path / "office.tar.gz", tmp_path / "new"
    saved = motcua("backup", archive, "--data", office.data)
    assert (saved.returncode, saved.stdout.strip()) == (0, str(archive))
    back = motcua("restore", archive, "--data", new)
    assert back.returncode == 0
    assert "entries restored" in back.stdout
    again = motcua("restore", archive, "--data", new)
    assert again.returncode == 1
    assert "already holds a journal" in again.stderr
    assert (new / "secret").read_bytes() == (office.data / "secret").read_bytes()
    checked = motcua("journal", "verify", "--data", new)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.strip().endswith("1 days: ok")


def test_exported_lines_are_json_and_whole(office: Program, tmp_path: Path) -> None:
    take(office, "chung_thuc")
    with opened(office, "q2") as officer:
        officer.post("/counters/q2/call-next", json={"finish_current": True}, **key())
    out = tmp_path / "day.jsonl"
    assert motcua("journal", "export", "--data", office.data, "--out", out).returncode == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0]["kind"] == "DayOpened"
    assert {"TicketIssued", "TicketCalled", "CounterOpened"} <= {row["kind"] for row in rows}
    journal = office.journal()
    assert [row["hash"] for row in rows] == [entry.hash for entry in journal.after(0, len(rows))]
    journal.close()
