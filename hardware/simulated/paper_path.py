"""The paper of the virtual printer: a roll that gets shorter, and the slips that come out as PNG files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

ROW_BYTES: Final = 72
ROWS_PER_MM: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A piece of paper that came out; `whole` is false for one torn, cleared or joined to another."""

    number: int
    path: Path
    millimetres: float
    whole: bool


class PaperPath:
    """Rows gather on the paper until they are cut off; the last `keep` pictures stay in the folder."""

    def __init__(self, folder: Path, *, keep: int = 200, on_slip: Callable[[Slip], None]) -> None:
        self._folder = folder
        self._keep = keep
        self._on_slip = on_slip
        self._rows: list[bytes] = []
        self._whole = True
        self._next_number = 1

    def load(self) -> None:
        """Make the folder ready and go on counting where it ended."""
        self._folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(path.stem.split("-")[1]) for path in self._folder.glob("ticket-??????*.png")]
        self._next_number = max(numbers, default=0) + 1

    def add(self, rows: list[bytes]) -> None:
        """Put printed rows on the paper."""
        self._rows += rows

    def spoil(self) -> None:
        """A new job begins: what is already on the paper cannot be whole; on bare paper it starts clean."""
        self._whole = not self._rows

    def tear(self) -> None:
        """The paper ended: the piece so far is out, and what follows is only its rest."""
        self._whole = False
        self._put_out()

    def cut(self) -> None:
        """Cut off what is on the paper."""
        self._put_out()
        self._whole = True

    def _put_out(self) -> None:
        rows, self._rows = self._rows, []
        if not any(any(row) for row in rows):
            return
        number, self._next_number = self._next_number, self._next_number + 1
        name = f"ticket-{number:06d}{'' if self._whole else '-torn'}.png"
        slip = Slip(number=number, path=self._folder / name, millimetres=len(rows) / ROWS_PER_MM, whole=self._whole)
        picture = ImageOps.invert(Image.frombytes("1", (ROW_BYTES * 8, len(rows)), b"".join(rows)).convert("L"))
        _save(picture.convert("1"), slip.path)
        _save(picture.convert("1"), self._folder / "last.png")
        for old in sorted(self._folder.glob("ticket-??????*.png"))[: -self._keep]:
            old.unlink(missing_ok=True)
        self._on_slip(slip)


def _save(picture: Image.Image, path: Path) -> None:
    """Whole or not at all, because others read the file while we write."""
    draft = path.with_suffix(".part")
    picture.save(draft, format="PNG")
    draft.replace(path)
