"""A small queue server for the kiosk's tests: real HTTP on a real port, honest about keys, numbers and leases.

Faults are switched on by tests: slow answers, answers that never come although the number was issued, status 500,
a cut line, refusals.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kiosk.lease import office_day
from queue_server.catalogue.everyday import load_everyday
from queue_server.catalogue.loader import load_catalogue
from queue_server.catalogue.rows import procedure_detail

SERVICES = {
    "ho_tich": ("A", "Hộ tịch", "Births, marriages, deaths", ["ho_tich", "tu_phap_khac"]),
    "chung_thuc": ("B", "Chứng thực", "Certified copies and signatures", ["chung_thuc"]),
    "cu_tru": ("C", "Cư trú", "Residence", ["cu_tru"]),
    "can_cuoc": ("D", "Căn cước và định danh điện tử", "Identity cards and e-identity", ["can_cuoc"]),
    "giao_thong": (
        "E",
        "Đăng ký xe – hộ chiếu – lý lịch tư pháp",
        "Vehicles – passports",
        ["giao_thong", "tu_phap_ca"],
    ),
    "dat_dai": ("G", "Đất đai và môi trường", "Land and environment", ["dat_dai", "moi_truong"]),
    "xay_dung": ("H", "Xây dựng và đô thị", "Construction", ["xay_dung"]),
    "kinh_doanh": ("K", "Đăng ký kinh doanh", "Business registration", ["dang_ky_kinh_doanh"]),
    "xa_hoi": ("L", "Chính sách xã hội và người có công", "Social support", ["bao_tro_xa_hoi", "nguoi_co_cong"]),
    "lao_dong": ("M", "Lao động – bảo hiểm – giáo dục", "Labour – insurance – education", ["lao_dong", "giao_duc"]),
    "tra_ket_qua": ("N", "Nhận kết quả", "Collect a result", []),
    "bo_sung": ("P", "Nộp hồ sơ bổ sung", "Hand in missing papers", []),
    "huong_dan": ("Q", "Hướng dẫn và hỗ trợ nộp hồ sơ trực tuyến", "Guidance and help with online filing", []),
    "phan_anh": ("R", "Phản ánh và kiến nghị", "Petitions and feedback", []),
    "thanh_toan": ("S", "Nộp phí và lệ phí", "Pay a fee", []),
    "buu_chinh": ("T", "Bưu chính công ích", "Public postal service", []),
}
CLASSES = [
    ("walk_in", "ordinary", "Thông thường", "Ordinary"),
    ("elderly", "priority", "Người cao tuổi (từ 60 tuổi trở lên)", "Elderly (60 or older)"),
    ("pregnant", "priority", "Phụ nữ mang thai", "Pregnant"),
    ("disabled", "priority", "Người khuyết tật", "Person with a disability"),
    ("merit", "priority", "Người có công với cách mạng", "Person with merit to the revolution"),
    ("with_infant", "priority", "Người đi cùng con nhỏ dưới 36 tháng tuổi", "With a child under 36 months"),
]
TOKEN = "kiosk-token"


def catalogue_json() -> dict[str, Any]:
    """The starter catalogue as `GET /catalogue` gives it, each procedure with its service."""
    catalogue, today = load_catalogue(), date(2026, 9, 21)
    by_field = {each: service for service, (_, _, _, fields) in SERVICES.items() for each in fields}
    procedures = []
    for known in catalogue.procedures.values():
        row = procedure_detail(known, "vi", today, service=by_field.get(known.field))
        row["en"] = procedure_detail(known, "en", today, service=by_field.get(known.field))
        procedures.append(row)
    fields = [{"id": each.id, "name": each.name} for each in catalogue.fields.values()]
    everyday = asdict(load_everyday())
    return {"version": catalogue.id, "fields": fields, "procedures": procedures, "everyday": everyday}


def services_json(waiting: int = 4) -> dict[str, Any]:
    """The services with people waiting."""
    rows = []
    for place, (name, (prefix, vi, en, _)) in enumerate(SERVICES.items()):
        count = (waiting + place) % 7 if waiting else 0
        wait = (
            {"low": count * 2, "likely": count * 3, "high": count * 4} if count else {"low": 0, "likely": 0, "high": 0}
        )
        counters = [str(1 + place % 8)] if place % 3 else [str(1 + place % 8), str(1 + (place + 1) % 8)]
        rows.append(
            {
                "id": name,
                "name": {"vi": vi, "en": en},
                "prefix": prefix,
                "zone": "a",
                "waiting": count,
                "wait": wait,
                "counters": counters,
                "state": "open",
                "walk_in": True,
                "phone": False,
            }
        )
    return {"services": rows, "open": True, "as_of": datetime.now(UTC).isoformat()}


def office_json(*, is_open: bool = True) -> dict[str, Any]:
    """The office as `GET /kiosks/{id}` gives it."""
    return {
        "id": "kiosk-1",
        "zone": "a",
        "site": "tan-loi",
        "unit_name": {
            "vi": "Trung tâm Phục vụ hành chính công phường Tân Lợi",
            "en": "Tân Lợi Ward Public Administration Service Centre",
        },
        "languages": ["vi", "en"],
        "classes": [{"id": name, "kind": kind, "name": {"vi": vi, "en": en}} for name, kind, vi, en in CLASSES],
        "open": is_open,
        "hours": {
            "vi": "Thứ Hai – thứ Sáu: 07:30–11:30 và 13:30–17:00",
            "en": "Monday to Friday: 07:30–11:30 and 13:30–17:00",
        },
        "server_time": datetime.now(UTC).isoformat(),
    }


@dataclass
class Issued:
    """A number as the stand-in keeps it."""

    number: str
    token: str
    body: dict[str, Any]
    key: str
    cancelled: bool = False
    taken_at: str = ""


@dataclass
class Faults:
    """What goes wrong from now on, for `POST /tickets` unless said otherwise."""

    delay: float = 0.0  # before the answer, after the number was issued
    silent: bool = False  # issues the number and cuts the line without an answer
    cut: bool = False  # cuts the line before doing anything
    status: int = 0  # answers with this status and does nothing
    code: str = "storage-failed"
    times: int = 10**9  # that many requests, then all is well
    everywhere: bool = False


@dataclass
class StandIn:
    """The server's memory. `calls` counts requests per path."""

    tickets: dict[str, Issued] = field(default_factory=dict)  # by number
    answers: dict[str, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)  # by key
    leased: dict[str, dict[str, str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    helps: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    open: bool = True
    knows_days: bool = True  # False: a server of the version before, which refuses what it does not know
    lease_size: int = 20
    lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""

    def posts(self, path: str = "/api/v1/tickets") -> int:
        return sum(1 for method, called in self.calls if (method, called) == ("POST", path))

    def waiting(self) -> list[str]:
        """Numbers of people who stand in the queue."""
        return [each.number for each in self.tickets.values() if not each.cancelled]

    def next_number(self, prefix: str) -> str:
        self.counters[prefix] = self.counters.get(prefix, 0) + 1
        return f"{prefix}{self.counters[prefix]:03d}"

    def service_of(self, body: dict[str, Any]) -> str | None:
        if "service" in body:
            return body["service"] if body["service"] in SERVICES else None
        return next((e["service"] for e in CATALOGUE["procedures"] if e["id"] == body["procedure"]), None)

    def answer_of(self, issued: Issued, service: str, *, provisional: bool = False) -> dict[str, Any]:
        return {
            "id": f"{office_day(datetime.now(UTC)).replace('-', '')}-{issued.number}",
            "number": issued.number,
            "service": service,
            "token": issued.token,
            "people_ahead": len(self.waiting()) - 1,
            "wait": {"low": 8, "likely": 12, "high": 15},
            "issued_at": issued.taken_at or datetime.now(UTC).isoformat(),
            "visit": f"v-{issued.number}",
            "url": f"{self.url}/t/{issued.token}",
            "counters": ["3", "4"],
            "provisional": provisional,
        }

    def take(self, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        service = self.service_of(body)
        if not self.open:
            return 409, {"code": "office-closed"}
        if service is None:
            return 422, {"code": "service-unknown"}
        number = self.next_number(SERVICES[service][0])
        issued = Issued(number=number, token=f"token-{number}-online0000", body=body, key=key)
        self.tickets[number] = issued
        return 201, self.answer_of(issued, service)

    def lease(self) -> tuple[int, dict[str, Any]]:
        for prefix, *_ in SERVICES.values():
            held = [n for n, each in self.leased.items() if each["prefix"] == prefix and n not in self.tickets]
            for _ in range(self.lease_size - len(held)):
                number = self.next_number(prefix)
                token = f"token-{number}-leased0000"
                self.leased[number] = {
                    "number": number,
                    "prefix": prefix,
                    "token": token,
                    "url": f"{self.url}/t/{token}",
                }
        unused = [each for number, each in self.leased.items() if number not in self.tickets]
        now = datetime.now(UTC)
        return 200, {"day": office_day(now), "at": now.isoformat(), "numbers": unused}

    def hand_in(self, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        number = body["number"]
        if "day" in body and not self.knows_days:
            return 422, {"code": "body-invalid"}
        if number not in self.leased:
            return 409, {"code": "number-not-leased"}
        if number in self.tickets:
            return 409, {"code": "number-used"}
        token = self.leased[number]["token"]
        issued = Issued(number=number, token=token, body=body, key=key, taken_at=body["taken_at"])
        self.tickets[number] = issued
        return 201, self.answer_of(issued, self.service_of(body) or "ho_tich", provisional=True)

    def cancel(self, token: str) -> tuple[int, dict[str, Any]]:
        for issued in self.tickets.values():
            if issued.token == token:
                if issued.cancelled:
                    return 409, {"code": "ticket-state"}
                issued.cancelled = True
                return 200, {}
        return 404, {"code": "ticket-unknown"}


CATALOGUE = catalogue_json()


class Handler(BaseHTTPRequestHandler):
    """HTTP to the stand-in's memory."""

    protocol_version = "HTTP/1.1"
    standin: StandIn

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}") if length else {}
        path = self.path.split("?")[0]
        standin = self.standin
        with standin.lock:
            standin.calls.append((method, path))
            faults = standin.faults
            hit = faults.times > 0 and (faults.everywhere or (method, path) == ("POST", "/api/v1/tickets"))
            if hit:
                faults.times -= 1
        if hit and faults.cut:
            self._cut()
            return
        if hit and faults.status:
            self._answer(faults.status, {"code": faults.code})
            return
        status, answer = self._once(method, path, body)
        if hit and faults.delay:
            time.sleep(faults.delay)
        if hit and faults.silent:
            self._cut()
            return
        self._answer(status, answer)

    def _once(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A command with a key is carried out once; the key again gets the first answer, another body is refused."""
        key = self.headers.get("Idempotency-Key", "")
        with self.standin.lock:
            if method != "POST" or not key:
                return self._route(method, path, body, key)
            wanted = json.dumps([path, body], sort_keys=True)
            if key in self.standin.answers:
                asked, status, answer = self.standin.answers[key]
                return (status, answer) if asked == wanted else (422, {"code": "command-id-reused"})
            status, answer = self._route(method, path, body, key)
            if status < 300:
                self.standin.answers[key] = (wanted, status, answer)
            return status, answer

    def _route(self, method: str, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        standin, parts = self.standin, path.removeprefix("/api/v1/").split("/")
        if parts[0] == "kiosks" and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"code": "not-signed-in"}
        match method, parts:
            case "GET", ["kiosks", _]:
                return 200, office_json(is_open=standin.open)
            case "GET", ["services"]:
                return 200, services_json()
            case "GET", ["catalogue"]:
                return (304, {}) if self.headers.get("If-None-Match") == '"1"' else (200, CATALOGUE)
            case "GET", ["procedures"]:
                return 200, {"procedures": [{"id": "khai_sinh"}, {"id": "ket_hon"}]}
            case "POST", ["tickets"]:
                return standin.take(body, key)
            case "POST", ["tickets", token, "cancel"]:
                return standin.cancel(token)
            case "POST", ["kiosks", _, "lease"]:
                return standin.lease()
            case "POST", ["kiosks", _, "hand-in"]:
                return standin.hand_in(body, key)
            case "POST", ["kiosks", _, "print-report"]:
                standin.reports.append(body)
                return 200, {}
            case "POST", ["kiosks", name, "help"]:
                standin.helps.append(name)
                return 201, {"help": "h1"}
            case _:
                return 404, {"code": "not-found"}

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        data = b"" if status == 304 else json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the kiosk gave up waiting
            self.close_connection = True

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()


class QuietServer(ThreadingHTTPServer):
    """Without stories about lines that the kiosk has cut."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        return


@contextmanager
def running(standin: StandIn | None = None, port: int = 0, *, tls: ssl.SSLContext | None = None) -> Iterator[StandIn]:
    """The stand-in on a port, until the end of the block; over TLS with a context of its certificate."""
    memory = standin or StandIn()
    handler: Callable[..., Handler] = type("Bound", (Handler,), {"standin": memory})
    server = QuietServer(("127.0.0.1", port), handler)
    memory.url = f"http://127.0.0.1:{server.server_address[1]}"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        memory.url = f"https://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
