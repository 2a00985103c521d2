"""`motcua clock`: shows the office's clock beside the machine's, and confirms the machine's."""

import json
import sys
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from queue_server import options as opt
from queue_server.access import existing_secret
from queue_server.auth import Tokens
from queue_server.clock import utc_now
from queue_server.contract.messages import ClockAnswer
from queue_server.contract.ports import Identity
from queue_server.journal.journal import Journal
from queue_server.kit.program import program
from queue_server.settings import journal_path
from queue_server.site.loader import load_site
from queue_server.views.clock import difference

LIMIT = 10.0  # seconds for an answer
CLOSE = timedelta(seconds=2)


def run(options: opt.ClockOptions) -> int:
    """Prints the clocks; 1 where they differ and nothing has been confirmed, or nobody can confirm."""
    token = Tokens(existing_secret(options.data)).make(Identity(role="admin", subject="motcua clock"))
    try:
        known = ClockAnswer.model_validate(_ask(options.url, token, take=options.take))
    except urllib.error.HTTPError as error:
        raise opt.ConfigError(f"{options.url} refused: {_reason(error)}. Is --data this office's folder?") from error
    except (OSError, ValueError) as error:
        return _without_server(options, error)
    sys.stdout.write(told(known, taken=options.take))
    return 0 if known.agrees or known.followed else 1


def told(known: ClockAnswer, *, taken: bool) -> str:
    """The clocks as a few lines."""
    zone = ZoneInfo(known.timezone)
    ahead = timedelta(seconds=known.ahead)
    lines = [
        f"office's clock   {_shown(known.office, zone)}  ({known.timezone})",
        f"machine's clock  {_shown(known.machine, zone)}  {difference(ahead)} the office's",
        f"last entry       {_shown(known.last_entry, zone) if known.last_entry else 'none yet'}",
    ]
    if taken:
        lines.append("The office goes by the machine's clock now. Everybody's wait went on as it was.")
    elif known.agrees:
        lines.append("The clocks agree; there is nothing to do.")
    elif known.followed:
        lines.append("The office's clock follows the machine's slowly by itself; there is nothing to do.")
    else:
        lines.append(f"Waits are counted right. If the machine's clock is the right one: {program()} clock --take")
        lines.append("If it is not, set the machine's clock right (chrony); the office goes on meanwhile.")
    return "\n".join(lines) + "\n"


def _ask(url: str, token: str, *, take: bool) -> Any:
    path, method = ("/api/v1/clock/take", "POST") if take else ("/api/v1/clock", "GET")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"clock-{uuid.uuid4()}"}
    asked = urllib.request.Request(url.rstrip("/") + path, method=method, headers=headers)  # noqa: S310  user's address
    with urllib.request.urlopen(asked, timeout=LIMIT) as got:  # noqa: S310  the address the user gave
        return json.load(got)


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["code"])
    except (ValueError, KeyError, TypeError):
        return str(error.code)


def _without_server(options: opt.ClockOptions, error: Exception) -> int:
    """Nobody serves: what the next start will find."""
    sys.stderr.write(f"motcua: no office answers at {options.url} ({error})\n")
    path = journal_path(options.data)
    if options.take or not path.is_file():
        sys.stderr.write("motcua: a start takes the machine's clock over by itself; there is nothing to confirm\n")
        return 1
    zone = ZoneInfo(load_site(options.site).timezone)
    journal = Journal(path)
    journal.open_to_read()
    try:
        last = journal.last_at()
    finally:
        journal.close()
    now = utc_now()
    sys.stdout.write(f"machine's clock  {_shown(now, zone)}\n")
    if last is not None:
        late = last - now
        how = (
            f"{difference(late)} the machine's clock" if late > CLOSE else "before the machine's clock, as it should be"
        )
        sys.stdout.write(f"last entry       {_shown(last, zone)}  {how}\n")
    sys.stdout.write("At its next start the office goes by the machine's clock at once.\n")
    return 1


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
