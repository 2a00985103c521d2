"""The command line `motcua`: options, help and exit codes. Everything heavy is imported by the command that needs it.

Exit codes stand in `run.py`. A command of its own file registers itself: the file makes a typer command on `app`, and
its name is added to the imports at the end.
"""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.cli import options as past
from queue_server.cli.options import (
    AnchorOption,
    DataOption,
    DayOption,
    DevicesPortOption,
    HostOption,
    MqttOption,
    MqttPortOption,
    PortOption,
    PrinterOption,
    SeedOption,
    SiteOption,
    SyslogOption,
    UrlOption,
    printer_at,
    syslog_receiver,
)
from queue_server.cli.run import finish

app = typer.Typer(
    name="motcua",
    help="Queues, kiosks and boards for a one-stop public-service shop.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DATA = Path("data")
URL = f"http://127.0.0.1:{opt.HTTP_PORT}"


def _version(wanted: bool) -> None:
    if wanted:
        from queue_server.version import version_line

        typer.echo(version_line())
        raise typer.Exit


@app.callback()
def motcua(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show version, commit and journal schema."),
    ] = False,
) -> None:
    """Queues, kiosks and boards for a one-stop public-service shop."""


@app.command()
def up(
    data: DataOption = DATA,
    site: SiteOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = opt.HTTP_PORT,
    mqtt_port: MqttPortOption = opt.MQTT_PORT,
    kiosk: Annotated[bool, typer.Option("--kiosk/--no-kiosk", help="A kiosk window where a screen exists.")] = True,
    hardware: Annotated[bool, typer.Option("--hardware/--no-hardware", help="Virtual devices.")] = True,
    devices_port: DevicesPortOption = 0,
    speed: Annotated[
        float,
        typer.Option(
            "--speed", min=1, max=100, help="Office seconds a second: a demonstration, in a new folder of its own."
        ),
    ] = 1.0,
) -> None:
    """Open the whole office on this machine: broker, server, pages, devices, kiosk."""
    import queue_server.main as office

    finish(
        office.up,
        opt.UpOptions(
            data=data,
            site=site,
            host=host,
            port=port,
            mqtt_port=mqtt_port,
            kiosk=kiosk,
            hardware=hardware,
            devices_port=devices_port,
            speed=speed,
        ),
    )


@app.command()
def server(
    data: DataOption = DATA,
    site: SiteOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = opt.HTTP_PORT,
    mqtt_port: MqttPortOption = opt.MQTT_PORT,
    mqtt: MqttOption = None,
    anchor: AnchorOption = None,
    syslog: SyslogOption = None,
) -> None:
    """Run the queue server and its pages; its own broker, or the site's with --mqtt."""
    import queue_server.main as office

    finish(
        office.server,
        opt.ServerOptions(
            data=data,
            site=site,
            host=host,
            port=port,
            mqtt_port=mqtt_port,
            mqtt_url=mqtt,
            anchor=anchor,
            syslog=syslog_receiver(syslog),
        ),
    )


@app.command()
def kiosk(
    url: Annotated[
        str, typer.Option("--url", envvar="MOTCUA_URL", help="Address of the server; of two machines with a comma.")
    ] = URL,
    kiosk_id: Annotated[
        str | None,
        typer.Option(
            "--kiosk", envvar="MOTCUA_KIOSK", help="Which kiosk of the site file this is; the first without one."
        ),
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", envvar="MOTCUA_TOKEN", help="From: motcua token kiosk --kiosk ID.")
    ] = None,
    data: DataOption = DATA,
    site: SiteOption = None,
    printer: PrinterOption = None,
    mqtt: MqttOption = None,
    window: Annotated[
        str | None, typer.Option("--window", metavar="WxH", help="A window of this size instead of the full screen.")
    ] = None,
) -> None:
    """Show a kiosk on this machine's screen."""
    size = _size(window)
    import queue_server.main as office

    finish(
        office.kiosk,
        opt.KioskOptions(
            url=url,
            kiosk=kiosk_id,
            token=token,
            data=data,
            site=site,
            printer=printer_at(printer),
            mqtt_url=mqtt,
            fullscreen=size is None,
            size=size,
        ),
    )


@app.command()
def board(
    url: UrlOption = URL,
    zone: Annotated[str | None, typer.Option("--zone", help="Whose calls to show; the first zone without one.")] = None,
) -> None:
    """Show a hall board on this machine's screen, in a browser without borders."""
    import queue_server.main as office

    finish(office.board, opt.BoardOptions(url=url, zone=zone))


@app.command()
def hardware(
    data: DataOption = DATA,
    site: SiteOption = None,
    mqtt: MqttOption = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Virtual printers, keypads and panels.")] = False,
    printer: PrinterOption = None,
    device: Annotated[
        str | None,
        typer.Option("--device", envvar="MOTCUA_DEVICE", help="The printer's name on the broker; else the user's."),
    ] = None,
    devices_port: DevicesPortOption = 0,
) -> None:
    """Watch over a real printer and report its faults, or run virtual devices."""
    import queue_server.main as office

    finish(
        office.hardware,
        opt.HardwareOptions(
            data=data,
            site=site,
            mqtt_url=mqtt,
            simulated=simulated,
            printer=printer_at(printer),
            device=device,
            devices_port=devices_port,
        ),
    )


