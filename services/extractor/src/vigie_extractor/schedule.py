"""The loop that waits for the slots of schedules and takes them up, in every process at once.

It sleeps until the first slot comes, whichever client's that is, and is woken when a schedule changes.
"""

import asyncio
from typing import NoReturn

import structlog

from vigie_extractor.clock import Clock
from vigie_extractor.handlers.firing import first_slot, take_up_next
from vigie_extractor.wakening import Wakening
from vigie_shared.database import UNAVAILABLE, Pool

log = structlog.get_logger()

LONGEST_WAIT = 60.0
"""Seconds after which it looks again, whatever it knows: a notification may be lost, and clocks are set."""

SHORTEST_WAIT = 0.1
"""Seconds; a slot that has come and cannot be had is being taken up elsewhere."""

AWAY_PAUSE = 1.0


class Scheduler:
    """Takes up slots. `clock` says which have come."""

    def __init__(self, pool: Pool, wakening: Wakening, clock: Clock) -> None:
        self._pool = pool
        self._wakening = wakening
        self._clock = clock

    async def run(self) -> NoReturn:
        """For as long as the service runs, through any absence of the database."""
        while True:
            try:
                woken = self._wakening.next
                while await take_up_next(self._pool, self._clock):
                    pass
                await woken.within(await self._until_the_next())
            except UNAVAILABLE as error:
                log.warning("database_unavailable", reason=type(error).__name__)
                await asyncio.sleep(AWAY_PAUSE)

    async def _until_the_next(self) -> float:
        first = await first_slot(self._pool)
        if first is None:
            return LONGEST_WAIT
        return min(max((first - self._clock()).total_seconds(), SHORTEST_WAIT), LONGEST_WAIT)
