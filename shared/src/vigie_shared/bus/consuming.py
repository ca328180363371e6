"""Consuming by the batch: what a queue hands out is handled together, and acknowledged once it had its effect."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aio_pika.abc import AbstractConnection
from aiormq import Channel
from aiormq.abc import DeliveredMessage

from vigie_shared.bus.channels import foreign_endings_as_loss, obey_cancellation, protocol_channel
from vigie_shared.bus.protocol import Deliver, Done, Park, RetryAfter, Verdict

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


class _Deliveries:
    """What a queue has handed out to this process: taken by the batch, settled by the verdict."""

    def __init__(self, queue: str, channel: Channel) -> None:
        self._queue = queue
        self._channel = channel
        self._waiting: asyncio.Queue[_Delivery] = asyncio.Queue()
        self._retrying: set[_Delivery] = set()

    async def take(self, message: DeliveredMessage) -> None:
        self._waiting.put_nowait(_Delivery.of(message))

    async def batch(self) -> list[_Delivery]:
        """The messages that wait, at least one and at most CONSUME_BATCH."""
        batch = [await self._waiting.get()]
        while len(batch) < CONSUME_BATCH and not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        return batch

    async def settle(self, batch: Sequence[_Delivery], verdicts: Sequence[Verdict], pauses: asyncio.TaskGroup) -> None:
        """Tell the broker what became of a batch. While a message waits to be tried again, an earlier tag is not
        settled, and each message is acknowledged by itself."""
        if not self._retrying and all(isinstance(verdict, Done) for verdict in verdicts):
            await self._channel.basic_ack(batch[-1].tag, multiple=True)
            return
        for message, verdict in zip(batch, verdicts, strict=True):
            self._retrying.discard(message)
            match verdict:
                case Done():
                    await self._channel.basic_ack(message.tag)
                case Park(reason):
                    log.error("message_parked", queue=self._queue, event_id=message.event_id, reason=reason)
                    await self._channel.basic_reject(message.tag, requeue=False)
                case RetryAfter(seconds):
                    self._retrying.add(message)
                    pauses.create_task(self._hand_out_later(message, seconds))

    async def _hand_out_later(self, message: _Delivery, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._waiting.put_nowait(message)


async def consume(connection: AbstractConnection, name: str, deliver: Deliver, lost: asyncio.Event) -> None:
    """Handle the messages of one queue in batches. Whatever is not settled when the link breaks comes again."""
    with foreign_endings_as_loss():
        opened = await connection.channel(publisher_confirms=False)
        opened.close_callbacks.add(lambda *_: lost.set())
        await opened.set_qos(prefetch_count=PREFETCH)
        channel = await protocol_channel(opened)
        deliveries = _Deliveries(name, channel)
        await channel.basic_consume(name, deliveries.take)
        obey_cancellation()
        async with asyncio.TaskGroup() as pauses:
            while True:
                batch = await deliveries.batch()
                verdicts = await deliver([message.body for message in batch])
                with foreign_endings_as_loss():
                    await deliveries.settle(batch, verdicts, pauses)
