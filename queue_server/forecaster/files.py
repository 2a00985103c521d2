"""Files of the data folder that are replaced whole."""

import json
import os
from pathlib import Path


def replace_whole(path: Path, document: object) -> None:
    """Writes beside the file and puts it in its place: a killed program leaves the old one. Raises `OSError`."""
    half = path.with_name(f"{path.name}.new")
    with half.open("w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, allow_nan=False)
        out.flush()
        os.fsync(out.fileno())
    half.replace(path)
