"""The second machine: follows the office entry by entry, and opens it when the first one is gone."""

import shutil
from pathlib import Path
from typing import Any

from tests.storm.adapter import COPY, RAISE_GENERATION
from tests.storm.adapter_site import first_folder

ADDRESS = "10.0.0.2"


class FollowerMachine:
    """Its record, and how it comes. Only where the product knows a second machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(first_folder(), folder)
        self._copy = COPY(folder)
        self._copy.open()
        self._asking = False

    async def pull(self, program: Any) -> None:
        """Asks for what is new and writes it down, as `motcua follow` does; one question at a time."""
        if self._asking or self._copy is None:
            return
        self._asking = True
        try:
            answer = await program.followers.after(self._copy.end, "", ADDRESS)
            if self._copy is not None:
                self._copy.append(answer["columns"], answer["entries"])
        finally:
            self._asking = False

    def take_over(self) -> None:
        """The office is this machine's from now on, in a new generation."""
        self.close()
        RAISE_GENERATION(self.folder, "take-over")

    def close(self) -> None:
        """Lets go of the files."""
        if self._copy is not None:
            self._copy.close()
        self._copy = None
