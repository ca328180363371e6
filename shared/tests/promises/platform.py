"""A service that only notes what it hears, on either bus, with everything a test needs to disturb it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import aio_pika
import asyncpg
from tests.stack.amqp import forgetting
from tests.stack.databases import as_role
from tests.stack.waiting import until

from vigie_shared import outbox, topology
from vigie_shared.bus import Bus, RabbitBus
from vigie_shared.database import ALL_CLIENTS, Connection, Pool, create_pool, schema_of, transaction
from vigie_shared.events import ClientResumed, ClientSuspended, Event, MomentData
from vigie_shared.inbox import Consumer
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.local_bus import LocalBus
from vigie_shared.migrate import Migrations, migrations_of_local_bus
from vigie_shared.parked import ParkedMessages

SERVICE = "promises"

QUEUE = topology.PUBLISHER_CLIENTS
"""The queue whose promises are tried: it hears ClientSuspended and ClientResumed."""


def migrations() -> tuple[Migrations, ...]:
    shared = Path(outbox.__file__).parent / "migrations"
    own = Path(__file__).parent / "migrations"
    tables = (
        ("schema_migrations_messages", shared / "messages"),
        ("schema_migrations_audit", shared / "audit"),
        ("schema_migrations", own),
    )
    return (Migrations(SERVICE, tables), migrations_of_local_bus())


def suspended(client: str = "ACME") -> ClientSuspended:
    now = datetime.now(UTC)
    return ClientSuspended(id=uuid4(), subject=client, time=now, clientcode=client, data=MomentData(at=now))


@dataclass
class Noting:
    """Handlers that note each event, after doing to it whatever a test asks for."""

    disturb: Callable[[Event], Awaitable[None]] | None = None
    seen: list[UUID] = field(default_factory=list)

    async def __call__(self, connection: Connection, heard: Sequence[Event]) -> None:
        for event in heard:
            self.seen.append(event.id)
            if self.disturb is not None:
                await self.disturb(event)
            await connection.execute("INSERT INTO effects (event_id) VALUES ($1)", event.id)


class Platform:
    """One service on one bus. What runs is started by a test, and stopped and started again at will."""

    def __init__(
        self, pool: Pool, new_bus: Callable[[], Bus], parked: Callable[[], Awaitable[list[bytes]]], *, prefix: str = ""
    ) -> None:
        self.pool = pool
        self.prefix = prefix
        self.noting = Noting()
        self.parked = parked
        self._new_bus = new_bus
        self.bus = new_bus()
        self.consumer = Consumer(QUEUE, pool, {ClientSuspended: self.noting, ClientResumed: self.noting})

    @property
    def parked_messages(self) -> ParkedMessages:
        """What an operator does with parked messages, on the bus that runs."""
        return ParkedMessages(self.pool, self.bus, [self.consumer])

    async def emit(self, *events: Event) -> None:
        async with transaction(self.pool, events[0].clientcode) as connection:
            await outbox.emit(connection, *events)

    async def effects(self) -> list[UUID]:
        async with transaction(self.pool, ALL_CLIENTS) as connection:
            return [row["event_id"] for row in await connection.fetch("SELECT event_id FROM effects ORDER BY position")]

    async def waiting(self) -> int:
        return (await outbox.pending(self.pool))[0]

    @asynccontextmanager
    async def running(self, *, consuming: bool = True) -> AsyncIterator[None]:
        """The relay and, unless told otherwise, the consumer, until the end of the block; then both are gone."""
        self.bus = bus = self._new_bus()
        if consuming:
            bus.consume(QUEUE, self.consumer.deliver)
        tasks = [asyncio.create_task(bus.run()), asyncio.create_task(outbox.relay(self.pool, bus))]
        try:
            await until(lambda: _true(bus.ready))
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _true(value: bool) -> bool:
    return value


@asynccontextmanager
async def local_platform(owner_url: str) -> AsyncIterator[Platform]:
    pool = await create_pool(as_role(owner_url, SERVICE), SERVICE)
    bus_pool = await create_pool(as_role(owner_url, LOCAL_BUS), LOCAL_BUS, size=2)

    async def parked() -> list[bytes]:
        async with transaction(bus_pool, ALL_CLIENTS) as connection:
            return [row["body"] for row in await connection.fetch("SELECT body FROM parked ORDER BY parked_at")]

    yield Platform(pool, lambda: LocalBus(bus_pool), parked)
    await pool.close()
    await bus_pool.close()


@asynccontextmanager
async def rabbit_platform(owner_url: str, amqp_url: str) -> AsyncIterator[Platform]:
    pool = await create_pool(as_role(owner_url, SERVICE), SERVICE)
    prefix = f"test.{uuid4().hex[:8]}."

    async def parked() -> list[bytes]:
        bodies = []
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue(prefix + QUEUE.parked, ensure=False)
            while (message := await queue.get(fail=False)) is not None:
                bodies.append(message.body)
        return bodies

    async with forgetting(amqp_url, prefix):
        yield Platform(pool, lambda: RabbitBus(amqp_url, service=SERVICE, prefix=prefix), parked, prefix=prefix)
    await pool.close()


async def empty(owner_url: str) -> None:
    """Forget what an earlier test left behind."""
    connection = await asyncpg.connect(owner_url)
    schema = schema_of(SERVICE)
    await connection.execute(f"TRUNCATE {schema}.effects, {schema}.outbox, {schema}.inbox, {schema}.inbox_failures")
    await connection.execute(f"TRUNCATE {schema_of(LOCAL_BUS)}.parked")
    await connection.close()
