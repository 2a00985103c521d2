"""Who may import what: one door per library, and `queue_server.contract` as the only way into the server."""

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.architecture.source import PRODUCT, ROOT, imports, python_files, told, under

# library → the files that may import it
DOORS = {
    "paho": ("queue_server/kit/mqtt.py",),
    "sqlite_utils": ("queue_server/journal/*.py", "queue_server/*/store.py"),
    "fastapi": ("queue_server/http/*.py", "queue_server/*/routes.py", "queue_server/main.py", "display/web.py"),
    "kivy": ("kiosk/app.py", "kiosk/screens/*.py", "kiosk/widgets/*.py"),
    "typer": ("queue_server/cli/*.py",),
    "serial": ("hardware/drivers/*.py",),
    "numba": ("queue_server/forecasting/*.py",),
}

# package → what it may import of the other packages of this project
NEIGHBOURS = {
    "kiosk": ("kiosk", "hardware", "queue_server.contract", "queue_server.kit.mqtt", "queue_server.spoken"),
    "hardware": ("hardware", "queue_server.contract", "queue_server.kit.mqtt"),
    "display": ("display", "queue_server.contract", "queue_server.spoken"),
    "queue_server.spoken": ("queue_server.spoken",),
    "queue_server.contract": ("queue_server.contract",),
    "queue_server.kit": ("queue_server.kit", "queue_server.contract"),
    "queue_server.forecasting": ("queue_server.forecasting", "queue_server.queue", "queue_server.contract.problems"),
    "queue_server.queue": ("queue_server.queue", "queue_server.contract.problems"),
}

# What the rules of the office day may use of Python itself: values, no world.
PURE_STDLIB = {
    "__future__", "abc", "bisect", "collections", "copy", "dataclasses", "datetime", "enum", "functools", "hashlib",
    "heapq", "itertools", "json", "math", "operator", "re", "statistics", "string", "types", "typing", "uuid",
    "zoneinfo",
}  # fmt: skip


def matches(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(str(path), pattern) for pattern in patterns)


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library: str) -> None:
    intruders = [
        f"{path}:{line} imports {name}"
        for path in python_files(*PRODUCT)
        if not matches(path, DOORS[library])
        for line, name in imports(path)
        if under(name, library)
    ]
    assert not intruders, told(f"import {library} only in {', '.join(DOORS[library])}", intruders)


@pytest.mark.parametrize("package", NEIGHBOURS)
def test_a_package_knows_only_its_neighbours(package: str) -> None:
    strangers = [
        f"{path}:{line} imports {name}"
        for path in python_files(package.replace(".", "/"))
        for line, name in imports(path)
        if any(under(name, ours) for ours in PRODUCT)
        and not any(under(name, allowed) for allowed in NEIGHBOURS[package])
    ]
    assert not strangers, told(f"{package} may import only {', '.join(NEIGHBOURS[package])}", strangers)


def test_only_the_command_line_imports_the_composition_root() -> None:
    others = [
        f"{path}:{line}"
        for path in python_files(*PRODUCT)
        if str(path) != "queue_server/whole.py" and path.parent.name != "cli"
        for line, name in imports(path)
        if under(name, "queue_server.main")
    ]
    assert not others, told("take what you need as an argument; main.py hands it in", others)


def test_imports_are_absolute() -> None:
    relative = [f"{path}:{line}" for path in python_files(*PRODUCT) for line, name in imports(path) if "None." in name]
    assert not relative, told("write the whole name of the module", relative)


def test_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def modules_of(name: str) -> list[str]:
    """A module, or a package with every module in it; nothing when neither exists."""
    inside = ROOT / name.replace(".", "/")
    if inside.with_suffix(".py").exists():
        return [name]
    return [f"{name}.{file.stem}" for file in sorted(inside.glob("*.py")) if file.stem != "__init__"]


@pytest.mark.parametrize("module", ["queue_server.contract", "queue_server.queue", "kiosk.flow"])
def test_a_light_module_stays_light(module: str) -> None:
    names = modules_of(module)
    assert names, f"{module} does not exist"
    code = f"import sys, {', '.join(names)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr
    assert {"fastapi", "kivy", "paho", "sqlite_utils", "numpy"} & set(loaded.stdout.split()) == set()


def test_the_office_day_uses_values_only() -> None:
    worldly = [
        f"{path}:{line} imports {name}"
        for path in python_files("queue_server/queue")
        for line, name in imports(path)
        if not any(under(name, ours) for ours in PRODUCT) and name.split(".")[0] not in PURE_STDLIB
    ]
    assert not worldly, told("the rules of the office day need no such module", worldly)


# Names to import that differ from the names to install.
INSTALLED_AS = {
    "PIL": "pillow",
    "paho": "paho-mqtt",
    "yaml": "pyyaml",
    "starlette": "fastapi",
    "markupsafe": "jinja2",
    "uvloop": "uvicorn",
}


def test_every_import_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]}
    undeclared = [
        f"{path}:{line} imports {name}"
        for path in python_files(*PRODUCT)
        for line, name in imports(path)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names
        and top not in PRODUCT
        and INSTALLED_AS.get(top, top.replace("_", "-")) not in declared
    ]
    assert not undeclared, told("add the package to pyproject.toml and run scripts/lock, or do without", undeclared)
