"""Views of the running office: one object that pages, HTTP and MQTT read from."""

from dataclasses import replace
from datetime import date, datetime

from queue_server.auth import Tokens
from queue_server.catalogue.model import Catalogue
from queue_server.contract.ports import Identity
from queue_server.contract.problems import Problem, Refused
from queue_server.contract.views import BoardView, CitizenView, ConsoleView, CounterRow, ManagerView, ServiceRow
from queue_server.follower.followers import Followers
from queue_server.forecaster.link import Forecast, ForecastLink, Interval
from queue_server.office import Office
from queue_server.people.store import People
from queue_server.queue.commands import Expected, Wanted
from queue_server.queue.config import MINUTE
from queue_server.queue.duration_bands import band_of
from queue_server.queue.events import TicketIssued
from queue_server.queue.expectation import SPREAD, facts_of
from queue_server.queue.foreseen import LOOK_AHEAD, Foreseen
from queue_server.queue.matter import matter_of
from queue_server.queue.numbers import meant_by
from queue_server.queue.rules_day import numbers_in_hand
from queue_server.queue.state import Ticket
from queue_server.queue.states import TicketState
from queue_server.sessions import Sessions
from queue_server.site.model import Site
from queue_server.views import pages
from queue_server.views.clock import clock_row
from queue_server.views.manager import manager
from queue_server.views.rows import counter_rows, service_rows

PAST_DAYS = 60  # that can be chosen on a page
AFTER_ALL = "99999999"  # later than any day
_PERIODS = "select counter, status, started_at, ended_at from counter_periods where day = ?"


