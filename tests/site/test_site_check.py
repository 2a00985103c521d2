"""`motcua site check` before an office stands on a file; `motcua broker` for the site's own broker."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from queue_server.cli import app
from queue_server.contract.broker import broker_address
from queue_server.days import site_waits
from queue_server.site.loader import EXAMPLE, load_site
from queue_server.site_check import catalogue_gap
from tests.forecaster.builders import append
from tests.queue.builders import Day


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments], env={"TERM": "dumb", "NO_COLOR": "1"})
    return result.exit_code, result.output


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(EXAMPLE.read_text("utf-8"), "utf-8")
    return path


def test_a_good_file_is_called_well(site: Path) -> None:
    code, text = run("site", "check", "--site", site)
    assert (code, "well" in text) == (0, True)


def test_a_slip_is_told_with_its_line(site: Path) -> None:
    text = site.read_text("utf-8").replace("orientation: portrait", "orientation: sideways", 1)
    site.write_text(text, "utf-8")
    line = text.splitlines().index("    orientation: sideways") + 1
    code, said = run("site", "check", "--site", site)
    assert code == 2
    assert f"{site}:{line}" in "".join(said.split("\n"))


def test_what_is_in_use_today_is_said_to_wait(site: Path, tmp_path: Path) -> None:
    """The day's office has counters that the file does not name; the file itself is well."""
    day = Day()
    day.now = datetime.now(UTC)
    day.open("1")
    (tmp_path / "data").mkdir()
    append(tmp_path / "data/journal.sqlite3", day.log)
    code, said = run("site", "check", "--site", site, "--against", tmp_path / "data")
    assert code == 0
    assert "waits for the next day: counter 1 is in use today" in said
    assert "counter 3" not in said


def test_a_folder_without_a_day_has_nothing_to_wait_for(site: Path, tmp_path: Path) -> None:
    assert "waits" not in run("site", "check", "--site", site, "--against", tmp_path)[1]


def test_the_files_for_the_site_s_broker_need_no_start_and_keep_passwords(site: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    old = os.umask(0o077)
    try:
        code, said = run("broker", "files", "--data", data, "--site", site)
    finally:
        os.umask(old)
    assert code == 0
    assert "systemctl reload mosquitto" in said
    first = json.loads((data / "broker/passwords.json").read_text())
    counter = next(name for name in first if name.startswith("keypad-"))
    run("broker", "files", "--data", data, "--site", site)
    assert json.loads((data / "broker/passwords.json").read_text()) == first
    assert f"user {counter}" in (data / "broker/acl").read_text()
    _, address = run("broker", "address", counter, "--host", "queue.example.vn", "--data", data)
    way = broker_address(address.strip())
    assert (way.user, way.password, way.host, way.tls) == (counter, first[counter], "queue.example.vn", True)


def test_an_unknown_user_is_told_who_there_is(site: Path, tmp_path: Path) -> None:
    assert run("broker", "address", "x", "--host", "h", "--data", tmp_path)[0] == 2
    run("broker", "files", "--data", tmp_path, "--site", site)
    code, said = run("broker", "address", "keypad-99", "--host", "h", "--data", tmp_path)
    assert (code, "monitor" in said) == (2, True)


def test_the_pages_say_what_waits(site: Path) -> None:
    day = Day()
    assert site_waits(day.state, load_site(site)) is None, "nothing of it is in use yet"
    day.open("1")
    said = site_waits(day.state, load_site(site))
    assert said is not None
    assert ("quầy 1" in said["vi"], "counter 1" in said["en"]) == (True, True)


def test_a_catalogue_that_only_the_future_knows_is_said() -> None:
    site = load_site(EXAMPLE)
    later = replace(site.catalogues.versions[0], id="next-year", in_force_from=date(2031, 1, 1), in_force_to=None)
    only_later = replace(site, catalogues=replace(site.catalogues, versions=(later,)))
    assert "next-year is shown all the same, dated from 2031-01-01" in catalogue_gap(only_later, date(2030, 12, 31))
    assert catalogue_gap(only_later, date(2031, 1, 1)) == ""
