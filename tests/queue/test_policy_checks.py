"""Policies that contradict themselves or the office are refused with the place and a sentence in both languages."""

from dataclasses import replace

import pytest

from queue_server.contract.problems import Problem
from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, ClassTerms, Policy, Reservation, ReservationKind
from queue_server.queue.opening import Opening
from queue_server.queue.policy_changes import policy_changes
from queue_server.queue.policy_checks import wrong_policy
from tests.queue.builders import Day, an_office
from tests.queue.test_calls import refused

COUNTER, SERVICE = ReservationKind.COUNTER, ReservationKind.SERVICE
ALL = ("1", "2", "3")


def keeps(*reservations: Reservation) -> Policy:
    return Policy(reservations=reservations)


def at(kind: ReservationKind, *counters: str, **more: object) -> Reservation:
    return Reservation(kind=kind, counters=counters, **more)  # type: ignore[arg-type]


def terms(name: str, target: float, ceiling: float | None = None, weight: float = 1.0) -> Policy:
    bound = None if ceiling is None else ceiling * MINUTE
    return Policy(classes={name: ClassTerms(target=target * MINUTE, ceiling=bound, weight=weight)})


CASES: list[tuple[Policy, tuple[str, ...], str]] = [
    (terms("vip", 5), ("classes", "vip"), "class 'vip' is not defined"),
    (terms("walk_in", 15, 10), ("classes", "walk_in", "ceiling"), "(10 min) is below the target (15 min)"),
    (terms("elderly", 5, 9), ("classes", "elderly", "ceiling"), "below the shortest service (10 min)"),
    (terms("elderly", 5, 60), ("classes", "elderly", "ceiling"), "above that of ordinary people (45 min)"),
    (terms("elderly", 0), ("classes", "elderly", "target"), "the target is above 0"),
    (terms("elderly", float("nan")), ("classes", "elderly", "target"), "the target is above 0"),
    (terms("elderly", 5, float("nan")), ("classes", "elderly", "ceiling"), "is below the target"),
    (terms("elderly", 5, weight=0), ("classes", "elderly", "weight"), "the weight is above 0"),
    (terms("elderly", 5, weight=-2), ("classes", "elderly", "weight"), "the weight is above 0"),
    (Policy(ceiling_multiple=0.5), ("ceiling_multiple",), "at least 1 times"),
    (Policy(ordinary_per_priority=-1), ("ordinary_per_priority",), "not negative"),
    (Policy(grace=1000), ("grace",), "from 0 to 120 seconds"),
    (Policy(appointment_early=-1), ("appointment_early",), "from 0 to 240 minutes"),
    (Policy(options={"price:bay": 2.0}), ("options",), "service 'bay' is not defined"),
    (Policy(options={"luck": 1.0}), ("options",), "no option is called 'luck'"),
    (keeps(at(COUNTER, "9", services=("ho_tich",))), ("reservations", "0", "counters"), "counter '9' is not defined"),
    (keeps(at(COUNTER, "3", services=("bay",))), ("reservations", "0", "services"), "service 'bay' is not defined"),
    (keeps(at(COUNTER, "3", classes=("vip",))), ("reservations", "0", "classes"), "class 'vip' is not defined"),
    (keeps(at(COUNTER, "3")), ("reservations", "0", "services"), "choose the services or classes"),
    (keeps(at(COUNTER, services=("ho_tich",))), ("reservations", "0", "counters"), "choose at least one counter"),
    (keeps(at(SERVICE, "1")), ("reservations", "0", "services"), "choose at least one service"),
    (
        keeps(at(SERVICE, "1", services=("ho_tich",), classes=("elderly",))),
        ("reservations", "0", "classes"),
        "leave the classes out",
    ),
    (
        keeps(at(COUNTER, "3", services=("dat_dai",), begins=600, ends=540)),
        ("reservations", "0", "hours"),
        "end after they begin",
    ),
    (keeps(at(COUNTER, "3", services=("dat_dai",), days=(7,))), ("reservations", "0", "days"), "no such day"),
    (
        keeps(at(SERVICE, "1", services=("dat_dai",))),
        ("reservations", "0", "services"),
        "none of the chosen counters (1) can do Đất đai",
    ),
    (
        keeps(at(COUNTER, "1", "3", services=("dat_dai",))),
        ("reservations", "0", "counters"),
        "counter 1 can do none of the chosen services",
    ),
    (
        keeps(at(COUNTER, "3", services=("ho_tich",), begins=480, ends=540)),
        ("reservations", "0", "services"),
        "Monday, 08:00–09:00: no counter may call Nội bộ",
    ),
    (
        keeps(at(COUNTER, *ALL, classes=("elderly", "walk_in"))),
        ("reservations", "0", "services"),
        "no counter may call Hộ tịch for có hẹn",
    ),
    (
        keeps(
            at(COUNTER, "3", services=("ho_tich",), begins=480, ends=600, days=(2,)),
            at(COUNTER, "3", services=("dat_dai",), begins=540, ends=660, days=(2, 3)),
        ),
        ("reservations", "1", "counters"),
        "Wednesday, 09:00–10:00: reservations contradict each other, counter 3 may call nobody",
    ),
    (
        keeps(at(SERVICE, "1", services=("ho_tich",)), at(SERVICE, "3", services=("ho_tich",))),
        ("reservations", "1", "services"),
        "no counter may call Hộ tịch",
    ),
]


