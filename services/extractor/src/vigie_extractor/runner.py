"""The loop that executes runs, whichever process they were asked for in.

A run is claimed under a lease, prolonged while its holder lives, and a fence, so that a killed process's run goes on
elsewhere within a lease, and nothing of a process that only seemed dead is ever committed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

import structlog

from vigie_extractor.storage import work
from vigie_extractor.storage.work import Claim, LeaseLost
from vigie_extractor.wakening import Wakening
from vigie_shared.database import ALL_CLIENTS, UNAVAILABLE, Pool, transaction
from vigie_shared.errors import place_of
from vigie_shared.tracing import tracing

log = structlog.get_logger()

Execute = Callable[[Claim], Awaitable[None]]
"""Executes a claimed run. Raises LeaseLost when the run is not its own any more."""

POLL_SECONDS = 1.0
"""How long the runner waits at most before it looks for work again."""

LONGEST_PAUSE = 15
"""Seconds; the pause before another attempt at a run that broke off grows up to this."""

GIVE_BACK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Lease:
    """For how long a claim holds without a sign of life, and how often one is given."""

    length: timedelta = timedelta(seconds=8)
    beat: timedelta = timedelta(seconds=2)


class Runner:
    """Executes runs, at most `at_once` at a time."""

    def __init__(
        self, pool: Pool, wakening: Wakening, execute: Execute, *, lease: Lease | None = None, at_once: int = 2
    ) -> None:
        self._pool = pool
        self._wakening = wakening
        self._execute = execute
        self._lease = lease or Lease()
        self._at_once = at_once

    async def run(self) -> NoReturn:
        """Execute runs for as long as the service runs, through any absence of the database."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._at_once):
                tasks.create_task(self._work())
        raise AssertionError("unreachable: the tasks never end by themselves")

    async def _work(self) -> NoReturn:
        while True:
            try:
                claim = await self._claim()
                if claim is None:
                    await self._wakening.within(POLL_SECONDS)
                else:
                    with tracing(claim.traceparent):
                        await self._hold(claim)
            except UNAVAILABLE as error:
                log.warning("database_unavailable", reason=type(error).__name__)
                await asyncio.sleep(POLL_SECONDS)

    async def _claim(self) -> Claim | None:
        async with transaction(self._pool, ALL_CLIENTS) as connection:
            return await work.claim(connection, self._lease.length)

    async def _hold(self, claim: Claim) -> None:
        """Execute a run while giving signs of life; stop executing as soon as it is not ours any more."""
        try:
            async with asyncio.TaskGroup() as tasks:
                beating = tasks.create_task(self._beat(claim))
                await self._execute(claim)
                beating.cancel()
        except* LeaseLost:
            log.info("extraction_let_go", client=claim.client, extraction_id=str(claim.run_id))
        except* Exception as errors:  # noqa: BLE001 - whatever breaks an attempt is counted against the run
            await self._count_failure(claim, errors)
        finally:
            await self._give_back(claim)

    async def _beat(self, claim: Claim) -> NoReturn:
        while True:
            await asyncio.sleep(self._lease.beat.total_seconds())
            try:
                async with transaction(self._pool, claim.client) as connection:
                    await work.prolong(connection, claim, self._lease.length)
            except UNAVAILABLE as error:
                # Nothing is at risk: should the lease run out meanwhile, the fence keeps this holder from committing.
                log.warning("database_unavailable", reason=type(error).__name__)

    async def _count_failure(self, claim: Claim, errors: BaseExceptionGroup) -> None:
        """Have the run tried again after a growing pause. Kinds of errors are kept, not their texts, which may hold
        rows of the client's data."""
        pause = min(LONGEST_PAUSE, 2**claim.failures)
        for error in errors.exceptions:
            log.error(
                "extraction_broke_off",
                client=claim.client,
                extraction_id=str(claim.run_id),
                error=type(error).__name__,
                where=place_of(error),
                seconds=pause,
            )
        async with transaction(self._pool, claim.client) as connection:
            await work.fail(connection, claim, timedelta(seconds=pause))

    async def _give_back(self, claim: Claim) -> None:
        """Let the run go on elsewhere at once, if it is still ours. Without a database the lease simply runs out."""
        try:
            async with asyncio.timeout(GIVE_BACK_SECONDS), transaction(self._pool, claim.client) as connection:
                await work.release(connection, claim)
        except UNAVAILABLE:
            log.warning("database_unavailable", reason="the lease of an extraction was left to run out")
