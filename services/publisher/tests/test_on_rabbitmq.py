"""The whole way on a real broker: from an extractor's message to the answer that it and the gateway hear."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx2
from services.publisher.tests.world import ACME, Run
from tests.fakes.auth import FakeAuth
from tests.fakes.served import served
from tests.stack.amqp import forgetting, say
from tests.stack.databases import as_role

from vigie_publisher.main import create_app
from vigie_publisher.settings import PublisherSettings
from vigie_shared import events, topology
from vigie_shared.bus import Deliver, Done, RabbitBus, Verdict
from vigie_shared.database import create_pool
from vigie_shared.events import Event, PublicationRefused, SnapshotPublished

T = datetime(2026, 11, 24, 18, tzinfo=UTC)


class Neighbours:
    """The extractor and the gateway on the broker: they say what a test asks and note what they hear of a client."""

    def __init__(self, amqp_url: str, prefix: str, client: str) -> None:
        self.bus = RabbitBus(amqp_url, service="neighbours", prefix=prefix)
        self.heard: asyncio.Queue[Event] = asyncio.Queue()
        self.announced: asyncio.Queue[Event] = asyncio.Queue()
        for queue, noted in (
            (topology.EXTRACTOR_PUBLICATIONS, self.heard),
            (topology.GATEWAY_ANNOUNCEMENTS, self.announced),
        ):
            self.bus.consume(queue, _noting(noted, client))


def _noting(noted: asyncio.Queue[Event], client: str) -> Deliver:
    async def deliver(bodies: Sequence[bytes]) -> list[Verdict]:
        """The database may hold answers to earlier tests' clients, which are sent now."""
        for event in map(events.parse, bodies):
            if event.clientcode == client:
                noted.put_nowait(event)
        return [Done()] * len(bodies)

    return deliver


@asynccontextmanager
async def neighbours(amqp_url: str, prefix: str, client: str) -> AsyncIterator[Neighbours]:
    them = Neighbours(amqp_url, prefix, client)
    running = asyncio.create_task(them.bus.run())
    async with forgetting(amqp_url, prefix):
        try:
            yield them
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_figure_walks_from_the_extractor_to_a_reader_over_the_broker(
    publisher_database: str, amqp_url: str, bus_prefix: str, client: str
) -> None:
    auth = FakeAuth()
    auth.allow(client, "reader", [ACME])
    newer, late = Run(auth, client, T + timedelta(minutes=1)), Run(auth, client, T)
    pool = await create_pool(as_role(publisher_database, "publisher"), "publisher")
    async with neighbours(amqp_url, bus_prefix, client) as them, served(auth.app) as auth_url:
        bus = RabbitBus(amqp_url, service="publisher", prefix=bus_prefix)
        app = create_app(PublisherSettings(auth_url=auth_url), pool, bus)
        async with asyncio.timeout(60), served(app) as address:
            await say(them.bus, newer.extracted())
            published = await them.heard.get()
            await say(them.bus, late.extracted())
            refused = await them.heard.get()
            announced = await them.announced.get()
            async with httpx2.AsyncClient() as http:
                answer = await http.get(
                    f"{address}/publisher/v1/snapshots/company/ACME",
                    headers={"Authorization": f"Bearer {auth.token(client, 'reader')}"},
                )
    await pool.close()
    assert isinstance(published, SnapshotPublished)
    assert published == announced
    assert published.data.extraction_id == newer.id
    assert isinstance(refused, PublicationRefused)
    assert (refused.data.extraction_id, refused.data.reason) == (late.id, "superseded")
    assert answer.json()["extraction_id"] == str(newer.id)
