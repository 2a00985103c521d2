"""What the relay sends, and when it keeps silent."""

import json
from dataclasses import dataclass, field, replace

from queue_server.messaging.relay import Relay
from tests.messaging.rows import CALL, COUNTER, LAND, Office, recalled, stamp

BASE = "motcua/v1/lien-chieu/"


@dataclass
class Line:
    """A line that takes note of what is sent; `away` takes nothing."""

    sent: list[tuple[str, bytes, bool]] = field(default_factory=list)
    away: bool = False

    def publish(self, topic: str, payload: bytes, retained: bool) -> bool:
        if not self.away:
            self.sent.append((topic.removeprefix(BASE), payload, retained))
        return not self.away

    def topics(self) -> list[str]:
        """Since the last time."""
        found = [topic for topic, _, _ in self.sent]
        self.sent.clear()
        return found


EVERYTHING = [
    "board/all/calls", "board/main/calls", "counter/1/state", "counter/2/state", "office/state", "service/land/state",
]  # fmt: skip


def test_the_first_time_everything_is_sent_retained() -> None:
    line = Line()
    assert Relay(line.publish).state(Office(), stamp()) == 6
    assert all(retained for _, _, retained in line.sent)
    assert line.topics() == EVERYTHING


def test_later_only_what_changed_is_sent() -> None:
    line, office = Line(), Office()
    relay = Relay(line.publish)
    relay.state(office, stamp(1))
    line.sent.clear()
    assert relay.state(office, stamp(2)) == 0
    office.lines = (replace(LAND, waiting=4),)
    assert relay.state(office, stamp(3)) == 1
    ((topic, payload, _),) = line.sent
    assert (topic, json.loads(payload)["waiting"], json.loads(payload)["seq"]) == ("service/land/state", 4, 3)


def test_a_recall_changes_counter_and_boards() -> None:
    line, office = Line(), Office()
    relay = Relay(line.publish)
    relay.state(office, stamp(1))
    line.sent.clear()
    office.calls = (recalled(CALL, 2), CALL)
    relay.state(office, stamp(2))
    assert line.topics() == ["board/all/calls", "board/main/calls", "counter/1/state"]


def test_a_small_change_of_the_mean_is_not_worth_a_message() -> None:
    line, office = Line(), Office()
    relay = Relay(line.publish)
    relay.state(office, stamp(1))
    office.mean_wait = 6.41
    assert relay.state(office, stamp(2)) == 0


def test_an_empty_broker_gets_everything_again() -> None:
    line = Line()
    relay = Relay(line.publish)
    relay.state(Office(), stamp(1))
    before = list(line.sent)
    line.sent.clear()
    assert relay.republish() == 6
    assert line.sent == before


def test_what_changed_while_the_broker_was_away_is_sent_once_in_its_last_form() -> None:
    line, office = Line(), Office()
    relay = Relay(line.publish)
    relay.state(office, stamp(1))
    line.sent.clear()
    line.away = True
    for waiting in (4, 5):
        office.lines = (replace(LAND, waiting=waiting),)
        assert relay.state(office, stamp(waiting)) == 0
    line.away = False
    relay.state(office, stamp(6))
    ((_, payload, _),) = line.sent
    assert json.loads(payload)["waiting"] == 5


def test_a_service_that_is_no_more_is_taken_away_even_when_the_broker_was() -> None:
    line, office = Line(), Office()
    relay = Relay(line.publish)
    relay.state(office, stamp(1))
    line.sent.clear()
    line.away = True
    office.lines = ()
    relay.state(office, stamp(2))
    line.away = False
    relay.state(office, stamp(3))
    assert line.sent == [("service/land/state", b"", True)]
    line.sent.clear()
    relay.republish()
    assert "service/land/state" not in line.topics()


def test_a_service_that_comes_back_is_sent_again() -> None:
    line, office = Line(), Office()
    relay = Relay(line.publish)
    for lines in ((LAND,), (), (LAND,)):
        office.lines = lines
        line.sent.clear()
        relay.state(office, stamp())
    ((topic, payload, _),) = line.sent
    assert (topic, json.loads(payload)["service"]) == ("service/land/state", "land")


def test_each_call_and_recall_is_told_once_and_in_order() -> None:
    line = Line()
    relay = Relay(line.publish)
    assert relay.calls([], stamp()) == 0
    second, third = recalled(CALL, 2), recalled(CALL, 3)
    assert relay.calls([CALL], stamp()) == 1
    assert relay.calls([third, second, CALL], stamp()) == 2
    assert relay.calls([third, second, CALL], stamp()) == 0
    assert [json.loads(payload)["data"]["times"] for _, payload, _ in line.sent] == [1, 2, 3]
    assert {retained for _, _, retained in line.sent} == {False}


def test_a_start_does_not_call_again_who_was_called_before() -> None:
    line = Line()
    relay = Relay(line.publish)
    relay.calls([CALL], stamp())
    relay.calls([recalled(CALL, 2), CALL], stamp())
    assert [json.loads(payload)["data"]["times"] for _, payload, _ in line.sent] == [2]


def test_an_older_call_that_comes_back_onto_the_board_is_not_called_again() -> None:
    line = Line()
    relay = Relay(line.publish)
    relay.calls([], stamp())
    newer = replace(CALL, id="20261123-A013/1", number="A013")
    for window in ([CALL], [newer], [CALL]):  # A013 was called by mistake and put back
        relay.calls(window, stamp())
    assert [json.loads(payload)["data"]["number"] for _, payload, _ in line.sent] == ["A012", "A013"]


def test_a_call_without_a_broker_is_over() -> None:
    line = Line(away=True)
    relay = Relay(line.publish)
    relay.calls([], stamp())
    assert relay.calls([CALL], stamp()) == 0
    line.away = False
    assert relay.calls([CALL], stamp()) == 0
    relay.republish()
    assert line.sent == []


def test_an_alert_is_sent_and_not_kept() -> None:
    line = Line()
    relay = Relay(line.publish)
    assert relay.alert("help-called", {"kiosk": "kiosk-1"}, stamp())
    assert relay.republish() == 0
    assert line.topics() == ["alert"]


def test_a_counter_shows_its_own_last_call() -> None:
    line = Line()
    second = replace(COUNTER, id="2", label="2", number="B001")
    other = replace(CALL, id="x/3", number="B001", counter="2", time=3)
    Relay(line.publish).state(Office(desks=(COUNTER, second), calls=(other, CALL)), stamp())
    times = {topic: json.loads(payload)["times"] for topic, payload, _ in line.sent if topic.startswith("counter")}
    assert times == {"counter/1/state": 1, "counter/2/state": 3}
