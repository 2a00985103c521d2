"""What is committed works on any machine, holds nothing unfinished and goes whole into the package."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.source import ALL, PRODUCT, ROOT, python_files, told, tracked_files, tracked_texts, tree

# Written in halves, so that this file does not hold what it looks for.
REGISTRIES = re.compile("|".join(f"{a}[.]{b}" for a, b in [
    ("pypi", "org"), ("files.pythonhosted", "org"), ("registry.npmjs", "org"), ("deb.debian", "org"),
    ("security.debian", "org"), ("archive.ubuntu", "com"), ("ports.ubuntu", "com"), ("registry.yarnpkg", "com"),
    ("cdn.playwright", "dev"),
]))  # fmt: skip
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:work|tmp|root|home/[a-z]+|Users/\w+|mnt/\w+)(?=/|\b)(?![.\w-])")
UNFINISHED = re.compile(
    "|".join(f"{a}{b}" for a, b in [("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("NotImplemented", "Error")])
)


def lines_with(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in tracked_texts()
        if not suffixes or path.suffix in suffixes
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_is_named() -> None:
    found = lines_with(REGISTRIES)
    assert not found, told("each machine knows its own package registry; name none", found)


def test_no_machine_path_is_named() -> None:
    found = lines_with(MACHINE_PATHS)
    assert not found, told("this path exists on one machine only", found)


def test_nothing_is_left_unfinished() -> None:
    found = lines_with(UNFINISHED, ".py", ".kv", ".js", ".css", ".html", ".sh", ".yaml")
    assert not found, told("finish it, or file it as an issue", found)


def test_no_test_is_skipped() -> None:
    marks = {"skip", "skipif", "xfail", "importorskip"}
    found = [
        f"{path}:{node.lineno} {node.attr}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in marks
    ]
    assert not found, told("the set-up installs what a test needs; let it run", found)


def test_nothing_is_patched() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom | ast.Import)
        and any("mock" in name for name in [getattr(node, "module", "") or "", *(alias.name for alias in node.names)])
    ]
    assert not found, told("use a fake of our own or the real thing", found)


def test_python_compiles_without_warnings() -> None:
    for path in python_files(*ALL):
        compile((ROOT / path).read_text("utf-8"), str(path), "exec", dont_inherit=True)


LOCKS = {"run": ("requirements.lock",), "test": ("requirements.lock", "requirements-test.lock")}


def locked(purpose: str) -> set[str]:
    """The packages that an environment of this purpose holds."""
    lines = [line for name in LOCKS[purpose] for line in (ROOT / name).read_text("utf-8").splitlines()]
    return {line.split("==")[0] for line in lines if "==" in line}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_locks_cover_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    runs = [*project["project"]["dependencies"], *groups["build"]]
    tests = [*runs, *(line for line in groups["dev"] if isinstance(line, str))]
    for purpose, asked in (("run", runs), ("test", tests)):
        missing = {normal(re.split(r"[\[<>=]", line)[0]) for line in asked} - locked(purpose)
        assert not missing, told("run scripts/lock", sorted(missing))
    for lock in LOCKS["test"]:
        blocks = re.split(r"\n(?=\w)", (ROOT / lock).read_text("utf-8"))
        bare = [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
        assert not bare, told("run scripts/lock", bare)


def test_an_office_installs_no_test_tools() -> None:
    assert not {"hypothesis", "mypy", "playwright", "pytest", "ruff"} & locked("run")


def test_an_office_installs_whatever_its_programs_import() -> None:
    """Every import of a product package comes from itself, Python or requirements.lock."""
    homes = packages_distributions()
    own = {*PRODUCT, *sys.stdlib_module_names}
    wanted = {name: path for path in python_files(*PRODUCT) for name in imported(path) if name not in own}
    held = locked("run")
    missing = [
        f"{path}: {name}" for name, path in wanted.items() if not held & set(map(normal, homes.get(name, [name])))
    ]
    assert not missing, told("add it to [project] dependencies and run scripts/lock", sorted(missing))


def imported(path: Path) -> set[str]:
    """The topmost names that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    run = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
    wanted = {path.as_posix() for path in tracked_files() if path.parts[0] in PRODUCT}
    assert not wanted - held, told("the wheel lacks these files", sorted(wanted - held))
