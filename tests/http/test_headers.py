"""Headers that protect: on every answer, whatever it is."""

import httpx
import pytest

from queue_server.http.limits import HEADERS, OVER_TLS, Limits
from tests.http.house import URL, House
from tests.http.test_rights import CALLS, here

EVERY = sorted(CALLS, key=str)
KEPT_BY_THE_BROWSER = {"/catalogue"}  # asked about each time, by its tag


@pytest.mark.parametrize(("method", "path"), EVERY, ids=str)
def test_no_answer_with_somebodys_data_is_kept(quiet_house: House, method: str, path: str) -> None:
    body = CALLS[method, path][1]
    for who in ("admin", None):
        got = quiet_house.ask(method, here(path), who, **({} if body is None else {"json": body}))
        for name, value in HEADERS:
            if name == b"cache-control" and path in KEPT_BY_THE_BROWSER:
                assert got.headers["cache-control"] == "no-cache"
            else:
                assert got.headers.get_list(name.decode()) == [value.decode()], (name, who)
        assert OVER_TLS[0].decode() not in got.headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/nowhere"])
def test_other_answers_too(quiet_house: House, path: str) -> None:
    got = quiet_house.get(path)
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("tls", [True, False])
def test_browsers_are_told_to_keep_to_tls_where_the_office_has_it(house: House, tls: bool) -> None:
    way = httpx.ASGITransport(app=Limits(house.app, tls=tls))

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=way, base_url=URL) as client:
            return await client.get("/healthz")

    assert (OVER_TLS[0].decode() in house.run(asked()).headers) is tls
