"""Backups thin out with age, and the newest is always there."""

from datetime import date, timedelta

from queue_server.journal.thinning import superfluous

START = date(2023, 1, 2)


def evenings(days: int) -> list[str]:
    return [f"{START + timedelta(days=day)}-1830.tar.gz" for day in range(days)]


def thinned_every_evening(days: int) -> list[str]:
    kept: list[str] = []
    for name in evenings(days):
        kept.append(name)
        kept = [each for each in kept if each not in superfluous(kept)]
    return kept


def test_a_new_office_keeps_everything() -> None:
    assert superfluous(evenings(14)) == []


def test_three_years_of_evenings_become_few_and_hold_every_age() -> None:
    kept = thinned_every_evening(1096)
    newest = evenings(1096)[-14:]
    assert kept[-14:] == newest
    assert len(kept) <= 14 + 8 + 24 + 4
    months = {name[:7] for name in kept}
    assert len(months) >= 24
    assert {name[:4] for name in kept} == {"2023", "2024", "2025", "2026"}


def test_of_one_day_the_newest_stays() -> None:
    names = ["2026-11-20-1830.tar.gz", "2026-11-20-0700.tar.gz", "2026-11-20.tar.gz"]
    assert set(superfluous(names)) == {"2026-11-20-0700.tar.gz", "2026-11-20.tar.gz"}


def test_what_is_no_backup_of_ours_is_left_alone() -> None:
    names = ["letters.tar.gz", "2026-13-45-0000.tar.gz", "2026-11-20-1830.tar.gz.part", "2026-11-20-1830.zip", ".lock"]
    assert superfluous(names * 40) == []
