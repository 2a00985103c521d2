"""Runs a command and turns faults of the installation into one message.

Exit codes: 0 done; 1 ran and found or met something wrong; 2 asked wrongly (options, site file, configuration);
3 the database is damaged, so that to start again does not help.
"""

import sqlite3
from collections.abc import Callable
from typing import NoReturn, TypeVar

import typer

from queue_server import options as opt

DAMAGED = 3

Options = TypeVar("Options")


def _site_faults() -> tuple[type[Exception], ...]:
    """Faults with a list of problems. Asked for, and so imported, only when something was raised."""
    from queue_server.catalogue.loader import CatalogueError
    from queue_server.site.loader import SiteError

    return SiteError, CatalogueError


def _part_faults() -> tuple[type[Exception], ...]:
    """Faults of the parts whose text already says what to do."""
    from hardware.fonts import FontError
    from queue_server.journal.journal import JournalError
    from queue_server.messaging.broker import BrokerError

    return JournalError, BrokerError, FontError


def _damage() -> tuple[type[Exception], ...]:
    from queue_server.journal.journal import JournalDamagedError

    return (JournalDamagedError,)


def _database_fault(error: sqlite3.Error) -> Exception:
    """What a database that nobody expected to fail has to say, where a command reads it as it goes."""
    from queue_server.journal.journal import journal_error

    return journal_error(None, error)


def finish(run: Callable[[Options], int], options: Options) -> NoReturn:
    """Runs a command and leaves with its exit code; faults of the installation become a short message, not a trace."""
    try:
        code = _run(run, options)
    except _site_faults() as error:
        typer.echo("motcua: the site cannot be opened as described:", err=True)
        for problem in str(error).splitlines():
            typer.echo(f"  {problem}", err=True)
        raise typer.Exit(2) from error
    except opt.ConfigError as error:
        typer.echo(f"motcua: {error}", err=True)
        raise typer.Exit(2) from error
    except opt.MachineError as error:
        typer.echo(f"motcua: {error}", err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        typer.echo(f"motcua: {error.strerror or error}{where}", err=True)
        raise typer.Exit(1) from error
    except _damage() as error:
        typer.echo(f"motcua: {error}", err=True)
        raise typer.Exit(DAMAGED) from error
    except _part_faults() as error:
        typer.echo(f"motcua: {error}", err=True)
        raise typer.Exit(1) from error
    raise typer.Exit(code)


def _run(run: Callable[[Options], int], options: Options) -> int:
    try:
        return run(options)
    except sqlite3.Error as error:
        raise _database_fault(error) from error
