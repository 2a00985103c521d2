"""The ends of the record in another machine's log, over real sockets, also where the other machine is away at first."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from queue_server.auditing import ends_in
from queue_server.journal.anchor import End
from queue_server.logs import Log
from queue_server.record import Record
from queue_server.settings import JOURNAL, journal_path
from queue_server.syslog import Receiver, Syslog, receiver
from tests.journal.builders import a_journal, opened
from tests.office.test_start import run

FORM = re.compile(r"<134>1 \d{4}-\d\d-\d\dT[\d:.]+\+00:00 \S+ motcua \d+ - - (.+)", re.DOTALL)
PATIENCE = 20.0  # seconds; a test that works needs none of them


@contextmanager
def listening(kind: socket.SocketKind, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, kind) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind(address)
        ear.settimeout(PATIENCE)
        if kind == socket.SOCK_STREAM:
            ear.listen()
        yield ear


def heard_over_tcp(ear: socket.socket) -> str:
    connection, _ = ear.accept()
    with connection:
        connection.settimeout(PATIENCE)
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


def say(syslog: Syslog, text: str) -> None:
    lines = Log("tests.syslog")
    lines.add(syslog)
    try:
        lines.warning(text)
    finally:
        lines.remove(syslog)


def test_both_ends_of_a_day_arrive_and_verify_reads_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "queue_server")
    a_journal(journal_path(tmp_path))
    with listening(socket.SOCK_DGRAM) as ear, opened(tmp_path / JOURNAL) as journal:
        record = Record(tmp_path, to=Receiver(ear.getsockname()))
        try:
            day = list(journal.day(journal.last_day() or ""))
            record.committed(day)
            opens, closes = (ear.recv(4096).decode() for _ in range(2))
        finally:
            record.close()
    assert all(FORM.fullmatch(line) for line in (opens, closes))
    assert ends_in(opens + closes) == [End(day[0].seq, day[0].hash), End(day[-1].seq, day[-1].hash)]
    noted = tmp_path / "other-machine.log"
    noted.write_text(f"{opens}\n{closes}\n")
    result = run("journal", "verify", "--data", tmp_path, "--digests", noted)
    assert "2 ends from outside: ok" in result.output


def test_a_receiver_that_is_away_at_first_gets_the_line_when_it_is_back() -> None:
    with listening(socket.SOCK_STREAM) as ear:
        address = ear.getsockname()
    syslog = Syslog(Receiver(address, tcp=True), again=0.05)
    try:
        say(syslog, "record-digest")
        with listening(socket.SOCK_STREAM, address) as ear:
            match = FORM.fullmatch(heard_over_tcp(ear))
    finally:
        syslog.close()
    assert match is not None
    assert match[1] == "record-digest\n"


def test_a_socket_file(tmp_path: Path) -> None:
    place = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(place)
        ear.settimeout(PATIENCE)
        syslog = Syslog(receiver(place))
        try:
            say(syslog, "record-digest")
            assert FORM.fullmatch(ear.recv(4096).decode())
        finally:
            syslog.close()


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("log.example", Receiver(("log.example", 514))),
        ("[::1]:1514", Receiver(("::1", 1514))),
        ("tcp://192.0.2.7:601", Receiver(("192.0.2.7", 601), tcp=True)),
        ("/dev/log", Receiver("/dev/log")),
    ],
)
def test_addresses(text: str, to: Receiver) -> None:
    assert receiver(text) == to


@pytest.mark.parametrize("text", ["log:x", "log:0", "log:70000", "tcp://", "a b", "http://log/"])
def test_a_wrong_address_is_refused(tmp_path: Path, text: str) -> None:
    assert run("server", "--data", tmp_path, "--syslog", text).exit_code == 2
