"""Keeping pages up to date: what is sent, to whom, and that nobody pays for what nobody looks at."""

import asyncio
import json
from dataclasses import replace

import pytest

from display.hub import Hub
from display.live import GONE, Live
from display.render import Channel, regions
from display.texts import state_words
from queue_server.contract.problems import Problem, Refused
from tests.display.loops import run_alone
from tests.display.office import TOKEN, Office, a_call, a_phone

BOARD = Channel(kind="board", key="a", language="vi")
ENGLISH = Channel(kind="board", key="a", language="en")
PHONE = Channel(kind="citizen", key=TOKEN, language="vi")


class Watching:
    """An office, its live pages and the frames that one listener got."""

    def __init__(self, **options):
        self.office = Office()
        self.hub = Hub()
        self.renderings = []
        self.live = Live(self.hub, self.look, **options)
        self.sent = {}
        self.tasks = []

    def look(self, channel):
        self.renderings.append(channel)
        if channel.kind == "citizen":
            return self.office.citizen(channel.key), {"state_words": lambda state: state_words(state, "vi")}
        return self.office.board(channel.key), {}

    def open(self, channel):
        got = self.sent[channel] = []

        async def send(message):
            if message.get("body"):
                got.append(message["body"])

        async def receive():
            await asyncio.Event().wait()

        app = self.hub.stream(str(channel), lambda: self.live.first(channel))
        self.tasks.append(asyncio.ensure_future(app({"type": "http", "method": "GET"}, receive, send)))

    def regions(self, channel):
        """The names of the regions in each frame after the first."""
        return [sorted(data["regions"]) for data in map(self.read, self.sent[channel][1:])]

    @staticmethod
    def read(body):
        return json.loads(body.decode().split("data: ", 1)[1])

    async def end(self):
        self.live.stop()
        await self.hub.close()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def run(story, **options):
    async def whole():
        watching = Watching(**options)
        try:
            await story(watching)
        finally:
            await watching.end()

    run_alone(whole())


async def settle(seconds=0.0):
    await asyncio.sleep(seconds)
    for _ in range(10):
        await asyncio.sleep(0)


async def eventually(true):
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen in time")


def test_the_first_frame_holds_every_region():
    async def story(it):
        it.open(BOARD)
        await settle()
        data = it.read(it.sent[BOARD][0])
        assert sorted(data["regions"]) == ["calls", "foot", "notice", "services"]
        assert data["at"] == "2026-11-23T02:41:00+00:00"

    run(story)


def test_only_what_differs_is_sent():
    async def story(it):
        it.open(BOARD)
        await settle()
        it.office.calls = [a_call("A014")]
        it.live.changed()
        await settle()
        assert it.regions(BOARD) == [["calls"]]

    run(story)


def test_nothing_is_sent_when_nothing_visible_changed():
    async def story(it):
        it.open(BOARD)
        await settle()
        it.office.current = None
        it.live.changed()
        await settle()
        assert it.regions(BOARD) == []

    run(story)


def test_nobody_looking_costs_nothing():
    async def story(it):
        it.live.changed()
        await settle()
        assert it.renderings == []

    run(story)


def test_a_page_that_was_left_is_forgotten():
    async def story(it):
        it.open(BOARD)
        await settle()
        it.tasks[0].cancel()
        await settle()
        it.live.changed()
        await settle(0.1)
        before = len(it.renderings)
        it.live.changed()
        await settle(0.1)
        assert len(it.renderings) == before

    run(story, pace=0.01)


def test_a_burst_is_drawn_once_at_once_and_once_at_its_end():
    async def story(it):
        it.open(BOARD)
        await settle()
        for number in range(50):
            it.office.calls.insert(0, a_call(f"A{number:03d}"))
            it.live.changed()
            await asyncio.sleep(0)
        await settle()
        assert it.regions(BOARD) == [["calls"]]
        await eventually(lambda: len(it.sent[BOARD]) > 2)
        assert it.regions(BOARD) == [["calls"], ["calls"]]
        assert "A049" in it.read(it.sent[BOARD][-1])["regions"]["calls"]

    run(story, pace=1.0)


def test_each_language_gets_its_own_words_once():
    async def story(it):
        it.open(BOARD)
        it.open(ENGLISH)
        await settle()
        it.office.calls = [a_call("A014")]
        it.live.changed()
        await eventually(lambda: len(it.sent[BOARD]) == len(it.sent[ENGLISH]) == 2)
        assert "Quầy 3" in it.read(it.sent[BOARD][1])["regions"]["calls"]
        assert "Counter 3" in it.read(it.sent[ENGLISH][1])["regions"]["calls"]

    run(story)


def test_time_alone_brings_news_to_an_open_page():
    async def story(it):
        it.open(BOARD)
        await settle()
        it.office.mean = 21.0  # nobody says changed()
        await eventually(lambda: it.regions(BOARD) == [["foot"]])

    run(story, tick=0.01, pace=0.001)


def test_phones_are_drawn_at_most_once_a_tick():
    async def story(it):
        it.open(PHONE)
        await settle()
        for ahead in (3, 2, 1):
            it.office.phones[TOKEN] = a_phone(people_ahead=ahead)
            it.live.changed()
            await settle(0.01)
        assert len(it.sent[PHONE]) <= 2
        await eventually(lambda: "còn 1 người" in it.read(it.sent[PHONE][-1])["regions"]["ticket"])

    run(story, tick=1.0, pace=0.001)


def test_what_is_gone_tells_the_page_to_ask_anew():
    async def story(it):
        it.open(PHONE)
        await settle()
        it.office.phones.clear()
        it.live.changed()
        await eventually(lambda: it.sent[PHONE][-1] == GONE)
        assert it.live.first(PHONE) == GONE

    run(story)


def test_one_broken_page_does_not_stop_the_others():
    async def story(it):
        it.open(BOARD)
        it.open(ENGLISH)
        await settle()
        good = it.look

        def look(channel):
            if channel == BOARD:
                raise ZeroDivisionError("a broken view")
            return good(channel)

        it.live._look = look
        it.office.calls = [a_call("A014")]
        it.live.changed()
        await eventually(lambda: it.regions(ENGLISH) == [["calls"]])
        assert it.live.failures == 1

    run(story)


def test_an_unknown_page_is_refused_before_it_is_drawn():
    office = Office()
    with pytest.raises(Refused) as refused:
        office.board("zz")
    assert refused.value.code == Problem.NOT_FOUND


def test_a_region_carries_a_mark_of_its_contents():
    office = Office()
    first = regions(BOARD, office.board("a"), {})
    again = regions(BOARD, office.board("a"), {})
    office.calls = [replace(a_call("A014"), time=2)]
    changed = regions(BOARD, office.board("a"), {})
    assert first == again
    assert {name for name in first if first[name] != changed[name]} == {"calls"}
