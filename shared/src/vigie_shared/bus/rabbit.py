"""The bus on a broker. It keeps these promises:
- what is confirmed is on disk in every queue that hears it (quorum queues, publisher confirms, `mandatory`);
- what a consumer has not finished comes again, after a crash on either side;
- what cannot be handled ends in the parked twin of its queue, never nowhere.
The order of messages is not promised.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import AMQPError, ChannelPreconditionFailed
from yarl import URL

from vigie_shared import topology
from vigie_shared.bus.batches import BatchPublisher
from vigie_shared.bus.channels import foreign_endings_as_loss, obey_cancellation, protocol_channel
from vigie_shared.bus.consuming import consume
from vigie_shared.bus.parked import count_twins, settle_twin
from vigie_shared.bus.protocol import Confirmation, Decide, Deliver, Gap, Hear, Outgoing
from vigie_shared.errors import BusUnavailable
from vigie_shared.topology import Broadcast, Queue

log = structlog.get_logger()

CONNECT_TIMEOUT = 5.0
SETUP_TIMEOUT = 20.0
"""Seconds for all that is declared on a new connection."""
CLOSE_TIMEOUT = 2.0
"""Seconds for taking leave of the broker, which may not listen any more."""
HEARTBEAT = 5
"""Seconds; a link that dies without a word is noticed after three times one more than this."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between attempts to connect, doubled each time."""
CONSUMERS = 2
"""How many batches of a queue are in hand at once: one is taken in while the database works on the other."""


Connected = Callable[[], None]
"""Called by a session once it does its work."""


@dataclass(frozen=True)
class _Subscription:
    queue: Queue
    deliver: Deliver


@dataclass(frozen=True)
class _Listener:
    broadcast: Broadcast
    hear: Hear
    gap: Gap


