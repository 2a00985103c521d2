"""Everything that a well-formed site file may still have wrong is refused with its place and cure."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.site.builders import entry, refused

Content = dict[str, Any]
Change = Callable[[Content], None]


def at(section: str, name: str, **values: Any) -> Change:
    """A change of one entry."""
    return lambda content: entry(content, section, name).update(values)


def office(**values: Any) -> Change:
    """A change of the file itself."""
    return lambda content: content.update(values)


def added(section: str, *items: dict[str, Any]) -> Change:
    """Entries more than before."""
    return lambda content: content.setdefault(section, []).extend(items)


def row(name: str, **values: Any) -> dict[str, Any]:
    """A target row."""
    return {
        "id": name,
        "year": 2025,
        "measure": "transaction_wait",
        "minutes": 20,
        "chosen": False,
        "source": "x",
        **values,
    }


NAME = {"vi": "Tên", "en": "Name"}
EXTRA_SERVICE = {"id": "moi", "name": NAME, "prefix": "Z", "zone": "sanh"}

CASES: list[tuple[str, Change, str]] = [
    (
        "unknown skill",
        at("counters", "q1", services=["ho_tich", "chung", "tra_ket_qua", "bay"]),
        "counters › q1 › services: 'bay' is not defined; use one of chung, cong_an, ho_tich, tra_ket_qua",
    ),
    (
        "counter without services",
        at("counters", "q1", services=[]),
        "counters › q1 › services: must have at least 1 entry",
    ),
    (
        "service nobody serves",
        added("services", EXTRA_SERVICE),
        "services › moi: no counter serves it; add it to the `services` of a counter",
    ),
    ("prefix used twice", at("services", "chung", prefix="A"), "prefix A is already used by ho_tich"),
    (
        "prefix of two letters",
        at("services", "chung", prefix="AB"),
        "services › chung › prefix: must be one capital letter, A to Z (found 'AB')",
    ),
    (
        "ceiling below target",
        at("classes", "elderly", ceiling_minutes=5),
        "classes › elderly: the ceiling (5 min) is below the target (10 min)",
    ),
    (
        "hours that end before they start",
        lambda c: c["schedules"][0]["week"].update(mon=["11:30-07:00"]),
        "the hours end before they start",
    ),
    (
        "hours without leading zero",
        lambda c: c["schedules"][0]["week"].update(mon=["7:00-11:30"]),
        'write opening times as "07:30-11:30"',
    ),
    ("hours past midnight", lambda c: c["schedules"][0]["week"].update(mon=["20:00-24:30"]), "write opening times"),
    (
        "overlapping hours",
        lambda c: c["schedules"][0]["week"].update(mon=["07:00-12:00", "11:00-17:00"]),
        "week › mon: two times overlap",
    ),
    ("never open", lambda c: c["schedules"][0].update(week={}), "schedules › hanh_chinh › week: never open"),
    ("always and a week", lambda c: c["schedules"][0].update(always=True), "give either `always: true` or a `week`"),
    ("neither always nor a week", lambda c: c["schedules"][0].pop("week"), "give either `always: true` or a `week`"),
    (
        "a holiday twice",
        lambda c: c["schedules"][0]["exceptions"].append({"day": "2026-09-02"}),
        "2026-09-02 is there twice",
    ),
    (
        "overlap on an extra day",
        lambda c: c["schedules"][0]["exceptions"].append({"day": "2026-09-05", "open": ["07:00-09:00", "08:00-10:00"]}),
        "exceptions › 2026-09-05: two times overlap",
    ),
    (
        "a day that is none",
        lambda c: c["schedules"][0]["exceptions"].append({"day": "2026-02-30"}),
        "exceptions › #2 › day",
    ),
    (
        "unknown schedule of the office",
        office(hours="nghi"),
        "hours: schedule 'nghi' is not defined; use one of cong_an, hanh_chinh",
    ),
    (
        "unknown schedule of a counter",
        at("counters", "q2", hours="nghi"),
        "counters › q2 › hours: 'nghi' is not defined",
    ),
    (
        "unknown schedule of a service",
        at("services", "cong_an", hours="nghi"),
        "services › cong_an › hours: 'nghi' is not defined",
    ),
    (
        "unknown zone",
        at("counters", "q2", zone="tang2"),
        "counters › q2 › zone: 'tang2' is not defined; use one of sanh",
    ),
    ("unknown zone of a kiosk", at("kiosks", "kiosk-1", zone="tang2"), "kiosks › kiosk-1 › zone"),
    ("unknown zone of a board", at("boards", "sanh", zone="tang2"), "boards › sanh › zone"),
    (
        "unknown service of a kiosk",
        at("kiosks", "kiosk-1", services=["bay"]),
        "kiosks › kiosk-1 › services: 'bay' is not defined",
    ),
    (
        "unknown counter of an officer",
        added("officers", {"id": "lan", "name": "Lan", "counters": ["q9"]}),
        "officers › lan › counters: 'q9' is not defined; use one of q1, q2",
    ),
    ("a doubled id", added("zones", {"id": "sanh", "name": NAME}), "zones › sanh: this id is used twice"),
    ("a doubled label", at("counters", "q2", label="1"), "counters › q2: label '1' is on two counters"),
    (
        "a label that is a number",
        at("counters", "q2", label=2),
        "counters › q2 › label: must be text; put it between quotes",
    ),
    (
        "two boards that speak",
        added("boards", {"id": "hai", "zone": "sanh", "speaks": True}),
        "boards › hai: sanh already speaks in zone sanh",
    ),
    (
        "negative minutes",
        at("services", "chung", minutes=-3),
        "services › chung › minutes: must be more than 0 (found -3)",
    ),
    ("negative limit", office(rules={"recall_limit": -1}), "rules › recall_limit: must be 0 or more (found -1)"),
    (
        "reserved while the counter is shut",
        office(
            policy={"reservations": [{"kind": "counter", "counters": ["q2"], "classes": ["elderly"], "days": ["tue"]}]}
        ),
        "policy › reservations › 1 › hours: none of the chosen counters is open at these hours",
    ),
    (
        "ceiling multiple below one",
        office(policy={"ceiling_multiple": 0.5}),
        "policy › ceiling_multiple: must be 1 or more",
    ),
    ("no number at all", at("services", "chung", minutes=float("nan")), "services › chung › minutes"),
    ("unknown key", office(colour="red"), "colour: unknown key; remove it or correct its spelling"),
    ("missing key", lambda c: c.pop("address"), "address: is missing; add it"),
    ("a bad id", office(site="Ea Đrăng"), "site: must be an id of lower-case letters"),
    ("an unknown time zone", office(timezone="Asia/Hanoi_City"), "timezone: unknown time zone"),
    ("an address that is none", office(public_url="motcua.example.vn"), "public_url"),
    ("unknown default class", office(default_class="vip"), "default_class: 'vip' is not defined under `classes`"),
    ("default class with priority", office(default_class="elderly"), "default_class: elderly must be of kind ordinary"),
    (
        "age without its place in the name",
        at("classes", "walk_in", age=60),
        "classes › walk_in: `age` and the text {age} in its name belong together",
    ),
    ("place for an age without an age", lambda c: entry(c, "classes", "elderly").pop("age"), "belong together"),
    (
        "no live row",
        lambda c: c["targets"].update(live="wait_2030"),
        "targets › live: 'wait_2030' is no row; use one of wait_2025",
    ),
    (
        "live row not chosen",
        lambda c: c["targets"].update(live="b", rows=[*c["targets"]["rows"], row("b")]),
        "targets › live: b must be a chosen waiting-time row",
    ),
    (
        "live row of counter time",
        lambda c: c["targets"].update(
            live="b", rows=[*c["targets"]["rows"], row("b", measure="counter_time", chosen=True)]
        ),
        "must be a chosen waiting-time row",
    ),
    (
        "two rows chosen",
        lambda c: c["targets"]["rows"].append(row("b", chosen=True)),
        "of wait_2025, b (2025, transaction_wait) exactly one must be `chosen: true`",
    ),
    (
        "no row chosen",
        lambda c: c["targets"]["rows"].append(row("b", year=2022)),
        "of b (2022, transaction_wait) exactly one",
    ),
    (
        "a doubled row",
        lambda c: c["targets"]["rows"].append(row("wait_2025", year=2022, chosen=True)),
        "wait_2025: this id is used twice",
    ),
    (
        "a field at two services",
        at("services", "cong_an", fields=["cu_tru", "can_cuoc", "giao_thong", "tu_phap_ca", "ho_tich"]),
        "services › cong_an › fields: ho_tich already belongs to ho_tich",
    ),
    (
        "a procedure at two services",
        at("services", "cong_an", procedures=["long_duong_via_he"]),
        "services › cong_an › procedures: long_duong_via_he already belongs to chung",
    ),
    (
        "an unknown field",
        at("services", "ho_tich", fields=["ho_tich", "tu_phap_khac", "chung_thuc", "y_te"]),
        "services › ho_tich › fields: 'y_te' is not in the catalogue",
    ),
    (
        "an unknown procedure",
        at("services", "chung", procedures=["bay"]),
        "services › chung › procedures: 'bay' is not in the catalogue",
    ),
    (
        "an unknown counter service",
        at("services", "tra_ket_qua", counter_service="bay"),
        "services › tra_ket_qua › counter_service: 'bay' is not in the catalogue",
    ),
    (
        "a reason for an unknown procedure",
        office(without_service={"bay": "x"}),
        "without_service › bay: is not in the catalogue",
    ),
    (
        "a reason although a service names it",
        office(without_service={"long_duong_via_he": "x"}),
        "without_service › long_duong_via_he: a service names it too",
    ),
    ("an empty reason", office(without_service={"khai_thac_nuoc": ""}), "without_service › khai_thac_nuoc"),
    (
        "a procedure without a service",
        at("services", "ho_tich", fields=["ho_tich", "chung_thuc"]),
        "procedure hoa_giai_vien (1.002211) has no service; add field tu_phap_khac",
    ),
    ("an unknown data base", office(connected_data=["tax_db"]), "connected_data: 'tax_db' is not a known data base"),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_it_is_refused_with_its_place_and_cure(change: Change, expected: str, tmp_path: Path) -> None:
    problems = refused(tmp_path, change)
    assert any(expected in problem for problem in problems), problems
    assert all(problem.startswith(":") for problem in problems), problems  # each has a line


def test_the_small_office_itself_has_no_problem(tmp_path: Path) -> None:
    assert refused(tmp_path, lambda _: None) == []
