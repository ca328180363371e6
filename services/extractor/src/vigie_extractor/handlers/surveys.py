"""Looking into the sources of a client, for whoever sets something about them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from vigie_extractor import locations
from vigie_extractor.auth import Auth
from vigie_extractor.domain.company import DossierKind, Structure
from vigie_extractor.domain.parameters import Chosen
from vigie_extractor.domain.source import Source
from vigie_extractor.locations import LocationRefused
from vigie_extractor.orders import Binding
from vigie_extractor.storage import sources
from vigie_extractor.survey import Survey, Unreadable, own_parameters, survey_all
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import Conflict

_NO_DIRECTORY = Structure(DossierKind.MULTI_BASE, ())


AT_ONCE = 2
"""So many requests read the data of sources at a time in a process; others wait, so that runs keep the machine."""


class Surveys:
    """What the sources of a client hold now. `roots` are the folders that sources may lie in."""

    def __init__(self, pool: Pool, auth: Auth, roots: Sequence[Path]) -> None:
        self._pool = pool
        self._auth = auth
        self._roots = roots
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def own(self, client: str) -> tuple[Survey | Unreadable, ...]:
        """What each source says of its own parameters, or why nobody can tell now."""
        bound, lost = await self._bind(client)
        found = (*await own_parameters(bound, _NO_DIRECTORY), *lost)
        return tuple(sorted(found, key=lambda one: one.source.encode()))

    async def look(self, client: str, token: str, chosen: Chosen) -> tuple[Survey, ...]:
        """What the data of all sources holds, categories on the axis that would hold with `chosen`. Raises Conflict
        where there is no source, or one of them cannot be read now: then nobody can tell."""
        bound, lost = await self._bind(client)
        if not bound and not lost:
            raise Conflict("No source is registered, so there is no data to look into. Register the source first.")
        directory = (await self._auth.directory(token)).structure()
        async with self._turn:
            found = (*await survey_all(bound, directory, chosen), *lost)
        unreadable = [one for one in found if isinstance(one, Unreadable)]
        if unreadable:
            raise _unreadable([(one.source, one.why) for one in unreadable])
        return tuple(one for one in found if isinstance(one, Survey))

    async def bindings(self, client: str) -> tuple[Binding, ...]:
        """The folders of all sources. Raises Conflict where there is none, or one is not there now."""
        bound, lost = await self._bind(client)
        if lost:
            raise _unreadable([(one.source, one.why) for one in lost])
        if not bound:
            raise Conflict("No source is registered, so there is nothing to compute from. Register the source first.")
        return bound

    async def _bind(self, client: str) -> tuple[tuple[Binding, ...], tuple[Unreadable, ...]]:
        async with transaction(self._pool, client) as connection:
            every = await sources.all_of(connection, client)
        found = await asyncio.to_thread(lambda: [self._folder(source) for source in every])
        return (
            tuple(one for one in found if isinstance(one, Binding)),
            tuple(one for one in found if isinstance(one, Unreadable)),
        )

    def _folder(self, source: Source) -> Binding | Unreadable:
        try:
            return Binding(source, locations.resolve(source.location, self._roots))
        except LocationRefused as error:
            return Unreadable(source.name, str(error))


def in_doubt(surveys: Sequence[Survey]) -> None:
    """Raises Conflict where some file could not be read, so that nobody can tell whether it holds what is missed."""
    unread = [(one.source, why) for one in surveys for why in one.unread]
    if unread:
        raise _unreadable(unread)


def _unreadable(found: Sequence[tuple[str, str]]) -> Conflict:
    told = "; ".join(f"{source}: {why}" for source, why in found)
    return Conflict(
        f"The data cannot be looked into now, so nothing was changed. {told}. Make it readable and try again.",
        errors=[{"where": f"sources.{source}", "what": why} for source, why in found],
    )