class RabbitBus:
    """The bus on RabbitMQ (3.10 and later).

    A service has two connections: a broker that is short of memory or disk stops reading from whoever publishes, and
    acknowledgements must still get through then, or its queues could never drain.

    `prefix` stands before the name of the exchange and of every queue, so that several platforms can share a broker.
    """

    def __init__(self, url: str, *, service: str, prefix: str = "") -> None:
        self._url = url
        self._service = service
        self._prefix = prefix
        self._subscriptions: list[_Subscription] = []
        self._listeners: list[_Listener] = []
        self._publisher: BatchPublisher | None = None
        self._connection: AbstractConnection | None = None
        """The one to publish on."""
        self._consuming = False

    @property
    def ready(self) -> bool:
        return self._publisher is not None and (self._consuming or not self._consumes)

    def consume(self, queue: Queue, deliver: Deliver) -> None:
        self._subscriptions.append(_Subscription(queue, deliver))

    def listen(self, broadcast: Broadcast, hear: Hear, gap: Gap) -> None:
        self._listeners.append(_Listener(broadcast, hear, gap))

    async def publish(self, messages: Sequence[Outgoing]) -> Sequence[Confirmation]:
        if self._publisher is None:
            raise BusUnavailable("no connection to the broker")
        return await self._publisher.publish(messages)

    async def settle_parked(self, queue: Queue, decide: Decide) -> None:
        connection = self._connected()
        await settle_twin(connection, self._prefix + queue.name, self._prefix + queue.parked, decide)

    async def count_parked(self, queues: Sequence[Queue]) -> Mapping[Queue, int]:
        counts = await count_twins(self._connected(), [self._prefix + queue.parked for queue in queues])
        return dict(zip(queues, counts, strict=True))

    def _connected(self) -> AbstractConnection:
        if self._connection is None:
            raise BusUnavailable("no connection to the broker")
        return self._connection

    async def run(self) -> NoReturn:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._kept(self._publish_while_connected, "publishing"))
            if self._consumes:
                tasks.create_task(self._kept(self._consume_while_connected, "consuming"))
        raise AssertionError("unreachable: the tasks never end by themselves")

    @property
    def _consumes(self) -> bool:
        return bool(self._subscriptions or self._listeners)

    async def _kept(self, session: Callable[[Connected], Awaitable[NoReturn]], purpose: str) -> NoReturn:
        """Hold one session after the other, with pauses that grow while the broker is away."""
        pause = FIRST_PAUSE

        def connected() -> None:
            nonlocal pause
            obey_cancellation()
            pause = FIRST_PAUSE
            log.info("bus_connected", service=self._service, purpose=purpose)

        while True:
            try:
                with foreign_endings_as_loss():
                    await session(connected)
            except* (AMQPError, OSError, TimeoutError, RuntimeError, BusUnavailable) as errors:
                log.warning("bus_unavailable", service=self._service, purpose=purpose, reason=_innermost(errors))
            obey_cancellation()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _publish_while_connected(self, connected: Connected) -> NoReturn:
        """One connection to publish on, from opening to loss. Always ends by raising."""
        async with self._opened("publishing") as (connection, lost):
            try:
                async with asyncio.timeout(SETUP_TIMEOUT):
                    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                    channel.close_callbacks.add(lambda *_: lost.set())
                    exchange = await self._declare_exchange(channel)
                    self._publisher = BatchPublisher(await protocol_channel(channel), exchange.name)
                self._connection = connection
                connected()
                await lost.wait()
            finally:
                self._publisher = self._connection = None
            raise BusUnavailable("the connection to the broker was lost")

    async def _consume_while_connected(self, connected: Connected) -> NoReturn:
        """One connection to consume on, from opening to loss. Always ends by raising."""
        async with self._opened("consuming") as (connection, lost):
            try:
                async with asyncio.TaskGroup() as tasks:
                    async with asyncio.timeout(SETUP_TIMEOUT):
                        channel = await connection.channel(publisher_confirms=False)
                        channel.close_callbacks.add(lambda *_: lost.set())
                        exchange = await self._declare_exchange(channel)
                        for subscription in self._subscriptions:
                            queue = await self._declare(connection, channel, exchange, subscription.queue)
                            for _ in range(CONSUMERS):
                                tasks.create_task(consume(connection, queue, subscription.deliver, lost))
                    for listener in self._listeners:
                        tasks.create_task(self._listen(connection, exchange, listener, lost))
                    self._consuming = True
                    connected()
                    await lost.wait()
                    raise BusUnavailable("the connection to the broker was lost")
            finally:
                self._consuming = False
        raise AssertionError("unreachable: the block ends by raising")

    @asynccontextmanager
    async def _opened(self, purpose: str) -> AsyncIterator[tuple[AbstractConnection, asyncio.Event]]:
        """A connection, and the event of its loss."""
        lost = asyncio.Event()
        connection = await aio_pika.connect(
            URL(self._url) % {"heartbeat": HEARTBEAT},
            timeout=CONNECT_TIMEOUT,
            client_properties={"connection_name": f"{self._service} {purpose}"},
        )
        connection.close_callbacks.add(lambda *_: lost.set())
        try:
            yield connection, lost
        finally:
            with suppress(TimeoutError, AMQPError, OSError):
                async with asyncio.timeout(CLOSE_TIMEOUT):
                    await connection.close()

    async def _declare_exchange(self, channel: AbstractChannel) -> AbstractExchange:
        return await channel.declare_exchange(
            self._prefix + topology.EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True
        )

    async def _declare(
        self, connection: AbstractConnection, channel: AbstractChannel, exchange: AbstractExchange, queue: Queue
    ) -> str:
        """Declare a queue with its parked twin and its bindings, and return its name."""
        name, parked = self._prefix + queue.name, self._prefix + queue.parked
        await _declare_twin(connection, parked)
        await channel.declare_queue(
            name,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": topology.DELIVERY_LIMIT,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": parked,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )
        declared = await channel.get_queue(name, ensure=False)
        for heard in queue.hears:
            await declared.bind(exchange, f"{heard.routing_stem()}.*")
        return name

    async def _listen(
        self, connection: AbstractConnection, exchange: AbstractExchange, listener: _Listener, lost: asyncio.Event
    ) -> None:
        with foreign_endings_as_loss():
            channel = await connection.channel(publisher_confirms=False)
            channel.close_callbacks.add(lambda *_: lost.set())
            queue = await channel.declare_queue(exclusive=True, auto_delete=True)
            for heard in listener.broadcast.hears:
                await queue.bind(exchange, f"{heard.routing_stem()}.*")
            obey_cancellation()
            await listener.gap()
            async with queue.iterator(no_ack=True) as messages:
                async for message in messages:
                    await listener.hear(message.body)


async def _declare_twin(connection: AbstractConnection, parked: str) -> None:
    """Declare a parked twin, whose messages may be looked at as often as anybody likes: each look counts as a delivery,
    and newer brokers drop a message after twenty unless told otherwise. One that was declared before without a limit
    is left as it is."""
    try:
        async with connection.channel() as channel:
            await channel.declare_queue(
                parked,
                durable=True,
                arguments={"x-queue-type": "quorum", "x-delivery-limit": topology.LOOKS_AT_PARKED},
            )
    except ChannelPreconditionFailed:
        log.warning("parked_queue_was_declared_otherwise", queue=parked)


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


async def broker_version(url: str) -> str:
    """The version of the broker at `url`. Raises BusUnavailable, saying why, where none lets this user in."""
    try:
        async with await aio_pika.connect(url, timeout=CONNECT_TIMEOUT) as connection:
            properties = connection.transport.connection.server_properties if connection.transport else {}
            version = properties.get("version", "unknown")
            return version.decode() if isinstance(version, bytes) else str(version)
    except (AMQPError, OSError, TimeoutError) as error:
        raise BusUnavailable(f"does not answer, or not to this user ({type(error).__name__})") from None
