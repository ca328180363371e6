"""Serves an app on a free port of this machine, as a process of its own would."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from vigie_shared.quick import quick_protocol
from vigie_shared.ready import AtOnce


@asynccontextmanager
async def served(app: Any, *, at_once: AtOnce | None = None) -> AsyncIterator[str]:
    """The address of `app` while it runs, with its lifespan; requests that are under way at the end are finished.

    `at_once` has ready answers sent as `vigie serve` does.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    http: Any = quick_protocol(at_once) if at_once is not None else "httptools"
    config = uvicorn.Config(app, lifespan="on", ws="none", log_config=None, access_log=False, http=http)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started and not running.done():
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()
