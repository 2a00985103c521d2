"""Pages in a real Chromium: live without reloading, honest about stale figures, closed streams, no policy report."""

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.display.conftest import until
from tests.display.office import MONDAY, TOKEN, HelpRow, a_call, a_phone, a_ticket, words

PAGES = [
    ("/", None),
    ("/board/a", None),
    ("/board/b?lang=en", None),
    ("/console?counter=q3", "t-officer"),
    ("/console", "t-officer"),
    ("/manager", "t-manager"),
    ("/admin", "t-admin"),
    (f"/t/{TOKEN}", None),
    ("/t/gone", None),
    ("/sign-in", None),
]


# A headless tab is always visible to itself; this is what a browser says when somebody turns to another tab.
TURN = """state => {
  Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def furnish(office):
    """Something of everything, so that every part of every page is there."""
    office.calls = [a_call("A014", priority=True), a_call("A013", counter_label="1", serving=True)]
    office.missed, office.held = [a_ticket("A007")], [a_ticket("A005", note="đi phô-tô")]
    office.helps = (HelpRow(id="h1", kiosk="k1", at=MONDAY),)
    office.problems = (("may-in-1", "paper-out"),)
    office.current = a_ticket("A008", state="called", calls=1, called_at=MONDAY, procedure="1.001193")


def open_tab(page, path):
    page.goto(path)
    expect(page.locator("body")).to_be_visible()


@pytest.mark.parametrize(("path", "token"), PAGES)
def test_axe_finds_nothing_and_no_policy_is_broken(page, hall, sign_in, path, token):
    furnish(hall.office)
    hall.office.open = "/b" not in path
    if token:
        sign_in(token)
    page.emulate_media(reduced_motion="reduce")
    open_tab(page, path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("window.__violations") == []


@pytest.mark.parametrize(("path", "token"), PAGES)
def test_nothing_is_wider_than_a_small_phone(page, hall, sign_in, path, token):
    furnish(hall.office)
    hall.office.unit = words("Trung tâm Phục vụ hành chính công " + "rất" * 30)
    if token:
        sign_in(token)
    page.set_viewport_size({"width": 360, "height": 640})
    open_tab(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_a_hall_board_fits_its_screen(page, hall, width, height):
    furnish(hall.office)
    hall.office.calls = [a_call(f"A{n:03d}", priority=True, time=2) for n in range(20, 10, -1)]
    hall.office.service_rows = tuple(replace(hall.office.service_rows[0], id=f"s{n}") for n in range(16))
    page.set_viewport_size({"width": width, "height": height})
    open_tab(page, "/board/a")
    rows = page.locator(".call")
    assert rows.count() == 6
    last, foot = rows.nth(5).bounding_box(), page.locator("section.foot").bounding_box()
    assert last["y"] + last["height"] <= foot["y"]
    assert foot["y"] + foot["height"] <= height + 1
    table = page.locator(".services tbody tr").last.bounding_box()
    assert table["y"] + table["height"] <= foot["y"]
    number = rows.first.locator(".number")
    assert float(number.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= height / 13


def test_a_board_shows_a_call_without_reloading_and_flashes_it(page, hall):
    open_tab(page, "/board/a")
    page.evaluate("window.stayed = true")
    hall.change(lambda: hall.office.calls.insert(0, a_call("A014")))
    expect(page.locator(".call.first .number")).to_have_text("A014")
    expect(page.locator(".call.first")).to_have_class(re.compile("fresh"))
    assert page.evaluate("window.stayed") is True


def test_a_call_that_was_there_before_does_not_flash(page, hall):
    hall.office.calls = [a_call("A013")]
    open_tab(page, "/board/a")
    hall.change(lambda: hall.office.calls.insert(0, a_call("A014")))
    expect(page.locator("[data-number=A014]")).to_have_class(re.compile("fresh"))
    expect(page.locator("[data-number=A013]")).not_to_have_class(re.compile("fresh"))


def test_who_wants_less_motion_gets_none(page, hall):
    page.emulate_media(reduced_motion="reduce")
    open_tab(page, "/board/a")
    hall.change(lambda: hall.office.calls.insert(0, a_call("A014")))
    row = page.locator(".call.fresh")
    expect(row).to_have_count(1)
    assert row.evaluate("e => getComputedStyle(e).animationName") == "none"


def test_hostile_text_stays_text_in_a_live_region(page, hall):
    open_tab(page, "/board/a")
    bad = words("<script>window.hit=1</script><img src=x onerror='window.hit=2'>")
    hall.change(
        lambda: setattr(hall.office, "service_rows", tuple(replace(row, name=bad) for row in hall.office.service_rows))
    )
    expect(page.locator(".services tbody th").first).to_contain_text("<script>")
    assert page.evaluate("window.hit") is None
    assert page.evaluate("window.__violations") == []


def test_a_silent_board_says_since_when_and_comes_back_by_itself(page, hall):
    open_tab(page, "/board/a")
    expect(page.locator("#stale")).to_be_hidden()
    hall.server.stop()
    expect(page.locator("#stale")).to_have_text(re.compile(r"Số liệu lúc \d\d:\d\d – đang kết nối lại"))
    hall.office.calls = [a_call("A099")]
    hall.start()
    expect(page.locator(".call.first .number")).to_have_text("A099", timeout=20000)
    expect(page.locator("#stale")).to_be_hidden()


def test_a_page_in_the_background_closes_its_stream_and_a_board_does_not(page, hall, sign_in):
    sign_in("t-manager")
    for path, channel, left in (("/manager", "page:manager:today:vi", 0), ("/board/a", "page:board:a:vi", 1)):
        open_tab(page, path)
        until(lambda name=channel: hall.display.hub.listeners(name) == 1)
        page.evaluate(TURN, "hidden")
        until(lambda name=channel, count=left: hall.display.hub.listeners(name) == count)


def test_eight_tabs_of_one_browser_stay_usable(context, hall, sign_in):
    """HTTP/1.1 gives a browser six connections to one server; hidden tabs must not hold them."""
    sign_in("t-manager")
    tabs = []
    for _ in range(8):
        tab = context.new_page()
        tabs.append(tab)
        tab.goto("/manager")
        tab.evaluate(TURN, "hidden")
    expect(tabs[-1].locator("h1")).to_be_visible()
    hall.office.mean = 23.0
    tabs[0].evaluate(TURN, "visible")
    expect(tabs[0].locator(".tiles .bad .verdict")).to_contain_text("vượt mục tiêu")


def test_the_managers_page_keeps_its_table_open_while_it_changes(page, hall, sign_in):
    sign_in("t-manager")
    open_tab(page, "/manager")
    page.locator("#hour-table summary").click()
    hall.change(lambda: setattr(hall.office, "mean", 16.2))
    expect(page.locator(".tiles .bad .verdict")).to_contain_text("vượt mục tiêu")
    expect(page.locator("#hour-table")).to_have_attribute("open", "")


def test_a_link_with_the_code_in_its_fragment_signs_in(page, hall):
    page.goto("/sign-in#t-officer-3&next=/console?counter=q3%26lang=en")
    page.wait_for_url("**/console?counter=q3&lang=en")
    expect(page.locator("#primary")).to_contain_text("Call the next number")
    cookie = page.context.cookies()[0]
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("motcua_session", True, "Strict")


def test_signing_in_by_hand_and_out_again(page, hall):
    page.goto("/manager")
    page.get_by_label("Mã truy cập").fill("t-manager")
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/manager")
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url(f"{hall.url}/")
    page.goto("/manager")
    expect(page.locator("#sign-in")).to_be_visible()


def test_the_phone_page_changes_when_called_and_shakes(page, hall):
    page.add_init_script("navigator.vibrate = (pattern) => { window.shaken = pattern; return true; };")
    open_tab(page, f"/t/{TOKEN}")
    expect(page.locator("#state")).to_contain_text("còn 4 người")
    hall.change(
        lambda: hall.office.phones.update({TOKEN: a_phone(state="called", counter_label="3", called_at=MONDAY, can=())})
    )
    expect(page.locator("#state")).to_contain_text("Mời ông/bà đến Quầy 3")
    until(lambda: page.evaluate("window.shaken") is not None)


def test_giving_up_a_number_asks_first(page, hall):
    open_tab(page, f"/t/{TOKEN}")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("#cancel").click()
    assert hall.sent == []
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#cancel").click()
    expect(page.locator("#message")).to_have_text("Đã hủy số của ông/bà.")
    assert hall.sent[0].path == f"tickets/{TOKEN}/cancel"


def test_postponing_and_rating_say_what_happened(page, hall):
    open_tab(page, f"/t/{TOKEN}")
    page.locator("#postpone").click()
    expect(page.locator("#message")).to_contain_text("Đã lùi lượt")
    hall.change(lambda: hall.office.phones.update({TOKEN: a_phone(state="served", can=("feedback",))}))
    page.get_by_role("button", name="Rất hài lòng").click()
    expect(page.locator("#message")).to_contain_text("Xin cảm ơn")
    assert [(sent.path, sent.body) for sent in hall.sent] == [
        (f"tickets/{TOKEN}/postpone", {"minutes": 10}),
        (f"tickets/{TOKEN}/feedback", {"score": 4}),
    ]


def test_a_refusal_on_the_phone_is_said_in_the_pages_language(page, hall):
    refusal = {"title": "It has been postponed as often as allowed.", "title_vi": "Đã lùi lượt đủ số lần cho phép."}
    hall.answers[f"tickets/{TOKEN}/postpone"] = (409, refusal)
    open_tab(page, f"/t/{TOKEN}?lang=en")
    page.locator("#postpone").click()
    expect(page.locator("#message")).to_have_text(refusal["title"])


def test_a_page_of_an_older_version_loads_itself_anew(page, hall):
    open_tab(page, "/board/a")
    until(lambda: hall.display.hub.total() == 1)
    page.evaluate("window.stayed = true; document.body.dataset.version = 'before the update'")
    hall.change(lambda: hall.office.calls.insert(0, a_call("A014")))
    expect(page.locator(".call.first .number")).to_have_text("A014")
    assert page.evaluate("window.stayed") is None


def test_a_console_whose_session_has_ended_asks_to_sign_in(page, hall, sign_in):
    sign_in("t-officer-3")
    open_tab(page, "/console?counter=q3")
    until(lambda: hall.display.hub.total() == 1)
    page.context.clear_cookies()
    hall.server.stop()
    hall.start()
    expect(page.locator("#sign-in")).to_be_visible(timeout=30000)


def test_a_number_of_another_day_ends_politely_on_an_open_phone(page, hall):
    open_tab(page, f"/t/{TOKEN}")
    until(lambda: hall.display.hub.total() == 1)
    hall.change(hall.office.phones.clear)
    expect(page.locator("h1")).to_have_text("Không tìm thấy số này")
