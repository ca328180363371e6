"""Waiting for a condition, never for a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 20) -> None:
    """Wait for a condition, asked plainly or awaited; fails when it has not come about within `seconds`."""
    async with asyncio.timeout(seconds):
        while not await _holds(condition()):
            await asyncio.sleep(0.01)


async def _holds(answer: bool | Awaitable[bool]) -> bool:
    return await answer if inspect.isawaitable(answer) else answer
