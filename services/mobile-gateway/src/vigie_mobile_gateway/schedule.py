"""What the gateway does unasked: it drops announcements that nobody can resume after any more."""

import asyncio
from datetime import timedelta
from typing import NoReturn

import structlog

from vigie_mobile_gateway import storage
from vigie_shared.database import ALL_CLIENTS, UNAVAILABLE, Pool, transaction

log = structlog.get_logger()

PAUSE = 3600.0
"""Seconds between two rounds."""


async def drop_old_announcements(pool: Pool, age: timedelta) -> NoReturn:
    """Drop what is older than `age`, now and every hour, through any absence of the database."""
    while True:
        try:
            async with transaction(pool, ALL_CLIENTS) as connection:
                await storage.drop_old(connection, age)
        except UNAVAILABLE as error:
            log.warning("database_unavailable", reason=type(error).__name__)
        await asyncio.sleep(PAUSE)
