"""An office by the book: docs/operations.md, block by block, on a Debian with systemd, by a person with sudo.

One container stands for server and kiosk machine; the kiosk has no panel, so its screen is drawn off screen.
"""

import json
import platform
import re
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.scripts.manual import Block, blocks
from tests.soak.campaign import Campaign, Findings, Options
from tests.soak.machine import Machine, missing_programs

ROOT = Path(__file__).parents[2]
NAME = "queue.example.vn"
REPOSITORY = "/srv/motcua.git"
FILES = 65_536
NOW, NEXT = "book-now", "book-next"
READY_LIMIT = 240.0  # seconds; the loops of the forecaster are compiled once
SCREENLESS = """\
[Unit]
Conflicts=
[Service]
ExecStart=
ExecStart=/opt/motcua/.venv/bin/motcua kiosk
TTYPath=
StandardInput=null
Environment=SDL_VIDEODRIVER=offscreen SDL_AUDIODRIVER=dummy
"""


class DisagreementError(Exception):
    """The page and the machine disagree."""


class Reader:
    """Follows the page on a machine and remembers what blocks gave."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.words = {"ADDRESS": REPOSITORY, "VERSION": NEXT}
        self.numbers: list[str] = []

    def follow(self, block: Block) -> None:
        """Runs a block with its words filled in; raises `DisagreementError` with what it said."""
        if block.note == "goes back":
            self.words["VERSION"] = NOW
        text = block.text
        for word, meaning in self.words.items():
            text = text.replace(f"={word}", f"={meaning}").replace(f" {word}", f" {meaning}")
        done = self.machine.run(text)
        if done.returncode != 0:
            raise DisagreementError(
                f"operations.md:{block.line}: exit {done.returncode}: {(done.stdout + done.stderr)[-1500:]}"
            )
        if block.gives:
            self.words[block.gives] = done.stdout.strip().splitlines()[-1]

    def asks(self, script: str) -> str:
        """What the machine answers to a person with sudo."""
        done = self.machine.run(script)
        if done.returncode != 0:
            raise DisagreementError(f"{script}: exit {done.returncode}: {(done.stdout + done.stderr)[-800:]}")
        return done.stdout.strip()

    def expect(self, script: str, answer: str) -> None:
        if (found := self.asks(script)) != answer:
            raise DisagreementError(f"{script}: {found[:500]!r} instead of {answer!r}")

    def wait(self, script: str, wanted: Callable[[str], bool], what: str) -> str:
        end, found = time.monotonic() + READY_LIMIT, ""
        while time.monotonic() < end:
            found = self.machine.run(script).stdout.strip()
            if wanted(found):
                return found
            time.sleep(1.0)
        raise DisagreementError(f"{what}: {found[-800:]!r}")


def after_install(reader: Reader) -> None:
    """A service account that can read what it needs and nobody else can read its secrets; every part works."""
    reader.expect("stat -c '%a %U %G' /etc/motcua/server.env", "640 root motcua")
    reader.expect("stat -c '%a %U %G' /var/lib/motcua", "700 motcua motcua")
    reader.expect("sudo find /var/lib/motcua ! -user motcua", "")
    reader.expect("sudo find /var/lib/motcua -type f -perm /077", "")
    reader.expect("stat -c %U /proc/$(systemctl show -p MainPID --value motcua-server)", "motcua")
    granted = min(FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])  # no container gets more than its host has
    limits = reader.asks("sudo cat /proc/$(systemctl show -p MainPID --value motcua-server)/limits")
    if not re.search(rf"Max open files +{granted} ", limits):
        raise DisagreementError(f"the server may not hold {granted} files: {limits}")
    all_parts_work(reader)


def all_parts_work(reader: Reader) -> None:
    def well(text: str) -> bool:
        try:
            return all(part == "ok" for part in json.loads(text)["parts"].values())
        except (ValueError, KeyError):
            return False

    reader.wait("curl -s http://localhost:8080/readyz", well, "a part of the office does not work")


def after_broker(reader: Reader) -> None:
    """The server speaks over TLS to the site's own broker; the devices' program is connected; strangers are refused."""
    all_parts_work(reader)
    reader.wait("systemctl is-active motcua-hardware", lambda text: text == "active", "the devices' program ended")
    log = "sudo journalctl -u motcua-hardware -o cat --no-pager"
    reader.wait(log, lambda text: "ready" in text, "the devices' program is not ready")
    guess = f"mosquitto_sub -h {NAME} -p 8883 --cafile ca.crt -u server -P guess -t x -C 1 -W 5"
    if reader.machine.run(f"sudo apt-get -qq install -y mosquitto-clients >/dev/null; {guess}").returncode == 0:
        raise DisagreementError("a wrong password is let in")


def after_https(reader: Reader) -> None:
    """TLS, HSTS, no old protocol, a stream that flows."""
    head = reader.asks(f"curl -fsS -D - -o /dev/null https://{NAME}/").lower()
    if not head.startswith("http/2") or "strict-transport-security" not in head:
        raise DisagreementError(f"no HTTP/2 or no HSTS: {head[:300]}")
    if reader.machine.run(f"curl -fsS --tls-max 1.1 https://{NAME}/healthz").returncode == 0:
        raise DisagreementError("TLS 1.1 is spoken")
    listen = f"curl -sN --max-time 20 https://{NAME}/board/a/stream"
    stream = reader.machine.run(f"set +o pipefail; {listen} | head -c 1 | wc -c")
    if stream.stdout.strip() != "1":
        raise DisagreementError(f"the stream does not flow: {stream.stderr[-300:]}")


def before_kiosk_starts(reader: Reader) -> None:
    reader.machine.write("etc/systemd/system/motcua-kiosk.service.d/screenless.conf", SCREENLESS)
    reader.asks("sudo systemctl daemon-reload")


def after_kiosk(reader: Reader) -> None:
    """The kiosk reaches the office over HTTPS with its own authority, and gives numbers."""
    log = "sudo journalctl -u motcua-kiosk -o cat --no-pager"
    reader.wait(log, lambda text: "kiosk ready" in text, "the kiosk does not start")
    cache = "sudo find /var/lib/motcua-kiosk -name 'cache-kiosk-1.json' | wc -l"
    reader.wait(
        cache, lambda text: text == "1", f"the kiosk has heard nothing of its office: {reader.asks(log)[-600:]}"
    )
    reader.expect("ps -o user= -C Xorg || true", "")
    take_number(reader)


def take_number(reader: Reader) -> None:
    token = reader.words["TOKEN"]
    body = '{"service": "ho_tich"}'
    call = f"curl -fsS -H 'Authorization: Bearer {token}' -H 'Idempotency-Key: book-{len(reader.numbers)}'"
    told = reader.asks(f"{call} -H 'Content-Type: application/json' -d '{body}' https://{NAME}/api/v1/tickets")
    reader.numbers.append(str(json.loads(told)["number"]))


def after_restore(reader: Reader) -> None:
    """What was given before the backup is there; the record is whole; the units' other half still works."""
    all_parts_work(reader)
    if "ok" not in reader.asks("sudo motcua journal verify"):
        raise DisagreementError("the record is not whole after the restore")
    number = reader.numbers[-1]
    shown = reader.asks("sudo motcua journal export")
    if number not in shown:
        raise DisagreementError(f"number {number} is lost by the restore")


