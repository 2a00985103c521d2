"""`motcua follow` and `motcua take-over`: a second machine for the office."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import app
from queue_server.cli.options import (
    AnchorOption,
    DataOption,
    HostOption,
    MqttOption,
    MqttPortOption,
    PortOption,
    SiteOption,
)
from queue_server.cli.run import finish

DATA = Path("data")


@app.command()
def follow(
    of: Annotated[str, typer.Option("--of", envvar="MOTCUA_OF", metavar="URL", help="Address of the office.")],
    data: DataOption = DATA,
    token: Annotated[
        str | None, typer.Option("--token", envvar="MOTCUA_TOKEN", help="From: motcua token follower, on its machine.")
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            envvar="MOTCUA_ADDRESS",
            metavar="URL",
            help="Where this machine serves after a take-over; without one, its own address and port 8080.",
        ),
    ] = None,
) -> None:
    """Keep an office's record and files on this second machine, to within a second."""
    from queue_server.follower import program

    finish(program.run, opt.FollowOptions(of=of, data=data, token=token, address=address))


@app.command("take-over")
def take_over(
    data: DataOption = DATA,
    site: SiteOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = opt.HTTP_PORT,
    mqtt_port: MqttPortOption = opt.MQTT_PORT,
    mqtt: MqttOption = None,
    anchor: AnchorOption = None,
    start: Annotated[
        bool, typer.Option("--start/--no-start", help="Serve at once, or only say how to start the server.")
    ] = True,
) -> None:
    """Open the office here, because the machine that this one followed is dead."""
    import queue_server.main as office

    finish(
        office.take_over,
        opt.TakeOverOptions(
            data=data,
            site=site,
            host=host,
            port=port,
            mqtt_port=mqtt_port,
            mqtt_url=mqtt,
            anchor=anchor,
            start=start,
        ),
    )
