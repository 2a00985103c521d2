"""The rules page in a real browser: every part of a policy is read, changed, tried out, refused and put in force."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from queue_server.contract.follower import FollowerRow
from queue_server.contract.views import ReservationRow
from tests.display.conftest import until
from tests.display.office import MONDAY


@pytest.fixture
def admin(page, hall, sign_in):
    """Opens the rules page on the rules in force."""

    def show(language="vi", **rules):
        vars(hall.policy).update(rules)
        sign_in("t-admin")
        page.goto(f"/admin?lang={language}")
        expect(page.locator("#policy")).to_be_visible()

    return show


def put_in_force(page, hall):
    """Presses the button; gives what was sent."""
    page.get_by_role("button", name="Áp dụng từ bây giờ").click()
    until(lambda: any(sent.path == "policy" for sent in hall.sent))
    return next(sent.body for sent in hall.sent if sent.path == "policy")


def terms(page, name):
    return page.get_by_role("group", name=name, exact=True)


def reservation(page, number=1):
    return page.get_by_role("group", name=f"Quy định dành riêng {number}", exact=True)


def test_changed_rules_are_sent_with_what_was_not_changed(admin, page, hall):
    admin(name="ratio")
    page.get_by_label("Số lượt thường").fill("3")
    body = put_in_force(page, hall)
    assert (body["name"], body["ordinary_per_priority"], body["ceiling_multiple"]) == ("ratio", 3, 3)
    assert body["classes"].keys() == hall.site.classes.keys()
    assert (body["own_first"], body["least_flexible_first"], body["grace_seconds"]) == (True, False, 20)
    assert (body["appointment_early_minutes"], body["appointment_late_minutes"]) == (10, 15)


def test_every_policy_can_be_chosen_and_is_explained(admin, page, hall):
    admin(name="ratio")
    choices = page.get_by_role("radio")
    assert [choice.input_value() for choice in choices.all()] == [
        "fcfs",
        "ratio",
        "accumulating",
        "index",
        "look-ahead",
    ]
    expect(page.locator(".policy q")).to_have_count(5)
    expect(page.get_by_role("radio", name="Ưu tiên theo tỷ lệ")).to_be_checked()
    page.get_by_role("radio", name="Theo thứ tự lấy số").check()
    expect(page.get_by_label("Nghiêng về công bằng hay nhanh")).to_be_hidden()
    assert put_in_force(page, hall)["name"] == "fcfs"


SECOND = [
    (FollowerRow(behind=0.4), "cách 0 giây", "It follows, 0 seconds behind."),
    (FollowerRow(behind=1.0), "cách 1 giây", "It follows, 1 second behind."),
    (FollowerRow(lost_since=MONDAY), "Mất liên lạc từ", "Lost since"),
    (FollowerRow(), "Chưa có", "There is none yet"),
]


@pytest.mark.parametrize(("row", "vi", "en"), SECOND)
def test_how_the_second_machine_stands(admin, page, hall, row, vi, en):
    hall.office.follower = row
    for language, said in (("vi", vi), ("en", en)):
        admin(language=language)
        expect(page.locator("#follower")).to_contain_text(said)


def test_the_slider_is_there_where_it_means_something_and_keeps_other_options(admin, page, hall):
    admin(name="index", options={"favour": 0.5, "fair_fast": 0.25})
    slider = page.get_by_label("Nghiêng về công bằng hay nhanh")
    expect(slider).to_have_value("0.25")
    expect(page.locator("#fair-fast")).to_have_text("0,25")
    expect(page.get_by_label("Số lượt thường")).to_be_hidden()
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator("#fair-fast")).to_have_text("1")
    assert put_in_force(page, hall)["options"] == {"favour": 0.5, "fair_fast": 1}


def test_a_number_that_the_chosen_policy_does_not_use_blocks_nothing(admin, page, hall):
    admin(name="ratio")
    page.get_by_label("Số lượt thường").fill("")
    page.get_by_role("radio", name="Theo thứ tự lấy số").check()
    assert put_in_force(page, hall)["ordinary_per_priority"] == 2


def test_a_policy_that_the_page_does_not_know_stays_in_force(admin, page, hall):
    admin(name="house-rule")
    expect(page.get_by_role("radio", name="house-rule")).to_be_checked()
    page.get_by_label("Mức trần khi để trống").fill("4")
    body = put_in_force(page, hall)
    assert (body["name"], body["ceiling_multiple"]) == ("house-rule", 4)


def test_a_changed_ceiling_is_told_before_it_is_put_in_force(admin, page, hall):
    admin()
    name = hall.site.classes["elderly"].name["vi"]
    terms(page, name).get_by_label("Mức trần (phút)").fill("25")
    expect(page.locator("#preview li")).to_have_text(f"{name}: mức trần 30 → 25 phút.")
    expect(page.locator(".wrong")).to_have_count(0)
    assert put_in_force(page, hall)["classes"]["elderly"]["ceiling_minutes"] == 25


def test_a_ceiling_below_the_target_is_refused_beside_its_field(admin, page, hall):
    admin()
    field = terms(page, hall.site.classes["elderly"].name["vi"]).get_by_label("Mức trần (phút)")
    field.fill("8")
    expect(page.locator(".terms .wrong")).to_contain_text("thấp hơn thời hạn (10 phút)")
    expect(field).to_have_attribute("aria-invalid", "true")
    put_in_force(page, hall)
    expect(page.locator("#message")).to_contain_text("mâu thuẫn")
    expect(field).to_be_focused()
    field.fill("20")
    expect(page.locator(".wrong")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_a_reservation_is_added_with_the_keyboard_and_read_as_a_sentence(admin, page, hall):
    admin()
    page.get_by_role("button", name="Thêm quy định").focus()
    page.keyboard.press("Enter")
    expect(reservation(page).get_by_label("Dành riêng thế nào")).to_be_focused()
    counter = next(iter(hall.site.counters.values()))
    reservation(page).get_by_role("checkbox", name=counter.label, exact=True).press("Space")
    reservation(page).get_by_role("checkbox", name=hall.site.classes["elderly"].name["vi"]).check()
    reservation(page).get_by_label("Từ", exact=True).fill("08:00")
    reservation(page).get_by_label("Đến", exact=True).fill("09:30")
    reservation(page).get_by_role("checkbox", name="Thứ Hai").check()
    expect(page.locator("#preview li")).to_contain_text(f"Thêm: Quầy {counter.label} chỉ gọi")
    expect(page.locator("#preview li")).to_contain_text("08:00–09:30, Thứ Hai.")
    assert put_in_force(page, hall)["reservations"] == [
        {"kind": "counter", "counters": [counter.id], "services": [], "classes": ["elderly"], "hours": "08:00-09:30",
         "days": ["mon"]}
    ]  # fmt: skip


def test_a_reservation_that_contradicts_the_office_is_refused_where_it_stands(admin, page, hall):
    every = tuple(hall.site.counters)
    row = ReservationRow(
        kind="counter", counters=every, services=(), classes=("elderly",), begins="08:00", ends="09:00", days=()
    )
    admin(reservations=(row,))
    reservation(page).get_by_label("Đến", exact=True).fill("10:00")
    expect(reservation(page).locator(".wrong").first).to_contain_text("không quầy nào được gọi")
    page.get_by_role("button", name="Bỏ quy định này").click()
    expect(page.get_by_role("button", name="Thêm quy định")).to_be_focused()
    expect(page.locator(".wrong")).to_have_count(0)
    assert put_in_force(page, hall)["reservations"] == []


def test_hours_that_run_backwards_are_refused(admin, page, hall):
    counter, elderly = next(iter(hall.site.counters)), ("elderly",)
    row = ReservationRow(
        kind="counter", counters=(counter,), services=(), classes=elderly, begins="08:00", ends="24:00", days=("mon",)
    )
    admin(reservations=(row,))
    expect(reservation(page).get_by_label("Đến", exact=True)).to_have_value("23:59")
    reservation(page).get_by_label("Đến", exact=True).fill("07:00")
    expect(reservation(page).locator(".hours .wrong")).to_contain_text("giờ kết thúc phải sau giờ bắt đầu")


def test_switches_and_windows_are_put_in_force(admin, page, hall):
    admin(language="en")
    page.get_by_label("A counter's own visitors go first").uncheck()
    page.get_by_label("Leave people to an idle counter").check()
    page.get_by_label("May be called so many minutes before it").fill("5")
    expect(page.locator("#preview li")).to_have_count(3)
    expect(page.locator("#preview")).to_contain_text("at most 20 seconds")
    page.get_by_role("button", name="Put in force now").click()
    until(lambda: any(sent.path == "policy" for sent in hall.sent))
    body = next(sent.body for sent in hall.sent if sent.path == "policy")
    assert (body["own_first"], body["least_flexible_first"], body["appointment_early_minutes"]) == (False, True, 5)


def test_refused_rules_are_said_in_words(admin, page, hall):
    admin()
    hall.answers["policy"] = (422, {"title": "No.", "title_vi": "Không được."})
    page.get_by_role("button", name="Áp dụng từ bây giờ").click()
    expect(page.locator("#message")).to_have_text("Không được.")


@pytest.mark.parametrize("name", ["index", "look-ahead", "house-rule"])
def test_axe_finds_nothing_on_the_rules_of_any_policy(admin, page, name):
    page.set_viewport_size({"width": 360, "height": 640})
    admin(name=name)
    page.get_by_role("button", name="Thêm quy định").click()
    expect(page.locator(".wrong").first).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_numbers_taken_at_night_are_said_where_the_office_takes_them(admin, page, hall):
    admin()
    expect(page.locator("#nightly")).to_have_count(0)
    hall.policy.nightly = {"vi": "Bộ số rút ra ban đêm, tự nhận từ 23/11/2026.", "en": "Taken since 2026-11-23."}
    page.reload()
    expect(page.locator("#nightly")).to_have_text("Bộ số rút ra ban đêm, tự nhận từ 23/11/2026.")
    assert Axe().run(page).violations_count == 0


def test_a_site_file_that_waits_for_tomorrow_is_said(admin, page, hall):
    admin()
    expect(page.locator("#site-waits")).to_have_count(0)
    hall.policy.site_waits = {"vi": "Tệp cấu hình mới chờ đến ngày làm việc sau.", "en": "The new site file waits."}
    page.reload()
    expect(page.locator("#site-waits")).to_have_text("Tệp cấu hình mới chờ đến ngày làm việc sau.")
    assert Axe().run(page).violations_count == 0
