"""From the commit of an extraction to the phone: how long until somebody who listens is told of a publication.

The way is the real one: the outbox of a running extractor, RabbitMQ, the publisher, its outbox, RabbitMQ again, the
gateway, and the open stream `GET /mobile/v1/events` of a phone. Nothing else happens meanwhile.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from uuid import uuid4

from tests.bench.client import CODE, Client
from tests.bench.conditions import Conditions
from tests.bench.dossiers import AS_OF, demonstration
from tests.bench.platform import Platform, running
from tests.bench.results import AtMost, Demand, Measured
from tests.fakes.phone import FakePhone, Listening
from vigie_shared.database import Pool, create_pool, transaction
from vigie_shared.events import IndicatorsExtracted, IndicatorsExtractedData, NamedScope, derived_id
from vigie_shared.outbox import emit

_SERVICES = ("auth", "extractor", "publisher", "mobile-gateway")
_SHORTCUT_CODE = "GROUPE"
_PUBLICATIONS = 50
_PAUSE = 0.1
"""Seconds between two publications, so that each meets processes that are waiting."""
_PATIENCE = 30.0
_DEMAND = Demand(AtMost(250), aim=AtMost(50))


def measure(conditions: Conditions) -> list[Measured]:
    """Rounds of single publications, after a few that do not count."""
    with running(_SERVICES, {}) as platform:
        client = Client(platform)
        scopes = client.extract(demonstration(conditions.data), AS_OF)
        rounds = asyncio.run(_measure(platform, client, scopes[0], conditions.rounds))
    what = f"committed until an open phone is told, {_PUBLICATIONS} publications"
    return [
        Measured(f"{what}, 95th percentile", "ms", tuple(map(_95th_percentile, rounds)), _DEMAND),
        Measured("the same, median", "ms", tuple(map(median, rounds))),
    ]


async def _measure(platform: Platform, client: Client, scope: NamedScope, rounds: int) -> list[list[float]]:
    async with _listening(platform, client) as stream, _outbox(platform) as outbox:
        for _ in range(5):
            await _milliseconds(stream, outbox, client, scope)
        return [
            [await _milliseconds(stream, outbox, client, scope) for _ in range(_PUBLICATIONS)] for _ in range(rounds)
        ]


async def _milliseconds(stream: Listening, outbox: Pool, client: Client, scope: NamedScope) -> float:
    """From the commit of one publication until the phone has been told of it."""
    await asyncio.sleep(_PAUSE)
    message = _message(client, scope)
    async with transaction(outbox, CODE) as connection:
        await emit(connection, message)
    committed = time.perf_counter()
    expected = str(derived_id("snapshot.published", message.id))
    async with asyncio.timeout(_PATIENCE):
        told = await stream.next()
        while told is not None and told.id != expected:
            told = await stream.next()
    if told is None:
        raise RuntimeError("the gateway has ended the phone's stream")
    return (time.perf_counter() - committed) * 1000


def _message(client: Client, scope: NamedScope) -> IndicatorsExtracted:
    extraction_id, grant = client.grant()
    return IndicatorsExtracted(
        id=uuid4(),
        subject=f"{scope.kind}/{scope.code}",
        time=datetime.now(UTC),
        clientcode=CODE,
        data=IndicatorsExtractedData(
            extraction_id=extraction_id,
            grant=grant,
            scope=scope,
            as_of=AS_OF,
            currency="EUR",
            periods={"year": (AS_OF.replace(month=1, day=1), AS_OF)},
            indicators={"treasury_position": {"available": True, "amount": "5230.10"}},
        ),
    )


def _95th_percentile(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=20, method="inclusive")[-1]


@asynccontextmanager
async def _listening(platform: Platform, client: Client) -> AsyncIterator[Listening]:
    token = client.phone_token(_SHORTCUT_CODE)
    phone = FakePhone(platform.services["mobile-gateway"].address, token)
    async with phone.http, phone.listening() as stream:
        yield stream


@asynccontextmanager
async def _outbox(platform: Platform) -> AsyncIterator[Pool]:
    pool = await create_pool(platform.database_url, "extractor", size=1)
    yield pool
    await pool.close()
