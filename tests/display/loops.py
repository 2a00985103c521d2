"""Runs async stories in a thread of their own: Playwright keeps a loop running in the test's thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_alone(story: Coroutine[Any, Any, T], seconds: float = 10) -> T:
    async def limited() -> T:
        return await asyncio.wait_for(story, seconds)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(limited())).result()
