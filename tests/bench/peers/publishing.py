"""Bare publishing by aio-pika: `publishing.py URL FILE COUNT` prints the seconds that it took.

COUNT times the message in FILE, kept on disk and confirmed, to a quorum queue behind a topic exchange that nobody
consumes; 100 are in flight at any time, and nothing else is done.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import uvloop

IN_FLIGHT = 100
_NAME = "vigie.bench.bare"


async def main(url: str, body: bytes, count: int) -> float:
    """Seconds from the first message to the last confirm."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.declare_exchange(_NAME, aio_pika.ExchangeType.TOPIC, durable=True)
        queue = await channel.declare_queue(_NAME, durable=True, arguments={"x-queue-type": "quorum"})
        await queue.bind(exchange, "#")
        messages = iter(range(count))
        started = time.perf_counter()
        async with asyncio.TaskGroup() as publishers:
            for _ in range(IN_FLIGHT):
                publishers.create_task(_publish(exchange, body, messages))
        seconds = time.perf_counter() - started
        await queue.delete(if_unused=False, if_empty=False)
        await exchange.delete()
    return seconds


async def _publish(exchange: aio_pika.abc.AbstractExchange, body: bytes, messages: Iterator[int]) -> None:
    for number in messages:
        message = aio_pika.Message(
            body,
            content_type="application/cloudevents+json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=str(number),
        )
        await exchange.publish(message, "indicators.extracted.v1.BENCH", mandatory=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        took = runner.run(main(sys.argv[1], Path(sys.argv[2]).read_bytes(), int(sys.argv[3])))
    sys.stdout.write(str(took))
