"""Every route in every role with right, nearly right and wild input: no failure, every answer declared."""

import random
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.http.house import House
from tests.soak.campaign import Campaign, Findings, Options

REQUESTS = 30_000
FOREIGN = ("/api/v1/events", "/api/v1/replay", "/metrics", "/healthz", "/readyz")  # streams, processes, no JSON
OFTEN = ("/tickets", "/open", "/call-next", "/start", "/transfer")  # or nothing would ever go on
MANY = 20
WILD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 2**63, "", " ", "x" * 5000, "Đ\u0301\u200b", "\x00", "a'; drop table journal; --",
    "2026-02-30", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00+00:00", [], [[]], {}, {"a": {"b": []}},
)  # fmt: skip


def run(options: Options) -> Findings:
    """One office, so many requests; what it has come to feeds the next ones."""
    house = House(options.folder / "journal.sqlite3").open()
    try:
        fuzzer = Fuzzer(house, random.Random(options.first))
        for _ in range(options.count(REQUESTS)):
            fuzzer.ask()
        if not house.is_whole():
            fuzzer.failures.append("the journal does not verify afterwards")
        figures = {"operations": len(fuzzer.operations), **{f"{s}xx": n for s, n in sorted(fuzzer.answers.items())}}
        unasked = {f"{method} {path}" for method, path, _ in fuzzer.operations} - fuzzer.taken
        figures["operations that never succeeded"] = ", ".join(sorted(unasked)) or "none"
        return Findings(figures=figures, failures=tuple(dict.fromkeys(fuzzer.failures))[:MANY])
    finally:
        house.close()


class Fuzzer:
    """Makes requests out of the office's own description of its routes."""

    def __init__(self, house: House, dice: random.Random) -> None:
        self.house = house
        self.dice = dice
        self.document = house.app.openapi()
        self.operations = [
            (method.upper(), path, operation)
            for path, of_path in self.document["paths"].items()
            if not path.startswith(FOREIGN)
            for method, operation in of_path.items()
        ]
        self._often = [each for each in self.operations if each[0] == "POST" and each[1].endswith(OFTEN)]
        self.answers: Counter[int] = Counter()
        self.taken: set[str] = set()  # operations that succeeded at least once
        self.failures: list[str] = []
        self._keys: list[str] = []

    def ask(self) -> None:
        """One request; every answer is held against its declaration by the house itself."""
        method, path, operation = self.dice.choice(self._often if self.dice.random() < 0.4 else self.operations)
        where, query = self._filled(path, operation)
        who = "admin" if self.dice.random() < 0.5 else self.dice.choice([None, "nobody", *self.house.cast])
        more: dict[str, Any] = {"headers": self._headers(who)}
        if query:
            more["params"] = query
        if "requestBody" in operation:
            more["json"] = self._body(operation["requestBody"]["content"]["application/json"]["schema"])
        told = f"{method} {path} as {who}"
        try:
            got = self.house.ask(method, where.removeprefix("/api/v1"), who, **more)
        except Exception as error:  # noqa: BLE001  # a finding, whatever it is
            self.failures.append(f"{told}: {type(error).__name__}: {str(error)[:200]}")
            return
        self.answers[got.status_code // 100] += 1
        if got.status_code >= 500:
            self.failures.append(f"{told}: {got.status_code} {got.text[:120]}")
        elif got.status_code < 300:
            self.taken.add(f"{method} {path}")

    def _headers(self, who: str | None) -> dict[str, str]:
        key = self.dice.choice([None, "repeat", "fresh", "fresh"])
        if key == "fresh":
            self._keys.append(str(uuid.UUID(int=self.dice.getrandbits(128))))
        headers = {} if key is None or not self._keys else {"idempotency-key": self.dice.choice(self._keys[-40:])}
        return headers | ({"authorization": "Bearer nobody"} if who == "nobody" else {})

    def _filled(self, path: str, operation: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        query = {}
        for parameter in operation.get("parameters", ()):
            name, place = parameter["name"], parameter["in"]
            if place == "path":
                path = path.replace(f"{{{name}}}", self._named(name))
            elif place == "query" and self.dice.random() < 0.6:
                query[name] = str(self._value(parameter["schema"], name))[:200]
        return path, query

    def _named(self, name: str) -> str:
        """Something that there is, mostly."""
        state, dice = self.house.office.state, self.dice
        there: Mapping[str, list[str]] = {
            "counter": list(state.counters),
            "kiosk": list(state.setup.kiosks),
            "number": list(state.numbers),
            "token": [self.house.source.token(visit) for visit in list(state.visits)[-20:]],
            "help_id": list(state.helps),
            "service": list(state.setup.services),
            "services": list(state.setup.services),
            "ticket": [*list(state.tickets)[-20:], *list(state.numbers)[-20:]],
            "procedure": list(self.house.source.catalogue().procedures)[:20],
            "day": [state.day],
            "priority": list(state.setup.classes),
        }
        known = there.get(name, [])
        wild = ["none", "-", "%00", "x" * 300, "q1%2Fopen"]
        return dice.choice(known) if known and dice.random() < 0.85 else dice.choice(wild)

    def _body(self, schema: Mapping[str, Any]) -> Any:
        return self.dice.choice(WILD) if self.dice.random() < 0.03 else self._value(schema, "")

    def _value(self, schema: Mapping[str, Any], name: str) -> Any:
        dice = self.dice
        if dice.random() < 0.04:
            return dice.choice([value for value in WILD if value != 1e308])
        if "$ref" in schema:
            return self._value(self.document["components"]["schemas"][schema["$ref"].split("/")[-1]], name)
        for choices in ("anyOf", "oneOf"):
            if choices in schema:
                return self._value(dice.choice(schema[choices]), name)
        if "enum" in schema or "const" in schema:
            return dice.choice(schema.get("enum") or [schema["const"]])
        return self._of_type(schema, name)

    def _of_type(self, schema: Mapping[str, Any], name: str) -> Any:
        dice = self.dice
        match schema.get("type"):
            case "object":
                required, fields = schema.get("required", ()), schema.get("properties", {})
                chosen = [each for each in fields if each in required or dice.random() < 0.35]
                return {each: self._value(fields[each], each) for each in chosen}
            case "array":
                return [self._value(schema.get("items", {}), name) for _ in range(dice.choice((0, 1, 1, 2, 5)))]
            case "integer" | "number":
                low, high = schema.get("minimum", 0), schema.get("maximum", 120)
                return dice.choice((low, high, dice.randint(int(low), max(int(low), int(high)))))
            case "boolean":
                return dice.random() < 0.5
            case "null":
                return None
        if schema.get("format") == "date-time":
            return self.house.clock.now.isoformat()
        return self._named(name)


CAMPAIGN = Campaign(
    name="fuzz",
    shows="30,000 requests to every route in every role: no failure of the server, every answer as declared",
    run=run,
)
