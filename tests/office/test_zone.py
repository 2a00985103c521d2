"""An office that is not in Viet Nam: its day, its lists and its pages go by its own zone."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest

from display.hub import Hub
from display.render import Channel, page, regions
from display.web import Display
from queue_server.auth import Tokens
from queue_server.catalogue.model import Catalogues
from queue_server.days import keep_day
from queue_server.keys import Secret
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from queue_server.source import OfficeSource
from tests.office.builders import Bureau, Clock, bureau

MORNING = datetime(2026, 11, 30, 23, 2, tzinfo=UTC)  # 06:02 of 1 December in Viet Nam, still November for UTC
PLACES = {
    "Asia/Ho_Chi_Minh": ("20261201", "06:02"),
    "America/Los_Angeles": ("20261130", "15:02"),
    "UTC": ("20261130", "23:02"),
}


@cache
def site_in(zone: str) -> Site:
    """The example office in a zone, with a list of procedures that comes into force on 1 December."""
    site = load_site(None)
    known = site.catalogues.versions[-1]
    new = replace(known, id="new", in_force_from=date(2026, 12, 1))
    return replace(
        site,
        timezone=zone,
        office=replace(site.office, timezone=zone),
        catalogues=Catalogues(versions=(replace(known, id="old", in_force_from=date(2026, 1, 1)), new)),
    )


@pytest.mark.parametrize("zone", PLACES)
def test_day_list_and_pages_go_by_the_offices_zone(tmp_path: Path, zone: str) -> None:
    day, shown = PLACES[zone]

    async def story(it: Bureau) -> None:
        await keep_day(it.office, site_in(zone))
        assert it.office.state.day == day
        source = OfficeSource(it.office, site_in(zone), Tokens(Secret.single(b"a key for tests")))
        assert source.catalogue().id == ("new" if day == "20261201" else "old")
        display = Display(source, source, Hub(), zone=zone)
        view, extra = display.look(Channel(kind="board", key="all", language="vi"))
        whole = page(
            "board.html", "vi", zone=zone, view=view, kind="board", stream="s", at=view.as_of.isoformat(), silence=20,
            speaks=False, shown=regions(Channel(kind="board", key="all", language="vi"), view, extra, zone),
        )  # fmt: skip
        assert f'data-zone="{zone}"' in whole
        assert f">{shown}</time>" in whole
        await display.close()

    async def run() -> None:
        async with bureau(tmp_path / "journal.sqlite3", Clock(MORNING), open_day=False) as it:
            await story(it)

    asyncio.run(run())
