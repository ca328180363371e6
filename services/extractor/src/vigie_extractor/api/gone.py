"""Work that is done for one request and for nobody else: it ends when whoever asked goes away."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request

from vigie_extractor.wakening import Wakening
from vigie_shared.errors import Conflict

T = TypeVar("T")

_LOOK_AGAIN_SECONDS = 60.0


async def while_asked_for(request: Request, wakening: Wakening, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled, and waited for, once the connection of the request is closed or the
    process is about to end. The body of the request must have been read."""
    working = asyncio.create_task(work)
    ending = [asyncio.create_task(_hung_up(request)), asyncio.create_task(_stopping(wakening))]
    try:
        await asyncio.wait({working, *ending}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Conflict("This was given up: whoever asked has gone, or the service is being stopped. Ask again.")
    finally:
        for task in (working, *ending):
            task.cancel()
        await asyncio.gather(working, *ending, return_exceptions=True)


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _stopping(wakening: Wakening) -> None:
    while not wakening.stopping:
        await wakening.within(_LOOK_AGAIN_SECONDS)
