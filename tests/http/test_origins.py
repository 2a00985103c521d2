"""A session's cookie counts only from our own pages, whatever else the request says."""

import socket

import pytest

from queue_server.contract.origins import is_own, own_origins
from queue_server.contract.problems import Problem
from queue_server.http.desk import COOKIE
from tests.http.house import House, refused

OWN = own_origins("http://127.0.0.1:8080", "https://motcua.example.vn/hall")
HERE = ("192.168.1.5", 8080)


@pytest.mark.parametrize(
    "origin",
    [
        "https://motcua.example.vn", "http://127.0.0.1:8080", "http://localhost:8080", "http://192.168.1.5:8080",
        f"http://{socket.gethostname().lower()}:8080",
    ],
)  # fmt: skip
def test_our_own_addresses(origin: str) -> None:
    assert is_own(origin, OWN, HERE)


@pytest.mark.parametrize(
    "origin",
    [
        "", "null", "https://evil.example", "http://motcua.example.vn", "https://motcua.example.vn.evil.example",
        "https://motcua.example.vn:8443", "http://192.168.1.6:8080", "http://192.168.1.5", "http://192.168.1.5:80801",
        "http://127.0.0.1", "http://evil@127.0.0.1:8080",
    ],
)  # fmt: skip
def test_nobody_elses(origin: str) -> None:
    assert not is_own(origin, OWN, HERE)
    assert not is_own(origin, OWN, None)


@pytest.mark.parametrize(
    ("origin", "server"), [("http://[fd00::5]:8080", ("fd00::5", 8080)), ("http://10.0.0.1", ("10.0.0.1", 80))]
)
def test_other_ways_to_write_an_address(origin: str, server: tuple[str, int]) -> None:
    assert is_own(origin, OWN, server)


def test_an_origin_and_a_host_forged_together_do_not_pass(house: House) -> None:
    session = house.source.sign_in(house.cast["officer"], None)
    forged = {"origin": "http://evil.example", "host": "evil.example", "cookie": f"{COOKIE}={session}"}
    before = house.trace()
    refused(house.post("/counters/q1/open", {}, headers=forged), Problem.NOT_SIGNED_IN)
    refused(house.get("/state", headers=forged), Problem.NOT_SIGNED_IN)
    assert house.trace() == before
