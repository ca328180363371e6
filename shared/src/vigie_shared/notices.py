"""Notices of the database: what a commit says by NOTIFY, heard for as long as a service runs.

A notice wakes and does no more: whoever is woken looks for itself, and looks now and then unasked, since a notice is
lost while the link is.
"""

import asyncio
from collections.abc import Callable
from typing import NoReturn

import structlog

from vigie_shared.database import ANSWER_SECONDS, UNAVAILABLE, Pool

log = structlog.get_logger()

CHECK_SECONDS = 5.0
"""How often the listening connection is asked for a sign of life: one that died without a word tells nobody."""

_PAUSE = 1.0


async def listen(pool: Pool, name: str, wake: Callable[[], None]) -> NoReturn:
    """Call `wake` at each notice on the channel `<schema>_<name>`, and whenever one may have been missed; through any
    absence of the database."""
    while True:
        try:
            await _hear(pool, name, wake)
        except UNAVAILABLE as error:
            log.warning("database_unavailable", reason=type(error).__name__)
        wake()
        await asyncio.sleep(_PAUSE)


async def _hear(pool: Pool, name: str, wake: Callable[[], None]) -> NoReturn:
    connection = await pool.acquire(timeout=ANSWER_SECONDS)
    try:
        channel = await connection.fetchval("SELECT current_schema() || '_' || $1", name)
        await connection.add_listener(channel, lambda *_: wake())
        wake()
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await connection.fetchval("SELECT 1", timeout=CHECK_SECONDS)
    finally:
        # Never lent to anybody else: it listens.
        connection.terminate()
        await pool.release(connection)
