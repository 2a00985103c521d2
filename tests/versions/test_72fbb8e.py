"""The version before: its kiosk with this server, this kiosk with its server, its folder with this program."""

import asyncio
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk.server import RefusedError, Server
from queue_server.auth import Tokens
from queue_server.journal.backup import backup, restore
from queue_server.journal.journal import Journal
from queue_server.journal.verify import verify
from queue_server.keys import load_secret
from queue_server.messaging.passwords import keep_passwords
from tests.http.house import Clock, House

HERE = Path(__file__).parent / "72fbb8e"
EXCHANGES: list[dict[str, Any]] = json.loads((HERE / "exchanges.json").read_text())
OFFICE: dict[str, Any] = json.loads((HERE / "office.json").read_text())


def lacking(old: Any, new: Any, place: str = "") -> list[str]:
    """Places of an old answer that the new one does not have, or has as something else."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [line for name in old for line in (
            lacking(old[name], new[name], f"{place}.{name}") if name in new else [f"{place}.{name}"]
        )]  # fmt: skip
    if isinstance(old, list) and isinstance(new, list):
        if old and not new:
            return [f"{place}[]"]
        return [line for a, b in zip(old, new, strict=False) for line in lacking(a, b, f"{place}[]")]
    same = old is None or new is None or isinstance(new, type(old)) or {type(old), type(new)} <= {int, float}
    return [] if same else [f"{place}: {new!r}"]


def test_its_kiosk_gets_from_this_server_all_that_it_reads(tmp_path: Path) -> None:
    house = House(tmp_path / "journal.sqlite3").open()
    try:
        for each in EXCHANGES:
            got = house.run(
                house.client.request(
                    each["method"], each["path"], json=each["body"],
                    headers={**house.headers("kiosk"), **each["headers"]},
                )
            )  # fmt: skip
            what = f"{each['method']} {each['path']}"
            if each["status"] == 304:  # the catalogue may have grown since
                assert got.status_code in (200, 304), what
                continue
            assert got.status_code == each["status"], f"{what}: {got.text}"
            assert not lacking(each["answer"], got.json()), what
            if "number" in each["answer"]:
                assert got.json()["number"] == each["answer"]["number"]
    finally:
        house.close()


class OldServer:
    """Answers as the server of that version did, and refuses fields that it did not know."""

    def __init__(self) -> None:
        self._answers = {(each["method"], each["path"].split("?")[0], each["status"]): each for each in EXCHANGES}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        for status in (200, 201, 304):
            known = self._answers.get((request.method, request.url.path, status))
            if known is None or (status == 304) != ("if-none-match" in request.headers):
                continue
            if not body.keys() <= (known["body"] or {}).keys() | {"also", "priority", "language"}:
                return httpx.Response(422, json={"code": "body-invalid"})
            return httpx.Response(status, json=known["answer"], headers={"etag": '"1"'})
        if request.headers.get("if-none-match"):
            return httpx.Response(304)
        return httpx.Response(404, json={"code": "not-found"})


def test_this_kiosk_reads_what_its_server_answers() -> None:
    async def story() -> None:
        line = Server(url="http://office.test", kiosk="kiosk-1", token="")
        await line.close()
        line._client = httpx.AsyncClient(transport=httpx.MockTransport(OldServer()))
        assert (await line.office())["id"] == "kiosk-1"
        assert (await line.services())["services"]
        heard = await line.catalogue()
        assert heard is not None
        assert await line.catalogue(heard[0]) is None
        assert (await line.search("khai sinh", limit=3))["procedures"]
        held = await line.lease(key="l")
        taken = await line.take({"service": "ho_tich", "priority": "elderly", "language": "en"}, key="t")
        assert (taken.number, bool(taken.token)) == ("A002", True)
        letter = {
            "service": "ho_tich",
            "number": held.numbers[0].number,
            "taken_at": held.at.isoformat(),
            "day": held.day,
        }
        assert (await line.hand_in(letter, key="h")).number == held.numbers[0].number
        await line.report_print(ticket=taken.id, problem=None, key="p")
        await line.report_device(device="printer", problem="paper-out", key="d")
        await line.call_help(key="c")
        await line.cancel(taken.token, key="x")
        with pytest.raises(RefusedError):
            await line.take({"service": "ho_tich", "unheard": 1}, key="u")
        await line.close()

    asyncio.run(story())


@dataclass
class Opened:
    """The folder of that version, opened by this program, at the moment at which it was left."""

    data: Path
    house: House


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    data = tmp_path / "data"
    unpack(data)
    house = House(data / "journal.sqlite3", clock=Clock(datetime.fromisoformat(OFFICE["now"]))).open()
    house.source.tokens = house.tokens = Tokens(load_secret(data))
    house.source.reload()
    yield Opened(data, house)
    house.close()


def unpack(data: Path) -> None:
    with tarfile.open(HERE / "office.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            (data / member.name).parent.mkdir(parents=True, exist_ok=True)
            (data / member.name).write_bytes(content.read())


def test_its_folder_opens_with_all_its_days(opened: Opened) -> None:
    house = opened.house
    assert house.journal.days() == OFFICE["days"]
    assert house.journal.last_seq >= OFFICE["entries"]
    assert verify(house.journal).problems == []
    bearer = {"authorization": f"Bearer {house.token('manager')}"}
    figures = house.get("/reports/days/20261123", headers=bearer).json()
    assert figures == OFFICE["figures"]


def test_its_codes_and_papers_are_good(opened: Opened) -> None:
    house = opened.house
    assert OFFICE["tickets"]
    for number, token in OFFICE["tickets"].items():
        assert house.get(f"/tickets/{token}").json()["number"] == number
    kiosk, officer = ({"authorization": f"Bearer {OFFICE[name]}"} for name in ("kiosk", "officer"))
    got = house.post("/tickets", {"service": "ho_tich"}, headers=kiosk)
    assert got.status_code == 201
    assert got.json()["number"] not in OFFICE["tickets"]
    assert house.post("/counters/q3/call-next", {"finish_current": True}, headers=officer).status_code in (200, 204)
    users = list(OFFICE["passwords"])
    assert keep_passwords(opened.data / "broker" / "passwords.json", users) == OFFICE["passwords"]


def test_a_number_that_a_kiosk_held_over_the_update_is_handed_in(opened: Opened) -> None:
    leased = next(iter(opened.house.office.state.leases.values()))
    body = {"service": "ho_tich", "number": "A701", "taken_at": OFFICE["now"]}
    got = opened.house.post("/kiosks/kiosk-1/hand-in", body, headers={"authorization": f"Bearer {OFFICE['kiosk']}"})
    assert (got.status_code, bool(leased)) == (201, True), got.text


def test_a_backup_of_it_is_whole(opened: Opened, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert restore(backup(opened.data, tmp_path / "office.tar.gz"), copy) == opened.house.journal.last_seq
    with Journal(copy / "journal.sqlite3").reading() as journal:
        assert journal.days() == OFFICE["days"]
        assert verify(journal).problems == []
    identity = Tokens(load_secret(copy)).identify(OFFICE["kiosk"])
    assert identity is not None
    assert (identity.role, identity.kiosk) == ("kiosk", "kiosk-1")
