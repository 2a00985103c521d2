"""`motcua site`: looks at a site file before the office stands on it."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import app
from queue_server.cli.options import SiteOption
from queue_server.cli.run import finish

site_app = typer.Typer(help="The site file: which office this is.", no_args_is_help=True)
app.add_typer(site_app, name="site")


@site_app.command()
def check(
    site: SiteOption = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", envvar="MOTCUA_DATA", help="Data folder: also say what waits for tomorrow."),
    ] = None,
) -> None:
    """Say line by line what is wrong with a site file, and what of it waits for tomorrow; exit 2 when wrong."""
    from queue_server import site_check

    finish(site_check.check, opt.SiteCheckOptions(site=site, against=against))
