"""The private Mosquitto: a child process on the loopback with generated users, rights and settings."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from queue_server.contract.broker import BrokerAddress
from queue_server.kit.ports import family, loopback, port_cure
from queue_server.messaging.acl import SERVER, User, acl_text
from queue_server.messaging.passwords import keep_passwords, password_lines, write_private

_log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
MESSAGE_LIMIT = 16 * 1024  # bytes; the largest board is well below
PACKET_LIMIT = 32 * 1024  # a sender of more is cut off before it is read
QUEUE_LIMIT = 2_000  # messages waiting for one slow listener
START_LIMIT = 10.0  # seconds
STOP_LIMIT = 2.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
HEALTHY_AFTER = 30.0  # seconds of life that end the back-off
STILLBORN = 2.0  # a child that dies younger may have choked on its own file


class BrokerError(Exception):
    """The broker cannot run; the text says why and what to do."""


class Broker:
    """Mosquitto as our child, started again when it dies.

    `data_dir` gets a folder `broker` with its files; passwords stay the same from start to start. `port` 0 takes a
    free one. Nobody outside this machine reaches it unless `bind` is another address. `search_path` are the folders
    where programs are looked for; None takes the user's own and those of servers. The constructor does nothing.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int,
        users: Sequence[User],
        *,
        site: str,
        bind: str = LOOPBACK,
        search_path: str | None = None,
    ) -> None:
        self.folder = data_dir / "broker"
        self.port = port
        self.restarts = 0
        self._site = site
        self._users = tuple(users)
        self._bind = bind
        self._passwords: dict[str, str] = {}
        self._search_path = search_path
        self._command: list[str] = []
        self._child: subprocess.Popen[bytes] | None = None
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def pid(self) -> int | None:
        """The process id of the child that runs now."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    @property
    def running(self) -> bool:
        """True while the child lives."""
        return self.pid is not None

    def endpoint(self, user: str = SERVER) -> BrokerAddress:
        """How a user of this machine reaches the broker. Raises `KeyError` for an unknown user."""
        host = LOOPBACK if self._bind in {"0.0.0.0", ""} else self._bind  # noqa: S104 - compared, not bound
        return BrokerAddress(host=host, port=self.port, user=user, password=self._passwords[user])

    def start(self) -> None:
        """Start and wait until it accepts connections. Raises `BrokerError`."""
        if self._watcher is not None:
            return
        self._command = _find_programs(self._search_path)
        if self._bind == LOOPBACK:
            self._bind = loopback()
        try:
            self._prepare()
        except (OSError, ValueError) as error:
            raise BrokerError(f"the broker's files in {self.folder} cannot be used: {error}") from error
        self._stopping.clear()
        self.restarts = 0
        self._watcher = threading.Thread(target=self._watch, name="broker-watch", daemon=True)
        self._watcher.start()
        try:
            self._wait_until_accepting()
        except BrokerError:
            self.stop()
            raise

    def stop(self) -> None:
        """End the child, with time to write its retained messages, and the watch over it."""
        self._stopping.set()
        child, watcher = self._child, self._watcher
        if child is not None and child.poll() is None:
            child.terminate()
            try:
                child.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                child.kill()
        if watcher is not None:
            watcher.join(STOP_LIMIT)
        self._watcher = None
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self.folder / "pid"

    @property
    def _config(self) -> Path:
        return self.folder / "mosquitto.conf"

    @property
    def _store(self) -> Path:
        return self.folder / "mosquitto.db"

    @property
    def _log_file(self) -> Path:
        return self.folder / "mosquitto.log"

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        self._passwords = keep_passwords(self.folder / "passwords.json", [user.name for user in self._users])
        write_private(self.folder / "passwords", password_lines(self._passwords))
        write_private(self.folder / "acl", acl_text(self._site, self._users))
        end_orphan(self._pid_file, self._config)
        self.port = self.port or _free_port(self._bind)
        _claim(self._bind, self.port)
        write_private(self._config, config_text(self.folder, self._bind, self.port))
        self._log_file.write_bytes(b"")
        # Yesterday's numbers must not be on a panel before today's are: a start begins with an empty store.
        self._store.unlink(missing_ok=True)

    def _watch(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stopping.is_set():
            born = time.monotonic()
            code = self._run_once()
            if self._stopping.is_set():
                return
            age = time.monotonic() - born
            self.restarts += 1
            _log.error("the broker ended with code %s after %.1f s, starting it again", code, age)
            if age < STILLBORN:
                self._set_cache_aside()
            pause = SHORTEST_PAUSE if age > HEALTHY_AFTER else min(pause * 2, LONGEST_PAUSE)
            self._stopping.wait(pause)

    def _run_once(self) -> int | None:
        try:
            with self._log_file.open("ab") as log:
                self._child = subprocess.Popen(
                    [*self._command, "-c", str(self._config)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is for us: we stop it when nobody speaks to it any more
                )
            self._pid_file.write_text(f"{self._child.pid}\n", "ascii")
        except OSError:
            _log.exception("the broker cannot be started")
            if self._child is None or self._child.poll() is not None:
                return None
        if self._stopping.is_set():  # stop() may have looked before there was a child
            self._child.terminate()
        return self._child.wait()

    def _set_cache_aside(self) -> None:
        """A broker that dies young may have a spoiled store. It holds copies only, so it can go."""
        if self._store.exists():
            self._store.replace(self._store.with_suffix(".broken"))

    def _wait_until_accepting(self) -> None:
        host = self.endpoint().host if SERVER in self._passwords else self._bind
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and self.restarts < 3:
            try:
                socket.create_connection((host, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        told = self._log_file.read_text("utf-8", "replace").strip().splitlines()
        raise BrokerError("the broker does not start: " + (told[-1] if told else "it said nothing"))


def config_text(folder: Path, bind: str, port: int) -> str:
    """Mosquitto's configuration. The store is a convenience for devices: the server sends all state again anyway."""
    lines = [
        "allow_anonymous false",
        f"password_file {folder / 'passwords'}",
        f"acl_file {folder / 'acl'}",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 5",
        "set_tcp_nodelay true",
        f"max_queued_messages {QUEUE_LIMIT}",
        f"message_size_limit {MESSAGE_LIMIT}",
        f"max_packet_size {PACKET_LIMIT}",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "connection_messages false",
        f"listener {port} {bind}".rstrip(),
        # Belongs to the listener above: without it a device that takes another's client id throws it off.
    ]
    if os.geteuid() == 0:
        lines.insert(0, "user root")  # else it gives up its rights and cannot read this folder
    return "\n".join(lines) + "\n"


