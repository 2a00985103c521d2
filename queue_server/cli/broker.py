"""`motcua broker`: what the site's own broker needs to know of this office."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import app
from queue_server.cli.options import DataOption, SiteOption
from queue_server.cli.run import finish

broker_app = typer.Typer(help="Users and rights at the site's own broker.", no_args_is_help=True)
app.add_typer(broker_app, name="broker")


@broker_app.command()
def files(
    data: DataOption = Path("data"),
    site: SiteOption = None,
) -> None:
    """Write users, passwords and rights of the site as it is now, and say what to copy; known users keep theirs."""
    from queue_server import site_broker

    finish(site_broker.write_files, opt.BrokerFilesOptions(data=data, site=site))


@broker_app.command()
def address(
    user: Annotated[str, typer.Argument(help="Which user: server, a kiosk, keypad-1, terminal-1, panel-1, …")],
    host: Annotated[str, typer.Option("--host", metavar="NAME", help="The broker's name, as in its certificate.")],
    data: DataOption = Path("data"),
) -> None:
    """Print a user's address of the broker with its password, for MOTCUA_MQTT."""
    from queue_server import site_broker

    finish(site_broker.print_address, opt.BrokerAddressOptions(data=data, user=user, host=host))
