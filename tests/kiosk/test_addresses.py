"""A kiosk that knows two machines: the one that serves the office is called, whichever that is."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import httpx
import pytest

from kiosk.addresses import Addresses

A, B = "http://a:8080", "http://b:8080"


@dataclass
class Machines:
    """Address → what it says of itself: a generation, a status, or nothing at all."""

    answers: dict[str, int | str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        address = f"http://{request.url.netloc.decode()}"
        self.asked.append(address)
        match self.answers.get(address):
            case None:
                raise httpx.ConnectError("no route to host", request=request)
            case int(generation):
                return httpx.Response(200, json={"office": "x", "generation": generation, "name": "y"})
            case status:
                return httpx.Response(int(status))


def story(tell: Callable[[Machines, Addresses, httpx.AsyncClient], Coroutine[object, object, None]], urls: str) -> None:
    async def run() -> None:
        machines = Machines()
        async with httpx.AsyncClient(transport=httpx.MockTransport(machines)) as client:
            await tell(machines, Addresses(urls), client)

    asyncio.run(run())


def test_one_address_is_never_asked_for_anything() -> None:
    async def tell(machines: Machines, addresses: Addresses, client: httpx.AsyncClient) -> None:
        addresses.lost()
        assert await addresses.choose(client) == A
        assert machines.asked == []

    story(tell, A + "/")


def test_it_keeps_to_the_one_that_answers_and_goes_over_when_that_is_lost() -> None:
    async def tell(machines: Machines, addresses: Addresses, client: httpx.AsyncClient) -> None:
        machines.answers = {A: 0}
        assert [await addresses.choose(client) for _ in range(3)] == [A] * 3
        assert len(machines.asked) == 2
        machines.answers = {B: 1}
        addresses.lost()
        assert await addresses.choose(client) == B
        machines.answers = {A: 0, B: 1}  # the old machine is back
        addresses.lost()
        assert await addresses.choose(client) == B

    story(tell, f"{A}, {B}")


def test_a_machine_whose_office_was_taken_over_is_not_called_any_more() -> None:
    async def tell(machines: Machines, addresses: Addresses, client: httpx.AsyncClient) -> None:
        machines.answers = {A: 0, B: 1}
        assert await addresses.choose(client) == B
        machines.answers = {A: 0}
        addresses.lost()
        with pytest.raises(httpx.ConnectError, match="taken over"):
            await addresses.choose(client)
        machines.answers = {A: 2}  # it has followed, and taken over again
        assert await addresses.choose(client) == A

    story(tell, f"{A},{B}")


def test_nobody_answers_or_only_a_proxy() -> None:
    async def tell(machines: Machines, addresses: Addresses, client: httpx.AsyncClient) -> None:
        assert await addresses.choose(client) == A  # and the call itself says why it fails
        machines.answers = {A: "502", B: "404"}  # a server of the version before knows no generation
        assert await addresses.choose(client) == B

    story(tell, f"{A},{B}")
