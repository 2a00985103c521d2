"""The server's epoch on MQTT: higher at every start, also where the machine's clock has gone back.

Devices ignore what is of a lower epoch. One taken from a clock alone that was once years ahead would silence the
office for years, so the last one is kept in the data folder.
"""

from pathlib import Path

from queue_server.logs import Log

log = Log(__name__)

FILE = "epoch"


AGES = 10**10  # an office that took over is before the one it took over from, whatever the clocks of both


def next_epoch(folder: Path, *, now: float, newest: float = 0.0, generation: int = 0) -> int:
    """The epoch of this start; durable enough when it returns. Seconds since 1970, or more where that is not higher.

    `newest`: of the journal's latest entry, for a folder of before, whose epochs came from the same clock.
    """
    path = folder / FILE
    try:
        before = int(path.read_text("ascii"))
    except FileNotFoundError:
        before = int(newest)
    except (OSError, ValueError) as error:
        log.warning("epoch-unreadable", file=path, error=str(error))
        before = int(newest)
    epoch = max(int(now) + generation * AGES, before + 1)
    try:
        part = folder / f".{FILE}.part"
        part.write_text(str(epoch), "ascii")
        part.replace(path)
    except OSError as error:
        log.warning("epoch-not-kept", file=path, error=str(error))
    return epoch
