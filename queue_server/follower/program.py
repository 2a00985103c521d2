"""`motcua follow`: keeps an office's record and files to within a second, until SIGTERM or Ctrl-C."""

import json
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from queue_server import options as opt
from queue_server.access import check_folder
from queue_server.auth import Tokens
from queue_server.contract.follower import FollowAnswer
from queue_server.contract.ports import Identity
from queue_server.follower.copy import Copy
from queue_server.follower.files import FOLLOWING, digest, put
from queue_server.follower.link import CutError, Link
from queue_server.journal.schema import SCHEMA
from queue_server.keys import has_secret, load_secret, make_folder, written
from queue_server.logs import Log
from queue_server.machine import claimed

log = Log(__name__)

PAUSE = 0.5  # seconds after a cut


class Following:
    """One machine that follows one office. `run` until `stopped` is set."""

    def __init__(self, data: Path, link: Link, stopped: threading.Event) -> None:
        self.data = data
        self._link = link
        self._stopped = stopped
        self._copy = Copy(data)
        self._marks: dict[str, str] = {}
        self._here = False  # said that it is up to date
        self._cut = False

    def run(self) -> None:
        """Raises `NotOursError` and `ConfigError`; a cut line is waited for, and everything goes on where it was."""
        self._copy.open()
        with closing(self._copy):
            while not self._stopped.is_set():
                try:
                    self._step()
                except CutError as cut:
                    if not self._cut:
                        log.warning("office-away", office=self._link.url, error=str(cut), entry=self._copy.end.seq)
                    self._cut = True
                    self._stopped.wait(PAUSE)

    def _step(self) -> None:
        got = self._link.after(self._copy.end, digest(self._marks))
        if got.journal_schema > SCHEMA and not self._here:
            log.warning("office-is-newer", its_journal=got.journal_schema, ours=SCHEMA, cure="update this machine too")
        self._copy.append(got.columns, got.entries)
        if got.files is not None:
            self._fetch(got.files)
            self._note(got)
        if self._cut:
            log.warning("office-is-back", office=self._link.url, entry=self._copy.end.seq)
            self._cut = False
        if not self._here and self._copy.end.seq >= got.end:
            self._here = True
            _say(f"ready following {self._link.url}, entry {self._copy.end.seq}")

    def _fetch(self, marks: Mapping[str, str]) -> None:
        for name, mark in marks.items():
            if self._marks.get(name) != mark:
                content = self._link.file(name)
                if content is not None:
                    put(self.data, name, content)
        self._marks = dict(marks)

    def _note(self, got: FollowAnswer) -> None:
        text = json.dumps({"of": self._link.url, "office": got.office, "site": got.site})
        written(self.data / f".{FOLLOWING}.part", text).replace(self.data / FOLLOWING)


def run(options: opt.FollowOptions) -> int:
    """Follows; returns when it is told to stop."""
    if options.data.is_dir() and not has_secret(options.data):
        check_folder(options.data, chosen=True)
    make_folder(options.data)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    link = Link(options.of, _token(options), options.address or own_address(options.of))
    with claimed(options.data), closing(link):
        Following(options.data, link, stopped).run()
    return 0


def own_address(of: str) -> str:
    """Where this machine would serve an office, as the one it follows sees it."""
    office = urlsplit(of)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect((office.hostname or "", office.port or 80))  # sends nothing
            return f"http://{way.getsockname()[0]}:{opt.HTTP_PORT}"
        except OSError:
            return ""


def _token(options: opt.FollowOptions) -> str:
    """The one given, or made with the office's own keys, which a machine that followed before holds."""
    if options.token:
        return options.token
    if not has_secret(options.data):
        raise opt.ConfigError("a token is missing: motcua token follower on the office's machine makes it; --token")
    return Tokens(load_secret(options.data)).make(Identity(role="follower", subject="follower"))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
