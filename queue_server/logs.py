"""Logs: one line an event on standard error, `event key=value …`, no personal data."""

import logging
import sys


class Log:
    """A logger whose calls take an event's name and its facts."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)

    def add(self, handler: logging.Handler) -> None:
        """Its lines also go there."""
        self._log.addHandler(handler)

    def remove(self, handler: logging.Handler) -> None:
        self._log.removeHandler(handler)

    def info(self, event: str, **facts: object) -> None:
        self._log.info(_line(event, facts))

    def warning(self, event: str, **facts: object) -> None:
        self._log.warning(_line(event, facts))

    def error(self, event: str, **facts: object) -> None:
        self._log.error(_line(event, facts))

    def exception(self, event: str, **facts: object) -> None:
        """Also the traceback of the exception in hand."""
        self._log.exception(_line(event, facts))


def _line(event: str, facts: dict[str, object]) -> str:
    return " ".join([event, *(f"{name}={_quoted(str(value))}" for name, value in facts.items())])


def _quoted(text: str) -> str:
    """A value on one line; quoted when it holds spaces, so that lines can be taken apart again."""
    plain = text.replace("\n", "\\n").replace("\r", "\\r").replace('"', "'")
    return f'"{plain}"' if " " in plain or not plain else plain


def configure_logs(level: int = logging.INFO) -> None:
    """Every program calls this once, at its start."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("queue_server").setLevel(level)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_worth_saying)


def _worth_saying(record: logging.LogRecord) -> bool:
    """Kivy tells its whole start at level info, whatever its logger is set to."""
    return record.levelno >= logging.WARNING or not record.name.startswith("kivy")
