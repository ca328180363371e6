"""Messages that were parked: looked at, replayed and dropped by the platform's operators, and emptied by a deletion.

Each service answers for its own queues, on whichever bus it runs. What is done to one queue is done by one at a time,
under a lock of the service's database, because a message that is looked at on a broker is hidden from others meanwhile.
A replayed message keeps its identifier, so that the inbox has it take effect once at most.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from vigie_shared.audit import Actor, record
from vigie_shared.bus import Bus, Fate, Park, Parked
from vigie_shared.database import ALL_CLIENTS, Connection, Pool, transaction
from vigie_shared.errors import Conflict, NotFound, Unavailable
from vigie_shared.inbox import Consumer, why_parked
from vigie_shared.topology import Queue

log = structlog.get_logger()

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' parked ' || $1, 0))"

_FAILURES = "SELECT failures, last_error FROM inbox_failures WHERE consumer = $1 AND event_id = $2"

_FORGET_FAILURES = "DELETE FROM inbox_failures WHERE consumer = $1 AND event_id = $2"

MOST_LOOKED_AT = 5000
"""Messages of one queue that a list shows at most: what is behind them shows once these are replayed or dropped."""

_SECRETS = frozenset({"grant", "token"})
"""Members of messages that let their bearer do something: nobody is shown them."""


@dataclass(frozen=True)
class ParkedMessage:
    """A parked message without its body: `type` and `subject` are none where it cannot be read, `failures` is how often
    its handler failed, `size` the bytes of the body."""

    queue: str
    id: UUID
    client: str
    type: str | None
    subject: str | None
    reason: str
    failures: int
    parked_at: datetime | None
    size: int


Which = Callable[[Parked], bool]


class ParkedMessages:
    """The parked messages of the queues of some consumers."""

    def __init__(self, pool: Pool, bus: Bus, consumers: Sequence[Consumer]) -> None:
        self._pool = pool
        self._bus = bus
        self._consumers = {consumer.queue.name: consumer for consumer in consumers}

    async def count(self) -> Mapping[Queue, int]:
        """How many messages are parked of each queue. Raises BusUnavailable."""
        return await self._bus.count_parked([consumer.queue for consumer in self._consumers.values()])

    async def listed(self, queue: str | None, client: str | None) -> list[ParkedMessage]:
        """Messages of one queue or of all, of one client or of all; queue by queue, the longest parked first. Of each
        queue no more than MOST_LOOKED_AT are looked at."""
        found: list[ParkedMessage] = []
        for consumer in self._chosen(queue):
            of_queue: list[ParkedMessage] = []
            looked_at = 0
            async with self._alone(consumer.queue) as connection:

                async def look(
                    parked: Parked,
                    *,
                    of: Consumer = consumer,
                    on: Connection = connection,
                    noted: list[ParkedMessage] = of_queue,
                ) -> Fate:
                    nonlocal looked_at
                    looked_at += 1
                    if client in {None, parked.client}:
                        noted.append(await _described(on, of, parked))
                    return Fate.STAY if looked_at < MOST_LOOKED_AT else Fate.STOP

                await self._bus.settle_parked(consumer.queue, look)
            found += sorted(of_queue, key=lambda one: (one.parked_at or datetime.min.replace(tzinfo=UTC), one.id))
        return found

    async def shown(self, queue: str, message_id: UUID) -> tuple[ParkedMessage, str]:
        """A message and its body, its secrets blotted out. Raises NotFound."""
        [consumer] = self._chosen(queue)
        found: list[tuple[ParkedMessage, str]] = []
        async with self._alone(consumer.queue) as connection:

            async def look(parked: Parked) -> Fate:
                if parked.id != message_id:
                    return Fate.STAY
                found.append((await _described(connection, consumer, parked), _readable(parked.body)))
                return Fate.STOP

            await self._bus.settle_parked(consumer.queue, look)
        if not found:
            raise _not_there(queue, message_id)
        return found[0]

    async def replay(self, actor: Actor, queue: str, message_id: UUID | None) -> int:
        """Have a queue's consumer handle a message once more, or all that are parked of it, with as many attempts as a
        new one has; returns how many. Raises NotFound where there is no such message."""
        return await self._settle(actor, queue, message_id, Fate.REPLAY, "message.replayed")

    async def drop(self, actor: Actor, queue: str, message_id: UUID | None) -> int:
        """Give a message up for good, or all that are parked of a queue; returns how many. Raises NotFound."""
        return await self._settle(actor, queue, message_id, Fate.DROP, "message.dropped")

    async def forget(self, connection: Connection, client: str) -> int:
        """Drop what is parked of a client and was deleted, or cannot be read, for then nobody can say that it was not.
        Returns how many. Raises Unavailable while somebody else looks at the messages."""
        dropped = 0
        for consumer in self._consumers.values():
            if consumer.queue.kept is not None:
                continue
            if not await connection.fetchval(_LOCK, consumer.queue.name):
                raise Unavailable(f"the parked messages of {consumer.queue.name} are being looked at")

            async def judge(parked: Parked, *, of: Consumer = consumer) -> Fate:
                nonlocal dropped
                if parked.client != client:
                    return Fate.STAY
                event = of.parse(parked.body)
                if not isinstance(event, Park) and not await of.is_gone(connection, event):
                    return Fate.STAY
                dropped += 1
                return Fate.DROP

            await self._bus.settle_parked(consumer.queue, judge)
        return dropped

    async def _settle(self, actor: Actor, queue: str, message_id: UUID | None, fate: Fate, action: str) -> int:
        [consumer] = self._chosen(queue)
        settled = 0
        async with self._alone(consumer.queue) as connection:

            async def judge(parked: Parked) -> Fate:
                nonlocal settled
                if message_id not in {None, parked.id}:
                    return Fate.STAY
                described = await _described(connection, consumer, parked)
                await connection.execute(_FORGET_FAILURES, queue, parked.id)
                await record(
                    connection,
                    actor,
                    client=parked.client,
                    action=action,
                    subject=f"{queue}/{parked.id}",
                    before={"type": described.type, "reason": described.reason, "failures": described.failures},
                )
                log.info(action.replace(".", "_"), queue=queue, event_id=str(parked.id), client=parked.client)
                settled += 1
                return fate

            await self._bus.settle_parked(consumer.queue, judge)
        if message_id is not None and settled == 0:
            raise _not_there(queue, message_id)
        return settled

    def _chosen(self, queue: str | None) -> list[Consumer]:
        if queue is None:
            return list(self._consumers.values())
        if queue not in self._consumers:
            raise NotFound(f"There is no queue {queue!r} here; this service has {', '.join(self._consumers)}.")
        return [self._consumers[queue]]

    @asynccontextmanager
    async def _alone(self, queue: Queue) -> AsyncIterator[Connection]:
        """A transaction in which nobody else looks at the parked messages of a queue. Raises Conflict."""
        async with transaction(self._pool, ALL_CLIENTS) as connection:
            if not await connection.fetchval(_LOCK, queue.name):
                raise Conflict(
                    f"Somebody is looking at the parked messages of {queue.name} now. Ask again in a moment."
                )
            yield connection


async def _described(connection: Connection, consumer: Consumer, parked: Parked) -> ParkedMessage:
    event = consumer.parse(parked.body)
    row = await connection.fetchrow(_FAILURES, consumer.queue.name, parked.id)
    unreadable = event.reason if isinstance(event, Park) else None
    failed = why_parked(row["failures"], row["last_error"]) if row else None
    return ParkedMessage(
        queue=consumer.queue.name,
        id=parked.id,
        client=parked.client,
        type=None if isinstance(event, Park) else event.type,
        subject=None if isinstance(event, Park) else event.subject,
        reason=unreadable or failed or parked.reason or "is not known any more",
        failures=row["failures"] if row else 0,
        parked_at=parked.parked_at,
        size=len(parked.body),
    )


def _readable(body: bytes) -> str:
    try:
        return json.dumps(_blotted(json.loads(body)), ensure_ascii=False, indent=2)
    except ValueError:
        return body.decode("utf-8", "replace")


def _blotted(value: Any) -> Any:
    match value:
        case dict():
            return {name: "***" if name in _SECRETS and held else _blotted(held) for name, held in value.items()}
        case list():
            return [_blotted(held) for held in value]
        case _:
            return value


def _not_there(queue: str, message_id: UUID) -> NotFound:
    return NotFound(f"No message {message_id} is parked of {queue}. It may have been replayed or dropped meanwhile.")
