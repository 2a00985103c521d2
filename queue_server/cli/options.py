"""The options of the command line that several commands share, and those of `motcua replay`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from queue_server import options as opt
from queue_server.contract.printer import printer_address
from queue_server.syslog import Receiver, receiver

DAY = ["%Y-%m-%d"]

DataOption = Annotated[
    Path, typer.Option("--data", envvar="MOTCUA_DATA", help="Folder that holds the journal and all settings made.")
]
SiteOption = Annotated[
    Path | None,
    typer.Option(
        "--site", envvar="MOTCUA_SITE", help="Site file (YAML). Without one: the example office, always open."
    ),
]
AnchorOption = Annotated[
    Path | None,
    typer.Option(
        "--anchor",
        envvar="MOTCUA_ANCHOR",
        help="Folder where the end of the record is noted, best on another disk; without one, the data folder.",
    ),
]
SyslogOption = Annotated[
    str | None,
    typer.Option(
        "--syslog",
        envvar="MOTCUA_SYSLOG",
        metavar="HOST[:PORT]",
        help="Another machine's log for each day's end of the record (UDP); or tcp://HOST[:PORT], /dev/log.",
    ),
]
HostOption = Annotated[str, typer.Option("--host", envvar="MOTCUA_HOST", help="Address to serve on; 0.0.0.0 for all.")]
PortOption = Annotated[
    int, typer.Option("--port", envvar="MOTCUA_PORT", min=0, max=65535, help="HTTP port; 0 picks a free one.")
]
MqttPortOption = Annotated[
    int, typer.Option("--mqtt-port", envvar="MOTCUA_MQTT_PORT", min=0, max=65535, help="MQTT port; 0 picks a free one.")
]
MqttOption = Annotated[
    str | None,
    typer.Option(
        "--mqtt", envvar="MOTCUA_MQTT", metavar="URL", help="The site's own broker: mqtt[s]://user:password@host:port."
    ),
]
PrinterOption = Annotated[
    str | None,
    typer.Option(
        "--printer", envvar="MOTCUA_PRINTER", metavar="HOST:PORT", help="The ticket printer, ESC/POS over TCP."
    ),
]
DevicesPortOption = Annotated[
    int,
    typer.Option(
        "--devices-port",
        envvar="MOTCUA_DEVICES_PORT",
        min=0,
        max=65000,
        help="Port of the virtual devices' page; their printers follow it. 0 picks free ones.",
    ),
]
UrlOption = Annotated[str, typer.Option("--url", envvar="MOTCUA_URL", help="Address of the running server.")]
DayOption = Annotated[datetime | None, typer.Option("--day", formats=DAY, help="Office day.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same day.")]

FromOption = Annotated[datetime | None, typer.Option("--from", formats=DAY, help="The first day of several.")]
ToOption = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="The last day of several, included.")]
LastOption = Annotated[int | None, typer.Option("--last", min=1, help="The last so many days; 30 without a choice.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Would today's rules decide every entry as it stands?")]
JsonOption = Annotated[bool, typer.Option("--json", help="Figures for a program instead of a table.")]
LanguageOption = Annotated[opt.Language, typer.Option("--language", help="What the tables speak.")]
PolicyOption = Annotated[str | None, typer.Option("--policy", help="If calls were made by this policy.")]
OptionOption = Annotated[
    list[str] | None, typer.Option("--option", metavar="NAME=NUMBER", help="If a number of the policy were this.")
]
RatioOption = Annotated[int | None, typer.Option("--ratio", min=0, help="If so many ordinary calls went before.")]
CeilingOption = Annotated[
    float | None, typer.Option("--ceiling-multiple", min=0.1, help="If the hard bound were so many targets.")
]
OpenOption = Annotated[
    list[str] | None,
    typer.Option("--open", metavar="COUNTER@HH:MM[-HH:MM][:SERVICES]", help="If this counter had been open."),
]
WithoutOption = Annotated[
    list[str] | None, typer.Option("--without", metavar="COUNTER", help="If this counter had stayed closed.")
]
BreakOption = Annotated[
    list[str] | None,
    typer.Option("--break", metavar="COUNTER@HH:MM/MINUTES", help="If this counter had had its break then."),
]
ServicesOption = Annotated[
    list[str] | None,
    typer.Option("--services", metavar="COUNTER=SERVICES", help="If this counter had served these all day."),
]


def syslog_receiver(syslog: str | None) -> Receiver | None:
    """Where lines go; raises `typer.BadParameter` for an address that is none."""
    try:
        return receiver(syslog) if syslog else None
    except ValueError as wrong:
        raise typer.BadParameter(f"--syslog: {wrong}") from wrong


def printer_at(printer: str | None, option: str = "--printer") -> tuple[str, int] | None:
    """Host and port of a printer; raises `typer.BadParameter` for an address that is none."""
    if printer is None:
        return None
    try:
        return printer_address(printer)
    except ValueError as wrong:
        raise typer.BadParameter(f"{option}: {wrong}") from wrong


def refuse_two_ways(day: datetime | None, first: datetime | None, to: datetime | None, last: int | None) -> None:
    """Days are chosen in one way; raises `typer.BadParameter` when two meet."""
    if sum((day is not None, first is not None or to is not None, last is not None)) > 1:
        raise typer.BadParameter("choose days by --day, or by --from and --to, or by --last")
    if first is not None and to is not None and to < first:
        raise typer.BadParameter("--to is before --from")
