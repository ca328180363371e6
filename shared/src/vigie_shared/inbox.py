"""The inbox: consuming is one transaction that records the event and has its effect, so a repeated one has none.

A `Consumer` turns the handlers of a service into what a bus delivers to. Batches share a transaction; when that fails
each message is tried alone. A handler that fails is tried again after a growing pause and its message parked after
MAX_FAILURES, one that rejects it parks it at once; what is merely unavailable (database, another service) never counts
against a message. Why a message was parked is kept with its failures.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError

from vigie_shared import events
from vigie_shared.bus import Done, Park, RetryAfter, Verdict
from vigie_shared.database import ALL_CLIENTS, UNAVAILABLE, Connection, Pool, transaction
from vigie_shared.errors import Rejected, Unavailable, place_of
from vigie_shared.events import Event
from vigie_shared.topology import MAX_FAILURES, Queue
from vigie_shared.tracing import caused_by

log = structlog.get_logger()

Handler = Callable[[Connection, Sequence[Any]], Awaitable[None]]
"""Has the effect of some events of one type, in the transaction it is given, which sees all clients' messages but
must be bound to a client (`database.bind`) before it touches that client's rows."""

Read = Callable[[bytes], Event]
"""Makes an event of a body, of a class that there is a handler for. Raises pydantic.ValidationError when it is none."""

IsGone = Callable[[Connection, Any], Awaitable[bool]]
"""Whether an event is of what a deletion has removed since (R11). The transaction sees all clients' messages and must
be bound to a client before it touches that client's rows."""

_AWAY: tuple[type[BaseException], ...] = (*UNAVAILABLE, Unavailable)

AWAY_PAUSE = 1.0
"""Seconds to wait when something that is needed does not answer."""

_ONCE = """
INSERT INTO inbox (consumer, event_id, client_code)
SELECT $1, event_id, client_code FROM unnest($2::uuid[], $3::text[]) AS seen (event_id, client_code)
ORDER BY event_id
ON CONFLICT (consumer, event_id) DO NOTHING
RETURNING event_id
"""

_FAILED = """
INSERT INTO inbox_failures AS known (consumer, event_id, client_code, failures, last_error)
VALUES ($1, $2, $3, 1, $4)
ON CONFLICT (consumer, event_id) DO UPDATE
SET failures = known.failures + 1, last_error = excluded.last_error, last_failed_at = clock_timestamp()
RETURNING failures
"""


async def once(connection: Connection, consumer: str, seen: Sequence[Event]) -> set[UUID]:
    """Record events as consumed and return the ids that were not so before. Waits for a transaction that holds one."""
    rows = await connection.fetch(_ONCE, consumer, [event.id for event in seen], [event.clientcode for event in seen])
    return {row["event_id"] for row in rows}


