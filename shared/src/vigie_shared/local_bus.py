"""The bus inside one process: the same promises as RabbitBus, kept by PostgreSQL alone.

A message is confirmed only once every queue that hears it has committed or parked it, so its outbox row outlives any
crash in between; what a consumer has already done is known to its inbox when the row is sent again. Parked messages are
kept in a table of the bus's own schema, from which a replayed one goes only once its consumer has done with it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

import structlog

from vigie_shared import topology
from vigie_shared.bus import (
    Confirmation,
    Confirmed,
    Decide,
    Deliver,
    Done,
    Fate,
    Gap,
    Hear,
    NotYet,
    Outgoing,
    Park,
    Parked,
    RetryAfter,
    Verdict,
)
from vigie_shared.database import ALL_CLIENTS, UNAVAILABLE, Pool, transaction
from vigie_shared.topology import Broadcast, Queue

log = structlog.get_logger()

SERVICE = "local-bus"
"""The name under which the bus has a schema and a role, like a service."""

_PARK = """
INSERT INTO parked (queue, event_id, client_code, body, reason)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (queue, event_id) DO UPDATE SET reason = excluded.reason, parked_at = clock_timestamp(), replay_at = NULL
"""

_PARKED = """
SELECT event_id, client_code, body, reason, parked_at FROM parked
WHERE queue = $1 AND replay_at IS NULL
ORDER BY parked_at, event_id
"""

_COUNT = "SELECT queue, count(*) AS messages FROM parked WHERE replay_at IS NULL GROUP BY queue"

_DROP = "DELETE FROM parked WHERE queue = $1 AND event_id = ANY($2::uuid[])"

_REPLAY = """
UPDATE parked SET replay_at = clock_timestamp() + make_interval(secs => $3)
WHERE queue = $1 AND event_id = ANY($2::uuid[])
"""

_TO_REPLAY = """
SELECT queue, event_id, body FROM parked WHERE replay_at <= clock_timestamp() ORDER BY replay_at LIMIT 100
"""

_PARK_AGAIN = """
UPDATE parked SET replay_at = NULL, reason = $3, parked_at = clock_timestamp() WHERE queue = $1 AND event_id = $2
"""

REMEMBERED_BROADCASTS = 10_000
"""Messages that are known to have been broadcast when they are sent again; a listener bears hearing one twice."""

REPLAY_POLL_SECONDS = 0.5
"""How often replayed messages that failed again are looked after; a fresh replay is begun at once."""


@dataclass(frozen=True)
class _Listener:
    broadcast: Broadcast
    hear: Hear


class LocalBus:
    """The bus of the one-process target. `pool` is that of its own schema, where parked messages are kept."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._deliveries: dict[str, Deliver] = {}
        self._listeners: list[_Listener] = []
        self._broadcast_lately: OrderedDict[UUID, None] = OrderedDict()
        self._replays = asyncio.Event()
        self._replaying = asyncio.Lock()

    @property
    def ready(self) -> bool:
        return True

    def consume(self, queue: Queue, deliver: Deliver) -> None:
        self._deliveries[queue.name] = deliver

    def listen(self, broadcast: Broadcast, hear: Hear, gap: Gap) -> None:  # noqa: ARG002 - in one process nothing is missed
        self._listeners.append(_Listener(broadcast, hear))

    async def run(self) -> NoReturn:
        """Bring replayed messages to their consumers. Every service of the process calls it; one at a time works."""
        async with self._replaying:
            while True:
                try:
                    self._replays.clear()
                    some_wait = await self._replay()
                except UNAVAILABLE as error:
                    log.warning("database_unavailable", reason=type(error).__name__)
                    some_wait = True
                await self._woken_within(REPLAY_POLL_SECONDS if some_wait else None)

    async def publish(self, messages: Sequence[Outgoing]) -> Sequence[Confirmation]:
        for message in messages:
            await self._broadcast(message)
        outcomes: list[Confirmation] = [Confirmed()] * len(messages)
        for queue in topology.QUEUES:
            heard = [i for i, message in enumerate(messages) if queue in topology.queues_hearing(message.routing_key)]
            if not heard:
                continue
            for i, outcome in zip(heard, await self._deliver(queue, [messages[i] for i in heard]), strict=True):
                if isinstance(outcome, NotYet):
                    outcomes[i] = outcome
        return outcomes

    async def _deliver(self, queue: Queue, messages: Sequence[Outgoing]) -> list[Confirmation]:
        deliver = self._deliveries.get(queue.name)
        if deliver is None:
            return [NotYet(f"{queue.owner} is not running yet")] * len(messages)
        verdicts = await deliver([message.body for message in messages])
        return [
            await self._settle(queue, message, verdict) for message, verdict in zip(messages, verdicts, strict=True)
        ]

    async def _settle(self, queue: Queue, message: Outgoing, verdict: Verdict) -> Confirmation:
        match verdict:
            case Done():
                return Confirmed()
            case Park(reason):
                log.error("message_parked", queue=queue.name, event_id=str(message.event_id), reason=reason)
                client = message.routing_key.rpartition(".")[2]
                async with transaction(self._pool, ALL_CLIENTS) as connection:
                    await connection.execute(_PARK, queue.name, message.event_id, client, message.body, reason)
                return Confirmed()
            case _:
                return NotYet(f"{queue.name} has not handled it yet")

    async def _broadcast(self, message: Outgoing) -> None:
        """Let listeners hear a message when it is first sent: they wait for no queue, as on a broker."""
        if message.event_id in self._broadcast_lately:
            return
        self._broadcast_lately[message.event_id] = None
        while len(self._broadcast_lately) > REMEMBERED_BROADCASTS:
            self._broadcast_lately.popitem(last=False)
        for cast in topology.broadcasts_hearing(message.routing_key):
            for listener in self._listeners:
                if listener.broadcast == cast:
                    await listener.hear(message.body)

    async def settle_parked(self, queue: Queue, decide: Decide) -> None:
        fates: dict[Fate, list[UUID]] = {fate: [] for fate in Fate}
        async with transaction(self._pool, ALL_CLIENTS) as connection:
            async for row in connection.cursor(_PARKED, queue.name):
                parked = Parked(row["event_id"], row["client_code"], row["body"], row["reason"], row["parked_at"])
                fate = await decide(parked)
                fates[fate].append(parked.id)
                if fate is Fate.STOP:
                    break
            await connection.execute(_DROP, queue.name, fates[Fate.DROP])
            await connection.execute(_REPLAY, queue.name, fates[Fate.REPLAY], 0.0)
        self._replays.set()

    async def count_parked(self, queues: Sequence[Queue]) -> Mapping[Queue, int]:
        async with transaction(self._pool, ALL_CLIENTS) as connection:
            counts = {row["queue"]: row["messages"] for row in await connection.fetch(_COUNT)}
        return {queue: counts.get(queue.name, 0) for queue in queues}

    async def _replay(self) -> bool:
        """Give each message that is due to its consumer, and return whether some are still to be given. It stays in the
        table until the consumer has done with it."""
        async with transaction(self._pool, ALL_CLIENTS) as connection:
            due = await connection.fetch(_TO_REPLAY)
        for row in due:
            deliver = self._deliveries.get(row["queue"])
            if deliver is None:
                continue
            [verdict] = await deliver([row["body"]])
            async with transaction(self._pool, ALL_CLIENTS) as connection:
                match verdict:
                    case Done():
                        await connection.execute(_DROP, row["queue"], [row["event_id"]])
                    case Park(reason):
                        log.error("message_parked", queue=row["queue"], event_id=str(row["event_id"]), reason=reason)
                        await connection.execute(_PARK_AGAIN, row["queue"], row["event_id"], reason)
                    case RetryAfter(seconds):
                        await connection.execute(_REPLAY, row["queue"], [row["event_id"]], seconds)
        async with transaction(self._pool, ALL_CLIENTS) as connection:
            return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM parked WHERE replay_at IS NOT NULL)"))

    async def _woken_within(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._replays.wait()
        except TimeoutError:
            return
