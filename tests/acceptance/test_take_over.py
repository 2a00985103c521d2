"""The office's machine dies; a second one that followed it opens the office. Two real programs on one machine."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from kiosk.server import NotSentError, Server, UnclearError
from queue_server.journal.journal import Journal
from tests.acceptance.program import LIMIT, Program, motcua, wait_for
from tests.conftest import take_free_ports

SOON = {"service": "ho_tich"}


@dataclass
class Second(Program):
    """The second machine: first it follows, then it takes over."""

    of: str = ""
    follower_token: str = ""
    takes_over: bool = False

    def command(self) -> list[str]:
        where = ["--data", str(self.data)]
        if self.takes_over:
            return ["take-over", *where, "--port", str(self.port), "--mqtt-port", str(self.mqtt_port)]
        here = f"http://127.0.0.1:{self.port}"
        return ["follow", "--of", self.of, "--token", self.follower_token, "--address", here, *where]


@dataclass
class Pair:
    first: Program
    second: Second

    def follow(self) -> None:
        self.second.of, self.second.follower_token = self.first.url, self.first.token("follower")
        self.second.start()

    def caught_up(self) -> None:
        """The second has on its disk what the first has."""
        wait_for(lambda: ends(self.second) == ends(self.first), "the second machine never caught up")

    def take_over(self) -> None:
        self.second.stop()
        self.second.takes_over = True
        self.second.start()


def ends(program: Program) -> int:
    with Journal(program.data / "journal.sqlite3").reading() as journal:
        return journal.last_seq


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    ports = take_free_ports(4)
    first = Program(tmp_path / "first", *ports[:2])
    second = Second(tmp_path / "second", *ports[2:])
    yield Pair(first, second)
    for program in (first, second):
        if hasattr(program, "child"):
            program.clear_away()


def taken(program: Program, many: int) -> list[dict[str, str]]:
    with program.client("kiosk", kiosk="kiosk-1") as kiosk:
        return [dict(kiosk.post("/tickets", json=SOON).json()) for _ in range(many)]


def opens(program: Program, tickets: list[dict[str, str]]) -> list[int]:
    with program.client() as citizen:
        return [citizen.get(f"/tickets/{each['token']}").status_code for each in tickets]


def said_and_ended(program: Program) -> tuple[int, str]:
    return program.child.wait(LIMIT), program.said()


def test_the_office_goes_on_where_the_first_machine_died(pair: Pair) -> None:
    first, second = pair.first.start(), pair.second
    with asyncio.Runner() as runner:
        kiosk = AtBoth(pair, runner)
        _the_story(pair, kiosk, first, second)
        kiosk.close()


class AtBoth:
    """A kiosk's line that knows both machines."""

    def __init__(self, pair: Pair, runner: asyncio.Runner) -> None:
        urls = f"{pair.first.url},http://127.0.0.1:{pair.second.port}"
        self._runner = runner
        self._line = Server(url=urls, kiosk="kiosk-1", token=pair.first.token("kiosk", kiosk="kiosk-1"))

    def take(self, key: str) -> str:
        """The number that it is given."""
        return self._runner.run(self._line.take(SOON, key=key, limit=LIMIT)).number

    def away(self) -> bool:
        with pytest.raises((NotSentError, UnclearError)):
            self.take("away")
        return True

    def close(self) -> None:
        self._runner.run(self._line.close())


def _the_story(pair: Pair, kiosk: AtBoth, first: Program, second: Second) -> None:
    staff = first.token("officer")
    before = taken(first, 3)
    pair.follow()
    more = taken(first, 3)
    at_kiosk = [kiosk.take("k1"), kiosk.take("k1")]
    assert at_kiosk == ["A007", "A007"]
    with first.client("officer") as officer:
        officer.post("/counters/q1/open", json={})
        called = officer.post("/counters/q1/call-next", json={}).json()["number"]
    pair.caught_up()
    still = motcua("take-over", "--data", second.data)  # while the follower runs
    assert (still.returncode, "another program" in still.stderr) == (1, True), still.stderr
    second.stop()
    too_early = motcua("take-over", "--data", second.data)
    assert (too_early.returncode, "still answers" in too_early.stderr) == (2, True), too_early.stderr
    first.kill()
    assert kiosk.away()
    pair.take_over()
    after = taken(second, 2)
    assert kiosk.take("k1") == "A007"  # the same question has the same answer there
    numbers = [each["number"] for each in (*before, *more, *after)] + ["A007", kiosk.take("k2")]
    assert len(set(numbers)) == len(numbers)
    assert opens(second, [*before, *more, *after]) == [200] * 8
    assert second.problems() == []
    with httpx.Client(base_url=f"{second.url}/api/v1", headers={"authorization": f"Bearer {staff}"}) as officer:
        state = officer.get("/state").json()
        assert [row["number"] for row in state["counters"] if row["id"] == "q1"] == [called]
    assert httpx.get(f"{second.url}/api/v1/generation").json()["generation"] == 1
    first.begin()
    code, words = said_and_ended(first)
    assert code == 2
    assert f"{second.url} has taken this office over" in words
    assert "motcua follow --of" in words
    assert "Traceback" not in words


def test_two_at_once_heal_when_the_line_comes_back(pair: Pair) -> None:
    first, second = pair.first.start(), pair.second
    taken(first, 2)
    pair.follow()
    pair.caught_up()
    first.kill()
    alone = Program(first.data, *take_free_ports(2), starts=10)  # back already, where the second cannot see it
    try:
        alone.start()
        assert taken(alone, 1)[0]["number"] == "A003"
        pair.take_over()
        code, words = said_and_ended(alone)
    finally:
        alone.clear_away()
    assert (code, "has taken this office over" in words) == (2, True)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{alone.url}/healthz")
    numbers = [each["number"] for each in taken(second, 2)]
    assert "A003" not in numbers
    assert alone.problems() == second.problems() == []


def test_following_goes_on_after_a_cut_and_ends_at_a_fork(pair: Pair, tmp_path: Path) -> None:
    first, second = pair.first.start(), pair.second
    taken(first, 1)
    pair.follow()
    pair.caught_up()
    first.stop()
    shutil.copytree(first.data, tmp_path / "older")
    first.start()
    taken(first, 2)
    pair.caught_up()
    first.stop()
    shutil.rmtree(first.data)
    (tmp_path / "older").rename(first.data)
    (first.data / "anchor").unlink()
    first.start()
    code, words = said_and_ended(second)
    assert (code, "holds another record" in words, "Traceback" in words) == (3, True, False), words
    assert second.problems() == []
    assert json.loads((second.data / "following.json").read_text())["of"] == first.url


WRONG: dict[str, tuple[list[str], int, str]] = {
    "no token": (["follow", "--of", "{url}"], 2, "a token is missing"),
    "another office's token": (["follow", "--of", "{url}", "--token", "abc"], 2, "does not let this machine follow"),
    "no address": (["follow", "--of", "office", "--token", "abc"], 2, "is no address of an office"),
    "nothing was followed": (["take-over"], 2, "follows no office"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_was_asked_wrongly_is_said_in_a_sentence(office: Program, tmp_path: Path, name: str) -> None:
    words, code, said = WRONG[name]
    got = motcua(*(word.format(url=office.url) for word in words), "--data", tmp_path / "second")
    assert (got.returncode, said in got.stderr, "Traceback" in got.stderr) == (code, True, False), got.stderr
