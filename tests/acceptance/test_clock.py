"""`motcua clock` beside a running office, and without one."""

from pathlib import Path

import httpx

from queue_server.clock_command import told
from queue_server.contract.messages import ClockAnswer
from tests.acceptance.program import Program, motcua

HERE = "Asia/Ho_Chi_Minh"


def test_the_clocks_of_a_running_office(office: Program) -> None:
    shown = motcua("clock", "--data", office.data, "--url", office.url)
    assert (shown.returncode, "The clocks agree" in shown.stdout) == (0, True), shown.stderr
    assert all(name in shown.stdout for name in ("office's clock", "machine's clock", "last entry", HERE))
    taken = motcua("clock", "--data", office.data, "--url", office.url, "--take")
    assert (taken.returncode, "goes by the machine's clock now" in taken.stdout) == (0, True), taken.stderr
    assert httpx.get(f"{office.url}/readyz").json()["parts"]["clock"] == "ok"


def test_a_folder_of_another_office_is_refused(office: Program, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    motcua("token", "admin", "--data", tmp_path / "other")
    wrong = motcua("clock", "--data", tmp_path / "other", "--url", office.url)
    assert wrong.returncode == 2
    assert "not-signed-in" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_without_a_server_it_says_what_the_next_start_will_do(office: Program, free_port: int) -> None:
    away = motcua("clock", "--data", office.data, "--url", f"http://127.0.0.1:{free_port}")
    assert away.returncode == 1
    assert "no office answers" in away.stderr
    assert "At its next start the office goes by the machine's clock at once." in away.stdout
    assert "as it should be" in away.stdout


def an_answer(**changes: object) -> ClockAnswer:
    parts: dict[str, object] = {
        "office": "2026-12-01T01:00:00Z", "machine": "2026-12-01T04:00:00Z", "ahead": 10800.0, "agrees": False,
        "followed": False, "last_entry": None, "timezone": HERE,
    }  # fmt: skip
    return ClockAnswer.model_validate(parts | changes)


def test_what_to_do_stands_below() -> None:
    text = told(an_answer(), taken=False)
    assert "2026-12-01 08:00:00" in text
    assert "3 hours ahead of the office's" in text
    assert "none yet" in text
    assert text.rstrip().splitlines()[-2].endswith("motcua clock --take")
    assert "nothing to do" in told(an_answer(followed=True), taken=False)
