"""What each operation answers and refuses: one row an operation, for the OpenAPI document. Pure."""

from dataclasses import dataclass
from pathlib import Path

from queue_server.contract import answers as out
from queue_server.contract import answers_catalogue as catalogue
from queue_server.contract.follower import FollowAnswer, GenerationAnswer
from queue_server.contract.messages import ClockAnswer, LeaseAnswer, TicketAnswer
from queue_server.contract.problems import Problem, status_of
from queue_server.contract.views import CitizenView, ManagerView


@dataclass(frozen=True, slots=True)
class Operation:
    """A model of each good answer by status (None: no body), and the problems beyond those of its kind."""

    answers: dict[int, type | None]
    refuses: tuple[Problem, ...] = ()


def _answers(model: type, *refuses: Problem) -> Operation:
    return Operation({200: model}, refuses)


TAKING = (
    Problem.SERVICE_UNKNOWN,
    Problem.PROCEDURE_UNKNOWN,
    Problem.SERVICE_NOT_OFFERED,
    Problem.CLASS_UNKNOWN,
    Problem.OFFICE_CLOSED,
    Problem.TIME_INVALID,
)
AT_COUNTER = (Problem.COUNTER_CLOSED, Problem.COUNTER_IDLE, Problem.TICKET_STATE)
CALLING = (Problem.COUNTER_CLOSED, Problem.COUNTER_PAUSED, Problem.COUNTER_BUSY)
FOUND = (
    Problem.TICKET_UNKNOWN,
    Problem.NUMBER_AMBIGUOUS,
    Problem.NUMBER_NOT_HANDED_IN,
    Problem.TICKET_STATE,
)
REPLAY = (
    Problem.DAY_UNKNOWN,
    Problem.DAY_EMPTY,
    Problem.POLICY_UNKNOWN,
    Problem.COUNTER_UNKNOWN,
    Problem.REPLAY_BUSY,
    Problem.REPLAY_IDLE,
    Problem.REPLAY_IMPOSSIBLE,
    Problem.REPLAY_TOO_LONG,
)
ADVICE = (
    Problem.NOT_FOUND,
    Problem.COUNTER_UNKNOWN,
    Problem.COUNTER_TAKEN,
    Problem.ALREADY_OPEN,
    Problem.COUNTER_NOT_PAUSED,
    *CALLING,
    Problem.SKILL_MISSING,
)
COUNTER = "POST /api/v1/counters/{counter}"
KIOSK = "POST /api/v1/kiosks/{kiosk}"
OPERATIONS: dict[str, Operation] = {
    "GET /api/v1/services": _answers(out.ServicesAnswer),
    "GET /api/v1/fields": _answers(catalogue.FieldsAnswer),
    "GET /api/v1/procedures": _answers(catalogue.ProceduresAnswer),
    "GET /api/v1/procedures/{procedure}": _answers(catalogue.ProcedureDetail),
    "GET /api/v1/catalogue": Operation({200: catalogue.CatalogueAnswer, 304: None}),
    "POST /api/v1/tickets": Operation({201: TicketAnswer, 200: TicketAnswer}, (*TAKING, Problem.TOO_MANY_REQUESTS)),
    "GET /api/v1/tickets/{token}": _answers(CitizenView),
    "POST /api/v1/tickets/{token}/cancel": _answers(CitizenView, Problem.TICKET_STATE),
    "POST /api/v1/tickets/{token}/postpone": _answers(
        CitizenView, Problem.TICKET_STATE, Problem.POSTPONE_LIMIT, Problem.TIME_INVALID
    ),
    "POST /api/v1/tickets/{token}/feedback": _answers(CitizenView, Problem.FEEDBACK_GIVEN, Problem.FEEDBACK_TOO_EARLY),
    "POST /api/v1/tickets/by-number/{number}/reinstate": _answers(
        out.StaffTicketAnswer, *FOUND, Problem.REINSTATE_TOO_LATE
    ),
    "POST /api/v1/tickets/by-number/{number}/cancel": _answers(out.StaffTicketAnswer, *FOUND),
    "POST /api/v1/tickets/priority": _answers(out.StaffTicketAnswer, *FOUND, Problem.CLASS_UNKNOWN),
    "GET /api/v1/kiosks/{kiosk}": _answers(out.KioskAnswer),
    f"{KIOSK}/lease": _answers(LeaseAnswer),
    f"{KIOSK}/hand-in": Operation({201: TicketAnswer}, (*TAKING, Problem.NUMBER_NOT_LEASED, Problem.NUMBER_USED)),
    f"{KIOSK}/print-report": _answers(out.PrintReportAnswer, Problem.TICKET_UNKNOWN),
    f"{KIOSK}/help": Operation({201: out.HelpAnswer}),
    f"{KIOSK}/device": _answers(out.DeviceAnswer),
    "GET /api/v1/counters": _answers(out.CountersAnswer),
    f"{COUNTER}/open": _answers(
        out.SessionAnswer, Problem.ALREADY_OPEN, Problem.COUNTER_TAKEN, Problem.SERVICE_UNKNOWN
    ),
    f"{COUNTER}/pause": _answers(out.SessionAnswer, Problem.COUNTER_CLOSED, Problem.COUNTER_PAUSED),
    f"{COUNTER}/unpause": _answers(out.SessionAnswer, Problem.COUNTER_CLOSED, Problem.COUNTER_NOT_PAUSED),
    f"{COUNTER}/close": _answers(out.SessionAnswer, Problem.COUNTER_CLOSED, Problem.COUNTER_BUSY),
    f"{COUNTER}/reskill": _answers(out.SessionAnswer, Problem.COUNTER_CLOSED, Problem.SERVICE_UNKNOWN),
    f"{COUNTER}/call-next": Operation({200: out.CallAnswer, 204: None}, (*CALLING, Problem.TICKET_UNKNOWN)),
    f"{COUNTER}/call": _answers(
        out.CallAnswer,
        *CALLING,
        *FOUND,
        Problem.COUNTER_WRONG,
        Problem.SKILL_MISSING,
        Problem.REINSTATE_TOO_LATE,
        Problem.VISIT_AT_COUNTER,
    ),
    f"{COUNTER}/recall": _answers(out.SessionAnswer, *AT_COUNTER, Problem.CALL_LIMIT, Problem.CALL_TOO_SOON),
    f"{COUNTER}/start": _answers(out.SessionAnswer, *AT_COUNTER),
    f"{COUNTER}/finish": _answers(out.SessionAnswer, *AT_COUNTER),
    f"{COUNTER}/no-show": _answers(out.SessionAnswer, *AT_COUNTER, Problem.NO_SHOW_TOO_SOON),
    f"{COUNTER}/served-by-mouth": _answers(out.StaffTicketAnswer, *FOUND, Problem.COUNTER_WRONG, Problem.TIME_INVALID),
    f"{COUNTER}/hold": _answers(out.SessionAnswer, *AT_COUNTER),
    f"{COUNTER}/resume": _answers(out.SessionAnswer, *CALLING, *FOUND, Problem.COUNTER_WRONG, Problem.SKILL_MISSING),
    f"{COUNTER}/transfer": _answers(
        out.SessionAnswer, *AT_COUNTER, Problem.TRANSFER_NOWHERE, Problem.SERVICE_UNKNOWN, Problem.SERVICE_WANTED
    ),
    f"{COUNTER}/return": _answers(out.SessionAnswer, *AT_COUNTER),
    "POST /api/v1/help/{help_id}/done": _answers(out.HelpDoneAnswer, Problem.HELP_UNKNOWN),
    "GET /api/v1/state": _answers(out.StateAnswer),
    "GET /api/v1/policy": _answers(out.PolicyAnswer),
    "POST /api/v1/policy": _answers(
        out.PolicyAnswer, Problem.POLICY_UNKNOWN, Problem.SERVICE_UNKNOWN, Problem.COUNTER_UNKNOWN
    ),
    "POST /api/v1/policy/check": _answers(out.PolicyCheckAnswer),
    "GET /api/v1/replay/days": _answers(out.ReplayDaysAnswer),
    "POST /api/v1/replay": _answers(out.ReplayAnswer, *REPLAY),
    "GET /api/v1/targets": _answers(out.TargetsAnswer),
    "GET /api/v1/forecast": _answers(out.ForecastAnswer),
    "POST /api/v1/advice/{advice}/apply": _answers(out.AdviceAnswer, *ADVICE),
    "GET /api/v1/reports/today": _answers(ManagerView),
    "GET /api/v1/reports/days/{day}": _answers(out.DayReportAnswer),
    "GET /api/v1/clock": _answers(ClockAnswer),
    "POST /api/v1/clock/take": _answers(ClockAnswer),
    "GET /api/v1/generation": _answers(GenerationAnswer),
    "GET /api/v1/follower/entries": _answers(FollowAnswer, Problem.RECORD_PARTED),
    "GET /healthz": _answers(out.AliveAnswer),
    "GET /readyz": Operation({200: out.ReadyAnswer, 503: out.ReadyAnswer}),
}
TEXTS = {  # operations that answer no JSON: media type and an example
    "GET /metrics": ("text/plain; version=1.0.0; charset=utf-8", 'motcua_waiting{service="ho_tich"} 4.0\n'),
    "GET /api/v1/follower/files/{name}": ("application/octet-stream", "The bytes of the file."),
    "GET /api/v1/events": (
        "text/event-stream",
        'id: 42\nevent: TicketMissed\ndata: {"seq":42,"data":{"ticket":"20261123-A001","counter":"q1"}}\n\n',
    ),
}
BY_PARAMETER: dict[str, tuple[Problem, ...]] = {
    "counter": (Problem.COUNTER_UNKNOWN,),
    "kiosk": (Problem.KIOSK_UNKNOWN,),
    "token": (Problem.TICKET_UNKNOWN,),
    "number": (Problem.TICKET_UNKNOWN,),
    "procedure": (Problem.NOT_FOUND,),
    "day": (Problem.NOT_FOUND,),
    "name": (Problem.NOT_FOUND,),
}
EXAMPLES: dict[str, str] = {  # of the example office, by parameter
    "counter": "q1",
    "kiosk": "kiosk-1",
    "token": "5m5fCzJzT0cLZ6yJq2m3Yw",
    "number": "A001",
    "procedure": "khai_sinh",
    "day": "20261120",
    "help_id": "H1",
    "advice": "open-counter-q3",
    "after": "1041",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "address": "http://10.0.0.12:8080",
    "files": "4be1f7a0c2d93e58",
    "name": "keys.json",
    "q": "khai sinh",
    "field": "ho_tich",
}
BODIES: dict[str, dict[str, object]] = {  # examples of bodies, by the name of their model
    "TicketBody": {"service": "ho_tich", "priority": "elderly", "language": "vi"},
    "HandInBody": {"service": "ho_tich", "number": "A701", "taken_at": "2026-11-23T01:00:00Z"},
    "PostponeBody": {"minutes": 10},
    "FeedbackBody": {"score": 4},
    "PriorityBody": {"ticket": "A001", "priority": "elderly"},
    "PrintReportBody": {"ticket": "20261123-A001"},
    "DeviceBody": {"device": "printer", "problem": "paper-out"},
    "OpenCounterBody": {"services": ["ho_tich", "chung_thuc"]},
    "PauseBody": {"reason": "nghỉ giải lao"},
    "ReskillBody": {"services": ["ho_tich"]},
    "CallNextBody": {"finish_current": True},
    "TicketChoiceBody": {"ticket": "A001"},
    "ServedByMouthBody": {"ticket": "A001", "at": "2026-11-23T02:15:00Z"},
    "HoldBody": {"reason": "đi phô-tô"},
    "TransferBody": {"service": "dat_dai", "return_to_sender": True},
    "PolicyBody": {"name": "ratio", "ordinary_per_priority": 2},
    "ReplayBody": {"last": 5, "change": "open", "counter": "q3", "at": "09:00", "until": "11:00"},
}


