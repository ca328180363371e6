"""The loop that looks at watched folders. They are looked at in turn, at a stated period, whichever process does it:
notices of the file system do not reach across a network."""

import asyncio
from typing import NoReturn

import structlog

from vigie_extractor.handlers.watching import Watching
from vigie_shared.database import UNAVAILABLE

log = structlog.get_logger()

AWAY_PAUSE = 1.0


class Watcher:
    """Looks at whatever folder's turn it is, every `seconds`."""

    def __init__(self, watching: Watching, seconds: float = 1.0) -> None:
        self._watching = watching
        self._seconds = seconds

    async def run(self) -> NoReturn:
        """For as long as the service runs, through any absence of the database."""
        while True:
            try:
                while await self._watching.look_at_next():
                    pass
                await asyncio.sleep(self._seconds)
            except UNAVAILABLE as error:
                log.warning("database_unavailable", reason=type(error).__name__)
                await asyncio.sleep(AWAY_PAUSE)
