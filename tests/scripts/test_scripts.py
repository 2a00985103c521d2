"""The set-up scripts on machines where something is missing: each says what and how to cure it.

The scripts are the real ones; the machine around them is a folder of stand-ins put first on PATH.
"""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ["run", "test", "check", "setup", "lock", "soak", "sbom", "audit"]


class Machine:
    """A checkout with the real scripts and a PATH on which only chosen programs answer."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "bin"
        for path in (self.checkout / "scripts", self.programs):
            path.mkdir(parents=True)
        (self.checkout / "scripts/lib.sh").write_text((ROOT / "scripts/lib.sh").read_text())
        for name in ("requirements.lock", "requirements-test.lock", "pyproject.toml"):
            (self.checkout / name).write_text(f"# {name}\n")
        # What every Debian has and the scripts use.
        for name in ("bash", "cat", "cut", "dirname", "env", "flock", "grep", "mkdir", "rm", "sha256sum", "touch"):
            (self.programs / name).symlink_to(f"/usr/bin/{name}")
        self.answers("id", "echo 1000")
        self.answers("dpkg-query", "echo not-installed; exit 1")

    def answers(self, program: str, script: str) -> None:
        """Puts a program on PATH that runs a few lines of shell."""
        path = self.programs / program
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def run(self, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/bash", "-c", f"set -euo pipefail; . {self.checkout}/scripts/lib.sh; {code}"],
            env={"PATH": str(self.programs), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def has_python(self, name: str, version: str, venv: bool = True) -> None:
        """A stand-in for Python: knows its version, may make an environment, counts what it was asked."""
        inside = f"""
case "$*" in
    *sys.version_info*) exit {int(not "(3, 11)" <= version <= "(3, 13)")} ;;
    *ensurepip*) exit {0 if venv else 1} ;;
    "-m venv"*) /bin/mkdir -p "$3/bin"; /bin/cp "$0" "$3/bin/python"; echo venv >>{self.checkout}/asked ;;
    "-m pip"*) echo "pip $*" >>{self.checkout}/asked; exit ${{PIP_FAILS:-0}} ;;
    -V) echo "Python {version}" ;;
