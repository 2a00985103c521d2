"""The office of every story: a small site, its keys, and a data folder as a first start leaves it."""

import importlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.journal.journal import Journal
from queue_server.settings import journal_path
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from tests.storm.randomness import seeded

SERVICES = ("ho_tich", "chung_thuc", "dat_dai")
COUNTERS = {"q1": ("ho_tich", "chung_thuc"), "q2": ("chung_thuc", "ho_tich"), "q5": ("dat_dai", "ho_tich")}
KIOSKS = ("kiosk-1", "kiosk-2")
POLICIES = ("fcfs", "ratio", "index", "look-ahead")
LEASE = 6


def either(*places: str) -> Any:
    """The first of "module:name" that this version of the product has; None where it has none of them."""
    for place in places:
        module, name = place.split(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    return None


LOAD_SECRET = either("queue_server.keys:load_secret", "queue_server.auth:load_secret")


@cache
def first_folder() -> Path:
    """A data folder with keys and an empty journal; every machine's first disk is a copy of it."""
    folder = Path(tempfile.mkdtemp(prefix="storm-first-"))
    with seeded(0):
        LOAD_SECRET(folder)
        journal = Journal(journal_path(folder))
        journal.open()
        journal.close()
    return folder


def forget_first_folder() -> None:
    """At the end of the process."""
    if first_folder.cache_info().currsize:
        shutil.rmtree(first_folder(), ignore_errors=True)
        first_folder.cache_clear()


def token(role: str, **place: str) -> str:
    """A bearer token of the office."""
    return Tokens(LOAD_SECRET(first_folder())).make(Identity(role=role, subject=role, **place))


@cache
def small_site() -> Site:
    """The example office with three services, three counters, two kiosks and a short catalogue."""
    site = load_site(None)
    office = site.office
    services = {name: office.services[name] for name in SERVICES}
    counters = {name: replace(office.counters[name], services=serves) for name, serves in COUNTERS.items()}
    short = tuple(
        replace(version, procedures=dict(_shortest(version.procedures))) for version in site.catalogues.versions
    )
    known = site.kiosks["kiosk-1"]
    return replace(
        site,
        office=replace(
            office, services=services, counters=counters, kiosks=KIOSKS, rules=replace(office.rules, lease_size=LEASE)
        ),
        kiosks={name: replace(known, id=name, services=()) for name in KIOSKS},
        counter_services={},
        catalogues=replace(site.catalogues, versions=short),
        everyday=replace(site.everyday, groups={}, phrases={}),
    )


def _shortest(procedures: dict[str, Any]) -> Sequence[tuple[str, Any]]:
    """One procedure of each field, the one that says least: the kiosk keeps its catalogue in every round."""
    of_field = ([each for each in procedures.items() if each[1].field == field] for field in SERVICES)
    return [min(known, key=lambda each: len(str(each[1]))) for known in of_field]


def site_with(policy: str, closed: int) -> Site:
    """The small office under a policy of calling. One weekday is closed: open hours without end are long to count."""
    site = small_site()
    week = tuple(() if day == closed else ((0, 1440),) for day in range(7))
    hours = replace(site.hours, id="mostly", week=week)
    return replace(
        site,
        office=replace(site.office, policy=replace(site.office.policy, name=policy)),
        hours=hours,
        service_hours=dict.fromkeys(SERVICES, hours),
        counter_hours=dict.fromkeys(COUNTERS, hours),
    )


def zone() -> ZoneInfo:
    """Where the office stands."""
    return ZoneInfo(small_site().timezone)


def prefix(service: str) -> str:
    """The letter of a service's numbers."""
    return small_site().office.services[service].prefix


def recall_gap() -> float:
    """Seconds between two calls of one person."""
    return float(small_site().office.rules.recall_gap)
