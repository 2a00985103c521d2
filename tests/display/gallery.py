"""Draws pages on an office in memory: `python -m tests.display.gallery docs/screens [name …]`, all without names."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from queue_server.contract.sending import SentRow, WarningRow
from tests.display.conftest import Hall
from tests.display.office import (
    COPIES,
    ELDERLY,
    MONDAY,
    TOKEN,
    HelpRow,
    Office,
    a_call,
    a_phone,
    a_service,
    a_ticket,
    words,
)

SERVICES = (
    ("A", "Hộ tịch"),
    ("B", "Chứng thực"),
    ("C", "Cư trú"),
    ("D", "Căn cước và định danh điện tử"),
    ("E", "Đăng ký xe – hộ chiếu – lý lịch tư pháp"),
    ("G", "Đất đai và môi trường"),
    ("K", "Đăng ký kinh doanh"),
    ("L", "Lao động – bảo hiểm – giáo dục"),
    ("N", "Nhận kết quả"),
)
CALLS = (("B030", "q1", "1", 0), ("A011", "q3", "3", 1), ("A010", "q4", "4", 4), ("G003", "q5", "5", 7))


@dataclass(frozen=True)
class Shot:
    """One picture: where, as whom, how large, after which changes and keys."""

    name: str
    path: str
    token: str | None = None
    size: tuple[int, int] = (1280, 900)
    whole: bool = True
    change: Callable[[Office], Any] = bool  # nothing
    key: str = ""
    press: str = ""
    away: bool = False  # the server has gone


def furnish(office: Office) -> None:
    """A Monday morning, twenty to ten."""
    office.calls = [
        a_call(number, counter=desk, counter_label=label, called_at=MONDAY - timedelta(minutes=ago))
        for number, desk, label, ago in CALLS
    ]
    office.calls[1] = replace(office.calls[1], priority=True, time=2)
    office.others[0] = replace(office.others[0], number="B030", doing="called")
    office.missed, office.held = [a_ticket("A007")], [a_ticket("A005", note="đi phô-tô")]
    office.helps = (HelpRow(id="h1", kiosk="k1", at=MONDAY),)
    office.problems = (("may-in-1", "paper-out"),)


def many_services(office: Office) -> None:
    office.service_rows = tuple(
        a_service(prefix, prefix=prefix, name=words(name), waiting=2 + place, counters=(str(1 + place % 6),))
        for place, (prefix, name) in enumerate(SERVICES)
    )
    office.service_rows += (a_service("T", prefix="T", name=words("Bưu chính"), state="no-counter", waiting=0),)
    office.service_rows = office.service_rows[:8] + office.service_rows[9:]


def few_services(office: Office) -> None:
    office.service_rows = Office().service_rows


def at_desk(state: str, **changes: Any) -> Callable[[Office], None]:
    def change(office: Office) -> None:
        about: dict[str, Any] = {"calls": 1, "called_at": MONDAY, "procedure": "1.001193", **changes}
        office.current = a_ticket("A011", state=state, **about)
        office.desk = replace(office.desk, number="A011", doing=state)

    return change


def claimed(office: Office) -> None:
    """Two people took numbers by phone and say that they have priority."""
    for place in (1, 2):
        office.waiting[place] = replace(office.waiting[place], claimed="elderly", claimed_name=ELDERLY)


def phone(**changes: Any) -> Callable[[Office], None]:
    return lambda office: office.phones.update({TOKEN: a_phone(**changes)})


def no_forecast(office: Office) -> None:
    office.forecast_at, office.risks, office.advice, office.effects, office.accuracy = None, (), (), (), ()


def long_reason(office: Office) -> None:
    reason = words("Ưu tiên: người cao tuổi, đã chờ 6 phút; hai lượt thường vừa được gọi.")
    few_services(office)
    coming = office.upcoming()
    assert coming is not None
    coming = replace(coming, waited=6.4, code="priority_turn", reason=reason, runner_up="B004")
    office.upcoming = lambda: coming  # type: ignore[method-assign]


def sent_on(office: Office) -> None:
    """A colleague's ticket to send back, people sent on from here, numbers of kiosks that were alone."""
    office.current = a_ticket("A011", state="serving", calls=1, called_at=MONDAY, handled=3.2, back_label="1")
    office.waiting[1] = replace(office.waiting[1], provisional=True, number="A701")
    office.waiting[2] = replace(office.waiting[2], back_service=COPIES)
    office.sent = (
        SentRow(number="A004", counter_label="2", service_name=COPIES, at_counter=True, back_service=None),
        SentRow(number="A003", counter_label=None, service_name=COPIES, at_counter=False, back_service=None),
    )


