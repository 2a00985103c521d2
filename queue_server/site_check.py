"""`motcua site check`: is the site file well, and what of it must wait until the next day opens."""

import sqlite3
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

from queue_server.forecaster.follow import Follower
from queue_server.options import ConfigError, SiteCheckOptions
from queue_server.queue.rules_day import dropped_in_use
from queue_server.queue.state import OfficeDay
from queue_server.settings import journal_path
from queue_server.site.loader import EXAMPLE, load_site
from queue_server.site.model import Site


def check(options: SiteCheckOptions) -> int:
    """Raises `SiteError` with every line that is wrong."""
    site = load_site(options.site)
    office = site.office
    many = f"{len(office.services)} services, {len(office.counters)} counters, {len(site.kiosks)} kiosks"
    sys.stdout.write(f"{options.site or EXAMPLE}: well. {site.id}: {many}\n")
    if gap := catalogue_gap(site, datetime.now(ZoneInfo(site.timezone)).date()):
        sys.stdout.write(f"{gap}\n")
    state = _today(options)
    if state is not None and state.config is not None and not state.closed:
        for kind, name in dropped_in_use(state, office):
            sys.stdout.write(f"waits for the next day: {kind} {name} is in use today\n")
    return 0


def catalogue_gap(site: Site, today: date) -> str:
    """Why people see a list of procedures that is not in force; empty where one is."""
    if any(version.in_force_on(today) for version in site.catalogues.versions):
        return ""
    shown = site.catalogues.catalogue_on(today)
    begins, ends = shown.in_force_from or "its beginning", shown.in_force_to or "further notice"
    return f"no catalogue is in force on {today}: {shown.id} is shown all the same, dated from {begins} until {ends}"


def _today(options: SiteCheckOptions) -> OfficeDay | None:
    """The newest day of the journal; None where none was begun."""
    if options.against is None or not journal_path(options.against).is_file():
        return None
    follower = Follower(journal_path(options.against))
    try:
        for _ in follower.news():
            pass
    except sqlite3.Error as error:
        raise ConfigError(f"{journal_path(options.against)} cannot be read: {error}") from error
    finally:
        follower.close()
    return follower.state