def after_versions(reader: Reader) -> None:
    """The program is the one that was chosen, and the office works with it."""
    commit = reader.asks(f"sudo git -C /opt/motcua rev-parse {reader.words['VERSION']}")[:9]
    if commit not in reader.asks("sudo motcua --version"):
        raise DisagreementError(f"the program does not say that it is {commit}")
    all_parts_work(reader)
    if "ok" not in reader.asks("sudo motcua journal verify"):
        raise DisagreementError("the record is not whole after the change of versions")


def a_slip_closes_nothing(reader: Reader) -> None:
    """A broken site file is told beforehand, and a restart with it waits for a person instead of starting for ever."""
    site = "/etc/motcua/site.yaml"
    reader.asks(f"sudo cp -p {site} {site}.good && echo 'slip: 1' | sudo tee -a {site}")
    if reader.machine.run("sudo motcua site check").returncode != 2:
        raise DisagreementError("motcua site check lets a slip pass")
    reader.machine.run("sudo systemctl restart motcua-server")
    state = "systemctl show -p ExecMainStatus -p NRestarts -p ActiveState --value motcua-server | xargs"
    reader.wait(state, lambda text: text.split()[-1:] != ["activating"] and "failed" in text, "it does not wait")
    reader.asks(f"sudo mv {site}.good {site} && sudo systemctl start motcua-server")
    all_parts_work(reader)


AFTER: dict[int, Callable[[Reader], None]] = {
    1: after_install, 3: after_broker, 4: after_https, 5: after_kiosk, 7: after_restore, 9: after_versions,
}  # fmt: skip


def run(options: Options) -> Findings:
    """The page from its first block to its last."""
    if missing := missing_programs():
        told = f"missing here: {', '.join(missing)}; as root: apt-get install debootstrap systemd-container"
        return Findings(figures={}, failures=(told,))
    machine, followed = Machine(options.folder), 0
    page = [block for block in blocks() if block.machines not in ((), ("second",))]
    try:
        machine.build()
        _put_repository(machine)
        hosts = machine.root / "etc/hosts"
        hosts.write_text(f"127.0.0.1 localhost office {platform.node()} {NAME}\n")
        machine.boot()
        reader = Reader(machine)
        for block, following in zip(page, [*page[1:], None], strict=True):
            if "enable --now motcua-kiosk" in block.text:
                before_kiosk_starts(reader)
            reader.follow(block)
            followed += 1
            ends = following is None or following.chapter != block.chapter or block.note == "makes a release"
            if ends and block.chapter in AFTER:
                AFTER[block.chapter](reader)
        a_slip_closes_nothing(reader)
    except (DisagreementError, TimeoutError, subprocess.CalledProcessError) as error:
        return Findings(figures={"blocks": followed}, failures=(str(error),))
    finally:
        machine.stop()
    return Findings(figures={"blocks": followed, "numbers": len(reader.numbers)})


def _put_repository(machine: Machine) -> None:
    """This checkout as the repository that the page clones, with a release that comes after it."""
    bare, work = machine.root / REPOSITORY.lstrip("/"), machine.root / "srv/work"
    git = ["git", "-c", "user.name=book", "-c", "user.email=book@example.vn", "-c", "safe.directory=*"]
    for command in (
        ["clone", "-q", "--bare", ROOT, bare],
        ["clone", "-q", bare, work],
        ["-C", work, "tag", NOW],
        ["-C", work, "commit", "-q", "--allow-empty", "-m", "The release after"],
        ["-C", work, "tag", NEXT],
        ["-C", work, "push", "-q", "origin", NOW, NEXT],
    ):
        subprocess.run([*git, *map(str, command)], check=True, capture_output=True)


CAMPAIGN = Campaign(
    name="book",
    shows="docs/operations.md, block by block, on a Debian with systemd: install, TLS, kiosk, restore, update, back",
    run=run,
)