def leaves_people(office: Office) -> None:
    """An idle counter whose closing leaves people behind."""
    office.current, office.sent = None, ()
    office.closing = (
        WarningRow(code="service-unserved", people=4), WarningRow(code="held-here", people=1),
        WarningRow(code="returns-here", people=2),
    )  # fmt: skip


CONSOLE, SMALL = "/console?counter=q3", (360, 740)
SHOTS = (
    Shot("board", "/board/a", size=(1920, 1080), whole=False, change=many_services),
    Shot("board-4k", "/board/a", size=(3840, 2160), whole=False),
    Shot("board-phone", "/board/a?lang=en", size=SMALL),
    Shot("console-idle", CONSOLE, "t-officer-3", change=long_reason),
    Shot("console-called", CONSOLE, "t-officer-3", change=at_desk("called")),
    Shot("console-serving", CONSOLE, "t-officer-3", change=at_desk("serving", handled=3.2, note="Thiếu bản sao")),
    Shot("console-transfer", CONSOLE, "t-officer-3", whole=False, key="t"),
    Shot("console-claim", CONSOLE, "t-officer-3", change=claimed),
    Shot("console-phone", CONSOLE, "t-officer-3", size=SMALL),
    Shot("console-en", f"{CONSOLE}&lang=en", "t-officer-3"),
    Shot("console-sent", CONSOLE, "t-officer-3", change=sent_on),
    Shot("console-sent-en", f"{CONSOLE}&lang=en", "t-officer-3", change=sent_on),
    Shot("console-away", CONSOLE, "t-officer-3", whole=False, press="[data-served=A009]", away=True),
    Shot("console-close", CONSOLE, "t-officer-3", whole=False, change=leaves_people, press="#do-close"),
    Shot("manager", "/manager", "t-manager"),
    Shot("manager-phone", "/manager", "t-manager", size=SMALL),
    Shot("manager-en", "/manager?lang=en", "t-manager"),
    Shot("manager-apply", "/manager", "t-manager", whole=False, press="#apply-mo-q4"),
    Shot("manager-no-forecast", "/manager", "t-manager", whole=False, change=no_forecast),
    Shot("admin", "/admin", "t-admin"),
    Shot("admin-phone", "/admin", "t-admin", size=SMALL, press="[value=index]"),
    Shot("admin-reserved", "/admin?lang=en", "t-admin", press="#add-reservation"),
    Shot("phone-waiting", f"/t/{TOKEN}", size=SMALL),
    Shot("phone-claim", f"/t/{TOKEN}", size=SMALL, change=phone(claimed_name=ELDERLY)),
    Shot("phone-called", f"/t/{TOKEN}", size=SMALL,
         change=phone(state="called", counter_label="3", called_at=MONDAY, can=())),
    Shot("phone-served", f"/t/{TOKEN}", size=SMALL,
         change=phone(state="served", can=("feedback",), others=((COPIES, "waiting"),))),
    Shot("phone-unknown", "/t/unknown", size=SMALL),
    Shot("sign-in", "/sign-in", size=SMALL),
    Shot("choose", "/console", "t-officer"),
    Shot("index", "/"),
)  # fmt: skip


def draw(browser: Browser, hall: Hall, shot: Shot, target: Path) -> None:
    shot.change(hall.office)
    width, height = shot.size
    context = browser.new_context(
        base_url=hall.url, viewport={"width": width, "height": height}, reduced_motion="reduce", locale="vi-VN"
    )
    if shot.token:
        context.add_cookies([{"name": "motcua_session", "value": shot.token, "url": hall.url}])
    page = context.new_page()
    page.goto(shot.path)
    page.evaluate("document.fonts.ready")
    if shot.key:
        page.keyboard.press(shot.key)
    if shot.away:
        hall.server.stop()
        page.locator("#away-now").wait_for()
    if shot.press:
        page.locator(shot.press).click()
    save(page, target / f"page-{shot.name}.png", whole=shot.whole)
    context.close()
    if shot.away:
        hall.start()


def save(page: Page, path: Path, *, whole: bool) -> None:
    """A small picture: our pages have few colours."""
    page.screenshot(path=path, full_page=whole, animations="disabled")
    with Image.open(path) as picture:
        large = picture.width > 2000
        small = picture.convert("RGB").resize((1920, 1080)) if large else picture.convert("RGB")
    small.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


def main(target: Path, wanted: frozenset[str] = frozenset()) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        hall = Hall(Path(folder))
        hall.start()
        furnish(hall.office)
        program = os.environ.get("MOTCUA_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for shot in SHOTS:
            if not wanted or shot.name in wanted:
                draw(browser, hall, shot, target)
        browser.close()
        hall.server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screens"), frozenset(sys.argv[2:]))