def end_orphan(pid_file: Path, config: Path) -> None:
    """End a broker that outlived its server where `setpriv` is missing: it holds the port and nobody watches it.

    A process id may have been given to another program since, so only one that runs with our configuration is ended.
    """
    try:
        pid = int(pid_file.read_text("ascii"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return
    if os.fsencode(config) not in command:
        return
    _log.warning("ending the broker %d that an earlier server left behind", pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_LIMIT
        try:
            os.kill(pid, number)
            while time.monotonic() < deadline:
                os.kill(pid, 0)
                if _is_zombie(pid):
                    return
                time.sleep(0.02)
        except ProcessLookupError:
            return


def _is_zombie(pid: int) -> bool:
    """Ended, only its parent has not asked yet; it holds no port any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _find_programs(search_path: str | None) -> list[str]:
    """The command that runs Mosquitto, and ends it when our process ends, however that happens.

    Panels that lose the broker mark what they show as old; a broker that outlived us would keep them from that.
    """
    # Debian keeps servers in /usr/sbin, which is not on every user's path.
    path = search_path or f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    found = shutil.which("mosquitto", path=path)
    if found is None:
        raise BrokerError("Mosquitto is not installed: install the package `mosquitto`, or name the site's own broker")
    leash = shutil.which("setpriv", path=path)
    return [leash, "--pdeathsig", "TERM", "--", found] if leash else [found]


def _free_port(bind: str) -> int:
    with socket.create_server((bind, 0), family=family(bind)) as found:
        port: int = found.getsockname()[1]
    return port


def _claim(bind: str, port: int) -> None:
    try:
        socket.create_server((bind, port), family=family(bind)).close()
    except OSError as error:
        cure = port_cure(error, bind, port, "--mqtt-port or MOTCUA_MQTT_PORT")
        raise BrokerError(f"the broker cannot serve on {bind or 'every address'}:{port}: {cure}") from error
