"""The manager's page and the rules page: risk in words, advice applied once, honest empty states, rules kept whole."""

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.display.conftest import until
from tests.display.office import a_move, a_risk, an_accuracy, an_effect, words

GAP = 550  # milliseconds; a confirmation sooner than half a second after the question is a slip of the hand


@pytest.fixture
def manager(page, hall, sign_in):
    """Opens the manager's page on the office as it is now."""

    def show(token="t-manager", language="vi", **changes):
        for name, value in changes.items():
            setattr(hall.office, name, value)
        sign_in(token)
        page.goto(f"/manager?lang={language}")
        until(lambda: hall.display.hub.total() == 1)

    return show


def ask(page, name="Mở thêm quầy 4"):
    page.get_by_role("button", name=f"Áp dụng: {name}").click()
    expect(page.locator("#dialog-apply")).to_be_visible()
    page.wait_for_timeout(GAP)


def confirm(page):
    page.locator("#dialog-apply button.main").click()


def test_the_risk_stands_at_the_top_in_words_and_figures(manager, page):
    manager()
    hour, day = page.locator(".risks li").all()
    for shown in (
        "Giờ tới",
        "Cần chú ý",
        "16,2 phút",
        "13–21 phút",
        "quá 15 phút: khoảng 6 trong 10",
        "Quầy 4 đang vắng",
    ):
        expect(hour).to_contain_text(shown)
    for shown in ("Cả ngày hôm nay", "An toàn", "khoảng 2 trong 10"):
        expect(day).to_contain_text(shown)
    expect(page.locator("section.outlook")).to_contain_text("Dự báo lúc 09:41")
    assert page.locator("section.outlook").bounding_box()["y"] < page.locator("section.totals").bounding_box()["y"]


@pytest.mark.parametrize(
    ("level", "word", "probability", "odds"),
    [("safe", "Safe", 0.01, "less than 1 in 10"), ("amber", "Watch", 0.5, "about 5 in 10"),
     ("red", "High risk", 0.99, "more than 9 in 10")],
)  # fmt: skip
def test_every_level_has_a_word_and_a_mark_of_its_own(manager, page, level, word, probability, odds):
    manager(language="en", risks=(a_risk(level=level, probability=probability),))
    expect(page.locator(".risks .level")).to_have_text(re.compile(rf"^[✓▲✗] {word}$"))
    expect(page.locator(".risks li")).to_contain_text(odds)


def test_without_a_forecast_the_page_says_where_the_minutes_come_from(manager, page):
    manager(forecast_at=None, risks=(), advice=(), effects=(), accuracy=())
    outlook = page.locator("section.outlook")
    expect(outlook).to_contain_text("Chưa có dự báo – số phút chờ đang tính theo lịch ảo")
    expect(page.locator("section.advice")).to_contain_text("Gợi ý sẽ có khi có dự báo.")
    expect(page.locator("section.effects")).to_contain_text("Hôm nay chưa áp dụng gợi ý nào.")
    expect(page.locator("section.accuracy")).to_contain_text("Chưa có ngày nào để đối chiếu")
    assert Axe().run(page).violations_count == 0


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("vi", "Phần nhìn trước đang tạm nghỉ: trong lúc đó từng lượt gọi được cân nhắc riêng"),
        ("en", "Looking ahead is resting: calls are weighed one by one meanwhile"),
    ],
)
def test_the_page_says_that_nothing_looks_ahead_only_while_that_is_so(manager, page, hall, language, said):
    manager(language=language, resting=True)
    expect(page.locator("section.outlook")).to_contain_text(said)
    assert Axe().run(page).violations_count == 0
    hall.office.resting = False
    page.reload()
    expect(page.locator("section.outlook h2")).to_be_visible()
    expect(page.locator("section.outlook")).not_to_contain_text(said)


def test_an_old_risk_is_not_shown_without_a_forecast(manager, page):
    manager(forecast_at=None)
    expect(page.locator(".risks")).to_have_count(0)


@pytest.mark.parametrize(
    ("level", "said"), [("safe", "Hiện chưa cần điều chỉnh gì."), ("red", "chưa có cách điều chỉnh nào giúp được")]
)
def test_no_advice_is_said_according_to_the_risk(manager, page, level, said):
    manager(risks=(a_risk(level=level),), advice=())
    expect(page.locator("section.advice")).to_contain_text(said)


def test_after_the_last_visitor_there_is_nothing_to_forecast(manager, page):
    manager(risks=(), advice=())
    expect(page.locator("section.outlook")).to_contain_text("Hôm nay không còn gì cần dự báo.")