@app.command()
def simulate(
    data: DataOption = DATA,
    site: SiteOption = None,
    speed: Annotated[
        float | None,
        typer.Option("--speed", min=0.1, help="Office seconds a second; without one, as the office's clock runs."),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help=f"Address of the running server; without one, {URL}.")
    ] = None,
    seed: SeedOption = 1,
    offline: Annotated[bool, typer.Option("--offline", help="No server: a virtual clock, a day in seconds.")] = False,
    day: DayOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the day's journal here (with --offline).")] = None,
) -> None:
    """Play a day of citizens and officers against a running server, or offline."""
    if offline and url:
        raise typer.BadParameter("--offline plays without a server; leave out --url")
    if out and not offline:
        raise typer.BadParameter("--out belongs to --offline; a server keeps its own journal")
    import queue_server.main as office

    finish(
        office.simulate,
        opt.SimulateOptions(
            data=data,
            site=site,
            speed=speed,
            url=None if offline else url or URL,
            seed=seed,
            offline=offline,
            day=_date(day),
            out=out,
        ),
    )


@app.command()
def forecast(
    what: Annotated[
        opt.Ahead, typer.Argument(help="A day to come, or how good the told waits of past days were.")
    ] = opt.Ahead.DAY,
    data: DataOption = DATA,
    site: SiteOption = None,
    day: DayOption = None,
    service: Annotated[str | None, typer.Option("--service", help="One service only.")] = None,
    seed: SeedOption = 1,
) -> None:
    """Print who is expected on a day, the counters it needs and the waits; or the scores of past days."""
    import queue_server.main as office

    finish(
        office.forecast,
        opt.ForecastOptions(
            data=data, site=site, day=_date(day), service=service, seed=seed, score=what is opt.Ahead.SCORE
        ),
    )


@app.command()
def replay(
    data: DataOption = DATA,
    day: DayOption = None,
    first: past.FromOption = None,
    to: past.ToOption = None,
    last: past.LastOption = None,
    check: past.CheckOption = False,
    policy: past.PolicyOption = None,
    option: past.OptionOption = None,
    ratio: past.RatioOption = None,
    ceiling_multiple: past.CeilingOption = None,
    opened: past.OpenOption = None,
    without: past.WithoutOption = None,
    breaks: past.BreakOption = None,
    services: past.ServicesOption = None,
    as_json: past.JsonOption = False,
    language: past.LanguageOption = opt.Language.EN,
) -> None:
    """Replay past days as they were, or as they would have been with a change."""
    past.refuse_two_ways(day, first, to, last)
    import queue_server.main as office

    finish(
        office.replay,
        opt.ReplayOptions(
            data=data,
            day=_date(day),
            first=_date(first),
            to=_date(to),
            last=last,
            check=check,
            json=as_json,
            language=language,
            policy=policy,
            option=tuple(option or ()),
            ratio=ratio,
            ceiling_multiple=ceiling_multiple,
            opened=tuple(opened or ()),
            without=tuple(without or ()),
            breaks=tuple(breaks or ()),
            services=tuple(services or ()),
        ),
    )


@app.command()
def backup(
    target: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="File to write; in a folder, one named by the office's date and time."),
    ],
    data: DataOption = DATA,
    site: SiteOption = None,
    also: Annotated[
        list[Path] | None,
        typer.Option("--also", metavar="FILE", exists=True, dir_okay=False, help="Another file, as a certificate."),
    ] = None,
    thin: Annotated[
        bool, typer.Option("--thin", help="Then keep of older ones 14 daily, 8 weekly, 24 monthly, one a year.")
    ] = False,
    anchor: AnchorOption = None,
) -> None:
    """Copy everything to one file; the server may run on."""
    import queue_server.main as office

    chosen = opt.BackupOptions(data=data, target=target, site=site, also=tuple(also or ()), thin=thin, anchor=anchor)
    finish(office.backup, chosen)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A file from backup.")],
    data: DataOption = DATA,
) -> None:
    """Unpack a backup into an empty data folder."""
    import queue_server.main as office

    finish(office.restore, opt.RestoreOptions(data=data, source=source))


def _date(given: datetime | None) -> date | None:
    return given.date() if given else None


def _size(window: str | None) -> tuple[int, int] | None:
    if window is None:
        return None
    match = re.fullmatch(r"(\d{3,5})x(\d{3,5})", window)
    if match is None:
        raise typer.BadParameter(f"--window takes WIDTHxHEIGHT in pixels, such as 540x960, not {window!r}")
    return int(match[1]), int(match[2])


def main() -> None:
    """The console script."""
    app()


from queue_server.cli import broker, clock, follow, journal, keys, people, site_file, tokens  # noqa: E402, F401  a command registers itself on `app`
