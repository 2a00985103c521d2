"""`/metrics` is Prometheus' text, says what docs/reference/metrics.md says, and nothing about a person."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.http.house import House

PAGE = Path(__file__).parents[2] / "docs/reference/metrics.md"


def figures(house: House) -> dict[str, float]:
    """Every sample by its name and labels."""
    text = house.get("/metrics").text
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def a_served_person(house: House) -> None:
    house.open_counter("q1", "q2")
    house.take()
    house.take()
    house.later(minutes=6)
    house.next("q1")
    house.post("/counters/q1/finish", {}, "officer 1")
    house.post("/counters/q2/pause", {}, "officer 2")
    house.post("/counters/q2/pause", {}, "officer 2")


def test_the_figures_of_a_morning(house: House) -> None:
    a_served_person(house)
    found = figures(house)
    assert (found["motcua_waiting ho_tich"], found["motcua_waiting dat_dai"]) == (1, 0)
    assert [found[f"motcua_counters {s}"] for s in ("open", "paused", "closed")] == [
        1,
        1,
        len(house.site.office.counters) - 2,
    ]
    assert round(found["motcua_mean_wait_minutes"], 1) == 6.0
    assert (found["motcua_tickets_total"], found["motcua_refused_total"]) == (2, 1)
    assert (found["motcua_healthy"], found["motcua_listener_failures_total"]) == (1, 0)
    assert found["motcua_journal_seq"] == house.journal.last_seq


def test_before_anybody_was_served_there_is_no_mean(house: House) -> None:
    assert "motcua_mean_wait_minutes" not in figures(house)


def test_the_page_lists_every_figure_and_no_other(house: House) -> None:
    a_served_person(house)
    kinds = {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in text_string_to_metric_families(house.get("/metrics").text)
    }
    rows = re.findall(r"^\| `(motcua_\w+)` \| (gauge|counter) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == kinds


def test_no_number_and_no_token_stands_in_the_figures(house: House) -> None:
    ticket = house.take()
    text = house.get("/metrics").text
    assert ticket["number"] not in text
    assert ticket["token"] not in text
