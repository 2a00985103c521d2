"""A kiosk that is not served says why: to the technician on the screen and, once for each cause, in the log."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.main import KioskOptions, Parts, assemble
from kiosk.pages.build import page_for
from kiosk.texts import Texts
from kiosk.trouble import Cause
from kiosk.world import World
from tests.certificates import make_certificates, server_context
from tests.kiosk.standin import TOKEN, Faults, StandIn, running

VI = Texts("vi")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    make_certificates(folder)
    return folder


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with running() as standin:
        yield standin


@pytest.fixture
def secure(authority: Path) -> Iterator[StandIn]:
    with running(tls=server_context(authority)) as standin:
        yield standin


def after_a_round(url: str, folder: Path, *, token: str = TOKEN, rounds: int = 1) -> tuple[World, str]:
    """What the kiosk knows after some rounds, and its small line for the technician."""

    async def told() -> tuple[World, str]:
        parts = assemble(KioskOptions(url=url, kiosk="kiosk-1", token=token, data=folder), boot="boot")
        try:
            for _ in range(rounds):
                await parts.sync.round()
            return parts.driver.state.world, page_for(parts.driver.state).technical
        finally:
            await parts.close()

    return asyncio.run(told())


def cause(world: World) -> Cause | None:
    return world.trouble.cause if world.trouble else None


def test_an_office_with_its_own_authority_is_reached_once_the_machine_trusts_it(
    secure: StandIn, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, technical = after_a_round(secure.url, tmp_path)
    assert (world.server_up, cause(world)) == (False, Cause.CERTIFICATE)
    assert technical.startswith(VI("technical", reason=VI("technical.certificate")))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.crt"))
    world, technical = after_a_round(secure.url, tmp_path)
    assert (world.server_up, cause(world), technical) == (True, None, "")


def test_a_certificate_of_another_name_is_named(
    secure: StandIn, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.crt"))
    world, technical = after_a_round(secure.url.replace("localhost", "127.0.0.1"), tmp_path)
    assert cause(world) is Cause.CERTIFICATE
    assert "127.0.0.1" in technical


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, Cause.TOKEN), (403, Cause.OTHER_KIOSK), (404, Cause.UNKNOWN_KIOSK), (500, Cause.SERVER)],
)
def test_a_refusal_is_named(standin: StandIn, tmp_path: Path, status: int, expected: Cause) -> None:
    after_a_round(standin.url, tmp_path)
    standin.faults = Faults(status=status, everywhere=True)
    world, technical = after_a_round(standin.url, tmp_path)
    assert (world.server_up, cause(world), world.numbers_held) == (False, expected, True)
    assert VI(f"technical.{expected}") in technical


def test_a_wrong_token_is_named(standin: StandIn, tmp_path: Path) -> None:
    assert cause(after_a_round(standin.url, tmp_path, token="guess")[0]) is Cause.TOKEN


def test_an_address_without_a_server_is_named(tmp_path: Path, free_port: int) -> None:
    assert cause(after_a_round(f"http://127.0.0.1:{free_port}", tmp_path)[0]) is Cause.REFUSED
    assert cause(after_a_round("http://no-such-host.invalid", tmp_path)[0]) is Cause.NAME


def test_too_many_requests_for_a_moment_do_not_mean_away(standin: StandIn, tmp_path: Path) -> None:
    async def story(parts: Parts) -> None:
        await parts.sync.round()
        standin.faults = Faults(status=429, everywhere=True)
        await parts.sync.round()
        assert parts.driver.state.world.server_up
        await parts.close()

    asyncio.run(story(assemble(KioskOptions(url=standin.url, kiosk="kiosk-1", token=TOKEN, data=tmp_path))))


def test_each_cause_is_logged_once(standin: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def told() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.name == "kiosk.sync"]

    async def story(parts: Parts) -> None:
        for fault in (Faults(status=401, everywhere=True), Faults(status=404, everywhere=True), Faults()):
            standin.faults = fault
            for _ in range(3):
                await parts.sync.round()
        await parts.close()

    caplog.set_level(logging.WARNING)
    asyncio.run(story(assemble(KioskOptions(url=standin.url, kiosk="kiosk-1", token=TOKEN, data=tmp_path))))
    assert len(told()) == 3
    for line, words in zip(told(), ("motcua token kiosk", "no such kiosk", "answers again"), strict=True):
        assert words in line


def test_without_numbers_in_reserve_the_screen_promises_none(standin: StandIn, tmp_path: Path, free_port: int) -> None:
    nowhere = f"http://127.0.0.1:{free_port}"

    async def warning() -> tuple[str, str]:
        parts = assemble(KioskOptions(url=nowhere, kiosk="kiosk-1", token=TOKEN, data=tmp_path), boot="boot")
        await parts.sync.round()
        shown = page_for(parts.driver.state)
        await parts.close()
        return shown.warning, shown.lines[0]

    assert asyncio.run(warning()) == (VI("warning.no_numbers"), VI("closed.look"))
    after_a_round(standin.url, tmp_path)  # fills the lease
    assert asyncio.run(warning()) == (VI("warning.server"), VI("attract.lead"))
