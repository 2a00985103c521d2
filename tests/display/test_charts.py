"""Charts: figures in the right place, words for those who do not see them, nothing inline that a policy forbids."""

import xml.etree.ElementTree as ET

from display.charts import count_chart, wait_chart
from queue_server.contract.views import HourFigures
from tests.display.office import Office

HOURS = Office().manager().hours
SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart):
    return ET.fromstring(str(chart).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def waits(hours=HOURS, target=15.0, title="Chờ"):
    return drawn(wait_chart(hours, target, title=title, desc="mô tả", goal="mục tiêu 15 phút", language="vi"))


def bars(tree):
    return [rect for rect in tree.iter(f"{SVG}rect") if rect.get("class", "").startswith("bar")]


def test_each_hour_with_a_mean_has_a_bar_and_only_those():
    assert len(bars(waits())) == 4  # nobody was called in the fifth


def test_a_bar_over_the_target_differs_by_pattern_not_by_colour_alone():
    kinds = [bar.get("class") for bar in bars(waits())]
    assert kinds == ["bar", "bar", "bar over", "bar"]


def test_heights_are_in_proportion():
    first, second = bars(waits())[:2]
    ratio = float(second.get("height")) / float(first.get("height"))
    assert abs(ratio - 12.8 / 4.1) < 0.02


def test_the_goal_line_lies_where_a_bar_of_that_height_would_end():
    tree = waits((HourFigures(hour=8, issued=1, called=1, mean_wait=15.0),))
    goal = next(line for line in tree.iter(f"{SVG}line") if line.get("class") == "goal")
    assert goal.get("y1") == bars(tree)[0].get("y")


def test_bars_stay_inside_the_drawing_even_for_a_terrible_hour():
    tree = waits((HourFigures(hour=8, issued=1, called=1, mean_wait=100_000.0),))
    assert float(bars(tree)[0].get("y")) >= 0


def test_title_and_description_are_there_and_escaped():
    tree = waits(title="<script>alert(1)</script>")
    assert tree.findtext(f"{SVG}title") == "<script>alert(1)</script>"
    assert tree.findtext(f"{SVG}desc") == "mô tả"
    assert tree.find(f".//{SVG}script") is None


def test_nothing_inline_that_the_content_policy_forbids():
    text = str(wait_chart(HOURS, 15, title="t", desc="d", goal="g", language="en"))
    assert "style=" not in text
    assert "<style" not in text
    assert "12.8" in text  # the point of English


def test_counts_have_two_bars_an_hour():
    tree = drawn(count_chart(HOURS, title="t", desc="d", language="vi"))
    assert [bar.get("class") for bar in bars(tree)] == ["bar light", "bar"] * 5


def test_a_day_without_hours_still_draws():
    assert bars(waits(())) == []
    assert bars(drawn(count_chart((), title="t", desc="d", language="vi"))) == []
