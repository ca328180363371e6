"""Publishing by the batch: its frames are written at once, and its confirms are awaited together.

aio_pika publishes message by message, each with tasks, timers and a lock of its own, and that was most of what carrying
an event cost. What is sent, and what is believed of it only once the broker has confirmed it, is the same.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from aiormq import Channel
from aiormq.abc import ChannelFrame
from aiormq.exceptions import AMQPError, PublishError
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from vigie_shared import topology
from vigie_shared.bus.protocol import Confirmation, Confirmed, NotYet, Outgoing
from vigie_shared.errors import BusUnavailable

PUBLISH_TIMEOUT = 10.0
"""Seconds within which the broker has to confirm a batch."""

UNBLOCK_TIMEOUT = 1.0
"""Seconds to wait for a broker that has said it takes nothing now."""

_PERSISTENT = 2


class BatchPublisher:
    """Publishes to an exchange over a channel that confirms, and on which a returned message raises PublishError."""

    def __init__(self, channel: Channel, exchange: str) -> None:
        self._channel = channel
        self._exchange = exchange
        self._publish_frame = lru_cache(maxsize=1000)(self._make_publish_frame)

    async def publish(self, messages: Sequence[Outgoing]) -> list[Confirmation]:
        """Send messages and answer what became of each, in order. Raises BusUnavailable when none could be sent."""
        if not messages:
            return []
        await self._wanted()
        confirms = self._send(messages)
        try:
            await asyncio.wait(confirms, timeout=PUBLISH_TIMEOUT)
            return [_confirmation(confirm) for confirm in confirms]
        finally:
            for message, confirm in zip(messages, confirms, strict=True):
                confirm.cancel()
                self._channel.message_id_delivery_tag.pop(str(message.event_id), None)

    async def _wanted(self) -> None:
        """Raises BusUnavailable while the broker takes no messages: what would be sent to it would wait in this
        process's memory, once more at each attempt."""
        try:
            async with asyncio.timeout(UNBLOCK_TIMEOUT):
                await self._channel.connection.ready()
        except TimeoutError:
            raise BusUnavailable("the broker takes no messages now: it is short of memory or of disk space") from None

    def _send(self, messages: Sequence[Outgoing]) -> list[asyncio.Future[object]]:
        """Hand the frames to the connection. Nothing else can come in between, so their numbers are the broker's."""
        channel = self._channel
        if channel.is_closed:
            raise BusUnavailable("the channel to the broker is closed")
        frames: list[Basic.Publish | ContentHeader | ContentBody] = []
        for message in messages:
            frames.append(self._publish_frame(message.routing_key))
            frames.append(_header(message))
            frames += _bodies(message.body, channel.max_content_size)
        written = ChannelFrame.marshall(channel.number, frames)
        try:
            channel.write_queue.put_nowait(written)
        except asyncio.QueueFull:
            raise BusUnavailable("the connection to the broker takes nothing more") from None
        return [self._awaited(message) for message in messages]

    def _awaited(self, message: Outgoing) -> asyncio.Future[object]:
        """What the channel settles when the broker has confirmed, refused or returned the message, or has gone."""
        channel = self._channel
        channel.delivery_tag += 1
        confirm: asyncio.Future[object] = channel.create_future()
        channel.confirmations[channel.delivery_tag] = confirm
        channel.message_id_delivery_tag[str(message.event_id)] = channel.delivery_tag
        return confirm

    def _make_publish_frame(self, routing_key: str) -> Basic.Publish:
        mandatory = bool(topology.queues_hearing(routing_key))
        return Basic.Publish(exchange=self._exchange, routing_key=routing_key, mandatory=mandatory)


def _header(message: Outgoing) -> ContentHeader:
    properties = Basic.Properties(
        content_type="application/cloudevents+json", delivery_mode=_PERSISTENT, message_id=str(message.event_id)
    )
    return ContentHeader(body_size=len(message.body), properties=properties)


def _bodies(body: bytes, most: int) -> list[ContentBody]:
    return [ContentBody(body[start : start + most]) for start in range(0, len(body), most)]


def _confirmation(confirm: asyncio.Future[object]) -> Confirmation:
    if not confirm.done():
        return NotYet(f"the broker has not confirmed it within {PUBLISH_TIMEOUT:g} s")
    if confirm.cancelled():
        return NotYet("the connection broke without a word")
    match confirm.exception():
        case None:
            return Confirmed()
        case PublishError():
            return NotYet("no queue has taken it; does every service that hears it run?")
        case AMQPError() as error:
            return NotYet(f"the broker did not take it, or the connection broke ({type(error).__name__})")
        case error:
            return NotYet(f"the connection broke ({type(error).__name__})")
