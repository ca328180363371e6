"""Creating calls with an Idempotency-Key: what they create is named by it, and one is under way at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from vigie_extractor.storage import calls
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import Conflict

FORGOTTEN_AFTER = timedelta(minutes=1)
"""A call whose process died is under way for this long at most; no living one lasts as long."""


@asynccontextmanager
async def alone(pool: Pool, client: str, key: str | None, created: UUID) -> AsyncIterator[None]:
    """Create `created` in this block, with nobody else about to create the same. Raises Conflict while somebody is."""
    if key is None:
        yield
        return
    async with transaction(pool, client) as connection:
        begun = await calls.begin(connection, client, created, FORGOTTEN_AFTER)
    if not begun:
        raise Conflict("A call with this Idempotency-Key is under way. Ask again in a moment.")
    try:
        yield
    finally:
        async with transaction(pool, client) as connection:
            await calls.end(connection, client, created)
