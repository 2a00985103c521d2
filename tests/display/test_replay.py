"""The manager's look at past days: chosen, played, told in plain words, refused in words, stopped."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from queue_server.contract.problems import TITLES, Problem
from tests.display.conftest import until
from tests.display.replayed import an_answer

LESS = (-1.5, -1.9, -1.2, -1.7, -1.2)
UNCLEAR = (-1.5, 1.9, -0.6, 0.4, -0.2)


@pytest.fixture
def replay(page, hall, sign_in):
    """Opens the manager's page, with what the server will answer."""

    def show(answer=None, token="t-manager", language="vi", past=None, status=200):
        hall.answers["replay"] = (status, answer or an_answer(LESS, language=language))
        if past is not None:
            hall.office.past = past
        sign_in(token)
        page.goto(f"/manager?lang={language}")
        until(lambda: hall.display.hub.total() == 1)
        return page.locator("section.replay")

    return show


def go(page):
    page.locator("#replay-go").click()
    expect(page.locator("#replay-answer")).to_be_visible()


def test_one_counter_more_is_asked_for_and_told_with_its_interval(replay, page, hall):
    part = replay()
    part.get_by_label("Xem lại").select_option("5 ngày gần nhất")
    part.get_by_label("Nếu").select_option("mở thêm một quầy")
    part.get_by_label("Quầy nào").select_option("Quầy 4")
    part.get_by_label("Từ lúc").fill("09:15")
    go(page)
    assert [(sent.path, sent.body) for sent in hall.sent] == [
        ("replay", {"change": "open", "language": "vi", "last": 5, "counter": "q4", "at": "09:15"})
    ]
    expect(part.locator(".headline")).to_have_text(
        re.compile(r"^Trung bình mỗi lượt chờ 17,4 → 15,9 phút: bớt 1,5 phút \(1,1 đến 1,9\)\.$")
    )
    expect(part.locator(".headline")).to_have_class(re.compile("less"))
    expect(part.locator("tbody tr").first).to_contain_text("Chờ trung bình (phút)")
    expect(part.locator("#replay-answer")).to_be_focused()


def test_what_holds_nought_is_called_no_clear_difference(replay, page):
    part = replay(an_answer(UNCLEAR))
    go(page)
    expect(part.locator(".headline")).to_contain_text("không thấy khác biệt rõ")
    expect(part.locator(".headline")).to_have_class(re.compile("none"))


def test_fewer_people_served_is_no_gain_however_short_their_waits(replay, page):
    part = replay(an_answer(LESS, sent_home=9))
    go(page)
    expect(part.locator(".headline")).to_contain_text("Thêm 40 lượt không được phục vụ trong ngày nên không thể so")
    expect(part.locator(".headline")).to_have_class(re.compile("more"))
    expect(part.locator("tbody tr").nth(3)).to_contain_text("thêm 40")


def test_one_day_says_that_it_may_be_chance(replay, page, hall):
    part = replay(an_answer((-2.0,)))
    part.get_by_label("Xem lại").select_option("Thứ Năm 19/11/2026")
    go(page)
    assert hall.sent[0].body["day"] == "2026-11-19"
    expect(part.locator(".headline")).to_contain_text("bớt 2,0 phút")
    expect(part).to_contain_text("Mới tính một ngày nên có thể là ngẫu nhiên")


@pytest.mark.parametrize(
    ("change", "shown", "sent"),
    [
        ("without", {"counter"}, {"counter": "q1"}),
        ("break", {"counter", "at", "minutes"}, {"counter": "q1", "at": "08:30", "minutes": 30}),
        ("policy", {"policy"}, {"policy": "fcfs"}),
    ],
)
def test_each_change_asks_for_its_own_fields_only(replay, page, hall, change, shown, sent):
    part = replay()
    part.get_by_label("Nếu").select_option(change)
    fields = {name for name in ("counter", "at", "until", "minutes", "policy")
              if part.locator(f"[name={name}]").is_visible()}  # fmt: skip
    assert fields == shown
    go(page)
    assert hall.sent[0].body == {"change": change, "language": "vi", "last": 5, **sent}


def test_another_rule_is_named_as_the_rules_page_names_it(replay, page):
    part = replay()
    part.get_by_label("Nếu").select_option("policy")
    rule = part.get_by_label("Quy tắc nào")
    assert "look-ahead" not in [option.get_attribute("value") for option in rule.locator("option").all()]
    rule.select_option("fcfs")
    go(page)
    expect(part.locator("h3")).to_contain_text("Nếu gọi số theo quy tắc: Theo thứ tự lấy số")


@pytest.mark.parametrize(
    "code",
    [Problem.DAY_UNKNOWN, Problem.DAY_EMPTY, Problem.REPLAY_BUSY, Problem.REPLAY_IDLE, Problem.REPLAY_IMPOSSIBLE,
     Problem.REPLAY_TOO_LONG],
    ids=str,
)  # fmt: skip
def test_a_refusal_stands_in_words_and_the_form_is_kept(replay, page, hall, code):
    vi, en = TITLES[code]
    part = replay({"title": en, "title_vi": vi, "code": str(code)}, status=409)
    part.get_by_label("Từ lúc").fill("10:00")
    page.locator("#replay-go").click()
    expect(page.locator("#replay-message")).to_have_text(vi)
    expect(page.locator("#replay-answer")).to_be_hidden()
    expect(part.get_by_label("Từ lúc")).to_have_value("10:00")
    expect(page.locator("#replay-go")).to_be_enabled()
    hall.answers["replay"] = (200, an_answer(LESS))
    go(page)
    expect(page.locator("#replay-message")).to_be_hidden()


def test_a_long_one_says_so_takes_no_second_press_and_can_be_stopped(replay, page, hall):
    replay()
    hall.delay = 3.0
    page.locator("#replay-go").click()
    expect(page.locator("#replay-status")).to_contain_text("có thể mất đến một phút")
    expect(page.locator("#replay-go")).to_be_disabled()
    page.get_by_role("button", name="Dừng").click()
    expect(page.locator("#replay-status")).to_have_text("Đã dừng.")
    expect(page.locator("#replay-go")).to_be_enabled()
    expect(page.locator("#replay-answer")).to_be_hidden()
    assert len(hall.sent) == 1


def test_the_page_stays_live_and_keeps_what_was_chosen(replay, page, hall):
    part = replay()
    part.get_by_label("Nếu").select_option("without")
    go(page)
    hall.change(lambda: setattr(hall.office, "mean", 21.5))
    expect(page.locator("section.totals")).to_contain_text("21,5")
    expect(part.get_by_label("Nếu")).to_have_value("without")
    expect(page.locator("#replay-answer")).to_be_visible()


def test_by_keyboard_alone(replay, page, hall):
    part = replay()
    part.get_by_label("Xem lại").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "replay-go":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#replay-answer")).to_be_focused()
    assert hall.sent[0].body["day"] == "2026-11-20"


def test_an_office_without_a_past_is_told_when_there_will_be_one(replay, page):
    part = replay(past=())
    expect(part).to_contain_text("Chưa có ngày nào kết thúc")
    expect(part.locator("form")).to_have_count(0)
    assert Axe().run(page).violations_count == 0


def test_an_auditor_sees_no_form(replay, page):
    assert replay(token="t-auditor").count() == 0


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_axe_finds_nothing(replay, page, language, width):
    page.set_viewport_size({"width": width, "height": 740})
    part = replay(language=language)
    assert Axe().run(page).violations_count == 0
    go(page)
    for summary in part.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("window.__violations") == []
