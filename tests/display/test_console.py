"""The officer's console in a real browser: one big button, keys, one command a wish, refusals in words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from queue_server.contract.views import CourtesyRow
from tests.display.conftest import until
from tests.display.office import MONDAY, HelpRow, a_ticket

GAP = 550  # milliseconds; a second press within half a second is taken for a slip of the hand


def a_moment_later(page):
    """The page has its answer and the half second after it is over; the server knows of a press before the page."""
    expect(page.locator("body.busy")).to_have_count(0)
    page.wait_for_timeout(GAP)


@pytest.fixture
def console(page, hall, sign_in):
    """Opens the console of counter 3 on the office as it is now."""

    def show(**changes):
        for name, value in changes.items():
            setattr(hall.office, name, value)
        sign_in("t-officer-3")
        page.goto("/console?counter=q3")
        expect(page.locator("#primary")).to_be_visible()
        until(lambda: hall.display.hub.total() == 1)

    return show


def called(number="A008", **changes):
    return a_ticket(number, state="called", calls=1, called_at=MONDAY, **changes)


def serving(number="A008", **changes):
    return a_ticket(number, state="serving", calls=1, called_at=MONDAY, handled=3.2, **changes)


def sent(hall):
    return [(command.path.removeprefix("counters/q3/"), command.body) for command in hall.sent]


@pytest.mark.parametrize(
    ("state", "label", "command", "body"),
    [
        ({"status": "closed"}, "Mở quầy", "open", {}),
        ({"status": "paused"}, "Tiếp tục phục vụ", "unpause", {}),
        ({}, "Mời số tiếp theo A009", "call-next", {}),
    ],
)
def test_the_big_button_does_the_likely_thing(console, page, hall, state, label, command, body):
    console(desk=replace(hall.office.desk, **state))
    expect(page.locator("#primary")).to_have_text(label)
    page.locator("#primary").click()
    until(lambda: len(hall.sent) == 1)
    assert sent(hall) == [(command, body)]


def test_the_officer_is_told_that_nothing_looks_ahead_and_still_calls(console, page, hall):
    resting = "Phần nhìn trước đang tạm nghỉ: trong lúc đó từng lượt gọi được cân nhắc riêng"
    console(resting=True)
    expect(page.locator("main")).to_contain_text(resting)
    page.locator("#primary").click()
    until(lambda: len(hall.sent) == 1)
    assert sent(hall) == [("call-next", {})]
    hall.office.resting = False
    page.reload()
    expect(page.locator("#primary")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(resting)


def test_a_whole_visit_with_the_space_bar_only(console, page, hall):
    console()
    for label, doing in (
        ("Mời số tiếp theo A009", "call-next"),
        ("Bắt đầu phục vụ A009", "start"),
        ("Xong – mời số tiếp theo A012", "call-next"),
    ):
        expect(page.locator("#primary")).to_have_text(label)
        a_moment_later(page)
        page.keyboard.press("Space")
        until(lambda word=doing: sent(hall)[-1:] and sent(hall)[-1][0] == word)
    assert [body for _, body in sent(hall)] == [{}, {}, {"finish_current": True}]


def test_with_nobody_waiting_the_button_says_so_and_ends_the_visit(console, page, hall):
    console(waiting=[])
    expect(page.locator("#primary")).to_have_text("Chưa có người chờ")
    expect(page.locator("#primary")).to_be_disabled()
    hall.change(lambda: setattr(hall.office, "current", serving()))
    expect(page.locator("#primary")).to_have_text("Xong chưa có ai để mời")
    page.keyboard.press("Enter")
    until(lambda: sent(hall) == [("finish", {})])


@pytest.mark.parametrize(
    ("key", "ticket", "command"),
    [("r", called(), "recall"), ("s", called(), "start"), ("n", called(), "no-show"), ("f", serving(), "finish")],
)
def test_keys_are_commands(console, page, hall, key, ticket, command):
    console(current=ticket)
    page.keyboard.press(key)
    until(lambda: sent(hall) == [(command, {})])


def test_keys_without_a_meaning_now_do_nothing(console, page, hall):
    console()
    for key in ("r", "s", "n", "f", "h", "t", "x"):
        page.keyboard.press(key)
    page.keyboard.press("Alt+s")
    page.wait_for_timeout(100)
    assert hall.sent == []


def test_keys_stay_letters_while_somebody_types(console, page, hall):
    console()
    page.keyboard.press("g")
    field = page.get_by_role("textbox", name="Số")
    expect(field).to_be_focused()
    field.press_sequentially("nrsf 12")
    assert hall.sent == []
    field.fill("a012")
    field.press("Enter")
    until(lambda: sent(hall) == [("call", {"ticket": "A012"})])


def test_a_double_click_is_one_command(console, page, hall):
    console()
    hall.delay = 0.05
    page.locator("#primary").dblclick()
    expect(page.locator("#primary")).to_contain_text("Bắt đầu phục vụ")
    page.wait_for_timeout(150)
    assert sent(hall) == [("call-next", {})]


def test_two_hasty_clicks_are_one_command(console, page, hall):
    console()
    page.locator("#primary").click()
    expect(page.locator("#primary")).to_contain_text("Bắt đầu phục vụ")
    page.evaluate("document.getElementById('primary').click()")
    page.wait_for_timeout(150)
    assert sent(hall) == [("call-next", {})]


def test_a_key_held_down_is_one_command(console, page, hall):
    console()
    for _ in range(5):
        page.keyboard.down("Space")
    page.keyboard.up("Space")
    until(lambda: len(hall.sent) >= 1)
    page.wait_for_timeout(100)
    assert len(hall.sent) == 1


def test_after_a_click_the_space_bar_is_the_big_button_again(console, page, hall):
    console(current=called())
    page.locator("#do-recall").click()
    until(lambda: sent(hall) == [("recall", {})])
    a_moment_later(page)
    page.keyboard.press("Space")
    until(lambda: sent(hall)[1:] == [("start", {})])


def test_a_button_reached_by_the_tab_key_works_by_itself(console, page, hall):
    console(current=called())
    page.locator("#do-no-show").focus()
    page.keyboard.press("Enter")
    until(lambda: len(hall.sent) == 1)
    assert sent(hall) == [("no-show", {})]


def test_focus_survives_a_new_region(console, page, hall):
    console(current=called())
    page.locator("#do-no-show").focus()
    hall.change(lambda: setattr(hall.office, "current", called(waited=9.0)))
    expect(page.locator("section.work")).to_contain_text("đã chờ 9 phút")
    expect(page.locator("#do-no-show")).to_be_focused()


def test_a_refusal_stands_in_words_by_the_button_and_goes_with_the_next_try(console, page, hall):
    console(current=called())
    hall.answers["counters/q3/recall"] = (409, {"title": "Wait.", "title_vi": "Vừa gọi xong, xin chờ một chút."})
    page.keyboard.press("r")
    expect(page.get_by_role("alert")).to_have_text("Vừa gọi xong, xin chờ một chút.")
    hall.answers.clear()
    a_moment_later(page)
    page.keyboard.press("r")
    expect(page.locator("#message")).to_be_empty()


def test_nobody_fits_is_said(console, page, hall):
    console()
    hall.answers["counters/q3/call-next"] = (204, {})
    page.keyboard.press("Space")
    expect(page.locator("#message")).to_have_text("Lúc này chưa có ai để quầy này mời.")


def test_whoever_is_left_to_another_counter_is_said_and_may_be_asked_for(console, page, hall):
    console(courtesy=CourtesyRow(seconds=12, counters=("1",)))
    expect(page.locator("#primary")).to_have_text("Mời số tiếp theo đang nhường quầy 1")
    expect(page.get_by_text("Đang nhường người chờ cho quầy 1 đang rảnh, tối đa 12 giây nữa")).to_be_visible()
    hall.answers["counters/q3/call-next"] = (204, {})
    page.keyboard.press("Space")
    expect(page.locator("#message")).to_have_text("Lúc này chưa có ai để quầy này mời.")


def test_people_who_may_not_be_called_yet_are_not_called_nobody(console, page, hall):
    console(not_yet=True, waiting=[a_ticket("A012", due_at=MONDAY + timedelta(minutes=25))])
    expect(page.get_by_role("row", name="A012")).to_contain_text("từ 10:06")
    expect(page.locator("#primary")).to_have_text("Chưa có ai để mời")
    expect(page.locator("#primary")).to_be_disabled()


def test_a_lost_answer_is_asked_again_under_the_same_key(console, page, hall):
    console()
    dropped = []

    def drop_first(route):
        if not dropped:
            dropped.append(route.request.headers["idempotency-key"])
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/**", drop_first)
    page.keyboard.press("Space")
    expect(page.locator("#primary")).to_contain_text("Bắt đầu phục vụ")
    assert [command.key for command in hall.sent] == dropped


def test_every_command_has_a_key_of_its_own(console, page, hall):
    console(current=called())
    for _ in range(2):
        page.keyboard.press("r")
        a_moment_later(page)
    until(lambda: len(hall.sent) == 2)
    assert len({command.key for command in hall.sent}) == 2
    assert all(len(command.key) == 32 for command in hall.sent)


def test_an_ended_session_leads_to_signing_in_and_back(console, page, hall):
    console()
    hall.answers["counters/q3/call-next"] = (401, {"title": "Please sign in."})
    page.context.clear_cookies()
    page.keyboard.press("Space")
    page.wait_for_url("**/sign-in?next=*")
    assert page.locator("input[name=next]").input_value() == "/console?counter=q3"


def test_transfer_asks_where_and_keeps_the_note(console, page, hall):
    console(current=serving())
    page.keyboard.press("t")
    page.get_by_label("Chuyển đến").select_option("counter:q1")
    page.get_by_label("Sau đó quay lại").check()
    page.get_by_label("Lời nhắn").fill("Thiếu bản sao <b>")
    page.locator("#dialog-transfer button.main").click()
    body = {"counter": "q1", "return_to_sender": True, "note": "Thiếu bản sao <b>"}
    until(lambda: sent(hall) == [("transfer", body)])


def test_a_transfer_to_nowhere_is_not_sent(console, page, hall):
    console(current=serving())
    page.keyboard.press("t")
    page.locator("#dialog-transfer button.main").click()
    expect(page.locator("#dialog-transfer")).to_be_visible()
    page.get_by_role("button", name="Quay lại").locator("visible=true").click()
    expect(page.locator("#dialog-transfer")).to_be_hidden()
    assert hall.sent == []


def test_hold_and_pause_take_a_reason(console, page, hall):
    console(current=serving())
    page.keyboard.press("h")
    page.get_by_label("Để làm gì").fill("đi phô-tô")
    page.keyboard.press("Enter")
    until(lambda: sent(hall) == [("hold", {"reason": "đi phô-tô"})])
    a_moment_later(page)
    page.keyboard.press("p")
    page.get_by_label("Lý do").fill("họp")
    page.keyboard.press("Enter")
    until(lambda: sent(hall)[1:] == [("pause", {"reason": "họp"})])


def test_people_aside_come_back(console, page, hall):
    held, missed = a_ticket("A005"), a_ticket("A007")
    console(held=[held], missed=[missed], helps=(HelpRow(id="h1", kiosk="k1", at=MONDAY),))
    for name, path, body in (
        ("Làm tiếp A005", "counters/q3/resume", {"ticket": held.id}),
        ("Đã có mặt A007", "tickets/by-number/A007/reinstate", {}),
        ("Đã giúp", "help/h1/done", {}),
        ("Gọi A012", "counters/q3/call", {"ticket": "20261123-A012"}),
    ):
        page.get_by_role("button", name=name).click()
        until(lambda path=path: hall.sent[-1:] and hall.sent[-1].path == path)
        assert hall.sent[-1].body == body
        a_moment_later(page)


def test_a_class_is_changed_and_a_number_cancelled_after_asking(console, page, hall):
    console()
    page.get_by_role("button", name="Đổi diện hoặc hủy số A012").click()
    expect(page.locator("#ticket-number")).to_have_text("A012")
    page.get_by_label("Diện ưu tiên").select_option("elderly")
    page.get_by_role("button", name="Đổi diện ưu tiên").click()
    until(lambda: len(hall.sent) == 1)
    assert (hall.sent[0].path, hall.sent[0].body) == (
        "tickets/priority",
        {"ticket": "20261123-A012", "priority": "elderly"},
    )
    a_moment_later(page)
    page.get_by_role("button", name="Đổi diện hoặc hủy số A012").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hủy số này").click()
    until(lambda: hall.sent[-1].path == "tickets/by-number/A012/cancel")


def test_the_console_says_who_comes_next_and_why(console, page):
    console()
    box = page.locator("section.next")
    expect(box).to_contain_text("A009")
    expect(box).to_contain_text("Đến lượt theo thứ tự lấy số, đã chờ 17 phút.")
    expect(box).to_contain_text("Sau đó: A012")


def test_a_new_arrival_appears_by_itself(console, page, hall):
    console()
    hall.change(lambda: hall.office.waiting.append(a_ticket("A044")))
    expect(page.locator("section.queue")).to_contain_text("A044")


def test_the_console_works_at_360_pixels(console, page, hall):
    page.set_viewport_size({"width": 360, "height": 640})
    console(current=called())
    box = page.locator("#primary").bounding_box()
    assert box["width"] > 250
    assert box["y"] + box["height"] < 640  # the big button is there without scrolling
    page.locator("#primary").click()
    until(lambda: sent(hall) == [("start", {})])


def test_single_keys_can_be_turned_off_on_a_device(console, page, hall):
    console(current=called())
    page.locator("summary").click()
    page.get_by_label("Dùng phím tắt").uncheck()
    page.reload()
    until(lambda: hall.display.hub.total() == 1)
    page.keyboard.press("r")
    page.wait_for_timeout(100)
    assert hall.sent == []
    page.locator("#do-recall").click()
    until(lambda: sent(hall) == [("recall", {})])


@pytest.mark.parametrize(("button", "priority"), [("confirm", "elderly"), ("decline", "walk_in")])
def test_a_claimed_priority_is_answered_by_one_press(console, page, hall, button, priority):
    claims = a_ticket("A040", claimed="elderly", claimed_name={"vi": "Người cao tuổi", "en": "Elderly"})
    console(waiting=[*hall.office.waiting, claims])
    box = page.locator("div.box", has_text="Diện ưu tiên cần xác nhận")
    expect(box).to_contain_text("A040 Người cao tuổi")
    page.locator(f"#{button}-{claims.id}").click()
    until(lambda: hall.sent)
    assert sent(hall) == [("tickets/priority", {"ticket": claims.id, "priority": priority})]


def test_nobody_claims_nothing_is_asked(console, page):
    console()
    expect(page.locator("div.box", has_text="cần xác nhận")).to_have_count(0)
