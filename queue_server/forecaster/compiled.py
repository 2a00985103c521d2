"""Where the compiled loops of the forecasts are kept, so that they are compiled once and not at every start."""

import os
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
FOLDER = "compiled"  # in the data folder; made anew when it is missing


def keep_compiled(data: Path) -> None:
    """Tells this process and its children to keep them in the data folder where they cannot lie beside the code.

    To be called before anything compiled is imported.
    """
    beside_the_code = all(os.access(folder, os.W_OK) for folder in Path(__file__).parents[1].glob("forecas*"))
    if VARIABLE not in os.environ and not beside_the_code:
        os.environ[VARIABLE] = str(data.absolute() / FOLDER)