def test_advice_keeps_its_order_and_names_the_best(manager, page):
    manager()
    moves = page.locator(".moves li")
    expect(moves.nth(0)).to_contain_text("Mở thêm quầy 4 hiệu quả nhất")
    expect(moves.nth(0)).to_contain_text("Bớt khoảng 140 phút chờ")
    expect(moves.nth(1)).to_contain_text("Mời người có hẹn")
    expect(page.locator(".moves .tag")).to_have_count(1)


def test_applying_asks_with_the_text_of_the_move_and_sends_one_command(manager, page, hall):
    manager()
    ask(page)
    expect(page.locator("#apply-move")).to_have_text("Mở thêm quầy 4")
    expect(page.locator("#apply-effect")).to_contain_text("cần 1,5 giờ cán bộ")
    assert hall.sent == []
    confirm(page)
    expect(page.locator("#done")).to_contain_text("Đã áp dụng: Mở thêm quầy 4.")
    expect(page.locator("#dialog-apply")).to_be_hidden()
    assert [(command.path, command.body, len(command.key)) for command in hall.sent] == [("advice/mo-q4/apply", {}, 32)]


def test_what_was_applied_cannot_be_pressed_again_even_when_drawn_anew(manager, page, hall):
    manager()
    ask(page)
    confirm(page)
    button = page.locator("#apply-mo-q4")
    expect(button).to_be_disabled()
    hall.change(lambda: setattr(hall.office, "advice", (a_move(saved=1, effect=words("Còn bớt 20 phút chờ.")),)))
    expect(page.locator("section.advice")).to_contain_text("Còn bớt 20 phút chờ.")
    expect(button).to_be_disabled()


def test_going_back_sends_nothing(manager, page, hall):
    manager()
    ask(page)
    page.get_by_role("button", name="Quay lại").click()
    expect(page.locator("#dialog-apply")).to_be_hidden()
    assert hall.sent == []


def test_a_double_click_on_the_advice_confirms_nothing(manager, page, hall):
    manager()
    page.locator("#apply-mo-q4").dblclick()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog-apply")).to_be_visible()
    assert hall.sent == []


def test_a_double_click_on_the_confirmation_is_one_command(manager, page, hall):
    manager()
    hall.delay = 0.1
    ask(page)
    page.locator("#dialog-apply button.main").dblclick()
    expect(page.locator("#done")).to_contain_text("Đã áp dụng")
    assert len(hall.sent) == 1


def test_a_key_held_down_confirms_nothing(manager, page, hall):
    manager()
    page.locator("#apply-mo-q4").focus()
    page.keyboard.down("Enter")
    page.wait_for_timeout(GAP)
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(page.locator("#dialog-apply")).to_be_visible()
    assert hall.sent == []


def test_a_refusal_stands_in_words_in_the_question(manager, page, hall):
    manager()
    refusal = {"title": "Not possible any more.", "title_vi": "Quầy 4 đã mở, gợi ý này không còn áp dụng được."}
    hall.answers["advice/mo-q4/apply"] = (409, refusal)
    ask(page)
    confirm(page)
    expect(page.get_by_role("alert")).to_have_text(refusal["title_vi"])
    expect(page.locator("#dialog-apply")).to_be_visible()
    page.get_by_role("button", name="Quay lại").click()
    expect(page.locator("#apply-mo-q4")).to_be_enabled()
    ask(page)
    expect(page.locator("#message")).to_be_empty()


def test_a_lost_answer_is_asked_for_again_under_the_same_key(manager, page, hall):
    manager()
    dropped = []

    def drop_three(route):
        if len(dropped) < 3:
            dropped.append(route.request.headers["idempotency-key"])
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/**", drop_three)
    ask(page)
    confirm(page)
    expect(page.get_by_role("alert")).to_contain_text("Máy chủ chưa trả lời")
    confirm(page)
    expect(page.locator("#done")).to_contain_text("Đã áp dụng")
    assert {command.key for command in hall.sent} == set(dropped)


def test_an_ended_session_leads_to_signing_in_and_back(manager, page, hall):
    manager()
    hall.answers["advice/mo-q4/apply"] = (401, {"title": "Please sign in."})
    ask(page)
    page.context.clear_cookies()
    confirm(page)
    page.wait_for_url("**/sign-in?next=*")
    assert page.locator("input[name=next]").input_value() == "/manager?lang=vi"


