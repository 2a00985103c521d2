"""The pages over HTTP: what they show, to whom, with which headers. No browser."""

import re
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from display import assets
from display.hub import Hub
from display.web import Display
from queue_server.contract.views import PolicyView
from tests.display.loops import run_alone
from tests.display.office import (
    MONDAY,
    TOKEN,
    Office,
    a_call,
    a_move,
    a_phone,
    a_risk,
    a_ticket,
    an_accuracy,
    an_effect,
    words,
)

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


class Visitor:
    """A program that asks for pages, with or without somebody's session."""

    def __init__(self, office, **options):
        self.office = office
        self.display = Display(office, office, Hub(), **options)
        self.app = FastAPI()
        self.app.include_router(self.display.router)

    def ask(self, method, path, *, token=None, **options):
        async def run():
            transport = httpx.ASGITransport(self.app)
            cookies = {"motcua_session": token} if token else None
            async with httpx.AsyncClient(transport=transport, base_url="http://hall", cookies=cookies) as client:
                return await client.request(method, path, **options)

        return run_alone(run())

    def get(self, path, token=None, **options):
        return self.ask("GET", path, token=token, **options)


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def visitor(office):
    policy = PolicyView(name="ratio", ordinary_per_priority=2, ceiling_multiple=3.0, options={"a": 1.0})
    return Visitor(office, policy=lambda: policy, links=[("Máy in ảo", "http://127.0.0.1:1/")])


PAGES = [
    ("/", None),
    ("/board/a", None),
    ("/board/all?lang=en", None),
    ("/console?counter=q3", "t-officer"),
    ("/console", "t-officer"),
    ("/manager", "t-manager"),
    ("/manager?lang=en", "t-auditor"),
    ("/admin", "t-admin"),
    (f"/t/{TOKEN}", None),
    ("/sign-in", None),
]


@pytest.mark.parametrize(("path", "token"), PAGES)
def test_every_page_is_strict_and_self_contained(visitor, path, token):
    answer = visitor.get(path, token)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "style=" not in answer.text
    assert "<style" not in answer.text
    assert not re.search(r"\son[a-z]+=", answer.text)
    assert re.findall(r"<script(?![^>]* src=)", answer.text) == []
    outside = [link for link in re.findall(r'(?:src|href)="(https?:[^"]*)"', answer.text) if "127.0.0.1" not in link]
    assert outside == []


@pytest.mark.parametrize(("path", "token"), PAGES)
def test_every_page_says_its_language(visitor, path, token):
    text = visitor.get(path, token).text
    assert f'<html lang="{"en" if "lang=en" in path else "vi"}">' in text


@pytest.mark.parametrize("path", ["/console?counter=q3", "/console", "/manager", "/admin"])
def test_staff_pages_ask_strangers_to_sign_in_and_remember_the_way(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 401
    assert f'name="next" value="{path}"' in answer.text


@pytest.mark.parametrize(
    ("path", "token"),
    [
        ("/console?counter=q1", "t-officer-3"),
        ("/manager", "t-officer"),
        ("/admin", "t-auditor"),
        ("/admin", "t-officer"),
        ("/console", "t-kiosk"),
        ("/console", "t-auditor"),
    ],
)
def test_the_wrong_role_is_told_so(visitor, path, token):
    answer = visitor.get(path, token)
    assert answer.status_code == 403
    assert "không được mở trang này" in answer.text


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/console/stream?counter=q3", None, 401),
        ("/console/stream?counter=q1", "t-officer-3", 403),
        ("/console/stream?counter=zz", "t-officer", 404),
        ("/manager/stream", None, 401),
        ("/manager/stream", "t-officer", 403),
        ("/board/zz/stream", None, 404),
        ("/t/unknown/stream", None, 404),
    ],
)
def test_streams_are_guarded_like_their_pages(visitor, path, token, status):
    assert visitor.get(path, token).status_code == status
    assert visitor.ask("HEAD", path, token=token).status_code == status


