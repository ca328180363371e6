"""Waking those who wait for a change in the database, whatever process makes it: the runner for work, an open page for
progress, the scheduler for another first slot."""

import asyncio
from typing import NoReturn

from vigie_extractor.storage import runs
from vigie_shared import notices
from vigie_shared.database import Pool


class Change:
    """The first change after this was asked for."""

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event

    async def within(self, seconds: float) -> None:
        """Return when there may have been a change, and after `seconds` at the latest."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return


class Wakening:
    """Lets tasks wait until some run, of any client, may have changed; or what else `subject` names."""

    def __init__(self, pool: Pool, subject: str = runs.CHANGED) -> None:
        self._pool = pool
        self._subject = subject
        self._next = asyncio.Event()
        self.stopping = False
        """Whether the process is about to end: nothing is to be followed any longer."""

    @property
    def next(self) -> Change:
        """To be asked for before one looks, so that no change in between is missed."""
        return Change(self._next)

    async def within(self, seconds: float) -> None:
        """Return when there may have been a change, and after `seconds` at the latest."""
        await self.next.within(seconds)

    def stop(self) -> None:
        """Let whoever waits look up now, and see that the process is about to end."""
        self.stopping = True
        self._wake()

    async def listen(self) -> NoReturn:
        """Hear the notices of the database for as long as the service runs, through any absence of it."""
        await notices.listen(self._pool, self._subject, self._wake)

    def _wake(self) -> None:
        self._next.set()
        self._next = asyncio.Event()