esac"""
        self.answers(name, inside)

    def asked(self) -> list[str]:
        """What Python was asked to do so far."""
        path = self.checkout / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_run(name: str) -> None:
    path = ROOT / "scripts" / name
    assert os.access(path, os.X_OK)
    subprocess.run(["/bin/bash", "-n", path], check=True)


def test_continuous_integration_runs_the_same_tests() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "./scripts/test" in (ROOT / ".ci/run").read_text()


def test_missing_packages_without_rights_are_named(machine: Machine) -> None:
    told = machine.run("apt_install mosquitto espeak-ng")
    assert told.returncode == 1
    assert "apt-get install mosquitto espeak-ng" in told.stderr


def test_only_missing_packages_are_installed(machine: Machine) -> None:
    machine.answers("dpkg-query", 'case "$*" in *mosquitto*) echo installed;; *) exit 1;; esac')
    machine.answers("id", "echo 0")
    machine.answers("apt-get", f'echo "$*" >>{machine.checkout}/apt')
    assert machine.run("apt_install mosquitto espeak-ng").returncode == 0
    installs = [line for line in (machine.checkout / "apt").read_text().splitlines() if "install" in line]
    assert [line.split()[-1] for line in installs] == ["espeak-ng"]
    assert "mosquitto" not in installs[0]


def test_a_renamed_library_counts(machine: Machine) -> None:
    machine.answers("dpkg-query", 'case "$*" in *libmtdev1t64*) echo installed; exit 1;; *) exit 1;; esac')
    assert machine.run("apt_install libmtdev1").returncode == 0


def test_a_failing_installation_says_what_to_do(machine: Machine) -> None:
    machine.answers("id", "echo 0")
    machine.answers("apt-get", "exit 100")
    told = machine.run("apt_install mosquitto")
    assert told.returncode == 1
    assert "could not install: mosquitto" in told.stderr


def test_another_distribution_is_told_what_it_needs(machine: Machine) -> None:
    (machine.programs / "dpkg-query").unlink()
    told = machine.run("apt_install mosquitto")
    assert told.returncode == 1
    assert "MOTCUA_NO_APT" in told.stderr


@pytest.mark.parametrize(
    ("version", "good"), [("(3, 10)", False), ("(3, 11)", True), ("(3, 13)", True), ("(3, 14)", False)]
)
def test_python_must_be_of_a_known_age(machine: Machine, version: str, good: bool) -> None:
    machine.has_python("python3.12", version)
    code = 'good_python "python3.12" && echo good || echo bad'
    assert machine.run(code).stdout.strip() == ("good" if good else "bad")


def test_a_python_that_cannot_make_environments_is_passed_over(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)", venv=False)
    machine.has_python("python3.11", "(3, 11)")
    assert machine.run("SYSTEM_PYTHON=none; find_python", PYTHON="python3.12").stdout.strip().endswith("python3.11")


def test_the_distribution_own_python_comes_before_a_newer_one_in_the_path(machine: Machine) -> None:
    machine.has_python("python3", "(3, 13)")
    machine.has_python("system/python3", "(3, 11)")
    code = f"SYSTEM_PYTHON={machine.programs}/system/python3; find_python"
    assert machine.run(code).stdout.strip() == f"{machine.programs}/system/python3"
    assert machine.run(code, PYTHON="python3").stdout.strip() == f"{machine.programs}/python3"


def test_only_the_venv_module_of_the_distribution_python_is_installed(machine: Machine) -> None:
    machine.has_python("python3", "(3, 13)")
    machine.has_python("system/python3", "(3, 11)", venv=False)
    machine.answers("id", "echo 0")
    machine.answers("apt-get", f'echo "$*" >>{machine.checkout}/apt')
    machine.run(f"SYSTEM_PYTHON={machine.programs}/system/python3; pick_python")
    assert (machine.checkout / "apt").read_text().splitlines()[-1].endswith(" python3-venv")


def test_set_up_twice_does_nothing_the_second_time(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)")
    assert machine.run("make_venv run", PYTHON="python3.12").returncode == 0
    first = machine.asked()
    assert [line.split()[0] for line in first] == ["venv", "pip", "pip"]
    assert "--require-hashes" in first[1]
    again = machine.run("make_venv run", PYTHON="python3.12")
    assert (again.returncode, again.stderr, machine.asked()) == (0, "", first)


def test_a_new_lock_is_installed_into_the_same_environment(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)")
    machine.run("make_venv run", PYTHON="python3.12")
    (machine.checkout / "requirements.lock").write_text("# newer\n")
    machine.run("make_venv run", PYTHON="python3.12")
    assert [line.split()[0] for line in machine.asked()] == ["venv", "pip", "pip", "pip", "pip"]


def test_an_environment_to_run_in_becomes_one_to_test_in_by_adding(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)")
    machine.run("make_venv run", PYTHON="python3.12")
    assert not [line for line in machine.asked() if "requirements-test.lock" in line]
    machine.run("make_venv test", PYTHON="python3.12")
    both = machine.asked()
    assert [line.split()[0] for line in both] == ["venv", "pip", "pip", "pip", "pip"]
    assert "/requirements.lock" in both[3]
    assert "/requirements-test.lock" in both[3]
    for purpose in ("run", "test"):
        again = machine.run(f"make_venv {purpose}", PYTHON="python3.12")
        assert (again.returncode, again.stderr, machine.asked()) == (0, "", both)


def test_a_new_lock_of_the_tests_leaves_an_office_alone(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)")
    machine.run("make_venv test", PYTHON="python3.12")
    first = machine.asked()
    (machine.checkout / "requirements-test.lock").write_text("# newer\n")
    machine.run("make_venv run", PYTHON="python3.12")
    assert machine.asked() == first
    machine.run("make_venv test", PYTHON="python3.12")
    assert len(machine.asked()) == len(first) + 2


def test_an_update_that_failed_half_way_is_not_taken_for_the_version_before(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)")
    lock = machine.checkout / "requirements.lock"
    machine.run("make_venv run", PYTHON="python3.12")
    before = lock.read_text()
    lock.write_text("# newer\n")
    assert machine.run("make_venv run", PYTHON="python3.12", PIP_FAILS="1").returncode == 1
    lock.write_text(before)
    asked = len(machine.asked())
    assert machine.run("make_venv run", PYTHON="python3.12").returncode == 0
    assert len(machine.asked()) == asked + 2


def test_a_purpose_that_is_none_is_refused(machine: Machine) -> None:
    told = machine.run("setup tests")
    assert told.returncode == 1
    assert "scripts/setup [run|test]" in told.stderr
    assert machine.asked() == []


def test_a_moved_checkout_gets_a_new_environment(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)")
    machine.run("make_venv run", PYTHON="python3.12")
    (machine.checkout / ".venv/.motcua-run").write_text("/somewhere/else 0123\n")
    machine.run("make_venv run", PYTHON="python3.12")
    assert [line.split()[0] for line in machine.asked()].count("venv") == 2


def test_a_failing_download_leaves_no_stamp(machine: Machine) -> None:
    machine.has_python("python3.12", "(3, 12)")
    told = machine.run("make_venv run", PYTHON="python3.12", PIP_FAILS="1")
    assert told.returncode == 1
    assert "pip could not install" in told.stderr
    assert not (machine.checkout / ".venv/.motcua-run").exists()
    assert machine.run("make_venv run", PYTHON="python3.12").returncode == 0
