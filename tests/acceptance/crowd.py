"""People and officers of a running program who never give up, and whether each got exactly what was promised."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import httpx

from queue_server.queue.events import TicketCalled, TicketIssued
from tests.acceptance.program import Program


@dataclass
class Crowd:
    """Clients that never give up: each command keeps its key until somebody answers it."""

    program: Program
    issued: dict[str, str] = field(default_factory=dict)  # key → number
    called: dict[str, str] = field(default_factory=dict)  # key → number
    retries: int = 0
    failures: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Crowd":
        services = ("ho_tich", "dat_dai", "chung_thuc")
        work = [threading.Thread(target=self._kiosk, args=(service,)) for service in services]
        work += [threading.Thread(target=self._officer, args=(counter,)) for counter in ("q1", "q2", "q5")]
        for each in work:
            each.start()
        self.work = work
        return self

    def stop(self) -> None:
        self.over.set()
        for each in self.work:
            each.join(60)
        assert not any(each.is_alive() for each in self.work)

    def _ask(self, client: httpx.Client, path: str, body: object, key: str) -> httpx.Response:
        """Until it is answered. A refusal is an answer, a storage failure is none."""
        while True:
            try:
                got = client.post(path, json=body, headers={"idempotency-key": key})
            except httpx.HTTPError:
                self.retries += 1
                time.sleep(0.03)
                continue
            if got.status_code < 500:
                return got
            self.retries += 1

    def _kiosk(self, service: str) -> None:
        with self.program.client("kiosk", kiosk="kiosk-1") as client:
            while not self.over.is_set():
                key = str(uuid.uuid4())
                got = self._ask(client, "/tickets", {"service": service}, key)
                if got.status_code == 201:
                    self.issued[key] = got.json()["number"]
                else:
                    self.failures.append(got.text)

    def _officer(self, counter: str) -> None:
        with self.program.client("officer", counter=counter) as client:
            self._ask(client, f"/counters/{counter}/open", {}, str(uuid.uuid4()))
            while not self.over.is_set():
                key = str(uuid.uuid4())
                got = self._ask(client, f"/counters/{counter}/call-next", {"finish_current": True}, key)
                if got.status_code == 200:
                    self.called[key] = got.json()["number"]
                elif got.status_code != 204:
                    self.failures.append(got.text)
                time.sleep(0.02)


def broken_promises(program: Program, crowd: Crowd, shown: set[str]) -> list[str]:
    """Each acknowledged key made exactly what was acknowledged; nothing else was made, no number twice.

    `shown`: the numbers that the office itself showed at the end. Empty when every promise was kept.
    """
    journal = program.journal()
    try:
        made = [entry.event for entry in journal.after(0, 10**7)]
        asked = dict.fromkeys(crowd.issued, "kiosk:kiosk") | dict.fromkeys(crowd.called, "officer:officer")
        of_key = {key: [entry.event for entry in journal.command(key, who)] for key, who in asked.items()}
    finally:
        journal.close()
    issued = [event.number for event in made if isinstance(event, TicketIssued)]
    broken = []
    for key, number in crowd.issued.items():
        given = [event.number for event in of_key[key] if isinstance(event, TicketIssued)]
        broken += [] if given == [number] else [f"{number} was promised, {given} issued"]
    for key, number in crowd.called.items():
        called = [event.ticket for event in of_key[key] if isinstance(event, TicketCalled)]
        kept = len(called) == 1 and called[0].endswith(f"-{number}")
        broken += [] if kept else [f"{number} was told, {called} called"]
    broken += [f"{number} was given {times} times" for number, times in Counter(issued).items() if times > 1]
    if lost := set(crowd.issued.values()) ^ set(issued):  # everybody asked until answered
        broken.append(f"promised and issued differ: {sorted(lost)[:20]}")
    if ghosts := shown - set(issued):
        broken.append(f"shown and never issued: {sorted(ghosts)[:20]}")
    return broken
