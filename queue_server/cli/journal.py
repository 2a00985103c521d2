"""`motcua journal …`: is the record whole, what has it lost, where does it end, and its entries for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import _date, app
from queue_server.cli.options import AnchorOption, DataOption, DayOption, SiteOption, printer_at
from queue_server.cli.run import finish

DATA = Path("data")

journal_app = typer.Typer(help="Look after the journal, the record of everything that happened.", no_args_is_help=True)
app.add_typer(journal_app, name="journal")


@journal_app.command()
def verify(
    data: DataOption = DATA,
    anchor: AnchorOption = None,
    digest: Annotated[
        list[str] | None, typer.Option("--digest", metavar="SEQ:HASH", help="An end that was noted outside.")
    ] = None,
    digests: Annotated[
        Path | None,
        typer.Option("--digests", metavar="FILE", exists=True, dir_okay=False, help="A text with such ends, as a log."),
    ] = None,
) -> None:
    """Check the file, the chain, its noted end, and every table beside it; exit 1 on any difference."""
    from queue_server import auditing

    chosen = opt.VerifyOptions(data=data, anchor=anchor, digests=tuple(digest or ()), digest_file=digests)
    finish(auditing.verify_record, chosen)


@journal_app.command()
def losses(
    data: DataOption = DATA,
    anchor: AnchorOption = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="A person has taken note of all of them.")] = False,
) -> None:
    """List what the record has lost; exit 1 while a loss is not confirmed."""
    from queue_server import auditing

    finish(auditing.list_losses, opt.LossesOptions(data=data, anchor=anchor, confirm=confirm))


@journal_app.command()
def digest(
    data: DataOption = DATA,
    day: DayOption = None,
    site: SiteOption = None,
    printer: Annotated[
        str | None, typer.Option("--print", metavar="HOST:PORT", help="Also on paper, by this ticket printer.")
    ] = None,
) -> None:
    """Print where the record ended on a day, to be kept outside this machine."""
    from queue_server import auditing

    to = printer_at(printer, "--print")
    finish(auditing.print_digest, opt.DigestOptions(data=data, day=_date(day), site=site, printer=to))


@journal_app.command()
def export(
    data: DataOption = DATA,
    day: DayOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; without one, standard output.")] = None,
) -> None:
    """Write journal entries as JSON lines, oldest first."""
    import queue_server.main as office

    finish(office.journal_export, opt.ExportOptions(data=data, day=_date(day), out=out))
