"""The report of a run while it is being written, by whoever holds the run."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog

from vigie_extractor.clock import Clock
from vigie_extractor.domain.report import PartLine, Report, Step
from vigie_extractor.storage import runs, work
from vigie_extractor.storage.work import Claim
from vigie_shared.database import Connection, Pool, transaction

log = structlog.get_logger()

Observe = Callable[[Claim, Step], Awaitable[None]]
"""Told of each step once the report says that it has begun."""


async def log_step(claim: Claim, step: Step) -> None:
    """Leave a line in the log for each step."""
    log.info("extraction_step", client=claim.client, extraction_id=str(claim.run_id), step=step.value)


@asynccontextmanager
async def holding(pool: Pool, claim: Claim) -> AsyncIterator[Connection]:
    """A transaction in which the run stays ours. Raises LeaseLost when it is not ours any more."""
    async with transaction(pool, claim.client) as connection:
        await work.hold(connection, claim)
        yield connection


class Progress:
    """Writes the report of one run, step by step."""

    def __init__(self, pool: Pool, claim: Claim, report: Report, clock: Clock, observe: Observe) -> None:
        self._pool = pool
        self._claim = claim
        self._clock = clock
        self._observe = observe
        self.report = report

    async def begin(self, step: Step) -> None:
        """Keep the report, what ended before included. Raises LeaseLost."""
        self.report = self.report.begun(step, self._clock())
        async with holding(self._pool, self._claim) as connection:
            await runs.report(connection, self._claim.client, self._claim.run_id, self.report)
        await self._observe(self._claim, step)

    def end(self, step: Step, rows: dict[str, int] | None = None, parts: tuple[PartLine, ...] = ()) -> None:
        """What the step has read or written; it is kept with whatever is written next."""
        self.report = self.report.ended(step, self._clock(), rows, parts)

    def add(self, **findings: Any) -> None:
        """Put findings into the report (see Report); they are kept with whatever is written next."""
        self.report = self.report.model_copy(update=findings)
