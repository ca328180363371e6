"""What a platform leaves on a broker that it shares, and its removal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika

from tests.stack.waiting import until
from vigie_shared import topology
from vigie_shared.bus import Bus, Confirmed, Outgoing
from vigie_shared.events import Event


@asynccontextmanager
async def forgetting(amqp_url: str, prefix: str) -> AsyncIterator[None]:
    """Delete, in the end, the exchange and the queues of the platform that names them with `prefix`."""
    try:
        yield
    finally:
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            for queue in topology.QUEUES:
                await channel.queue_delete(prefix + queue.name)
                await channel.queue_delete(prefix + queue.parked)
            await channel.exchange_delete(prefix + topology.EXCHANGE)


async def say(bus: Bus, event: Event) -> None:
    """Publish an event as soon as the broker answers and a queue takes it: services declare theirs as they start."""
    message = Outgoing(event.id, event.routing_key, event.to_bytes())

    async def is_taken() -> bool:
        return bus.ready and isinstance((await bus.publish([message]))[0], Confirmed)

    await until(is_taken)
