"""How a person runs this program here, for the hints that name a command."""

import shlex
import shutil
import sys
from pathlib import Path

NAME = "motcua"


def program(executable: str = sys.executable, path: str | None = None) -> str:
    """`motcua` where the folders of PATH (or of `path`) hold one; else its full path, ready for a shell."""
    if shutil.which(NAME, path=path):
        return NAME
    beside = Path(executable).with_name(NAME)
    return shlex.quote(str(beside)) if beside.exists() else f"{shlex.quote(executable)} -m queue_server"
