"""Every unit of docs/deploy is started as documented, with its environment file as systemd would read it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from queue_server.cli import app
from tests.acceptance.program import wait_for
from tests.conftest import Broker
from tests.kiosk.standin import TOKEN, running
from tests.scripts.units import DEPLOY, MOTCUA, Place, environment_file, read_unit

UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))
OFFICE = [name for name in UNITS if MOTCUA in (DEPLOY / name).read_text()]
ENVIRONMENTS = sorted(path.name for path in DEPLOY.glob("*.env"))
EXPOSURE = {"motcua-kiosk.service": 6.0}  # it drives a screen and a sound card
LIMIT = 60


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A machine with the example office described in /etc/motcua."""
    place = Place(tmp_path)
    site = place.at("/etc/motcua/site.yaml")
    site.parent.mkdir(parents=True)
    shutil.copy("queue_server/site/example.yaml", site)
    return place


@contextmanager
def started(place: Place, name: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A unit's program, until the end of the block; `more` stands in for what this machine has not."""
    unit = read_unit(name)
    place.folders(unit)
    words = place.words(unit)
    words = words[words.index("-m") - 1 : words.index("--") if "--" in words else None]  # without the X server
    said = (place.folder / f"{name}.log").open("w")
    command = subprocess.Popen(
        words, cwd="/", env=place.environment(unit) | more, stdout=subprocess.PIPE, stderr=said, text=True
    )
    with said, command as child:
        try:
            yield child
        finally:
            child.kill()


def first_line(child: subprocess.Popen[str], place: Place, name: str) -> str:
    assert child.stdout is not None
    line = child.stdout.readline().strip()
    assert line, (place.folder / f"{name}.log").read_text()
    return line


def stopped(child: subprocess.Popen[str]) -> int:
    child.send_signal(signal.SIGTERM)
    return child.wait(LIMIT)


def server_at(place: Place, free_ports: Callable[[int], list[int]]) -> int:
    port, mqtt = free_ports(2)
    place.copied("server.env", "/etc/motcua/server.env", MOTCUA_PORT=str(port), MOTCUA_MQTT_PORT=str(mqtt))
    return port


def test_the_server_is_watched_and_backed_up(place: Place, free_ports: Callable[[int], list[int]]) -> None:
    port = server_at(place, free_ports)
    with started(place, "motcua-server.service") as child:
        assert first_line(child, place, "motcua-server.service") == f"ready http://127.0.0.1:{port}"
        assert watchdog(place, active=True) == []
        unit = read_unit("motcua-backup.service")
        place.folders(unit)
        subprocess.run(place.words(unit, "ExecStart"), cwd="/", env=place.environment(unit), check=True, timeout=LIMIT)
        assert stopped(child) == 0
    made = list(place.at("/var/lib/motcua-backup").iterdir())
    assert [bool(re.fullmatch(r"\d{4}-\d\d-\d\d-\d{4}\.tar\.gz", path.name)) for path in made] == [True]
    assert watchdog(place, active=True) == ["restart motcua-server"]
    assert watchdog(place, active=False) == []
    expected = ["reset-failed motcua-server", "start --no-block motcua-server"]
    assert watchdog(place, active=False, result="start-limit-hit") == expected


def test_a_second_machine_follows_and_takes_over(
    place: Place, tmp_path: Path, free_ports: Callable[[int], list[int]]
) -> None:
    port, second = server_at(place, free_ports), Place(tmp_path / "second")
    with started(place, "motcua-server.service") as child:
        first_line(child, place, "motcua-server.service")
        token = motcua(place, "token", "follower")
        of = f"http://127.0.0.1:{port}"
        second.copied("follow.env", "/etc/motcua/follow.env", MOTCUA_OF=of, MOTCUA_TOKEN=token)
        with started(second, "motcua-follow.service") as follower:
            assert first_line(follower, second, "motcua-follow.service").startswith(f"ready following {of}")
            assert stopped(follower) == 0
        assert stopped(child) == 0
    assert second.at("/var/lib/motcua/outside/site.yaml").is_file()
    here, mqtt = free_ports(2)
    second.copied(
        "server.env",
        "/etc/motcua/server.env",
        MOTCUA_SITE="/var/lib/motcua/outside/site.yaml",
        MOTCUA_PORT=str(here),
        MOTCUA_MQTT_PORT=str(mqtt),
    )
    assert motcua(second, "take-over", "--no-start").startswith("taken over from")
    with started(second, "motcua-server.service") as child:
        assert first_line(child, second, "motcua-server.service") == f"ready http://127.0.0.1:{here}"
        assert stopped(child) == 0


def test_a_token_that_is_refused_ends_the_following_for_good(
    place: Place, tmp_path: Path, free_ports: Callable[[int], list[int]]
) -> None:
    port, second = server_at(place, free_ports), Place(tmp_path / "second")
    second.copied("follow.env", "/etc/motcua/follow.env", MOTCUA_OF=f"http://127.0.0.1:{port}", MOTCUA_TOKEN="wrong")
    with started(place, "motcua-server.service") as child:
        first_line(child, place, "motcua-server.service")
        with started(second, "motcua-follow.service") as follower:
            code = follower.wait(LIMIT)
    assert str(code) in read_unit("motcua-follow.service").one("RestartPreventExitStatus").split()


def motcua(place: Place, *words: str) -> str:
    """What `sudo motcua …` prints: the server's settings, as docs/deploy/motcua reads them."""
    unit = read_unit("motcua-server.service")
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", *words],
        cwd="/",
        env=place.environment(unit),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    return done.stdout.strip()


def watchdog(place: Place, *, active: bool, result: str = "success") -> list[str]:
    """What the watchdog tells systemd, of which this machine has none: a program that answers as it would."""
    programs, told = place.folder / "programs", place.folder / "told"
    programs.mkdir(exist_ok=True)
    told.write_text("")
    systemctl = programs / "systemctl"
    systemctl.write_text(
        f'#!/bin/sh\ncase "$1" in\nshow) echo {result};;\nis-active) exit {int(not active)};;\n'
        f'*) echo "$*" >>{told};;\nesac\n'
    )
    systemctl.chmod(0o755)
    unit = read_unit("motcua-watchdog.service")
    environment = place.environment(unit)
    environment |= {"PATH": f"{programs}:{environment['PATH']}", "MOTCUA_WATCHDOG_PAUSE": "0"}
    subprocess.run(place.words(unit), env=environment, check=True, timeout=LIMIT)
    return told.read_text().splitlines()


def test_the_devices_start(place: Place, mosquitto: Broker, free_port: int) -> None:
    place.copied(
        "hardware.env",
        "/etc/motcua/hardware.env",
        MOTCUA_PRINTER=f"127.0.0.1:{free_port}",
        MOTCUA_MQTT=f"mqtt://{mosquitto.username}:{mosquitto.password}@{mosquitto.host}:{mosquitto.port}",
    )
    with started(place, "motcua-hardware.service") as child:
        assert first_line(child, place, "motcua-hardware.service").startswith("ready")
        assert stopped(child) == 0


def test_the_kiosk_starts(place: Place) -> None:
    with running() as standin:
        place.copied("kiosk.env", "/etc/motcua/kiosk.env", MOTCUA_URL=standin.url, MOTCUA_TOKEN=TOKEN)
        screen = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy", "HOME": str(place.folder)}
        with started(place, "motcua-kiosk.service", **screen) as child:
            assert first_line(child, place, "motcua-kiosk.service") == "kiosk ready"
            wait_for(lambda: ("GET", "/api/v1/kiosks/kiosk-1") in standin.calls, "the kiosk asks the server")
            assert stopped(child) == 0
    assert list(place.at("/var/lib/motcua-kiosk").rglob("spool-kiosk-1.db"))


def test_a_wrong_site_file_ends_a_start_for_good(place: Place, free_ports: Callable[[int], list[int]]) -> None:
    server_at(place, free_ports)
    place.at("/etc/motcua/site.yaml").write_text("site: [\n")
    with started(place, "motcua-server.service") as child:
        code = child.wait(LIMIT)
    assert str(code) in read_unit("motcua-server.service").one("RestartPreventExitStatus").split()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_file_sets_what_it_seems_to_set(name: str) -> None:
    """Also what stands behind a `#`, for a technician will take that away."""
    text = (DEPLOY / name).read_text()
    every = re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.MULTILINE)
    assert [value for value in environment_file(every).values() if re.search(r"[\s#\"']", value)] == []


