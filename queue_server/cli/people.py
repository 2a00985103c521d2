"""`motcua people`: the data of persons, listed and erased."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import app
from queue_server.cli.options import DataOption
from queue_server.cli.run import finish

people_app = typer.Typer(help="Names of officers and what they wrote: list it, erase it.", no_args_is_help=True)
app.add_typer(people_app, name="people")


@people_app.command("list")
def list_people(data: DataOption = Path("data")) -> None:
    """List every name and note with its id in the journal."""
    from queue_server.people import desk

    finish(desk.list_people, opt.PeopleOptions(data=data))


@people_app.command()
def erase(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="As in the list: officer:12, note:7.")],
    data: DataOption = Path("data"),
) -> None:
    """Erase names or notes for good; the journal keeps their ids, and the server may run on."""
    from queue_server.people import desk

    finish(desk.erase, opt.EraseOptions(data=data, ids=tuple(ids)))
