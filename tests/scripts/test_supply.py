"""The bill of materials and the vulnerability check, on the lock as it is."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scripts.audit import UNKNOWN
from scripts.audit import main as audit
from scripts.sbom import bill, pinned

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
Osv = Callable[[dict[str, Any]], tuple[int, bytes]]


@contextmanager
def database(answers: Osv) -> Iterator[str]:
    """A program that answers as the OSV database does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, body = answers(question)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/querybatch"
    finally:
        server.shutdown()
        server.server_close()


def test_the_bill_names_every_package_of_the_lock() -> None:
    made = bill(LOCK, "motcua", "1")
    names = [line.split("==")[0] for line in LOCK.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    assert [part["name"] for part in made["components"]] == names
    assert len(names) > 50
    for part in made["components"]:
        assert part["purl"] == f"pkg:pypi/{part['name'].replace('_', '-').replace('.', '-').lower()}@{part['version']}"
        assert part["hashes"]
    assert sum(len(part["hashes"]) for part in made["components"]) == LOCK.count("--hash=sha256:")
    assert made["dependencies"][0]["dependsOn"] == [part["bom-ref"] for part in made["components"]]


def test_the_same_lock_gives_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        subprocess.run([ROOT / "scripts/sbom", str(file)], check=True, cwd=tmp_path)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert json.loads(files[0].read_text("utf-8"))["bomFormat"] == "CycloneDX"
    assert bill(LOCK, "motcua", "1")["serialNumber"] != bill(LOCK + "\n", "motcua", "1")["serialNumber"]


def test_no_known_vulnerability_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with database(lambda asked: (200, json.dumps({"results": [{} for _ in asked["queries"]]}).encode())) as url:
        assert audit(["--url", url]) == 0
    assert f"{len(pinned(LOCK))} packages looked up, 0 with" in capsys.readouterr().out


def test_a_known_vulnerability_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    def answers(asked: dict[str, Any]) -> tuple[int, bytes]:
        names = [query["package"]["name"] for query in asked["queries"]]
        found = [{"vulns": [{"id": "GHSA-test-0001"}]} if name == "uvicorn" else {} for name in names]
        return 200, json.dumps({"results": found}).encode()

    with database(answers) as url:
        assert audit(["--url", url]) == 1
    said = capsys.readouterr().out
    assert "uvicorn " in said
    assert "GHSA-test-0001" in said


@pytest.mark.parametrize("answer", [(500, b""), (200, b"not JSON"), (200, b'{"results": []}'), (200, b"[]")])
def test_it_says_when_it_could_not_look(capsys: pytest.CaptureFixture[str], answer: tuple[int, bytes]) -> None:
    with database(lambda _: answer) as url:
        assert audit(["--url", url]) == 0
        assert "could not look" in capsys.readouterr().err
        assert audit(["--url", url, "--strict"]) == UNKNOWN


def test_a_network_that_is_away_fails_nothing() -> None:
    got = subprocess.run(
        [sys.executable, "scripts/audit.py", "--url", "http://127.0.0.1:1"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert (got.returncode, got.stdout) == (0, "")
    assert "could not look" in got.stderr
