"""Consuming by the batch: what a queue hands out is handled together, and acknowledged once it had its effect."""

import asyncio
from dataclasses import dataclass

import structlog
from aio_pika.abc import AbstractConnection
from aiormq.abc import DeliveredMessage

from vigie_shared.bus.channels import foreign_endings_as_loss, obey_cancellation, protocol_channel
from vigie_shared.bus.protocol import Deliver, Done, Park, RetryAfter

log = structlog.get_logger()

PREFETCH = 200
CONSUME_BATCH = 100


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A message that a queue has handed out; `tag` is what the broker calls this delivery of it."""

    tag: int
    event_id: str | None
    body: bytes

    @classmethod
    def of(cls, message: DeliveredMessage) -> "_Delivery":
        if message.delivery_tag is None:
            raise ValueError("the broker delivered a message without a tag")
        return cls(message.delivery_tag, message.header.properties.message_id, message.body)


async def consume(connection: AbstractConnection, name: str, deliver: Deliver, lost: asyncio.Event) -> None:
    """Handle the messages of one queue in batches. Whatever is not settled when the link breaks comes again."""
    with foreign_endings_as_loss():
        opened = await connection.channel(publisher_confirms=False)
        opened.close_callbacks.add(lambda *_: lost.set())
        await opened.set_qos(prefetch_count=PREFETCH)
        channel = await protocol_channel(opened)
        waiting: asyncio.Queue[_Delivery] = asyncio.Queue()

        async def take(message: DeliveredMessage) -> None:
            waiting.put_nowait(_Delivery.of(message))

        await channel.basic_consume(name, take)
        obey_cancellation()
        retrying: set[_Delivery] = set()
        async with asyncio.TaskGroup() as pauses:
            while True:
                batch = [await waiting.get()]
                while len(batch) < CONSUME_BATCH and not waiting.empty():
                    batch.append(waiting.get_nowait())
                in_order = not retrying
                verdicts = await deliver([message.body for message in batch])
                with foreign_endings_as_loss():
                    if in_order and all(isinstance(verdict, Done) for verdict in verdicts):
                        await channel.basic_ack(batch[-1].tag, multiple=True)
                        continue
                    for message, verdict in zip(batch, verdicts, strict=True):
                        retrying.discard(message)
                        match verdict:
                            case Done():
                                await channel.basic_ack(message.tag)
                            case Park(reason):
                                log.error("message_parked", queue=name, event_id=message.event_id, reason=reason)
                                await channel.basic_reject(message.tag, requeue=False)
                            case RetryAfter(seconds):
                                retrying.add(message)
                                pauses.create_task(_put_later(waiting, message, seconds))


async def _put_later(waiting: asyncio.Queue[_Delivery], message: _Delivery, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await waiting.put(message)
