"""`motcua clock`: the office's clock and the machine's."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import URL, app
from queue_server.cli.options import DataOption, SiteOption, UrlOption
from queue_server.cli.run import finish


@app.command()
def clock(
    data: DataOption = Path("data"),
    url: UrlOption = URL,
    site: SiteOption = None,
    take: Annotated[
        bool, typer.Option("--take", help="Confirm: the machine's clock is right, the office goes by it now.")
    ] = False,
) -> None:
    """Show the office's clock beside the machine's, and how far they differ; exit 1 when somebody must decide."""
    from queue_server import clock_command

    finish(clock_command.run, opt.ClockOptions(data=data, url=url, site=site, take=take))