def test_an_officer_of_one_counter_lands_there(visitor):
    answer = visitor.get("/console", "t-officer-3")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console?counter=q3"


def test_a_counter_may_be_named_by_its_label(visitor):
    assert visitor.get("/console?counter=3&lang=en", "t-officer").headers["location"] == "/console?counter=q3&lang=en"


def test_an_unknown_counter_offers_the_others(visitor):
    answer = visitor.get("/console?counter=77", "t-officer")
    assert answer.status_code == 404
    assert "Quầy 1" in answer.text


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(visitor):
    answer = visitor.ask("POST", "/sign-in", data={"token": " t-officer-3 ", "next": "/console?counter=q3&lang=en"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console?counter=q3&lang=en"
    cookie = answer.headers["set-cookie"].lower()
    assert "motcua_session=t-officer-3" in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_is_secure(office):
    answer = Visitor(office, base_url="https://hall").ask("POST", "/sign-in", data={"token": "t-admin"})
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["location"] == "/admin"


def test_signing_in_never_leads_to_another_site(visitor):
    answer = visitor.ask("POST", "/sign-in", data={"token": "t-manager", "next": "//evil.example/"})
    assert answer.headers["location"] == "/manager"


def test_a_wrong_code_is_refused_in_words(visitor):
    answer = visitor.ask("POST", "/sign-in", data={"token": HOSTILE, "next": "/manager"})
    assert answer.status_code == 401
    assert "Mã truy cập không hợp lệ" in answer.text
    assert "set-cookie" not in answer.headers
    assert HOSTILE not in answer.text
    assert 'value="/manager"' in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_other_sites_cannot_sign_anybody_in_or_out(visitor, path, origin):
    answer = visitor.ask("POST", path, data={"token": "t-admin"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_an_enormous_form_is_refused(visitor):
    assert visitor.ask("POST", "/sign-in", data={"token": "x" * 10_000}).status_code == 413


def test_signing_out_forgets(visitor):
    answer = visitor.ask("POST", "/sign-out", token="t-admin", headers={"Origin": "http://hall"})
    assert answer.status_code == 303
    assert 'motcua_session=""' in answer.headers["set-cookie"]
    assert visitor.get("/admin", "t-admin").status_code == 401  # a copy of the cookie opens nothing either


def test_static_files_are_kept_for_ever_under_their_hash(visitor):
    answer = visitor.get(f"/static/{assets.version()}/live.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert visitor.get("/static/000000000000/live.js").status_code == 404
    assert visitor.get(f"/static/{assets.version()}/..%2f__init__.py").status_code == 404


def test_the_phone_page_is_small_polite_and_says_what_is_possible(visitor, office):
    answer = visitor.get(f"/t/{TOKEN}")
    assert len(answer.content) < 6 * 1024
    assert "Trước ông/bà còn 4 người" in answer.text
    assert "chờ khoảng 8–14 phút" in answer.text
    assert 'data-act="postpone"' in answer.text
    assert 'data-act="feedback"' not in answer.text
    office.phones[TOKEN] = a_phone(state="served", can=("feedback",))
    answer = visitor.get(f"/t/{TOKEN}")
    assert len(answer.content) < 6 * 1024
    assert answer.text.count('data-act="feedback"') == 4
    assert 'data-act="cancel"' not in answer.text


@pytest.mark.parametrize("state", ["waiting", "called", "serving", "held", "missed", "served", "cancelled", "expired"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_phone_page_has_words_for_every_state(visitor, office, state, language):
    office.phones[TOKEN] = a_phone(state=state, counter_label="3", called_at=MONDAY, language=language, can=())
    text = visitor.get(f"/t/{TOKEN}").text
    assert f'<html lang="{language}">' in text
    assert re.search(rf'class="state {state}"[^>]*>\s*<p class="big">[^<]{{4,}}</p>', text)


def test_an_unknown_number_gets_a_polite_page(visitor):
    answer = visitor.get("/t/gone")
    assert answer.status_code == 404
    assert "Xin hỏi quầy hướng dẫn" in answer.text


def test_an_unknown_board_offers_the_list(visitor):
    answer = visitor.get("/board/zz")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text


def test_only_the_speaking_board_of_a_zone_speaks_unless_told(visitor):
    def speaks(path):
        return 'data-speaks="1"' in visitor.get(path).text

    assert speaks("/board/a")
    assert not speaks("/board/b")
    assert not speaks("/board/a?speaks=0")
    assert speaks("/board/b?speaks=1")


def test_the_board_shows_calls_waits_missed_paused_and_the_mean(visitor, office):
    office.calls = [a_call("A014", time=2, priority=True), a_call("A013", counter_label="1")]
    office.missed = [a_ticket("A007")]
    office.desk = replace(office.desk, number="A014", doing="called")
    text = visitor.get("/board/a").text
    assert text.index("A014") < text.index("A013")
    for shown in ("Đang mời số", "gọi lần 2", "ưu tiên", "18–31 phút", "Quầy 2", "nghỉ giải lao", "A007", "9,2 phút"):
        assert shown in text
    assert "(mục tiêu 15 phút – đạt)" in text
    office.mean = 15.4
    assert "(mục tiêu 15 phút – chưa đạt)" in visitor.get("/board/a").text
    office.mean = None
    assert "chưa phục vụ ai" in visitor.get("/board/a").text


def test_the_manager_sees_every_target_row_with_source_quote_and_verdict(visitor):
    text = visitor.get("/manager", "t-manager").text
    for shown in ("2022", "tối đa 30 phút", "tối đa 20 phút", "tối đa 15 phút", "phụ lục II.3", "Văn bản ghi hai mức"):
        assert shown in text
    assert "thời gian tiếp nhận, xử lý hồ sơ tối thiểu 30 phút/01 hồ sơ vào năm 2025" in text
    assert text.count("đang áp dụng") == 2
    assert "✓ đạt" in text


def test_the_rules_page_shows_the_numbers_in_force(visitor):
    text = visitor.get("/admin", "t-admin").text
    assert 'name="ordinary_per_priority" type="number" min="0" max="100" step="1" required value="2"' in text
    assert 'name="ceiling_multiple" type="number" min="1" max="100" step="any" required value="3"' in text


def test_hostile_text_is_only_text_on_every_page(visitor, office):
    bad = words(HOSTILE, HOSTILE)
    office.unit = bad
    office.service_rows = tuple(replace(row, name=bad) for row in office.service_rows)
    office.others = [replace(row, officer=HOSTILE, pause_reason=HOSTILE) for row in office.others]
    office.waiting = [replace(row, note=HOSTILE, class_name=bad, class_id=HOSTILE) for row in office.waiting]
    office.calls = [a_call(HOSTILE, id=HOSTILE, counter_label=HOSTILE)]
    office.problems = ((HOSTILE, HOSTILE),)
    office.risks = (a_risk(HOSTILE, level=HOSTILE, text=bad),)
    office.advice = (a_move(HOSTILE, text=bad, effect=bad),)
    office.effects = (an_effect(text=bad, verdict=bad),)
    office.accuracy = (an_accuracy(HOSTILE, predictor=HOSTILE),)
    office.phones[TOKEN] = a_phone(unit_name=bad, service_name=bad, others=((bad, HOSTILE),))
    for path, token in [*PAGES, (f"/sign-in?next=/{HOSTILE}", None), (f"/console?counter={HOSTILE}", "t-officer")]:
        text = visitor.get(path, token).text
        assert "<script>alert" not in text
        assert "<img" not in text


def test_a_call_is_spoken_and_an_unknown_one_is_not(visitor, office):
    office.calls = [a_call("A014", id="x-1")]
    assert visitor.get("/board/a").status_code == 200
    office.calls = [a_call("A015", id="x-2")]  # the board has moved on, the voice has not
    assert visitor.get("/voice/x-1.wav").content.startswith(b"RIFF")
    assert visitor.get("/voice/chime.wav").headers["content-type"] == "audio/wav"
    assert visitor.get("/voice/other.wav").status_code == 404
