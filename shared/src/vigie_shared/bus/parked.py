"""The parked twins on a broker: looking through them, and bringing messages back.

A message is taken without being acknowledged, so that it is back in its twin when this process dies or the link breaks.
What is replayed is acknowledged in the twin only once its queue has confirmed it: a death in between leaves it in both,
and the inbox of its consumer knows it by its id.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

from vigie_shared.bus.channels import foreign_endings_as_loss
from vigie_shared.bus.protocol import Decide, Fate, Parked
from vigie_shared.errors import BusUnavailable
from vigie_shared.events import derived_id

PATIENCE, COUNTING_PATIENCE = 10.0, 2.0
"""Seconds within which the broker has to answer a step; when it only counts, for somebody waits for all that is
measured."""

_GONE = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError)

_ROUTING_KEY = "vigie-routing-key"
"""The header in which a replayed message keeps the routing key that it was said with."""


async def settle_twin(connection: AbstractConnection, queue: str, twin: str, decide: Decide) -> None:
    """As `Bus.settle_parked`, for a queue and its twin by their names on the broker."""
    try:
        async with _passing_channel(connection, PATIENCE) as channel:
            await _settle(channel, queue, twin, decide)
    except _GONE as error:
        raise BusUnavailable(f"the parked messages of {queue} cannot be reached ({type(error).__name__})") from None


async def count_twins(connection: AbstractConnection, twins: Sequence[str]) -> list[int]:
    """How many messages each twin holds, those not counted that somebody is looking at. Raises BusUnavailable."""
    counts = []
    try:
        async with _passing_channel(connection, COUNTING_PATIENCE) as channel:
            for twin in twins:
                async with asyncio.timeout(COUNTING_PATIENCE):
                    declared = await channel.declare_queue(twin, passive=True)
                counts.append(declared.declaration_result.message_count or 0)
    except _GONE as error:
        raise BusUnavailable(f"the parked messages cannot be counted ({type(error).__name__})") from None
    return counts


@asynccontextmanager
async def _passing_channel(connection: AbstractConnection, patience: float) -> AsyncIterator[AbstractChannel]:
    """A channel that nobody waits for longer than so, to open or to close. Raises BusUnavailable where the link
    dies without a word."""
    with foreign_endings_as_loss():
        async with asyncio.timeout(patience):
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        try:
            yield channel
        finally:
            async with asyncio.timeout(patience):
                await channel.close()


async def _settle(channel: AbstractChannel, queue: str, twin: str, decide: Decide) -> None:
    parked_here = await channel.get_queue(twin, ensure=False)
    kept, replayed = list[AbstractIncomingMessage](), set[UUID]()
    while (message := await _taken(parked_here)) is not None:
        parked = _parked(message)
        # One that is replayed and fails at once comes back while this goes on, and is left for the next time.
        fate = Fate.STAY if parked.id in replayed else await decide(parked)
        match fate:
            case Fate.REPLAY:
                async with asyncio.timeout(PATIENCE):
                    await channel.default_exchange.publish(_again(message), routing_key=queue, mandatory=True)
                    await message.ack()
                replayed.add(parked.id)
            case Fate.DROP:
                await message.ack()
            case Fate.STAY | Fate.STOP:
                kept.append(message)
        if fate is Fate.STOP:
            break
    # The broker gives back by itself what a closed channel held, but in its own time: who looks next would miss it.
    for message in kept:
        await message.nack(requeue=True)


async def _taken(twin: AbstractQueue) -> AbstractIncomingMessage | None:
    async with asyncio.timeout(PATIENCE):
        return await twin.get(fail=False)


def _again(message: AbstractIncomingMessage) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        content_type=message.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        headers={_ROUTING_KEY: _routing_key(message)},
    )


def _parked(message: AbstractIncomingMessage) -> Parked:
    death = _death(message)
    at = death.get("time")
    given_up = "its consumer died with it or never finished it, again and again"
    return Parked(
        id=_id(message),
        client=_routing_key(message).rpartition(".")[2],
        body=message.body,
        reason=given_up if death.get("reason") == "delivery_limit" else None,
        parked_at=at if isinstance(at, datetime) else None,
    )


def _id(message: AbstractIncomingMessage) -> UUID:
    try:
        return UUID(message.message_id or "")
    except ValueError:
        return derived_id("parked", message.body.hex())


def _routing_key(message: AbstractIncomingMessage) -> str:
    """The key that the message was first said with: parking gives it another, and so does a replay."""
    kept = message.headers.get(_ROUTING_KEY)
    if isinstance(kept, str):
        return kept
    keys = _death(message).get("routing-keys")
    return str(keys[-1]) if isinstance(keys, list) and keys else message.routing_key or ""


def _death(message: AbstractIncomingMessage) -> Mapping[str, Any]:
    """What the broker says of how the message came here, the latest time."""
    deaths = message.headers.get("x-death")
    latest = deaths[0] if isinstance(deaths, list) and deaths else None
    return latest if isinstance(latest, dict) else {}
