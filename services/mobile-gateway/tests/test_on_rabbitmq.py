"""The whole way on a real broker: from the publisher's word to a phone that listens and reads."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NoReturn

from tests.fakes.auth import FakeAuth
from tests.fakes.phone import FakePhone
from tests.fakes.publisher import FakePublisher
from tests.fakes.served import served
from tests.stack.amqp import forgetting, say
from tests.stack.waiting import until

from vigie_mobile_gateway.main import create_app
from vigie_mobile_gateway.settings import GatewaySettings
from vigie_shared import topology
from vigie_shared.bus import Bus, Done, RabbitBus
from vigie_shared.database import Pool, transaction
from vigie_shared.events import Event, NamedScope

ACME = NamedScope(kind="company", code="ACME", name="Acme")


@asynccontextmanager
async def neighbour(amqp_url: str, prefix: str) -> AsyncIterator[Bus]:
    """The bus of the other services: it has the extractor's queue, which also hears of publications."""
    bus = RabbitBus(amqp_url, service="neighbour", prefix=prefix)
    bus.consume(topology.EXTRACTOR_PUBLICATIONS, _taken)
    running: asyncio.Task[NoReturn] = asyncio.create_task(bus.run())
    async with forgetting(amqp_url, prefix):
        try:
            yield bus
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _taken(bodies: Sequence[bytes]) -> list[Done]:
    return [Done()] * len(bodies)


async def test_a_publication_walks_over_the_broker_to_a_phone(
    *,
    auth: FakeAuth,
    publisher: FakePublisher,
    settings: GatewaySettings,
    pool: Pool,
    amqp_url: str,
    bus_prefix: str,
    client: str,
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    app = create_app(settings, pool, RabbitBus(amqp_url, service="mobile-gateway", prefix=bus_prefix))
    async with asyncio.timeout(60), neighbour(amqp_url, bus_prefix) as bus, served(app) as address:
        phone = FakePhone(address, auth.token(client, "demo"))
        assert await phone.amounts("/snapshots/company/ACME") == {"treasury_position": "1.00"}
        told = None
        while told is None:
            # A stream that was opened before the gateway heard everything ends, and the phone comes back.
            async with phone.listening() as stream:
                event = publisher.publish(client, ACME, treasury_position="2.00")
                await say(bus, event)
                told = await stream.next()
                assert await phone.amounts("/snapshots/company/ACME") == {"treasury_position": "2.00"}
        assert told.id == str(event.id)
        noted = event
        await until(lambda: is_noted(pool, client, noted))
        async with phone.listening(last_event_id="nonsense") as stream:
            assert await stream.next() == told
        await phone.http.aclose()


async def is_noted(pool: Pool, client: str, event: Event) -> bool:
    async with transaction(pool, client) as connection:
        return bool(await connection.fetchval("SELECT 1 FROM announcements WHERE event_id = $1", event.id))