def variables(command: Any) -> set[str]:
    return {str(each) for option in command.params for each in [option.envvar] if each}


@pytest.mark.parametrize("name", OFFICE)
def test_a_unit_starts_a_command_that_knows_its_variables(name: str) -> None:
    """Nothing in an environment file is without effect, but for what the server's serves two more units."""
    group: Any = get_command(app)
    unit = read_unit(name)
    words = unit.command()
    command = group.commands[words[words.index(MOTCUA) + 1]]
    server = variables(group.commands["server"])
    for file in unit.settings["EnvironmentFile"]:
        text = re.sub(r"^#(?=[A-Z_]+=)", "", (DEPLOY / Path(file).name).read_text(), flags=re.MULTILINE)
        known = server if file.endswith("server.env") else variables(command)
        assert environment_file(text).keys() <= known


def test_systemd_keeps_what_stands_behind_a_value() -> None:
    text = 'A=1   # kept\n# no\n;no\n  B = two words \nC="in quotes"\nD=\\$x\\\\\nE=a\\\n  b\nF=\n'
    expected = {"A": "1   # kept", "B": "two words", "C": "in quotes", "D": "$x\\", "E": "a  b", "F": ""}
    assert environment_file(text) == expected


def test_every_program_has_an_account_of_its_own() -> None:
    users = [read_unit(f"motcua-{name}.service").one("User") for name in ("server", "hardware", "kiosk")]
    assert len({*users, "", "root"}) == len(users) + 2