EXAMPLES_FILE = Path(__file__).with_name("examples.json")  # answers of a played day: operation → status → body


def good(operation: str) -> frozenset[int]:
    """The statuses under which an operation answers with what was asked for."""
    return frozenset(OPERATIONS[operation].answers) if operation in OPERATIONS else frozenset({200})


def refusals(operation: str, *, secured: bool, validated: bool) -> dict[int, list[Problem]]:
    """Every problem of an operation by its status: of its own, of its parameters, and of its kind."""
    known = OPERATIONS.get(operation, Operation({}))
    codes = set(known.refuses)
    for name, more in BY_PARAMETER.items():
        codes |= set(more) if f"{{{name}}}" in operation else set()
    codes |= {Problem.NOT_SIGNED_IN, Problem.FORBIDDEN} if secured else set()
    if operation.startswith("POST"):
        codes |= {
            Problem.BODY_INVALID,
            Problem.BODY_TOO_LARGE,
            Problem.COMMAND_ID_REUSED,
            Problem.DAY_CLOSED,
            Problem.STORAGE_FAILED,
        }
    if validated:
        codes.add(Problem.BODY_INVALID)
    by_status: dict[int, list[Problem]] = {}
    for code in sorted(codes):
        by_status.setdefault(status_of(code), []).append(code)
    return dict(sorted(by_status.items()))
