"""Looking at watched sources, and starting the extraction of what is new there once it has come to rest."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog

from vigie_extractor import locations
from vigie_extractor.clock import Clock, day_at
from vigie_extractor.domain.run import BySource, Request, Run
from vigie_extractor.domain.selection import Selection
from vigie_extractor.domain.source import Source
from vigie_extractor.domain.watching import Patience, Sight, look
from vigie_extractor.handlers.requests import save_and_tell
from vigie_extractor.locations import LocationRefused
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.sources.sighting import sight_of
from vigie_extractor.storage import sources, watches
from vigie_extractor.storage.watches import Look
from vigie_shared.database import ALL_CLIENTS, Connection, Pool, transaction
from vigie_shared.errors import VigieError

log = structlog.get_logger()

LOOK_SECONDS = 20.0
"""A folder that does not answer for so long is left alone; a network share that hangs keeps no other one waiting."""


class _Unreadable(VigieError):
    """A folder cannot be looked at now."""


@dataclass
class Watching:
    """Looks at the folders of watched sources, one after another, in a process of the name `looker`."""

    pool: Pool
    roots: Sequence[Path]
    clock: Clock
    time_zone: str
    patience: Patience
    looker: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        # Threads of its own: those that hang on a share are not missed elsewhere.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="watching")
        self._hanging: set[Look] = set()

    async def look_at_next(self) -> bool:
        """Look at the source whose turn it is. Returns false where it is nobody's turn."""
        now = self.clock()
        async with transaction(self.pool, ALL_CLIENTS) as connection:
            turn = await watches.claim(
                connection,
                self.looker,
                now,
                next_look_at=now + self.patience.period,
                until=now + 3 * self.patience.period + timedelta(seconds=LOOK_SECONDS),
            )
        if turn is None:
            return False
        async with transaction(self.pool, turn.client) as connection:
            source = await sources.find(connection, turn.client, turn.source)
        if source is not None:
            await self._look_at(turn, source)
        return True

    async def _look_at(self, turn: Look, source: Source) -> None:
        try:
            sight = await self._sight(turn, source)
        except _Unreadable as error:
            log.warning("watched_folder_unreadable", client=turn.client, source=turn.source, reason=str(error))
            async with transaction(self.pool, turn.client) as connection:
                await watches.note_unreadable(connection, turn.client, turn.source, str(error), self.clock())
            return
        async with transaction(self.pool, turn.client) as connection:
            run = await self._compare(connection, turn, source, sight)
        if run is not None:
            log.info("watched_folder_changed", client=turn.client, source=turn.source, extraction_id=str(run.id))

    async def _compare(self, connection: Connection, turn: Look, source: Source, sight: Sight) -> Run | None:
        """Keep what was seen; the extraction that it starts is saved in the same transaction, so it has one."""
        before = await watches.hold(connection, turn.client, turn.source)
        if before is None or source != await sources.find(connection, turn.client, turn.source):
            return None  # changed, or watched no longer, since it was looked at
        now = self.clock()
        looked = look(before, sight, now, self.patience.quiet)
        run = None
        if looked.changed:
            run = Run(
                client=turn.client,
                id=uuid4(),
                request=Request(Selection()),
                as_of=day_at(self.clock, self.time_zone),
                requested_by=await sources.saver_of(connection, turn.client, turn.source) or "",
                requested_at=now,
                origin=BySource(source.name),
                reads=source.companies,
            )
            await save_and_tell(connection, run)
        await watches.keep(connection, turn.client, turn.source, looked.watched, now, run.id if run else None)
        return run

    async def _sight(self, turn: Look, source: Source) -> Sight:
        """Raises _Unreadable."""
        if turn in self._hanging:
            raise _Unreadable("its folder, which does not answer")
        looking = asyncio.get_running_loop().run_in_executor(self._threads, _look, source, self.roots)
        self._hanging.add(turn)
        looking.add_done_callback(lambda done: self._answers_again(turn, done))
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await asyncio.shield(looking)
        except TimeoutError:
            raise _Unreadable("its folder, which does not answer") from None
        except (LocationRefused, SourceError) as error:
            raise _Unreadable(str(error)) from None
        except OSError as error:
            raise _Unreadable(f"its folder, which cannot be read ({error.strerror})") from None

    def _answers_again(self, turn: Look, done: asyncio.Future[Sight]) -> None:
        self._hanging.discard(turn)
        if not done.cancelled():
            done.exception()  # told to whoever waits; nobody does any more where it took too long


def _look(source: Source, roots: Sequence[Path]) -> Sight:
    return sight_of(locations.resolve(source.location, roots), source.kind)
