"""Sources: where the data of which companies is read, what it holds, and bringing that into the directory."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from vigie_extractor import locations
from vigie_extractor.auth import Auth, Directory, ImportResult
from vigie_extractor.clock import Clock
from vigie_extractor.domain.company import Structure
from vigie_extractor.domain.source import Planned, Source, SourceKind, dependents, is_watched_already, rival
from vigie_extractor.domain.watching import Sight, Watched
from vigie_extractor.handlers.answers import SourceDocument
from vigie_extractor.locations import LocationRefused
from vigie_extractor.orders import describe
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.sources.sighting import sight_of
from vigie_extractor.storage import schedules, watches
from vigie_extractor.storage import sources as storage
from vigie_extractor.storage.watches import WatchReport
from vigie_shared.audit import Actor, record
from vigie_shared.conditional import ANY_STATE, Precondition
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import Conflict, NotFound, Unprocessable

log = structlog.get_logger()


class Sources:
    """What an administrator does with the client's sources. `roots` are the folders that sources may lie in."""

    def __init__(self, pool: Pool, auth: Auth, roots: Sequence[Path], clock: Clock) -> None:
        self._pool = pool
        self._auth = auth
        self._roots = roots
        self._clock = clock

    async def save(self, client: str, actor: Actor, source: Source, expected: Precondition = ANY_STATE) -> bool:
        """Add or change a source; returns whether it is new. Raises Unprocessable for a folder that is not there or
        may not be read, Conflict when another source has one of its companies, PreconditionFailed. What lies in a
        folder when watching begins is not new."""
        folder = await asyncio.to_thread(self._folder, source)
        sight = await asyncio.to_thread(_sight_of, folder, source) if source.watch else None
        async with transaction(self._pool, client) as connection:
            await storage.lock(connection, client)
            every = await storage.all_of(connection, client)
            known = next((one for one in every if one.name == source.name), None)
            before = None if known is None else SourceDocument.of(known)
            expected.expect(before)
            other = rival(source, every)
            if other is not None:
                raise Conflict(
                    f"The source {other.name} already has companies of this one. Give each source its own `companies`, "
                    f"or change {other.name} instead.",
                    errors=[{"where": "body.companies", "what": f"shared with the source {other.name}"}],
                )
            now = self._clock()
            await storage.save(connection, client, source, actor.name, now)
            if sight is None:
                await watches.end(connection, client, source.name)
            elif not is_watched_already(known, source):
                await watches.begin(connection, client, source.name, Watched.begun(sight, now), now)
            await _record(connection, actor, client, "source.saved", source.name, before, SourceDocument.of(source))
        log.info("source_saved", client=client, source=source.name, by=actor.name)
        return before is None

    async def show(self, client: str, name: str) -> Source:
        """Raises NotFound."""
        async with transaction(self._pool, client) as connection:
            source = await storage.find(connection, client, name)
        if source is None:
            raise NotFound(f"There is no source {name}.")
        return source

    async def watch(self, client: str, name: str) -> WatchReport:
        """What is known of a watched folder. Raises NotFound, and Conflict for a source that is not watched."""
        await self.show(client, name)
        async with transaction(self._pool, client) as connection:
            report = await watches.find(connection, client, name)
        if report is None:
            raise Conflict(f"The source {name} is not watched. Save it with `watch`.")
        return report

    async def all(self, client: str) -> list[Source]:
        async with transaction(self._pool, client) as connection:
            return await storage.all_of(connection, client)

    async def remove(
        self,
        client: str,
        actor: Actor,
        token: str,
        name: str,
        *,
        even_if_used: bool = False,
        expected: Precondition = ANY_STATE,
    ) -> None:
        """Forget a source; what was published from it stays. Raises NotFound, PreconditionFailed, and Conflict naming
        everything that depends on it, unless it is to go even so."""
        await self.show(client, name)
        directory = None if even_if_used else await self._auth.directory(token)
        async with transaction(self._pool, client) as connection:
            await storage.lock(connection, client)
            before = await storage.find(connection, client, name)
            if before is None:
                raise NotFound(f"There is no source {name}.")
            expected.expect(SourceDocument.of(before))
            if directory is not None:
                _refuse_if_used(before, directory, await schedules.planned(connection, client))
            await storage.remove(connection, client, name)
            await _record(connection, actor, client, "source.removed", name, SourceDocument.of(before), None)
        log.info("source_removed", client=client, source=name, by=actor.name)

    async def structure(self, client: str, name: str) -> Structure:
        """The companies and families that a source holds now, those outside its `companies` left out.

        Raises NotFound; Conflict for a kind that carries none (fec); Unprocessable when it cannot be read.
        """
        source = await self.show(client, name)
        if source.kind is SourceKind.FEC:
            raise Conflict(
                f"The source {name} holds bare FEC files, which say nothing of companies and families. They are typed "
                "in, in the directory."
            )
        try:
            return await asyncio.to_thread(lambda: describe(self._folder(source), source.companies))
        except SourceError as error:
            raise Unprocessable(str(error)) from None
        except OSError as error:
            raise Unprocessable(f"The source {name} cannot be read: {error.strerror}.") from None

    async def bring_into_directory(
        self, client: str, actor: Actor, token: str, name: str, *, dry_run: bool
    ) -> ImportResult:
        """Have auth take over what a source holds, or say what that would change. Auth's audit has what it changed,
        ours that it came from this source."""
        result = await self._auth.import_structure(token, await self.structure(client, name), dry_run=dry_run)
        if not dry_run:
            counts = {
                "created": len(result.created),
                "changed": len(result.changed),
                "unchanged": result.unchanged,
            }
            async with transaction(self._pool, client) as connection:
                await record(
                    connection, actor, client=client, action="source.imported", subject=f"source/{name}", after=counts
                )
            log.info("source_imported", client=client, source=name, by=actor.name, **counts)
        return result

    def _folder(self, source: Source) -> Path:
        try:
            return locations.resolve(source.location, self._roots)
        except LocationRefused as error:
            raise Unprocessable(str(error), errors=[{"where": "body.location", "what": str(error)}]) from None


def _refuse_if_used(source: Source, directory: Directory, planned: Sequence[Planned]) -> None:
    used = dependents(source, directory.structure(), directory.structure(only_to_extract=True), planned)
    if used:
        raise Conflict(
            f"What `errors` lists depends on the source {source.name} and would be extracted no longer. Untick or "
            "change it, or let another source have these companies; `even_if_used=true` forgets it all the same.",
            errors=[{"where": one.where, "what": one.what} for one in used],
        )


async def _record(
    connection: Connection,
    actor: Actor,
    client: str,
    action: str,
    name: str,
    before: SourceDocument | None,
    after: SourceDocument | None,
) -> None:
    await record(
        connection,
        actor,
        client=client,
        action=action,
        subject=f"source/{name}",
        before=None if before is None else before.model_dump(mode="json"),
        after=None if after is None else after.model_dump(mode="json"),
    )


def _sight_of(folder: Path, source: Source) -> Sight:
    try:
        return sight_of(folder, source.kind)
    except SourceError as error:
        raise Unprocessable(str(error), errors=[{"where": "body.watch", "what": str(error)}]) from None
    except OSError as error:
        raise Unprocessable(f"The folder cannot be looked at: {error.strerror}.") from None
