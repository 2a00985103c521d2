"""`motcua token`: access codes."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import app
from queue_server.cli.options import DataOption, SiteOption
from queue_server.cli.run import finish


@app.command()
def token(
    context: typer.Context,
    role: Annotated[opt.Role, typer.Argument(help="Whom the token speaks for.")],
    counter: Annotated[
        str | None, typer.Option("--counter", help="The counter it may work, as people write it: q3, 3, 'Quầy 3'.")
    ] = None,
    kiosk_id: Annotated[str | None, typer.Option("--kiosk", help="The kiosk it belongs to.")] = None,
    data: DataOption = Path("data"),
    site: SiteOption = None,
) -> None:
    """Print a bearer token; works while the server runs or before."""
    from queue_server import access

    source = context.get_parameter_source("data")
    chosen = source is not None and source.name != "DEFAULT"
    finish(
        access.token,
        opt.TokenOptions(data=data, role=role, counter=counter, kiosk=kiosk_id, site=site, chosen=chosen),
    )
