"""Which indicators a client publishes, whatever its users may see of them (R2)."""

from collections.abc import Sequence

import structlog

from vigie_auth.domain.users import indicator_findings
from vigie_auth.handlers import announcements
from vigie_auth.handlers.directory import changing, refuse
from vigie_auth.handlers.documents import PublishedIndicators
from vigie_auth.handlers.sessions import Caller, signed_in
from vigie_auth.storage import clients
from vigie_shared.audit import record
from vigie_shared.conditional import Precondition
from vigie_shared.database import Pool
from vigie_shared.outbox import emit

log = structlog.get_logger()


async def read_published(pool: Pool, caller: Caller) -> PublishedIndicators:
    async with signed_in(pool, caller) as connection:
        return PublishedIndicators(indicators=await clients.find_published_indicators(connection, caller.client))


async def set_published(
    pool: Pool, caller: Caller, indicators: Sequence[str] | None, expected: Precondition
) -> PublishedIndicators:
    """Publish these indicators and no other, from now on: the others go from every phone at once. Raises Unprocessable
    for what is no indicator, PreconditionFailed."""
    refuse(indicator_findings(indicators or ()), "What is published")
    async with changing(pool, caller) as (connection, client):
        before = PublishedIndicators(indicators=client.published_indicators)
        after = PublishedIndicators(indicators=tuple(sorted(indicators)) if indicators is not None else None)
        expected.expect(before)
        if before == after:
            return after
        await clients.save_published_indicators(connection, caller.client, after.indicators)
        moment = await clients.next_moment(connection, caller.client)
        await emit(connection, announcements.indicators_changed(caller.client, after.indicators, moment))
        await record(
            connection,
            caller.actor,
            client=caller.client,
            action="published-indicators.changed",
            subject=caller.client,
            before=before.model_dump(),
            after=after.model_dump(),
        )
    log.info("published_indicators_changed", client=caller.client, published=after.indicators)
    return after
