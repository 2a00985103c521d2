"""The console while the server is away, and afterwards; what it says before people are left waiting."""

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from queue_server.contract.sending import SentRow, WarningRow
from tests.display.conftest import until
from tests.display.office import COPIES, MONDAY, a_ticket

TOLD = "counters/q3/served-by-mouth"


@pytest.fixture
def console(page, hall, sign_in):
    def show(language="vi", **changes):
        for name, value in changes.items():
            setattr(hall.office, name, value)
        sign_in("t-officer-3")
        page.goto(f"/console?counter=q3&lang={language}")
        expect(page.locator("#primary")).to_be_visible()
        until(lambda: hall.display.hub.total() == 1)

    return show


def leave(hall, page):
    hall.server.stop()
    expect(page.locator("#away-now")).to_be_visible(timeout=20000)


def faults(page):
    return [fault["id"] for fault in Axe().run(page).response["violations"]]


HEARD = re.compile("09:4[0-2]$")  # the hall's 09:41, and the seconds by which two clocks may differ


def told(hall):
    return [command.body["ticket"] for command in hall.sent if command.path == TOLD]


def test_numbers_are_ticked_off_while_the_server_is_away_and_told_once(console, page, hall):
    console()
    expect(page.locator("#away-box")).to_be_hidden()
    leave(hall, page)
    expect(page.locator("#away-now h2")).to_have_text("Máy chủ vắng – xin gọi bằng miệng")
    expect(page.locator("#away-since")).to_have_text(HEARD)
    expect(page.locator("#primary")).to_be_disabled()
    expect(page.locator("#call-20261123-A012")).to_be_hidden()
    page.locator("[data-served=A012]").click()
    expect(page.locator("[data-served=A012]")).to_be_disabled()
    for number in ("a 701", "B031", "A701"):  # from a slip, by hand, and once more
        page.locator("#away-form input").fill(number)
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Bỏ B031").click()
    expect(page.locator("#away-list li")).to_have_count(2)
    hall.start()
    expect(page.locator("#primary")).to_be_enabled(timeout=20000)
    expect(page.locator("#call-20261123-A012")).to_be_visible()
    page.reload()  # the list outlives the page
    expect(page.locator("#away-list b")).to_have_text(["A012", "A701"])
    expect(page.locator("#away-list span")).to_have_text([re.compile("^đã phục vụ lúc " + HEARD.pattern)] * 2)
    page.locator("#away-send").click()
    expect(page.locator("#away-box")).to_be_hidden()
    assert told(hall) == ["A012", "A701"]
    assert {command.body["at"][:16] for command in hall.sent} == {"2026-11-23T02:41"}
    assert len({command.key for command in hall.sent}) == 2


def test_what_the_server_refuses_stays_and_says_why(console, page, hall):
    waits = {"code": "number-not-handed-in", "title": "The kiosk …", "title_vi": "Số này ki-ốt chưa báo về."}
    hall.answers[TOLD] = (409, waits)
    console()
    leave(hall, page)
    page.locator("#away-form input").fill("A701")
    page.keyboard.press("Enter")
    hall.start()
    page.locator("#away-send").click(timeout=20000)
    expect(page.locator("#away-list li")).to_contain_text("Số này ki-ốt chưa báo về.")
    hall.answers[TOLD] = (200, {})
    page.locator("#away-send").click()
    expect(page.locator("#away-box")).to_be_hidden()
    assert len({command.key for command in hall.sent}) == 1  # the same act, however often it is sent


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_of_an_absent_server_passes_axe(console, page, hall, language):
    console(language, current=a_ticket("A011", state="called", calls=1, called_at=MONDAY))
    leave(hall, page)
    page.locator("[data-served=A011]").click()
    assert faults(page) == []
    hall.start()
    expect(page.locator("#away-send")).to_be_visible(timeout=20000)
    assert faults(page) == []
    assert page.evaluate("window.__violations") == []


def test_somebody_elses_text_in_the_store_harms_nothing(console, page, hall):
    console()
    page.evaluate("localStorage.setItem('by-mouth:q3', 'no list')")
    page.reload()
    expect(page.locator("#primary")).to_be_enabled()
    expect(page.locator("#away-box")).to_be_hidden()


def test_both_ends_of_a_way_back_are_said(console, page, hall):
    sent = SentRow(number="A004", counter_label="2", service_name=COPIES, at_counter=True, back_service=None)
    away = replace(sent, number="A003", counter_label=None, at_counter=False, back_service=COPIES)
    current = a_ticket("A011", state="serving", calls=1, called_at=MONDAY, handled=3.0, back_label="1")
    console(current=current, sent=(sent, away))
    expect(page.locator(".ticket")).to_contain_text("Xong ở đây sẽ quay lại quầy 1")
    expect(page.locator(".aside")).to_contain_text("A004 đang ở quầy 2, sẽ quay lại")
    expect(page.locator(".aside")).to_contain_text(
        "A003 đang chờ dịch vụ Chứng thực, rồi sẽ chờ lại ở dịch vụ Chứng thực"
    )


def test_the_transfer_says_who_serves_there_and_asks_where_nobody_does(console, page, hall):
    asked = []

    def reply(dialog):
        asked.append(dialog.message)
        dialog.accept() if len(asked) > 1 else dialog.dismiss()

    page.on("dialog", reply)
    console(current=a_ticket("A011", state="serving", calls=1, called_at=MONDAY, handled=3.0))
    page.keyboard.press("t")
    options = page.locator("#dialog-transfer option")
    expect(options.nth(1)).to_have_text("Hộ tịch – 2 quầy mở, 4 người chờ")
    expect(options.nth(3)).to_have_text("Đất đai và môi trường – chưa có quầy mở, 0 người chờ")
    page.locator("#dialog-transfer select").select_option("service:dat_dai")
    page.locator("#dialog-transfer button.main").click()
    expect(page.locator("#dialog-transfer")).to_be_visible()
    page.locator("#dialog-transfer button.main").click()
    until(lambda: len(hall.sent) == 1)
    assert asked == ["Hiện chưa có quầy mở cho việc này. Vẫn chuyển người dân đến đó?"] * 2
    assert hall.sent[0].body["service"] == "dat_dai"


@pytest.mark.parametrize(
    ("language", "people", "says"),
    [
        ("vi", 4, "4 người đang chờ dịch vụ mà không quầy mở nào khác làm."),
        ("en", 1, "1 person waits for a service that no other open counter serves."),
        ("en", 4, "4 people wait for services that no other open counter serves."),
    ],
)
def test_closing_asks_with_the_number_of_people(console, page, hall, language, people, says):
    console(language, closing=(WarningRow(code="service-unserved", people=people),))
    page.locator("#do-close").click()
    expect(page.locator("#close-list")).to_have_text(says)
    assert hall.sent == []
    page.locator("#dialog-close button.main").click()
    until(lambda: [command.path for command in hall.sent] == ["counters/q3/close"])


def test_closing_an_idle_counter_asks_nothing(console, page, hall):
    console()
    page.locator("#do-close").click()
    until(lambda: [command.path for command in hall.sent] == ["counters/q3/close"])
