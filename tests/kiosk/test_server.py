"""The HTTP client says honestly what is known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.server import NotSentError, RefusedError, Server, UnclearError
from tests.kiosk.hands import Kiosk, with_kiosk
from tests.kiosk.standin import Faults, StandIn, running


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with running() as standin:
        yield standin


def test_the_client_tells_what_it_knows(standin: StandIn, tmp_path: Path, free_port: int) -> None:
    async def story(kiosk: Kiosk) -> None:
        with pytest.raises(RefusedError) as refused:
            await kiosk.server.take({"service": "nothing"}, key="k1")
        assert (refused.value.code, refused.value.status) == ("service-unknown", 422)
        standin.faults = Faults(status=503)
        with pytest.raises(UnclearError) as unclear:
            await kiosk.server.take({"service": "ho_tich"}, key="k2")
        assert unclear.value.status == 503
        nobody = Server(url=f"http://127.0.0.1:{free_port}", kiosk="kiosk-1", token="")
        with pytest.raises(NotSentError):
            await nobody.take({"service": "ho_tich"}, key="k3")
        await nobody.close()

    with_kiosk(standin, tmp_path, story)


def test_the_catalogue_is_fetched_once(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        heard = await kiosk.server.catalogue()
        assert heard is not None
        assert await kiosk.server.catalogue(heard[0]) is None

    with_kiosk(standin, tmp_path, story)
