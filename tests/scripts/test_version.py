"""`motcua --version` names the commit, in a checkout and in an archive without git."""

import io
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from queue_server.version import commit

ROOT = Path(__file__).parents[2]


def git(folder: Path, *words: str) -> str:
    name = ["-c", "user.name=t", "-c", "user.email=t@example.vn"]
    return subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with our stamp and one commit."""
    home = tmp_path / "checkout"
    (home / "queue_server").mkdir(parents=True)
    for name in (".gitattributes", "queue_server/commit.txt"):
        (home / name).write_bytes((ROOT / name).read_bytes())
    git(home, "init", "-q")
    git(home, "add", ".")
    git(home, "commit", "-qm", "one")
    return home


def test_a_checkout_names_its_commit(checkout: Path) -> None:
    full = git(checkout, "rev-parse", "HEAD")
    assert commit(checkout / "queue_server") == full[:9]
    git(checkout, "pack-refs", "--all")
    assert commit(checkout / "queue_server") == full[:9]
    git(checkout, "checkout", "-q", "--detach")
    assert commit(checkout / "queue_server") == full[:9]
    git(checkout, "worktree", "add", "-q", "../second")
    assert commit(checkout.parent / "second/queue_server") == full[:9]


def test_an_archive_names_its_commit(checkout: Path, tmp_path: Path) -> None:
    made = subprocess.run(["git", "archive", "HEAD"], cwd=checkout, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        text = archive.extractfile("queue_server/commit.txt")
        assert text is not None
        (tmp_path / "queue_server").mkdir()
        (tmp_path / "queue_server/commit.txt").write_bytes(text.read())
    assert commit(tmp_path / "queue_server") == git(checkout, "rev-parse", "HEAD")[:9]


def test_a_folder_of_neither_kind_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == ""


def test_the_command_says_version_commit_and_schema() -> None:
    command = [sys.executable, "-m", "queue_server", "--version"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert re.fullmatch(r"motcua \d+\.\d+\.\d+ \((commit [0-9a-f]{9}, )?journal schema \d+\)\n", told.stdout)