class OfficeSource:
    """Implements `contract.ports.Source` and `Gate` on the office in memory."""

    def __init__(
        self, office: Office, site: Site, tokens: Tokens, sessions: Sessions | None = None, people: People | None = None
    ) -> None:
        self.office = office
        self.site = site
        self.tokens = tokens
        self.sessions = sessions or Sessions(tokens)
        self.people = people or People()
        self.forecasts: ForecastLink | None = None
        self.followers: Followers | None = None
        self._by_token: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._closed: tuple[int, frozenset[str]] = (-1, frozenset())

    def remember(self, event: TicketIssued) -> None:
        """Makes the token of a new visit known."""
        if event.visit not in self._tokens:
            token = self._token_of(event.visit)
            self._tokens[event.visit] = token
            self._by_token[token] = event.visit

    def token(self, visit: str) -> str:
        """The token of a visit's page."""
        return self._tokens.get(visit) or self._token_of(visit)

    def _token_of(self, visit: str) -> str:
        known = self.office.state.visits.get(visit)  # not of an earlier day
        return self.tokens.ticket(visit, known.generation if known else "")

    def reload(self) -> None:
        """Makes the tokens of all visits of the day known, after a start or a new day."""
        self._tokens = {visit: self._token_of(visit) for visit in self.office.state.visits}
        self._by_token = {token: visit for visit, token in self._tokens.items()}

    def now(self) -> datetime:
        return self.office.now()

    def identify(self, token: str) -> Identity | None:
        return self.tokens.identify(token)

    def sign_in(self, code: str, running: str | None) -> str | None:
        return self.sessions.begin(code, self.now(), running)

    def session(self, value: str) -> Identity | None:
        return self.sessions.find(value, self.now())

    def sign_out(self, value: str) -> None:
        self.sessions.end(value)

    def catalogue(self) -> Catalogue:
        """The catalogue in force today."""
        return self.site.catalogues.catalogue_on(self.today())

    def today(self) -> date:
        """The office's local date: lists and versions change with it."""
        return self.site.local_date(self.now())

    def closed_services(self) -> frozenset[str]:
        """Services outside their hours; looked up once a minute, hours are minutes."""
        now = self.now()
        minute = int(now.timestamp() // 60)
        if self._closed[0] != minute:
            shut = frozenset(s for s in self.site.office.services if not self.site.is_open(s, now))
            self._closed = (minute, shut)
        return self._closed[1]

    def forecast(self) -> Forecast | None:
        """The forecast while it is fresh and of this office day."""
        found = None if self.forecasts is None else self.forecasts.latest(self.now())
        return found if found is not None and found.day == self.office.state.day else None

    def foreseen(self, counter: str) -> Foreseen | None:
        """Whom a counter would best call now, as the forecast has it."""
        found = self.forecast()
        return None if found is None else found.foreseen(counter, self.now())

    def resting(self) -> bool:
        """Whether the office is to look ahead and nothing does: then the index calls."""
        found = self.forecast()
        return self.office.state.policy.name == LOOK_AHEAD and (found is None or found.foresight is None)

    def newcomer(self, wish: Wanted, class_id: str) -> Interval | None:
        """Seconds that somebody who takes a number now will wait, as the forecast has it."""
        found, known = self.forecast(), self.site.office.services.get(wish.service)
        if found is None or known is None:
            return None
        band = band_of(wish.expected[0] if wish.expected else None, known.typical)
        return found.newcomer(wish.service, class_id, band)

    def expected(self, wish: Wanted) -> Expected | None:
        """How long a matter will hold its counter: as learned, else the catalogue's minutes of the procedure.

        None where neither is known: the rule then takes the site's minutes of the service.
        """
        service = self.site.office.services.get(wish.service)
        usual = service.typical / MINUTE if service else None
        try:
            minutes = self.site.procedure(wish.procedure).minutes if wish.procedure else usual
        except KeyError:
            minutes = usual
        table = self.forecasts.durations if self.forecasts else None
        if usual is None or minutes is None or (table is None and not wish.procedure):
            return None
        if table is None:
            return minutes * MINUTE, SPREAD
        told, spread = table.expected(facts_of(wish.service, wish.procedure, matter_of(wish), minutes), usual=usual)
        return told * MINUTE, spread

    def _told(self) -> dict[str, Interval]:
        """Service → the wait of an ordinary newcomer."""
        found = self.forecast()
        usual = self.site.office.default_class
        return {} if found is None else {s: ends[usual] for s, ends in found.services.items() if usual in ends}

    def zones(self) -> dict[str, dict[str, str]]:
        return dict(self.site.office.zones)

    def services(self) -> tuple[ServiceRow, ...]:
        return service_rows(self.office.state, self.now(), self.closed_services(), self._told())

    def counters(self) -> tuple[CounterRow, ...]:
        return counter_rows(self.office.state, self.people.text)

    def board(self, zone: str) -> BoardView:
        speaks = any(b.speaks for b in self.site.boards.values() if b.zone == zone)
        return pages.board(
            self.office.state, zone, self.now(), closed=self.closed_services(), speaks=speaks, told=self._told()
        )

    def console(self, counter: str) -> ConsoleView:
        return pages.console(
            self.office.state, counter, self.now(), closed=self.closed_services(), told=self._told(),
            foreseen=self.foreseen(counter), resting=self.resting(), names=self.people.text,
        )  # fmt: skip

    def citizen(self, token: str) -> CitizenView:
        visit, now, found = self.visit(token), self.now(), self.forecast()
        told: dict[str, Interval] = {}
        for ticket in self.office.state.visits[visit].tickets if found else ():
            ends = found.left(ticket, now) if found else None
            told |= {ticket: ends} if ends is not None else {}
        return pages.citizen(self.office.state, visit, now, told)

    def manager(self) -> ManagerView:
        now = self.now()
        view = manager(self.office.state, now, self.site.targets, self._periods(now), self.people.text)
        view = replace(view, clock=clock_row(self.office.clock.read()))
        view = view if self.followers is None else replace(view, follower=self.followers.row())
        found = self.forecast()
        if found is None:
            return replace(view, resting=self.resting())
        return replace(
            view,
            resting=self.resting(),
            forecast_at=found.at,
            risks=found.risks,
            advice=tuple(move.row for move in found.moves),
            effects=found.effects,
            accuracy=found.accuracy,
        )

    def past_days(self) -> tuple[str, ...]:
        """The newest office days (YYYYMMDD) that have ended, newest first."""
        state = self.office.state
        running = state.config is not None and not state.closed
        return tuple(self.office.journal.last_days(PAST_DAYS, state.day if running else AFTER_ALL))

    def procedure_name(self, procedure: str) -> dict[str, str] | None:
        known = self.catalogue().procedures.get(procedure)
        return None if known is None else dict(known.name)

    def visit(self, token: str) -> str:
        """The visit that a ticket token opens; refused with `ticket-unknown`."""
        visit = self._by_token.get(token)
        if visit is None or visit not in self.office.state.visits:  # of an earlier day
            raise Refused(Problem.TICKET_UNKNOWN, "this address is not, or no longer, known")
        return visit

    def find_ticket(self, text: str) -> Ticket:
        """A ticket by its id or by its number as people write it: C002, c2, "C-002", or 2 where only one is meant.

        Of a visit with several tickets it is the one that is not over yet.
        """
        state = self.office.state
        if text in state.tickets:
            return state.tickets[text]
        numbers = meant_by(text, state.numbers)
        if not numbers:
            leased = bool(meant_by(text, numbers_in_hand(state)))
            raise Refused(Problem.NUMBER_NOT_HANDED_IN if leased else Problem.TICKET_UNKNOWN, text)
        meant = [min((state.tickets[i] for i in state.visits[state.numbers[n]].tickets), key=_over) for n in numbers]
        here = [ticket for ticket in meant if not _over(ticket)[0]] or meant
        if len(here) > 1:
            raise Refused(Problem.NUMBER_AMBIGUOUS, ", ".join(sorted(ticket.number for ticket in here)))
        return here[0]

    def _periods(self, now: datetime) -> dict[str, dict[str, float]]:
        spent: dict[str, dict[str, float]] = {}
        for row in self.office.journal.rows(_PERIODS, (self.office.state.day,)):
            ended = datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else now
            seconds = (ended - datetime.fromisoformat(row["started_at"])).total_seconds()
            of_counter = spent.setdefault(row["counter"], {})
            of_counter[row["status"]] = of_counter.get(row["status"], 0.0) + seconds
        return spent


def _over(ticket: Ticket) -> tuple[bool, int]:
    """Tickets that are over stand last; a missed one may still come back."""
    return ticket.ended_at is not None and ticket.state is not TicketState.MISSED, ticket.order