@pytest.mark.parametrize("name", [f"motcua-{each}.service" for each in ("server", "hardware", "kiosk", "follow")])
def test_a_program_that_stays_is_started_again_within_limits(name: str) -> None:
    unit = read_unit(name)
    assert unit.one("Restart") == "always"
    assert unit.one("RestartPreventExitStatus") == "2 3" or "xinit" in unit.one("ExecStart")  # its end is X's
    assert int(unit.one("StartLimitBurst")) > 0
    assert unit.one("StartLimitIntervalSec") not in ("", "0")


def test_a_server_may_hold_many_connections() -> None:
    assert int(read_unit("motcua-server.service").one("LimitNOFILE")) >= 65_536


def test_the_server_may_reach_another_machines_log_in_each_of_its_ways() -> None:
    families = read_unit("motcua-server.service").one("RestrictAddressFamilies").split()
    assert {"AF_UNIX", "AF_INET", "AF_INET6"} <= set(families)


def test_a_failed_backup_is_told() -> None:
    assert read_unit(read_unit("motcua-backup.service").one("OnFailure")).command()[0] == "/usr/bin/logger"


def test_backups_keep_the_office_s_hour_wherever_the_machine_stands() -> None:
    assert read_unit("motcua-backup.timer").one("OnCalendar").endswith(" Asia/Ho_Chi_Minh")


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_gives_away_little(name: str) -> None:
    """`systemd-analyze security`, 0 (nothing) to 10 (everything)."""
    program = shutil.which("systemd-analyze")
    assert program, "systemd is missing: run scripts/setup test"
    told = subprocess.run(
        [program, "security", "--offline=true", "--no-pager", DEPLOY / name],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SYSTEMD_COLORS": "0", "LANG": "C.UTF-8"},
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) <= EXPOSURE.get(name, 3.0)
