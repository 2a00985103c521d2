"""Which motcua this is: its version, the commit it was made from, and the shape of the journal that it writes."""

import re
from importlib import metadata
from pathlib import Path

HOME = Path(__file__).parent
SHORT = 9  # letters of a commit


def version_line() -> str:
    """As `motcua --version` prints it."""
    from queue_server.journal.schema import SCHEMA

    made_from = commit(HOME)
    facts = [*([f"commit {made_from}"] if made_from else []), f"journal schema {SCHEMA}"]
    return f"motcua {metadata.version('motcua')} ({', '.join(facts)})"


def commit(home: Path) -> str:
    """The commit of an archive, as git wrote it into `commit.txt`, else that of the checkout; empty for neither.

    A checkout is read without git, which refuses to look into one that belongs to another account.
    """
    stamp = (home / "commit.txt").read_text("ascii").strip() if (home / "commit.txt").is_file() else ""
    found = stamp if _is_commit(stamp) else _checked_out(home.parent / ".git")
    return found[:SHORT] if _is_commit(found) else ""


def _is_commit(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40,64}", text) is not None


def _checked_out(git: Path) -> str:
    try:
        if git.is_file():  # a further work tree names its folder
            git = git.parent / git.read_text("utf-8").removeprefix("gitdir:").strip()
        common = git / (git / "commondir").read_text("utf-8").strip() if (git / "commondir").is_file() else git
        head = (git / "HEAD").read_text("utf-8").strip()
        if not head.startswith("ref:"):
            return head
        name = head.removeprefix("ref:").strip()
        loose = common / name
        if loose.is_file():
            return loose.read_text("ascii").strip()
        packed = (common / "packed-refs").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")
