"""The epoch rises with every start, whatever the machine's clock does between them."""

from pathlib import Path

from queue_server.messaging.epoch import FILE, next_epoch

NOW = 1_796_000_000.0
YEARS = 10 * 365 * 86400.0


def test_it_is_the_clock_while_that_goes_on(tmp_path: Path) -> None:
    assert next_epoch(tmp_path, now=NOW) == int(NOW)
    assert next_epoch(tmp_path, now=NOW + 60) == int(NOW) + 60


def test_a_clock_that_was_ahead_silences_nobody(tmp_path: Path) -> None:
    ahead = next_epoch(tmp_path, now=NOW + YEARS)
    seen = [next_epoch(tmp_path, now=NOW + start) for start in range(5)]
    assert seen == [ahead + 1, ahead + 2, ahead + 3, ahead + 4, ahead + 5]


def test_a_machine_that_took_over_is_heard_whatever_the_clock_of_the_old_one(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old = next_epoch(tmp_path / "old", now=NOW + YEARS)
    new = next_epoch(tmp_path / "new", now=NOW, generation=1)
    assert new > next_epoch(tmp_path / "old", now=NOW + 2 * YEARS) > old
    assert next_epoch(tmp_path / "new", now=NOW, generation=1) == new + 1


def test_two_starts_in_one_second_differ(tmp_path: Path) -> None:
    assert next_epoch(tmp_path, now=NOW) < next_epoch(tmp_path, now=NOW)


def test_a_folder_of_before_goes_on_after_its_newest_entry(tmp_path: Path) -> None:
    assert next_epoch(tmp_path, now=NOW, newest=NOW + YEARS) > NOW + YEARS
    assert next_epoch(tmp_path, now=NOW + 1, newest=NOW + YEARS) > NOW + YEARS + 1


def test_a_file_that_nobody_can_read_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("yesterday")
    assert next_epoch(tmp_path, now=NOW) == int(NOW)
    assert next_epoch(tmp_path / "gone", now=NOW) == int(NOW)
