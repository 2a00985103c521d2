"""Plays a short day at the real door and writes one good answer of each operation for the OpenAPI document.

`python -m tests.http.examples` writes `queue_server/http/examples.json`; the same story gives the same answers.
"""

import json
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.link import ForecastLink
from queue_server.forecaster.look import Memory, look
from queue_server.forecaster.past import Past
from queue_server.http.operations import EXAMPLES_FILE, OPERATIONS
from tests.http.declared import operation_of
from tests.http.house import House
from tests.http.past import write_past

Answers = dict[str, dict[str, Any]]  # operation → status → body
ITEMS = 2  # of a long list or table; the rest is left out
WHOLE = "columns"  # a list that says what the cells of the rows beside it are
MANY = 60  # names in a table, more than any answer has fields
OFFICER, KIOSK, MANAGER, ADMIN = "officer 1", "kiosk", "manager", "admin"
Q1 = "/counters/q1"


@dataclass
class ShownHouse(House):
    """A house that keeps its first answer of each operation and status."""

    shown: Answers = field(default_factory=dict)

    def ask(self, method: str, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        got = super().ask(method, path, who, **more)
        name = operation_of(method, got.request.url.path)
        if name in OPERATIONS and OPERATIONS[name].answers.get(got.status_code) is not None:
            self.shown.setdefault(name, {}).setdefault(str(got.status_code), shortened(got.json()))
        return got

    def told(self, path: str, body: Any = None, who: str = OFFICER) -> dict[str, Any]:
        """The answer to a command that must succeed."""
        got = self.post(path, {} if body is None else body, who)
        assert got.is_success, f"{path}: {got.text}"
        return dict(got.json()) if got.content else {}


def shortened(value: Any) -> Any:
    """An answer with few items of each list of rows or words; a row of figures stays whole."""
    if isinstance(value, dict):
        rows = list(value.items())
        few = rows[:ITEMS] if len(rows) > MANY else rows
        return {name: each if name == WHOLE else shortened(each) for name, each in few}
    if isinstance(value, list):
        alike = all(isinstance(each, dict | list) for each in value) or all(isinstance(each, str) for each in value)
        return [shortened(each) for each in (value[:ITEMS] if alike else value)]
    return value


def answers(folder: Path) -> Answers:
    """One good answer of each operation and status; `folder` is empty."""
    house = ShownHouse(path=write_past(folder / "journal.sqlite3", [4]))
    house.open()
    try:
        for part in (_numbers, _calls, _out_of_turn, _kiosk, _foreseen, _office):
            part(house)
    finally:
        house.close()
    return dict(sorted(house.shown.items()))


def _numbers(house: ShownHouse) -> None:
    """Kiosk and phone take numbers; their holders look, put off, give back."""
    house.told(f"{Q1}/open", {"officer": "Nguyễn Thị Lan", "services": ["ho_tich", "chung_thuc"]})
    first = house.take(procedure="khai_sinh")
    house.get(f"/tickets/{first['token']}")
    phone = {"service": "chung_thuc", "channel": "phone"}
    assert house.post("/tickets", phone).status_code == 201
    assert house.post("/tickets", phone).status_code == 200, "the number that this device has already"
    later, never = house.take(), house.take("dat_dai")
    house.told(f"/tickets/{later['token']}/postpone", {"minutes": 10})
    house.told(f"/tickets/{never['token']}/cancel")
    house.told("/tickets/priority", {"ticket": first["number"], "priority": "elderly"})
    for path in ("/services", "/fields", "/catalogue", "/procedures/khai_sinh"):
        house.get(path)
    house.get("/procedures", params={"q": "khai sinh"})
    house.later(minutes=6)


def _calls(house: ShownHouse) -> None:
    """A visit from the call to the rating, one that waits aside, one that is sent on, one that goes back."""
    first = house.told(f"{Q1}/call-next", {"finish_current": True})
    house.get("/state", OFFICER)
    house.later(minutes=1)
    for act in ("recall", "start"):
        house.told(f"{Q1}/{act}")
    house.later(minutes=7)
    house.told(f"{Q1}/finish")
    visit = next(ticket.visit for ticket in house.office.state.tickets.values() if ticket.number == first["number"])
    house.told(f"/tickets/{house.source.token(visit)}/feedback", {"score": 4})
    held, sent = house.take(), house.take()
    house.told(f"{Q1}/call", {"ticket": held["number"]})
    house.told(f"{Q1}/start")
    house.told(f"{Q1}/hold", {"reason": "đi phô-tô"})
    house.told(f"{Q1}/resume", {"ticket": held["number"]})
    house.told(f"{Q1}/finish")
    house.told(f"{Q1}/call", {"ticket": sent["number"]})
    house.told(f"{Q1}/start")
    house.told(f"{Q1}/transfer", {"service": "dat_dai", "return_to_sender": True})
    house.get("/counters", OFFICER)


def _out_of_turn(house: ShownHouse) -> None:
    """Who did not come, who came back, who was served by word of mouth; a break and the end of a counter."""
    back, missed, aloud, gone = (house.take() for _ in range(4))
    house.told(f"{Q1}/call", {"ticket": back["number"]})
    house.told(f"{Q1}/return")
    house.told(f"{Q1}/call", {"ticket": missed["number"]})
    house.later(minutes=2)
    house.told(f"{Q1}/no-show")
    house.told(f"/tickets/by-number/{missed['number']}/reinstate")
    house.told(f"/tickets/by-number/{gone['number']}/cancel")
    house.later(minutes=5)
    at = (house.clock.now - timedelta(minutes=2)).isoformat()
    house.told(f"{Q1}/served-by-mouth", {"ticket": aloud["number"], "at": at})
    house.told(f"{Q1}/reskill", {"services": ["ho_tich"]})
    house.told(f"{Q1}/pause", {"reason": "nghỉ giải lao"})
    house.told(f"{Q1}/unpause")
    house.told(f"{Q1}/close")


def _kiosk(house: ShownHouse) -> None:
    """A kiosk that was alone hands in, has no paper, calls for help."""
    house.get("/kiosks/kiosk-1", KIOSK)
    lease = house.told("/kiosks/kiosk-1/lease", who=KIOSK)
    number = next(row["number"] for row in lease["numbers"] if row["prefix"] == "A")
    taken = {"service": "ho_tich", "number": number, "taken_at": lease["at"]}
    ticket = house.told("/kiosks/kiosk-1/hand-in", taken, KIOSK)
    house.told("/kiosks/kiosk-1/print-report", {"ticket": ticket["id"], "problem": "paper-out"}, KIOSK)
    house.told("/kiosks/kiosk-1/device", {"device": "printer", "problem": "paper-out"}, KIOSK)
    call = house.told("/kiosks/kiosk-1/help", who=KIOSK)
    house.told(f"/help/{call['help']}/done")


def _foreseen(house: ShownHouse) -> None:
    """A crowd at one counter: the forecast advises another, and a manager opens it."""
    house.told(f"{Q1}/open")
    for _ in range(25):
        house.take()
    house.next("q1")
    house.later(minutes=10)
    now, state = house.clock.now, house.office.state
    said = look(state, known_now(state, Past(), Hours(), now), Memory(), now)
    house.source.forecasts = ForecastLink(house.path.parent)
    house.source.forecasts.take(json.dumps({**said, "seq": 1, "cost_ms": 1.0}).encode())
    house.get("/forecast", MANAGER)
    best = next(advice["id"] for advice in said["advice"] if advice["kind"] == "open-counter")
    house.told(f"/advice/{best}/apply", who=MANAGER)


def _office(house: ShownHouse) -> None:
    """What leaders, administrators, auditors and other programs read."""
    policy = {"name": "ratio", "ordinary_per_priority": 2}
    house.told("/policy/check", policy, MANAGER)
    house.told("/policy", policy, MANAGER)
    for path in ("/policy", "/replay/days", "/targets", "/reports/today", "/reports/days/20261120", "/clock"):
        house.get(path, MANAGER)
    house.told("/replay", {"day": "2026-11-20", "change": "policy", "policy": "fcfs"}, MANAGER)
    house.told("/clock/take", who=ADMIN)
    house.get("/generation")
    house.get("/follower/entries", "follower")
    house.get("/healthz")
    house.get("/readyz")
    house.broker = "no broker answers at 10.0.0.5:8883"
    house.get("/readyz")


def text_of(shown: Answers) -> str:
    return json.dumps(shown, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def main() -> int:
    with TemporaryDirectory() as folder:
        EXAMPLES_FILE.write_text(text_of(answers(Path(folder))), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