class Consumer:
    """Hands the messages of a queue to the handlers of a service, each exactly once."""

    def __init__(
        self,
        queue: Queue,
        pool: Pool,
        handlers: Mapping[type[Event], Handler],
        *,
        read: Read = events.parse,
        is_gone: IsGone | None = None,
    ) -> None:
        missing = {heard.event_type() for heard in queue.hears} - {heard.event_type() for heard in handlers}
        if missing:
            raise ValueError(f"queue {queue.name} hears {missing}, for which there is no handler")
        self.queue = queue
        self._pool = pool
        self._handlers = dict(handlers)
        self._read = read
        self._is_gone = is_gone

    async def deliver(self, bodies: Sequence[bytes]) -> list[Verdict]:
        """Handle a batch; one verdict per body, in order."""
        verdicts: dict[int, Verdict] = {}
        parsed: dict[int, Event] = {}
        for index, body in enumerate(bodies):
            event = self.parse(body)
            if isinstance(event, Park):
                verdicts[index] = event
            else:
                parsed[index] = event
        if parsed:
            verdicts |= await self._handle_together(parsed)
        return [verdicts[index] for index in range(len(bodies))]

    def parse(self, body: bytes) -> Event | Park:
        """The event that a message of this queue holds, or why it is none that can be handled here."""
        try:
            event = self._read(body)
        except ValidationError as error:
            return Park(f"not an event that is known here: {_findings(error)}")
        if type(event) not in self._handlers:
            return Park(f"{event.type} is not for {self.queue.name}")
        return event

    async def is_gone(self, connection: Connection, event: Event) -> bool:
        """Whether the event is of what a deletion has removed since; never, where nothing of this queue can be."""
        return self._is_gone is not None and await self._is_gone(connection, event)

    async def _handle_together(self, batch: Mapping[int, Event]) -> dict[int, Verdict]:
        try:
            await self._handle(list(batch.values()))
        except UNAVAILABLE as error:
            return dict.fromkeys(batch, self._away(error))
        except Unavailable as error:
            if len(batch) == 1:
                return dict.fromkeys(batch, self._away(error))
        except Rejected as error:
            if len(batch) == 1:
                [(index, event)] = batch.items()
                return {index: await self._rejected(event, error)}
        except Exception as error:  # noqa: BLE001 - whatever a handler raises counts against its message
            if len(batch) == 1:
                [(index, event)] = batch.items()
                return {index: await self._failed(event, error)}
        else:
            return dict.fromkeys(batch, Done())
        return {index: (await self._handle_together({index: event}))[index] for index, event in batch.items()}

    async def _handle(self, batch: Sequence[Event]) -> None:
        async with transaction(self._pool, ALL_CLIENTS) as connection:
            new = await once(connection, self.queue.name, batch)
            fresh: dict[type[Event], list[Event]] = {}
            for event in batch:
                if event.id in new:
                    new.discard(event.id)
                    fresh.setdefault(type(event), []).append(event)
            for kind, some in fresh.items():
                with caused_by(some[0]):
                    await self._handlers[kind](connection, some)

    def _away(self, error: BaseException) -> RetryAfter:
        log.warning("consumer_waits", queue=self.queue.name, reason=type(error).__name__)
        return RetryAfter(AWAY_PAUSE)

    async def _failed(self, event: Event, error: Exception) -> Verdict:
        """Count a failure. The kind of error is kept, its text is not: it may hold what must not be written down."""
        kind = type(error).__name__
        try:
            async with transaction(self._pool, ALL_CLIENTS) as connection:
                failures = await self._count(connection, event, kind)
                gone = failures >= MAX_FAILURES and await self._dropped_as_gone(connection, event)
        except _AWAY as away:
            return self._away(away)
        log.error(
            "handler_failed",
            queue=self.queue.name,
            event_id=str(event.id),
            client=event.clientcode,
            failures=failures,
            error=kind,
            where=place_of(error),
        )
        if gone:
            return Done()
        if failures >= MAX_FAILURES:
            return Park(why_parked(failures, kind))
        return RetryAfter(0.25 * 2**failures)

    async def _rejected(self, event: Event, error: Rejected) -> Verdict:
        """Keep why a message is parked at once: what is raised on purpose is written to be read."""
        try:
            async with transaction(self._pool, ALL_CLIENTS) as connection:
                if await self._dropped_as_gone(connection, event):
                    return Done()
                await self._count(connection, event, str(error))
        except _AWAY as away:
            return self._away(away)
        return Park(str(error))

    async def _count(self, connection: Connection, event: Event, error: str) -> int:
        return int(await connection.fetchval(_FAILED, self.queue.name, event.id, event.clientcode, error))

    async def _dropped_as_gone(self, connection: Connection, event: Event) -> bool:
        """Whether a message that is to be parked is of what was deleted since: then nothing of it is kept."""
        if not await self.is_gone(connection, event):
            return False
        log.info("deleted_message_dropped", queue=self.queue.name, event_id=str(event.id), client=event.clientcode)
        return True


def why_parked(failures: int, last_error: str) -> str:
    """Why a message is parked that could be read, by its failures: it was tried, or rejected at once."""
    return f"its handler failed {failures} times, last with {last_error}" if failures >= MAX_FAILURES else last_error


def _findings(error: ValidationError) -> str:
    """What does not fit, without the values."""
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()[:3])
