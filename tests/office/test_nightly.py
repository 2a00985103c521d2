"""Numbers fitted at night, taken by the office itself: where the site says so, what has earned it, and kept."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from queue_server.days import keep_day
from queue_server.forecaster.fitted_words import FITTED, signature
from queue_server.nightly import ACTOR, TAKEN, Nightly
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from tests.office.builders import Bureau, Clock, bureau

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 local
NUMBERS = {"time_power": 0.7, "head_start": 2.5, "price:ho_tich": 1.2}
NEWER = {"time_power": 0.9, "head_start": 1.5}


def a_site(policy: Policy | None = None, *, nightly: bool = True) -> Site:
    site = load_site(None)
    config = replace(site.office, policy=policy or Policy(name="index"))
    return replace(site, office=config, fitted_nightly=nightly)


def write_fit(data: Path, against: Policy, options: dict[str, float] | None = None, **changes: Any) -> None:
    tuned = {
        "better": True, "name": "index", "options": options or NUMBERS, "mean": -1.2, "low": -1.9, "high": -0.5,
        "judged": 8, "fitted": 16, "people": 210, "worst_before": 12.0, "worst_after": 11.0, **changes,
    }  # fmt: skip
    document = {"v": 1, "against": signature(against), "tuned": tuned}
    (data / FITTED).write_text(json.dumps(document), "utf-8")


def play(data: Path, story: Callable[[Bureau], Awaitable[None]]) -> None:
    async def run() -> None:
        async with bureau(data / "journal.sqlite3", Clock(MORNING), open_day=False) as it:
            await story(it)

    asyncio.run(run())


async def a_new_day(it: Bureau, site: Site, nightly: Nightly) -> Policy:
    """The office closes if it was open, and opens on the next day as the server does."""
    if it.office.state.config is not None:
        await it.do(cmd.CloseDay())
        it.clock.forward(days=1)
    assert await keep_day(it.office, site)
    await nightly.start_day(it.office)
    return it.office.state.policy


def test_an_offer_that_has_earned_it_is_taken_and_stands_in_the_journal(tmp_path: Path) -> None:
    site = a_site()
    write_fit(tmp_path, site.office.policy)

    async def story(it: Bureau) -> None:
        nightly = Nightly(tmp_path, site)
        policy = await a_new_day(it, site, nightly)
        assert policy == replace(site.office.policy, options=NUMBERS)
        entry = list(it.journal.day("20261123"))[-1]
        assert (entry.kind, entry.actor) == ("PolicyChanged", ACTOR)
        told = nightly.told(policy)
        assert told is not None
        assert told["vi"].startswith("Bộ số rút ra ban đêm, tự nhận từ 23/11/2026")
        assert "Bớt khoảng 1,2 phút chờ trung bình" in told["vi"]
        assert it.memory_equals_journal()

    play(tmp_path, story)


def test_it_is_carried_on_over_days_and_starts_and_improved_on(tmp_path: Path) -> None:
    site = a_site()
    write_fit(tmp_path, site.office.policy)

    async def story(it: Bureau) -> None:
        first = await a_new_day(it, site, Nightly(tmp_path, site))
        (tmp_path / FITTED).unlink()
        assert await a_new_day(it, site, Nightly(tmp_path, site)) == first
        write_fit(tmp_path, first, NEWER)
        second = await a_new_day(it, site, Nightly(tmp_path, site))
        assert second.options == NEWER
        nightly = Nightly(tmp_path, site)
        assert await a_new_day(it, site, nightly) == second
        assert nightly.taken is not None
        assert nightly.taken.day == "20261125"  # when it was taken, not today

    play(tmp_path, story)


@pytest.mark.parametrize(
    "changes",
    [{"better": False}, {"name": "look-ahead"}, {"options": {"price:gone": 1.0}}, {"options": {"head_start": -1.0}},
     {"options": "all"}, {"mean": None}],
    ids=str,
)  # fmt: skip
def test_what_has_not_earned_it_or_does_not_fit_is_left(tmp_path: Path, changes: dict[str, Any]) -> None:
    site = a_site()
    write_fit(tmp_path, site.office.policy, **changes)

    async def story(it: Bureau) -> None:
        nightly = Nightly(tmp_path, site)
        assert await a_new_day(it, site, nightly) == site.office.policy
        assert nightly.taken is None
        assert not (tmp_path / TAKEN).exists()

    play(tmp_path, story)


def test_numbers_judged_against_other_rules_are_left(tmp_path: Path) -> None:
    site = a_site()
    write_fit(tmp_path, replace(site.office.policy, own_first=False))

    async def story(it: Bureau) -> None:
        assert await a_new_day(it, site, Nightly(tmp_path, site)) == site.office.policy

    play(tmp_path, story)


def test_without_the_switch_nothing_is_taken_or_said(tmp_path: Path) -> None:
    site = a_site(nightly=False)
    write_fit(tmp_path, site.office.policy)

    async def story(it: Bureau) -> None:
        nightly = Nightly(tmp_path, site)
        policy = await a_new_day(it, site, nightly)
        assert policy == site.office.policy
        assert nightly.told(policy) is None

    play(tmp_path, story)


def test_new_rules_in_the_site_file_end_what_was_taken(tmp_path: Path) -> None:
    site, other = a_site(), a_site(Policy(name="index", own_first=False))
    write_fit(tmp_path, site.office.policy)

    async def story(it: Bureau) -> None:
        await a_new_day(it, site, Nightly(tmp_path, site))
        nightly = Nightly(tmp_path, other)
        assert await a_new_day(it, other, nightly) == other.office.policy
        told = nightly.told(other.office.policy)
        assert told is not None
        assert "Hiện chưa nhận bộ nào" in told["vi"]

    play(tmp_path, story)


def test_a_change_by_hand_holds_for_its_day_and_is_said(tmp_path: Path) -> None:
    site = a_site()
    write_fit(tmp_path, site.office.policy)

    async def story(it: Bureau) -> None:
        nightly = Nightly(tmp_path, site)
        taken = await a_new_day(it, site, nightly)
        await it.do(cmd.ChangePolicy(policy=site.office.policy), actor="manager:lan")
        told = nightly.told(it.office.state.policy)
        assert told is not None
        assert "đổi lại bằng tay" in told["vi"]
        assert await a_new_day(it, site, nightly) == taken

    play(tmp_path, story)


@pytest.mark.parametrize("name", [FITTED, TAKEN])
@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"tuned": 7}', '{"site": 1, "day": 2}'])
def test_a_file_that_nobody_can_read_is_as_if_it_were_not_there(tmp_path: Path, name: str, content: str) -> None:
    site = a_site()
    (tmp_path / name).write_text(content, "utf-8")

    async def story(it: Bureau) -> None:
        assert await a_new_day(it, site, Nightly(tmp_path, site)) == site.office.policy

    play(tmp_path, story)


def test_a_folder_that_takes_no_file_takes_the_numbers_for_the_day(tmp_path: Path) -> None:
    site = a_site()
    write_fit(tmp_path, site.office.policy)
    (tmp_path / f"{TAKEN}.new").mkdir()  # where the file would be written

    async def story(it: Bureau) -> None:
        nightly = Nightly(tmp_path, site)
        taken = await a_new_day(it, site, nightly)
        assert taken.options == NUMBERS
        assert it.memory_equals_journal()

    play(tmp_path, story)