def test_an_auditor_reads_advice_and_applies_none(manager, page):
    manager("t-auditor")
    expect(page.locator(".moves li")).to_have_count(2)
    expect(page.get_by_role("button", name=re.compile("Áp dụng"))).to_have_count(0)
    expect(page.locator("dialog")).to_have_count(0)


def test_the_question_reads_well_on_a_phone_and_axe_finds_nothing(manager, page):
    page.set_viewport_size({"width": 360, "height": 640})
    page.emulate_media(reduced_motion="reduce")
    manager(advice=(a_move(text=words("Chuyển cán bộ từ quầy 12 sang quầy 4 đến hết buổi sáng " * 3)),))
    page.locator("#apply-mo-q4").click()
    box = page.locator("#dialog-apply").bounding_box()
    assert (box["x"] >= 0, box["x"] + box["width"] <= 360) == (True, True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("window.__violations") == []


def test_a_move_says_afterwards_what_it_did(manager, page):
    early = an_effect(text=words("Mở thêm quầy 4"), actual=None, without=None, verdict={})
    manager(effects=(early, an_effect(), an_effect(verdict={})))
    rows = page.locator("section.effects li")
    expect(rows.nth(0)).to_contain_text("08:06")
    expect(rows.nth(0)).to_contain_text("Chưa đủ dữ liệu")
    expect(rows.nth(1)).to_contain_text("Đã giúp: 24 lượt khách")
    expect(rows.nth(2)).to_contain_text("giờ sau đó: 11 phút; nếu không làm: 16 phút")


def test_the_accuracy_of_announced_waits_is_a_sentence_a_day(manager, page):
    manager()
    rows = page.locator("section.accuracy li")
    expect(rows.nth(0)).to_contain_text("Hôm qua: 81 % đúng trong khoảng, sai trung bình 4 phút")
    expect(rows.nth(0)).not_to_have_class(re.compile("weak"))
    expect(rows.nth(1)).to_contain_text("20/11: 67 % đúng trong khoảng, sai trung bình 6,5 phút")
    expect(rows.nth(1)).to_contain_text("còn quá ít để đánh giá · cách tính: trung bình mười lượt chờ gần nhất")
    expect(rows.nth(1)).to_have_class(re.compile("weak"))


@pytest.mark.parametrize(
    ("better", "sentence"),
    [
        (0.25, "đoán sai trung bình 4,7 phút, ít hơn 25 % so với dùng mức chung của dịch vụ"),
        (0.0, "dùng mức chung của dịch vụ, sai trung bình 4,7 phút"),
    ],
)
def test_the_minutes_at_the_counter_have_their_sentence(manager, page, better, sentence):
    manager(accuracy=(an_accuracy(minutes_error=4.7, minutes_better=better), an_accuracy("20261121")))
    rows = page.locator("section.accuracy li")
    expect(rows.nth(0)).to_contain_text(f"Thời gian giải quyết tại quầy: {sentence}")
    expect(rows.nth(1)).not_to_contain_text("tại quầy")


@pytest.mark.parametrize(("tickets", "weak"), [(29, 1), (30, 0)])
def test_thirty_numbers_are_enough_to_judge_a_day_by(manager, page, tickets, weak):
    manager(language="en", accuracy=(an_accuracy(tickets=tickets),))
    expect(page.locator("section.accuracy .weak")).to_have_count(weak)
    expect(page.locator("section.accuracy li")).to_contain_text(f"{tickets} numbers")


def test_a_new_warning_appears_by_itself(manager, page, hall):
    manager(risks=(a_risk(level="safe"),), advice=())
    hall.change(lambda: setattr(hall.office, "risks", (a_risk(level="red", probability=0.83),)))
    expect(page.locator(".risks .level")).to_have_text("✗ Nguy cơ cao")
    expect(page.locator(".risks li")).to_contain_text("khoảng 8 trong 10")


def test_the_console_has_room_for_a_long_reason(page, hall, sign_in):
    sign_in("t-officer-3")
    long = "Ưu tiên: người khuyết tật nặng hoặc đặc biệt nặng, đã chờ 6 phút; 2 lượt thường vừa được gọi."
    upcoming = replace(hall.office.upcoming(), reason=words(long), runner_up="B004")
    hall.office.upcoming = lambda: upcoming
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/console?counter=q3")
    why, after = page.locator("section.next .why"), page.locator("section.next .after")
    expect(why).to_have_text(long)
    expect(after).to_have_text("Sau đó: B004")
    assert why.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert after.bounding_box()["y"] >= why.bounding_box()["y"] + why.bounding_box()["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
