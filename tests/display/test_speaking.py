"""The voice of a hall board in a real browser: never two calls at once, nothing stale, one speaking board a zone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.display.conftest import until
from tests.display.office import a_call

# Stands in for the loudspeaker: every sound lasts 60 ms, and what is asked for is written down.
SPEAKER = """
window.played = []; window.atOnce = 0; window.most = 0;
HTMLMediaElement.prototype.play = function () {
  if (window.mute) return Promise.reject(new DOMException("", "NotAllowedError"));
  window.played.push(decodeURIComponent(this.src.split("/voice/")[1]));
  window.most = Math.max(window.most, ++window.atOnce);
  setTimeout(() => this.dispatchEvent(new Event("playing")), 5);
  setTimeout(() => { window.atOnce -= 1; this.dispatchEvent(new Event("ended")); }, 60);
  return Promise.resolve();
};
"""


@pytest.fixture
def board(page, hall):
    page.add_init_script(SPEAKER)
    hall.office.at = None  # calls have the time of day: stale ones are told by it

    def show(path="/board/a"):
        page.goto(path)
        until(lambda: hall.display.hub.total() == 1)

    return show


def now(seconds=0):
    return datetime.now(UTC) - timedelta(seconds=seconds)


def call(hall, *numbers, age=0):
    def put():
        for number in numbers:
            hall.office.calls.insert(0, a_call(number, id=f"{number}-{age}", called_at=now(age)))

    hall.change(put)


def test_a_call_is_spoken_twice(page, hall, board):
    board()
    call(hall, "A001")
    until(lambda: page.evaluate("window.played.length") == 2)
    assert page.evaluate("window.played") == ["A001-0.wav"] * 2


def test_calls_never_overlap_and_keep_their_order(page, hall, board):
    board()
    call(hall, "A001", "A002", "A003", "A004")
    until(lambda: page.evaluate("window.played.length") >= 5)
    until(lambda: page.evaluate("window.atOnce") == 0)
    assert page.evaluate("window.most") == 1
    # Once each while others wait, twice for the last.
    assert page.evaluate("window.played") == ["A001-0.wav", "A002-0.wav", "A003-0.wav", "A004-0.wav", "A004-0.wav"]


def test_stale_calls_are_shown_but_not_spoken(page, hall, board):
    board()
    call(hall, "A001", age=90)
    call(hall, "A002")
    until(lambda: page.evaluate("window.played.length") == 2)
    assert page.evaluate("window.played") == ["A002-0.wav"] * 2
    expect(page.locator("[data-number=A001]")).to_be_visible()


def test_calls_from_before_the_board_was_opened_are_not_repeated(page, hall, board):
    hall.office.calls = [a_call("A001", called_at=now())]
    board()
    call(hall, "A002")
    until(lambda: page.evaluate("window.played.length") == 2)
    assert page.evaluate("window.played") == ["A002-0.wav"] * 2


def test_a_silent_board_asks_for_no_sound(page, hall, board):
    board("/board/a?speaks=0")
    call(hall, "A001")
    expect(page.locator("[data-number=A001]")).to_be_visible()
    page.wait_for_timeout(150)
    assert page.evaluate("window.played") == []
    assert page.locator("#sound").count() == 0


def test_a_browser_that_wants_a_touch_first_gets_its_button(page, hall, board):
    page.add_init_script("window.mute = true;")
    board()
    call(hall, "A001")
    button = page.get_by_role("button", name="Bật tiếng")
    expect(button).to_be_visible()
    page.evaluate("window.mute = false")
    button.click()
    expect(button).to_be_hidden()
    call(hall, "A002")
    until(lambda: "A002-0.wav" in page.evaluate("window.played"))


def test_the_real_sound_of_a_call_plays_to_its_end(page, hall):
    """No stand-in: Chromium fetches the joined clips under the content policy and plays them."""
    hall.office.at = None
    page.goto("/board/a")
    until(lambda: hall.display.hub.total() == 1)
    call(hall, "A001")
    expect(page.locator("body")).to_have_attribute("data-speaking", "A001-0")
    sound = page.evaluate(
        """() => new Promise((done) => {
          const audio = new Audio("/voice/A001-0.wav");
          audio.onloadedmetadata = () => done(audio.duration);
          audio.onerror = () => done(-1);
        })"""
    )
    assert 4 < sound < 9
    assert page.evaluate("window.__violations") == []
