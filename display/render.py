"""Pages and their regions as HTML. A region is one `<section data-region>` that a page replaces as a whole."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from display import assets, charts, formats, texts
from display.words import LANGUAGES, pick, translations
from queue_server.contract.views import TicketRow

View = Any  # a view row of queue_server.contract.views; its page knows which


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One page as one group of people sees it: its kind, what it shows, in which language."""

    kind: str
    key: str
    language: str

    def __str__(self) -> str:
        return f"page:{self.kind}:{self.key}:{self.language}"


REGIONS: dict[str, tuple[str, ...]] = {
    "board": ("notice", "calls", "services", "foot"),
    "console": ("desk", "work", "next", "queue", "aside", "choices"),
    "manager": (
        "outlook",
        "advice",
        "totals",
        "faults",
        "effects",
        "accuracy",
        "targets",
        "hours",
        "services",
        "counters",
    ),
    "citizen": ("ticket",),
}
REMEMBERED = 5000


@cache
def environment(language: str, zone: str = formats.ZONE) -> Environment:
    """Jinja2 with escaping always on, the texts of one language, times of one zone and our ways of writing figures."""
    made = Environment(
        loader=PackageLoader("display"),
        autoescape=True,
        auto_reload=False,  # an update of the checkout must not mix its pages with the program that runs
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        clock=partial(formats.clock, zone=zone),
        day=partial(formats.day, zone=zone),
        moment=partial(formats.moment, zone=zone),
        whole=formats.whole,
        share=formats.share,
        span=formats.span,
        outward=formats.outward,
        tenths=formats.tenths,
        short_day=formats.short_day,
        past_day=partial(_past_day, language),
        counter_list=formats.counter_list,
        latest_calls=formats.latest_calls,
        standing=formats.standing,
        is_day_before=formats.is_day_before,
        busiest=formats.busiest,
        words=partial(pick, language=language),
        decimal=partial(formats.decimal, language=language),
        counter=partial(formats.counter_name, language=language),
    )
    made.globals.update(lang=language, zone=zone, static=f"/static/{assets.version()}", charts=charts)
    for said in (texts.back_words, texts.sent_words, texts.closing_words, texts.transfer_words):
        made.globals[said.__name__] = partial(said, language=language)
    made.globals["waiting_row"] = _remembered_rows(made, language)
    return made


def prepare(zone: str = formats.ZONE) -> None:
    """Takes all pages and static files into memory, so that an update of the checkout changes no running program."""
    assets.version()
    for language in LANGUAGES:
        made = environment(language, zone)
        for name in made.list_templates():
            made.get_template(name)


def _past_day(language: str, day: str) -> str:
    """A journal day, written YYYYMMDD, with the day of the week that people remember it by."""
    names = texts.weekdays(language)
    return f"{names[date.fromisoformat(day).weekday()][1]} {formats.long_day(day)}"


def _remembered_rows(made: Environment, language: str) -> Callable[[TicketRow, bool], Markup]:
    """Rows of waiting people. A long line is most of a console's page, and of its rows only the minutes change."""
    known: dict[tuple[object, ...], Markup] = {}

    def row(ticket: TicketRow, busy: bool) -> Markup:
        names = pick(ticket.service_name, language), pick(ticket.class_name, language)
        minutes = formats.whole(ticket.waited)
        told = (minutes, ticket.due_at, ticket.over_target, ticket.priority, ticket.claimed, ticket.note)
        back = ticket.back_label, pick(ticket.back_service or {}, language)
        key = (ticket.id, ticket.class_id, *told, ticket.provisional, *back, busy, *names)
        if key not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            html = made.get_template("console/row.html").render(ticket=ticket, busy=busy)
            known[key] = Markup(html)  # noqa: S704 - rendered with escaping
        return known[key]

    return row


def regions(channel: Channel, view: View, extra: Mapping[str, Any], zone: str = formats.ZONE) -> dict[str, str]:
    """Every region of a page, each with a hash that tells the browser whether it changed."""
    made = environment(channel.language, zone)
    shown = {}
    for name in REGIONS[channel.kind]:
        inner = made.get_template(f"{channel.kind}/{name}.html").render(view=view, **extra)
        mark = hashlib.blake2b(inner.encode(), digest_size=6).hexdigest()
        shown[name] = f'<section data-region="{name}" data-hash="{mark}" class="{name}">{inner}</section>'
    return shown


def page(
    template: str,
    language: str,
    *,
    zone: str = formats.ZONE,
    speed: float = 1.0,
    shown: Mapping[str, str] | None = None,
    **context: Any,
) -> str:
    """A whole page; `shown` are its regions, rendered before. `speed`: of the office's clock."""
    safe = {name: Markup(html) for name, html in (shown or {}).items()}  # noqa: S704 - our own rendered regions
    around = {"regions": safe, "version": assets.version(), "speed": f"{speed:g}", **context}
    return environment(language, zone).get_template(template).render(around)
