"""Makes the data of these tests with the program of another version, which lies in a checkout of its own.

    PYTHONPATH=CHECKOUT python tests/versions/record.py FOLDER

`office.tar.gz`: a data folder with two days of everything. `exchanges.json`: what that version's kiosk asks, and what
its server answers. Both come from the program of the checkout and are never edited.
"""

import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import httpx

from kiosk.server import RefusedError, Server
from queue_server.auth import Tokens, load_secret
from queue_server.messaging.passwords import keep_passwords
from tests.http.house import House

MOST = 8  # of a list
SERVICES = ("ho_tich", "chung_thuc", "dat_dai")
HIDDEN = {"authorization", "user-agent", "host", "accept", "accept-encoding", "connection", "content-length"}


def shortened(answer: Any) -> Any:
    """An answer with the first few of each long list: the catalogue is half a megabyte of the same fields."""
    if isinstance(answer, dict):
        return {name: shortened(value) for name, value in answer.items()}
    return [shortened(each) for each in answer[:MOST]] if isinstance(answer, list) else answer


class Recorder(httpx.AsyncBaseTransport):
    """Passes everything on to the house, and notes it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.exchanges: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        way = httpx.ASGITransport(app=self.house.app)
        answer = await way.handle_async_request(request)
        content = await answer.aread()
        self.exchanges.append({
            "at": self.house.clock.now.isoformat(),
            "method": request.method,
            "path": request.url.raw_path.decode(),
            "headers": {name: value for name, value in request.headers.items() if name not in HIDDEN},
            "body": json.loads(body) if body else None,
            "status": answer.status_code,
            "answer": shortened(json.loads(content)) if content else None,
        })  # fmt: skip
        return httpx.Response(answer.status_code, headers=answer.headers, content=content, request=request)


async def a_kiosk(house: House, recorder: Recorder) -> None:
    """Everything that a kiosk asks for in its life."""
    line = Server(url="http://office.test", kiosk="kiosk-1", token=house.cast["kiosk"])
    await line.close()
    line._client = httpx.AsyncClient(
        base_url="http://office.test/api/v1", transport=recorder,
        headers={"Authorization": f"Bearer {house.cast['kiosk']}"},
    )  # fmt: skip
    await line.office()
    await line.services()
    etag, _ = await line.catalogue()
    await line.catalogue(etag)
    await line.search("khai sinh", limit=3)
    held = await line.lease(key="lease-1")
    taken = await line.take({"service": "ho_tich", "priority": "elderly", "language": "en"}, key="take-1")
    await line.take({"service": "ho_tich", "priority": "elderly", "language": "en"}, key="take-1")
    two = await line.take({"service": "ho_tich", "also": [{"service": "dat_dai"}]}, key="take-2")
    number = next(each.number for each in held.numbers if each.prefix == taken.number[0])
    handed = {"service": "ho_tich", "number": number, "taken_at": house.clock.now.isoformat(), "language": "vi"}
    await line.hand_in(handed, key="hand-1")
    await line.hand_in(handed, key="hand-1")
    await line.report_print(ticket=taken.id, problem=None, key="print-1")
    await line.report_print(ticket=two.id, problem="paper-out", key="print-2")
    await line.report_device(device="printer", problem="paper-out", key="device-1")
    await line.call_help(key="help-1")
    await line.cancel(two.token, key="cancel-1")
    try:
        await line.take({"service": "nothing"}, key="take-3")
    except RefusedError as refused:
        print("refused as it should be:", refused)
    await line.close()


def a_day(house: House) -> None:
    """Calls, a transfer with return, a hold, a missed one, a pause, a lease."""
    house.open_counter("q1", "q2", "q3")
    for service in SERVICES * 6:
        house.take(service)
    house.post("/kiosks/kiosk-1/lease", {}, "kiosk")
    for _ in range(3):
        house.later(minutes=4)
        for counter in ("q1", "q2", "q3"):
            house.next(counter)
            house.post(f"/counters/{counter}/start", {}, "officer")
    house.post("/counters/q1/transfer", {"service": "dat_dai", "return_to_sender": True, "note": "thửa 12"}, "officer")
    house.post("/counters/q2/hold", {"reason": "đi phô-tô"}, "officer")
    house.next("q1")
    house.later(minutes=2)
    house.post("/counters/q1/no-show", {}, "officer")
    house.post("/counters/q1/pause", {"reason": "nghỉ giải lao"}, "officer")


def main() -> None:
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        house = House(data / "journal.sqlite3")
        data.mkdir()
        house.open()
        house.tokens = Tokens(load_secret(data))
        a_day(house)
        house.close()
        house.later(hours=24)
        house = House(data / "journal.sqlite3", clock=house.clock)
        house.open()
        house.source.tokens = house.tokens = Tokens(load_secret(data))
        house.cast = {role: house.token(role, **({"kiosk": "kiosk-1"} if role == "kiosk" else {}))
                      for role in ("officer", "kiosk", "manager", "admin")}  # fmt: skip
        a_day(house)
        known = {
            "kiosk": house.cast["kiosk"], "officer": house.cast["officer"],
            "now": house.clock.now.isoformat(), "days": house.journal.days(), "entries": house.journal.last_seq,
            "tickets": {t.number: house.source.token(t.visit) for t in house.office.state.tickets.values()},
            "figures": house.get("/reports/days/20261123", "manager").json(),
        }  # fmt: skip
        house.close()
        (data / "broker").mkdir()
        known["passwords"] = keep_passwords(data / "broker" / "passwords.json", ["server", "kiosk-1", "keypad-q1"])
        (target / "office.json").write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n")
        with tarfile.open(target / "office.tar.gz", "w:gz") as archive:
            for name in ("journal.sqlite3", "secret", "broker/passwords.json"):
                archive.add(data / name, name)
        fresh = House(Path(folder) / "exchanges.sqlite3").open()
        recorder = Recorder(fresh)
        fresh.run(a_kiosk(fresh, recorder))
        fresh.close()
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in recorder.exchanges)
    (target / "exchanges.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
