"""A Debian of its own with systemd, in a container: built from packages, booted, used through a person with sudo."""

import os
import shutil
import subprocess
import time
from pathlib import Path

SUITE = "bookworm"
BASE = "systemd,systemd-sysv,dbus,sudo,adduser,procps,ca-certificates,iproute2,libpam-systemd"
PERSON = "technician"
PROGRAMS = ("debootstrap", "systemd-nspawn", "nsenter")
BOOT_LIMIT = 60.0
OWN_AUTHORITIES = Path("usr/local/share/ca-certificates")


class Machine:
    """`build`, `boot`, `run`, `stop`. It shares the network of this machine and the package sources of its pip."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._log = folder / "boot.log"
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0

    def build(self) -> None:
        """A minimal Debian with systemd; raises `CalledProcessError`."""
        command = ["debootstrap", "--variant=minbase", f"--include={BASE}", SUITE, str(self.root)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.write("etc/sudoers.d/person", f"{PERSON} ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
        subprocess.run(["chroot", self.root, "useradd", "-m", "-s", "/bin/bash", PERSON], check=True)
        for own in (Path("/") / OWN_AUTHORITIES).glob("*.crt"):
            shutil.copy(own, self.root / OWN_AUTHORITIES)
        subprocess.run(["chroot", self.root, "update-ca-certificates"], check=True, capture_output=True)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file of the machine."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def boot(self) -> None:
        """Returns when systemd is up; raises `TimeoutError` with what it said."""
        settings = _pip_settings()
        lines = [f"{key} = {value}" for key, value in settings.items()]
        self.write("etc/pip.conf", "\n".join(["[global]", *lines, ""]))
        shared = sorted({word for value in settings.values() for word in _paths(value)})
        command = ["systemd-nspawn", "--quiet", "-D", str(self.root), "--boot", "--register=no", "--keep-unit"]
        command += [
            "--hostname=office",
            "--resolv-conf=copy-host",
            "--console=pipe",
            *(f"--bind-ro={path}" for path in shared),
        ]
        with self._log.open("wb") as log:
            environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        end = time.monotonic() + BOOT_LIMIT
        while time.monotonic() < end:
            self._pid = self._pid or _systemd_below(self._child.pid)
            if self._pid and self.run("systemctl is-system-running", user="root").stdout.strip() in {
                "running", "degraded",
            }:  # fmt: skip
                return
            time.sleep(0.5)
        raise TimeoutError(f"the machine does not come up: {self._log.read_text()[-2000:]}")

    def run(self, script: str, *, user: str = PERSON, timeout: float = 1800) -> subprocess.CompletedProcess[str]:
        """A script as that person, who is careful: nobody else reads what they make."""
        inside = ["nsenter", "-t", str(self._pid), "-m", "-u", "-i", "-p", "-C", "env", "-i", "LANG=C.UTF-8"]
        inside += ["/usr/sbin/runuser", "-l", user, "-s", "/bin/bash", "-c", f"set -euo pipefail; umask 077; {script}"]
        return subprocess.run(
            inside, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )

    def stop(self) -> None:
        """Powers it off."""
        if self._child is None:
            return
        if self._pid:
            self.run("systemctl --no-block poweroff", user="root")
        else:
            self._child.terminate()
        try:
            self._child.wait(60)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(10)


def missing_programs() -> list[str]:
    """Programs without which no machine can be built here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _systemd_below(pid: int) -> int:
    """The first process of the container: a systemd below the program that started it."""
    for child in _children(pid):
        if (Path("/proc") / str(child) / "comm").read_text().strip() == "systemd":
            return child
        if found := _systemd_below(child):
            return found
    return 0


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _pip_settings() -> dict[str, str]:
    """Where this machine's pip finds packages, so that the new machine finds them too."""
    told = subprocess.run(["python3", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    settings = {}
    for line in told.stdout.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        if key in {"index-url", "extra-index-url", "find-links", "constraint", "cert", "trusted-host", "no-index"}:
            settings[key] = value.strip("'")
    return settings


def _paths(value: str) -> list[str]:
    """The files and folders of this machine that a setting names, but for the authorities, which are copied.

    Beside an index lie the files that it names.
    """
    words = [str(Path(word[7:]).parent) if word.startswith("file://") else word for word in value.split()]
    return [word for word in words if word.startswith("/") and not word.startswith("/etc/ssl") and Path(word).exists()]
