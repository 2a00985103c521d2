"""`motcua token` and `motcua keys`: access codes for people and devices of this office, and their withdrawal."""

import sys
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from queue_server import options as opt
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.journal.journal import Journal
from queue_server.keys import Purpose, Secret, change_key, has_secret, load_secret
from queue_server.kit.program import program
from queue_server.queue.config import OfficeConfig
from queue_server.queue.events import DayOpened, SetupChanged
from queue_server.settings import journal_path
from queue_server.site.loader import load_site

Names = Mapping[str, Iterable[str]]  # id → what people call it


def token(options: opt.TokenOptions) -> int:
    """Prints a bearer token."""
    check_folder(options.data, chosen=options.chosen)
    role = options.role
    if options.counter is not None and role is not opt.Role.OFFICER:
        raise opt.ConfigError(f"--counter belongs to an officer's token; a token for {role} opens no counter.")
    if options.kiosk is not None and role is not opt.Role.KIOSK:
        raise opt.ConfigError(f"--kiosk belongs to a kiosk's token; a token for {role} is no kiosk's.")
    counter = kiosk = None
    if options.counter is not None:
        counter = meant("counter", options.counter, places(options.data, options.site)[0])
    elif options.kiosk is not None:
        kiosk = meant("kiosk", options.kiosk, places(options.data, options.site)[1])
    who = Identity(role=str(role), counter=counter, kiosk=kiosk, subject=counter or kiosk or str(role))
    sys.stdout.write(Tokens(load_secret(options.data)).make(who) + "\n")
    return 0


def rotate(options: opt.RotateOptions) -> int:
    """Makes a new key and says whose codes have ended."""
    existing_secret(options.data)
    change_key(options.data, Purpose(options.purpose))
    ended = {
        opt.KeyPurpose.STAFF: f"All access codes of staff have ended. Hand out new ones: {program()} token officer …",
        opt.KeyPurpose.DEVICES: f"All codes of kiosks and boards have ended. Give new ones: {program()} token kiosk …",
        opt.KeyPurpose.TICKETS: "The QR codes of all tickets given so far open nothing now; their numbers stay valid.",
    }
    sys.stdout.write(f"{ended[options.purpose]} A running server knows it within a second.\n")
    return 0


def check_folder(data: Path, *, chosen: bool) -> None:
    """A code made with keys of a wrong folder opens nothing: refuses a folder that is no office's.

    `chosen`: the folder was named; then an empty one will do, for an office that has not been opened yet. One that does
    not exist is a slip of the pen.
    """
    if is_office(data):
        return
    there = data.is_dir()
    things = there and any(not path.name.startswith(".") for path in data.iterdir())
    if chosen and there and not things:
        return
    why = "holds other things and no office" if things else "holds no office" if there else "does not exist"
    raise opt.ConfigError(
        f"{data.absolute()} {why}: what was asked for there would be worth nothing. "
        "Name the office's folder with --data or MOTCUA_DATA; nothing was changed."
    )


def existing_secret(data: Path) -> Secret:
    """The keys of an office that is there; raises `ConfigError` for a folder that is none."""
    check_folder(data, chosen=False)
    return load_secret(data)


def is_office(data: Path) -> bool:
    """Whether keys or a journal lie in a folder."""
    return has_secret(data) or journal_path(data).is_file()


def places(data: Path, site: Path | None) -> tuple[Names, Names]:
    """Counters and kiosks: of the site file that was named, else as the office opened last, else of the example."""
    last = None if site is not None else last_setup(data)
    if last is not None:
        return {c.id: (c.label, *c.name.values()) for c in last.counters.values()}, dict.fromkeys(last.kiosks, ())
    found = load_site(site)
    counters = {c.id: (c.label, *c.name.values()) for c in found.office.counters.values()}
    return counters, {kiosk.id: tuple(kiosk.name.values()) for kiosk in found.kiosks.values()}


def last_setup(data: Path) -> OfficeConfig | None:
    """What the newest day of the journal was opened with; None before the first day."""
    if not journal_path(data).is_file():
        return None
    journal = Journal(journal_path(data))
    journal.open_to_read()
    with closing(journal):
        day = journal.last_day()
        configs = [
            entry.event.config
            for entry in (journal.day(day) if day else ())
            if isinstance(entry.event, DayOpened | SetupChanged)
        ]
    return configs[-1] if configs else None


def meant(what: str, text: str, known: Names) -> str:
    """The id that somebody means who writes q3, c3, 3, "Quầy 3" or "counter 3"; raises `ConfigError` with the list."""
    if text in known:
        return text
    wanted = plain(text)
    found = [name for name, called in known.items() if wanted and wanted in spellings(what, name, called)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(_shown(name, called) for name, called in known.items()) or "none"
    problem = f"{text!r} may be {' or '.join(found)}" if found else f"there is no {what} {text!r} in this office"
    raise opt.ConfigError(f"{problem}. Its {what}s: {listed}.")


def spellings(what: str, name: str, called: Iterable[str]) -> frozenset[str]:
    """How people write a place: its id, its sign, its number alone or behind the word for it."""
    words = {"counter": ("quay", "counter", "q", "c"), "kiosk": ("kiosk", "kiot", "k")}[what]
    names = {plain(name), *(plain(one) for one in called)}
    digits = "".join(sign for sign in name if sign.isdigit())
    short = names if what == "counter" else {digits} if digits else set()
    return frozenset(names | short | {f"{word}{one}" for word in words for one in short})


def plain(text: str) -> str:
    """Letters and digits without marks, case or spaces: "Quầy 3" → "quay3"."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in bare if sign.isalnum())


def _shown(name: str, called: Iterable[str]) -> str:
    first = next(iter(called), "")
    return f"{name} ({first})" if first and first != name else name
