"""`motcua keys`: ends what was made with a key, by making a new one."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import app
from queue_server.cli.options import DataOption
from queue_server.cli.run import finish

keys_app = typer.Typer(help="The keys of this office: for staff, for devices, for tickets.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")


@keys_app.command()
def rotate(
    purpose: Annotated[opt.KeyPurpose, typer.Argument(help="Whose codes are to end.")],
    data: DataOption = Path("data"),
) -> None:
    """End all codes of staff, of devices or of tickets at once; the others stay."""
    from queue_server import access

    finish(access.rotate, opt.RotateOptions(data=data, purpose=purpose))