@pytest.mark.parametrize(("policy", "place", "text"), CASES)
def test_a_contradiction_is_named_with_its_place(policy: Policy, place: tuple[str, ...], text: str) -> None:
    found = wrong_policy(an_office(), policy)
    assert any(wrong.place == place and text in wrong.en for wrong in found), found
    assert all(wrong.vi and wrong.en for wrong in found)
    assert refused(Day(), cmd.ChangePolicy(policy=policy)) is Problem.BODY_INVALID


def test_what_fits_is_taken() -> None:
    fine = Policy(
        classes={"elderly": ClassTerms(target=5 * MINUTE, ceiling=20 * MINUTE, weight=3)},
        reservations=(
            at(COUNTER, "2", services=("dat_dai",), classes=("walk_in", "elderly"), begins=480, ends=600),
            at(SERVICE, "3", services=("noi_bo",)),
            at(COUNTER, "1", classes=("elderly",), begins=420, ends=480, days=(0, 1)),
        ),
    )
    assert wrong_policy(an_office(), fine) == []


MORNING = (((8 * 60, 12 * 60),),) * 5 + ((), ())  # Monday to Friday
AFTERNOON = (((13 * 60, 17 * 60),),) * 5 + ((), ())
SHIFTS = Opening(counters={"1": MORNING, "2": AFTERNOON, "3": AFTERNOON})


@pytest.mark.parametrize(
    ("reservation", "place", "text"),
    [
        (  # the counter may, but nobody sits there in the afternoon
            at(SERVICE, "1", services=("ho_tich",)),
            "services",
            "Monday, 13:00–17:00: no counter may call Hộ tịch",
        ),
        (at(COUNTER, "1", services=("ho_tich",), begins=14 * 60, ends=15 * 60), "hours", "is open at these hours"),
        (at(COUNTER, "1", services=("ho_tich",), days=(5, 6)), "hours", "is open at these hours"),
    ],
)
def test_a_counter_counts_only_while_somebody_sits_there(reservation: Reservation, place: str, text: str) -> None:
    assert wrong_policy(an_office(), keeps(reservation)) == [], "fine where every counter is always open"
    (wrong,) = wrong_policy(an_office(), keeps(reservation), SHIFTS)
    assert (wrong.place, text in wrong.en) == (("reservations", "0", place), True), wrong


def test_while_nobody_is_there_or_a_service_is_not_offered_nobody_is_missed() -> None:
    only_one = at(SERVICE, "1", services=("ho_tich",))
    shut = Opening(counters=SHIFTS.counters, services={"ho_tich": MORNING})
    assert wrong_policy(an_office(), keeps(only_one), shut) == []
    whole_week = at(COUNTER, "1", classes=("elderly",))
    assert [w.place[2] for w in wrong_policy(an_office(), keeps(whole_week), SHIFTS)] == ["services"]


def test_too_many_reservations_are_refused_before_they_are_compared() -> None:
    one = at(COUNTER, "2", services=("dat_dai",))
    assert [w.place for w in wrong_policy(an_office(), keeps(*[one] * 41))] == [("reservations",)]


def test_each_left_over_service_is_named_once() -> None:
    silent = at(COUNTER, "3", services=("ho_tich",))
    found = wrong_policy(an_office(), keeps(silent, replace(silent, begins=480, ends=600)))
    assert len([w for w in found if "Nội bộ" in w.vi]) == 1


@pytest.mark.parametrize(
    "policy", [Policy(name="lottery"), Policy(options={"luck": 1.0}), Policy(options={"favour": 9})]
)
def test_a_refusal_speaks_vietnamese_to_who_reads_vietnamese(policy: Policy) -> None:
    (wrong,) = wrong_policy(an_office(), policy)
    assert wrong.vi.startswith(("không có", "tham số"))
    assert wrong.vi != wrong.en


def test_the_order_in_which_parts_were_chosen_is_no_change() -> None:
    one = at(COUNTER, "1", "3", services=("ho_tich", "dat_dai"), classes=("elderly", "walk_in"), days=(0, 1))
    other = at(COUNTER, "3", "1", services=("dat_dai", "ho_tich"), classes=("walk_in", "elderly"), days=(1, 0))
    assert policy_changes(an_office(), keeps(one), keeps(other)) == []
    ((_, said),) = policy_changes(an_office(), keeps(one), keeps(other, replace(one, begins=480)))
    assert said.startswith("New: Counter 1, 3 calls only")
    assert policy_changes(an_office(), keeps(), keeps(at(COUNTER, "1"), at(COUNTER, services=("ho_tich",)))) == []


def test_an_option_that_the_page_does_not_show_is_said_too() -> None:
    old, new = Policy(options={"favour": 0.3}), Policy(options={"price:ho_tich": 1.5})
    assert policy_changes(an_office(), old, new) == [
        ("Tham số favour: 0,3 → mặc định.", "Option favour: 0.3 → usual."),
        ("Tham số price:ho_tich: mặc định → 1,5.", "Option price:ho_tich: usual → 1.5."),
    ]
    assert policy_changes(an_office(), new, new) == []


def test_a_name_that_is_none_is_no_change() -> None:
    office = an_office()
    assert policy_changes(office, Policy(), Policy(name="lottery")) == []
    assert policy_changes(office, Policy(), Policy(name="index")) == [
        ("Cách gọi số: cân nhắc từng lượt gọi.", "People are called by weighing each call.")
    ]
