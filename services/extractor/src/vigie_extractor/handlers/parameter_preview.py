"""What each figure would become with other parameters: computed on the sources twice, nothing saved or published."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import structlog

from vigie_extractor.auth import Auth, PublishedIndicators
from vigie_extractor.clock import Clock, day_at
from vigie_extractor.domain.comparison import ComparedScope, Computation, compare
from vigie_extractor.domain.parameters import Chosen
from vigie_extractor.domain.report import ScopeLine
from vigie_extractor.domain.run import Request
from vigie_extractor.handlers.execution import Compute
from vigie_extractor.handlers.parameters import ParameterSettings
from vigie_extractor.handlers.selection import judge, refused
from vigie_extractor.handlers.surveys import Surveys
from vigie_extractor.indicators.document import indicator_document
from vigie_extractor.indicators.result import IndicatorId
from vigie_extractor.orders import Computed, Order
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.storage import parameters as storage
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import Conflict

log = structlog.get_logger()

LONGEST_SECONDS = 90
"""A preview that takes longer is given up."""


@dataclass(frozen=True, slots=True)
class PreviewedParameters:
    """What figures are and would become. `anomalies` are those that would be found and are not now."""

    as_of: date
    scopes: tuple[ComparedScope, ...]
    left_out: tuple[ScopeLine, ...]
    anomalies: tuple[dict[str, Any], ...]


class ParameterPreview:
    """Computes for one request at a time: for each client in the whole service, and in this process for anybody."""

    def __init__(
        self,
        pool: Pool,
        auth: Auth,
        *,
        settings: ParameterSettings,
        surveys: Surveys,
        compute: Compute,
        clock: Clock,
        time_zone: str,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._pool = pool
        self._auth = auth
        self._settings = settings
        self._surveys = surveys
        self._compute = compute
        self._clock = clock
        self._time_zone = time_zone
        self._longest = longest
        self._asking: set[str] = set()
        self._turn = asyncio.Semaphore(1)

    async def compare(
        self, client: str, token: str, request: Request, chosen: Chosen, published: PublishedIndicators | None
    ) -> PreviewedParameters:
        """The figures of the scopes as an extraction would find them now and with `chosen`; cancelled, it stops.

        Raises what saving these parameters would be refused with, and what an extraction of these scopes would;
        Conflict while another preview of the client is computed, and when it takes too long.
        """
        async with self._alone(client):
            try:
                async with asyncio.timeout(self._longest) as limit:
                    return await self._compared(client, token, request, chosen, published)
            except TimeoutError:
                if not limit.expired():
                    raise
                raise Conflict(
                    f"The preview takes longer than {self._longest:g} seconds. Name fewer companies, or run an "
                    "extraction."
                ) from None

    @asynccontextmanager
    async def _alone(self, client: str) -> AsyncIterator[None]:
        busy = Conflict("Another preview of this client is being computed. Wait until it has ended, then try again.")
        if client in self._asking:
            raise busy
        self._asking.add(client)
        try:
            async with self._turn, transaction(self._pool, client) as connection:
                if not await storage.try_preview(connection, client):
                    raise busy
                yield
        finally:
            self._asking.discard(client)

    async def _compared(
        self, client: str, token: str, request: Request, chosen: Chosen, published: PublishedIndicators | None
    ) -> PreviewedParameters:
        await self._settings.look_up(client, token, chosen, await self._surveys.own(client))
        bindings = await self._surveys.bindings(client)
        published_now = await self._auth.published_indicators(token)
        directory = await self._auth.directory(token)
        judged = judge(directory, request.selection)
        if not judged.verdict.ok:
            raise refused(judged.verdict.failures)
        async with transaction(self._pool, client) as connection:
            chosen_now = await storage.find(connection, client)
            cash_accounts = await storage.cash_accounts(connection, client)
        as_of = request.as_of or day_at(self._clock, self._time_zone)
        order = Order(
            bindings,
            directory.structure(),
            judged.scopes,
            as_of,
            directory.may_extract,
            chosen_now,
            cash_accounts,
            explained=False,
        )
        now = await self._computed(order)
        then = now if chosen == chosen_now else await self._computed(replace(order, chosen=chosen))
        log.info("parameters_previewed", client=client, scopes=len(then.scopes))
        return PreviewedParameters(
            as_of,
            compare(
                _computations(now, published_now),
                _computations(then, published or published_now),
                [name.value for name in IndicatorId],
            ),
            then.left_out,
            tuple(found for found in then.anomalies if found not in now.anomalies),
        )

    async def _computed(self, order: Order) -> Computed:
        try:
            computed = await self._compute(order)
        except SourceError as error:
            raise Conflict(f"The sources cannot be computed from now. {error}") from None
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            raise Conflict(f"The sources cannot be read now. {error.filename}: {error.strerror}.") from None
        if computed.failures:
            raise refused(computed.failures)
        return computed


def _computations(computed: Computed, published: PublishedIndicators) -> Sequence[Computation]:
    return [
        Computation(
            scope.kind.value,
            scope.code,
            scope.name,
            scope.currency,
            {
                name.value: indicator_document(found)
                for name, found in scope.indicators.items()
                if published.indicators is None or name.value in published.indicators
            },
        )
        for scope in computed.scopes
    ]
