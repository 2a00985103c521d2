"""An office in memory, made of real view rows: the pages' source, gate and the calls that their buttons make."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from queue_server.contract.follower import FollowerRow
from queue_server.contract.ports import Identity
from queue_server.contract.problems import Problem, Refused
from queue_server.contract.sending import SentRow, TransferRow, WarningRow
from queue_server.contract.views import (
    AccuracyRow,
    AdviceRow,
    BoardView,
    CallRow,
    CitizenView,
    ConsoleView,
    CounterFigures,
    CounterRow,
    CourtesyRow,
    EffectRow,
    HelpRow,
    HourFigures,
    ManagerView,
    NextRow,
    RiskRow,
    ServiceFigures,
    ServiceRow,
    TargetRow,
    TicketRow,
    Wait,
)

UNIT = {"vi": "Trung tâm Phục vụ hành chính công phường Tân Lợi", "en": "Tân Lợi Ward Public Service Centre"}
ZONES = {"a": {"vi": "Khu A", "en": "Area A"}, "b": {"vi": "Khu B", "en": "Area B"}}
PLAN = "Kế hoạch 7201/KH-UBND ngày 02/8/2021"
TOKEN = "kH3vPq0sT1uWx2Yz3Ab4Cd"
MONDAY = datetime(2026, 11, 23, 2, 41, tzinfo=UTC)  # 09:41 in the office


def words(vi: str, en: str = "") -> dict[str, str]:
    return {"vi": vi, "en": en or vi}


BIRTHS, COPIES = words("Hộ tịch", "Births, marriages, deaths"), words("Chứng thực", "Certified copies")
ORDINARY, ELDERLY = words("Thông thường", "Ordinary"), words("Người cao tuổi (từ 60 tuổi trở lên)", "Elderly")
NO_NOTE = words("")


def a_service(ident: str = "ho_tich", **changes: Any) -> ServiceRow:
    row = ServiceRow(
        id=ident, name=BIRTHS, prefix="A", zone="a", waiting=4, wait=Wait(low=8, likely=10, high=14),
        counters=("1", "3"), state="open",
    )  # fmt: skip
    return replace(row, **changes)


def a_counter(ident: str = "q3", **changes: Any) -> CounterRow:
    row = CounterRow(
        id=ident, label=ident.removeprefix("q"), zone="a", name=words(f"Quầy {ident[1:]}", f"Counter {ident[1:]}"),
        status="open", officer="Cán bộ quầy 3", services=("ho_tich",), number=None, doing="idle", since=None, served=7,
    )  # fmt: skip
    return replace(row, **changes)


def a_call(number: str = "A012", **changes: Any) -> CallRow:
    row = CallRow(
        id=f"20261123-{number}-1", number=number, counter="q3", counter_label="3", zone="a", called_at=MONDAY, time=1,
        serving=False, priority=False, language="vi",
    )  # fmt: skip
    return replace(row, **changes)


def a_ticket(number: str = "A012", **changes: Any) -> TicketRow:
    row = TicketRow(
        id=f"20261123-{number}", number=number, service="ho_tich", service_name=BIRTHS, class_id="walk_in",
        class_name=ORDINARY, priority=False, state="waiting", waited=6.4, handled=None,
        taken_at=MONDAY - timedelta(minutes=6), called_at=None, counter_label=None, procedure=None, calls=0, note="",
        over_target=False,
    )  # fmt: skip
    return replace(row, **changes)


def a_target(ident: str, year: int, minutes: float, **changes: Any) -> TargetRow:
    row = TargetRow(
        id=ident, year=year, minutes=minutes, unit=words("phút chờ trung bình mỗi lần đến", "minutes per visit, mean"),
        source=f"{PLAN}, mục I.2.b", quote=f"trung bình còn tối đa {minutes:g} phút/01 lần đến giao dịch", kind="wait",
        direction="max", chosen=False, value=9.2, met=minutes >= 9.2, note=NO_NOTE,
    )  # fmt: skip
    return replace(row, **changes)


def a_phone(**changes: Any) -> CitizenView:
    view = CitizenView(
        as_of=MONDAY, number="A012", unit_name=UNIT, service_name=BIRTHS, class_name=ORDINARY, state="waiting",
        people_ahead=4, wait=Wait(low=8, likely=10, high=14), counters=("1", "3"), counter_label=None,
        taken_at=MONDAY - timedelta(minutes=6), called_at=None, language="vi", can=("postpone", "cancel"),
    )  # fmt: skip
    return replace(view, **changes)


def a_risk(scope: str = "hour", **changes: Any) -> RiskRow:
    row = RiskRow(
        scope=scope, level="amber", probability=0.62, mean=16.2, low=13.4, high=20.6, target=15, cause="counter",
        text=words(
            "Quầy 4 đang vắng trong khi người chờ chứng thực tăng.",
            "Counter 4 is away while more people come for certified copies.",
        ),
    )  # fmt: skip
    return replace(row, **changes)


def a_move(ident: str = "mo-q4", **changes: Any) -> AdviceRow:
    row = AdviceRow(
        id=ident, kind="open", text=words("Mở thêm quầy 4", "Open counter 4"),
        effect=words(
            "Bớt khoảng 140 phút chờ của mọi người cộng lại (từ 90 đến 190), cần 1,5 giờ cán bộ.",
            "Saves about 140 minutes of waiting, all people together (90 to 190), takes 1.5 officer-hours.",
        ),
        saved=140, low=90, high=190, per_hour=93,
    )  # fmt: skip
    return replace(row, **changes)


def an_effect(**changes: Any) -> EffectRow:
    row = EffectRow(
        at=MONDAY - timedelta(minutes=95), text=words("Dời giờ nghỉ của quầy 2 muộn hơn 30 phút", "Break moved"),
        actual=11.0, without=16.0,
        verdict=words(
            "Đã giúp: 24 lượt khách đến trong giờ sau đó chờ trung bình 11 phút, nếu không làm dự báo là 16 phút.",
            "It helped: the 24 visitors of the hour after waited 11 minutes on average.",
        ),
    )  # fmt: skip
    return replace(row, **changes)


def an_accuracy(day: str = "20261122", **changes: Any) -> AccuracyRow:
    row = AccuracyRow(day=day, tickets=212, inside=0.81, mean_error=4.0, predictor="simulation")
    return replace(row, **changes)


TARGETS = (
    a_target("w22", 2022, 30, note=words("Văn bản ghi hai mức cho năm này.", "Two values for this year.")),
    a_target("w22x", 2022, 20, source=f"{PLAN}, phụ lục II.3", note=words("Văn bản ghi hai mức cho năm này.", "Two.")),
    a_target("w25", 2025, 15, source=f"{PLAN}, mục I.2.c", quote="tối đa 15 phút/01 lượt giao dịch", chosen=True),
    a_target(
        "h25", 2025, 30, kind="handling", source=f"{PLAN}, mục I.2.c", value=12.5, chosen=True,
        unit=words("phút tại quầy mỗi hồ sơ", "minutes at the counter"),
        quote="thời gian tiếp nhận, xử lý hồ sơ tối thiểu 30 phút/01 hồ sơ vào năm 2025",
    ),
)  # fmt: skip
TOKENS = {
    "t-officer": Identity(role="officer", subject="lan"),
    "t-officer-3": Identity(role="officer", counter="q3", subject="minh"),
    "t-manager": Identity(role="manager"),
    "t-admin": Identity(role="admin"),
    "t-auditor": Identity(role="auditor"),
    "t-kiosk": Identity(role="kiosk", kiosk="k1"),
}


class Office:
    """Implements `Source` and `Gate`. Tests change its fields and tell the display that something changed."""

    def __init__(self) -> None:
        self.at: datetime | None = MONDAY
        self.unit = UNIT
        self.open = True
        self.looks = 0
        self.mean: float | None = 9.2
        self.calls: list[CallRow] = []
        self.missed: list[TicketRow] = []
        self.held: list[TicketRow] = []
        self.waiting = [
            a_ticket(
                "A009", waited=17.2, over_target=True, priority=True, class_id="elderly", class_name=ELDERLY
            ),
            a_ticket("A012"),
            a_ticket("B031", service="chung_thuc", service_name=COPIES, waited=3.0),
        ]  # fmt: skip
        self.current: TicketRow | None = None
        self.desk = a_counter()
        self.others = [
            a_counter("q1", number="A008", doing="serving"),
            a_counter("q2", status="paused", pause_reason="nghỉ giải lao"),
            a_counter("q4", status="closed", officer=None, zone="b"),
        ]
        self.phones: dict[str, CitizenView] = {TOKEN: a_phone()}
        self.helps: tuple[HelpRow, ...] = ()
        self.problems: tuple[tuple[str, str], ...] = ()
        self.recalls = 3
        self.past: tuple[str, ...] = ("20261120", "20261119", "20261118", "20261117", "20261116", "20261113")
        self._foresee()
        self.service_rows = (
            a_service(),
            a_service("chung_thuc", name=COPIES, prefix="B", waiting=11, wait=Wait(low=18, likely=24, high=31)),
            a_service("dat_dai", name=words("Đất đai và môi trường", "Land"), prefix="G", zone="b", waiting=0,
                      wait=None, counters=(), state="no-counter"),
        )  # fmt: skip

    def _foresee(self) -> None:
        self.signed_out: set[str] = set()
        self.resting = False
        self.follower: FollowerRow | None = None
        self.sent: tuple[SentRow, ...] = ()
        self.closing: tuple[WarningRow, ...] = ()
        self.courtesy: CourtesyRow | None = None  # set: everybody is left to others
        self.not_yet = False  # whoever waits may not be called yet
        self.forecast_at: datetime | None = MONDAY
        self.risks: tuple[RiskRow, ...] = (
            a_risk(),
            a_risk(
                "day", level="safe", probability=0.18, mean=11.3, low=9.6, high=13.8, cause=None,
                text=words("Dự kiến cả ngày trong mức mục tiêu.", "Expected to stay within the target."),
            ),
        )  # fmt: skip
        self.advice: tuple[AdviceRow, ...] = (
            a_move(),
            a_move(
                "hen-som", kind="appointments",
                text=words("Mời người có hẹn đã đến sớm vào trước giờ hẹn", "Call people with appointments early"),
                effect=words(
                    "Bớt khoảng 35 phút chờ của mọi người cộng lại (từ 15 đến 60), không cần thêm cán bộ.",
                    "Saves about 35 minutes of waiting, all people together (15 to 60), takes no further officer.",
                ),
            ),
        )  # fmt: skip
        self.effects: tuple[EffectRow, ...] = (an_effect(),)
        self.accuracy: tuple[AccuracyRow, ...] = (
            an_accuracy(),
            an_accuracy("20261120", tickets=18, inside=0.67, mean_error=6.5, predictor="last_ten"),
        )

    def now(self) -> datetime:
        return self.at or datetime.now(UTC)

    def identify(self, token: str) -> Identity | None:
        return TOKENS.get(token)

    def sign_in(self, code: str, running: str | None) -> str | None:
        self.signed_out.discard(code)
        return code if code in TOKENS else None

    def session(self, value: str) -> Identity | None:
        return None if value in self.signed_out else TOKENS.get(value)

    def sign_out(self, value: str) -> None:
        self.signed_out.add(value)

    def zones(self) -> dict[str, dict[str, str]]:
        return ZONES

    def services(self) -> tuple[ServiceRow, ...]:
        return self.service_rows

    def counters(self) -> tuple[CounterRow, ...]:
        return tuple(sorted([self.desk, *self.others], key=lambda row: row.id))

    def board(self, zone: str) -> BoardView:
        if zone not in {"all", *ZONES}:
            raise Refused(Problem.NOT_FOUND)
        self.looks += 1
        here = {zone} if zone != "all" else set(ZONES)
        return BoardView(
            zone=zone,
            zone_name=ZONES.get(zone, words("Tất cả các khu", "All areas")),
            unit_name=self.unit,
            as_of=self.now(),
            open=self.open,
            calls=tuple(call for call in self.calls if call.zone in here),
            services=tuple(row for row in self.service_rows if row.zone in here),
            counters=tuple(row for row in self.counters() if row.zone in here),
            missed=tuple(ticket.number for ticket in self.missed),
            mean_wait=self.mean,
            target=15,
            speaks=zone == "a",
        )

    def upcoming(self) -> NextRow | None:
        if not self.waiting or self.desk.status != "open" or self.courtesy or self.not_yet:
            return None
        first = self.waiting[0]
        return NextRow(
            number=first.number,
            service_name=first.service_name,
            waited=first.waited,
            code="arrival_order",
            reason=words("Đến lượt theo thứ tự lấy số, đã chờ 17 phút.", "Next in order of arrival."),
            runner_up=self.waiting[1].number if len(self.waiting) > 1 else None,
        )

    def transfers(self) -> tuple[TransferRow, ...]:
        services = [
            TransferRow(
                kind="service", id=s.id, label=s.prefix, name=s.name, open=len(s.counters), waiting=s.waiting
            )
            for s in self.service_rows
        ]  # fmt: skip
        counters = [
            TransferRow(
                kind="counter", id=c.id, label=c.label, name=c.name, open=int(c.status == "open"), waiting=0,
                closed=c.status == "closed",
            )
            for c in self.others
        ]  # fmt: skip
        return (*services, *counters)

    def console(self, counter: str) -> ConsoleView:
        if counter != self.desk.id:
            raise Refused(Problem.COUNTER_UNKNOWN)
        return ConsoleView(
            as_of=self.now(),
            day_open=self.open,
            counter=self.desk,
            current=self.current,
            next=self.upcoming(),
            waiting=tuple(self.waiting),
            held=tuple(self.held),
            missed=tuple(self.missed),
            counters=self.counters(),
            services=self.service_rows,
            classes=(("walk_in", ORDINARY), ("elderly", ELDERLY)),
            recalls_left=self.recalls,
            helps=self.helps,
            problems=self.problems,
            mean_wait=self.mean,
            target=15,
            resting=self.resting,
            courtesy=self.courtesy,
            sent=self.sent,
            transfers=self.transfers(),
            closing=self.closing,
        )

    def citizen(self, token: str) -> CitizenView:
        try:
            return replace(self.phones[token], as_of=self.now())
        except KeyError:
            raise Refused(Problem.TICKET_UNKNOWN) from None

    def manager(self) -> ManagerView:
        figures = [
            ServiceFigures(
                id=row.id, name=row.name, issued=30, served=20, waiting=row.waiting, missed=1, mean_wait=mean,
                p90_wait=mean * 1.8, over_target=0.12, mean_handled=11.5, longest_now=longest,
            )
            for row, mean, longest in zip(self.service_rows, (7.4, 16.1, 3.0), (9.0, 22.0, 0.0), strict=True)
        ]  # fmt: skip
        hours = ((7, 22, 15, 4.1), (8, 41, 38, 12.8), (9, 35, 33, 17.3), (10, 12, 14, 9.0), (11, 4, 6, None))
        return ManagerView(
            as_of=self.now(), day="20261123", unit_name=self.unit, open=self.open, issued=96, served=71,
            waiting=len(self.waiting), at_counters=2, missed=3, cancelled=2, mean_wait=self.mean,
            mean_wait_transaction=10.4, over_target=0.18, longest_now=22.0, mean_handled=12.5, target=15,
            targets=TARGETS, services=tuple(figures),
            counters=tuple(
                CounterFigures(row=row, served=row.served, mean_handled=11.0, open_minutes=150, paused_minutes=12,
                               busy_minutes=110)
                for row in self.counters()
            ),
            hours=tuple(HourFigures(hour=h, issued=i, called=c, mean_wait=m) for h, i, c, m in hours),
            helps=self.helps, problems=self.problems, rating=3.6, ratings=41,
            forecast_at=self.forecast_at, risks=self.risks, advice=self.advice, effects=self.effects,
            accuracy=self.accuracy, resting=self.resting, follower=self.follower,
        )  # fmt: skip

    def past_days(self) -> tuple[str, ...]:
        return self.past

    def procedure_name(self, procedure: str) -> dict[str, str] | None:
        return words("Đăng ký khai sinh", "Birth registration") if procedure == "1.001193" else None

    def call_next(self) -> TicketRow:
        """What the officer's *next* does here: the first in line comes to the desk and onto the board."""
        ticket = replace(self.waiting.pop(0), state="called", calls=1, called_at=self.now(), counter_label="3")
        self.current = ticket
        self.desk = replace(self.desk, number=ticket.number, doing="called", since=self.now())
        self.calls.insert(0, a_call(ticket.number, called_at=self.now(), id=f"{ticket.id}-{len(self.calls)}"))
        return ticket

    def start(self) -> None:
        assert self.current is not None
        self.current = replace(self.current, state="serving", handled=2.3)
        self.desk = replace(self.desk, doing="serving")

    def finish(self) -> None:
        self.current = None
        self.desk = replace(self.desk, number=None, doing="idle", served=self.desk.served + 1)
