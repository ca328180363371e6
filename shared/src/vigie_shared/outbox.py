"""The outbox: emitting is an insert in the caller's transaction, and a relay carries the rows to the bus.

A fact and its event are one commit. A row is deleted once the bus has confirmed it: with RabbitMQ when the broker holds
it in every queue that hears it, in one process when every consumer has committed. A relay that dies in between sends
the row again, and the inbox of each consumer recognises it.
"""

import asyncio
from collections.abc import Iterable
from typing import NoReturn

import structlog

from vigie_shared import notices
from vigie_shared.bus import Bus, Confirmed, Outgoing
from vigie_shared.database import ALL_CLIENTS, UNAVAILABLE, Connection, Pool, transaction
from vigie_shared.errors import BusUnavailable
from vigie_shared.events import Event
from vigie_shared.tracing import current_traceparent

log = structlog.get_logger()

BATCH = 100
"""Rows carried at once: confirms are awaited together, which is about ten times faster than one by one."""

POLL_SECONDS = 0.5
"""How long a relay waits at most before it looks again; normally the notification of a commit wakes it at once."""

_EMIT = """
INSERT INTO outbox (event_id, client_code, routing_key, body)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
ON CONFLICT (event_id) DO NOTHING
"""

_DUE = """
SELECT position, event_id, routing_key, body FROM outbox
WHERE next_attempt_at <= clock_timestamp()
ORDER BY position
LIMIT $1
FOR UPDATE SKIP LOCKED
"""

_DELETE = "DELETE FROM outbox WHERE position = ANY($1::bigint[])"

_POSTPONE = """
UPDATE outbox
SET attempts = attempts + 1,
    next_attempt_at = clock_timestamp() + make_interval(secs => least(5, 0.2 * 2 ^ least(attempts, 5)))
WHERE position = ANY($1::bigint[])
"""


async def emit(connection: Connection, *events: Event) -> None:
    """Say `events` when the transaction of `connection` commits. Saying the same event id twice says it once."""
    await emit_all(connection, events)


async def emit_all(connection: Connection, events: Iterable[Event]) -> None:
    """As `emit`, for many."""
    traceparent = current_traceparent()
    said = [event if event.traceparent else event.model_copy(update={"traceparent": traceparent}) for event in events]
    if not said:
        return
    await connection.execute(
        _EMIT,
        [event.id for event in said],
        [event.clientcode for event in said],
        [event.routing_key for event in said],
        [event.to_bytes() for event in said],
    )
    await connection.execute("SELECT pg_notify(current_schema() || '_outbox', '')")


async def relay(pool: Pool, bus: Bus) -> NoReturn:
    """Carry the outbox to the bus for as long as the service runs, through any absence of database or broker."""
    wake = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(notices.listen(pool, "outbox", wake.set))
        tasks.create_task(_carry(pool, bus, wake))
    raise AssertionError("unreachable: the tasks never end by themselves")


async def _carry(pool: Pool, bus: Bus, wake: asyncio.Event) -> NoReturn:
    pause = _Pause()
    while True:
        try:
            wake.clear()
            carried = await relay_once(pool, bus)
            pause.reset()
            if carried < BATCH:
                await _wait(wake, POLL_SECONDS)
            continue
        except BusUnavailable as error:
            log.warning("bus_unavailable", reason=str(error))
        except UNAVAILABLE as error:
            log.warning("database_unavailable", reason=type(error).__name__)
        await asyncio.sleep(pause.longer())


async def relay_once(pool: Pool, bus: Bus, limit: int = BATCH) -> int:
    """Carry at most `limit` rows and return how many were taken. Several relays share the work without meeting."""
    async with transaction(pool, ALL_CLIENTS) as connection:
        rows = await connection.fetch(_DUE, limit)
        if not rows:
            return 0
        outcomes = await bus.publish([Outgoing(row["event_id"], row["routing_key"], row["body"]) for row in rows])
        confirmed, postponed = [], []
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, Confirmed):
                confirmed.append(row["position"])
            else:
                postponed.append(row["position"])
                log.warning("event_postponed", event_id=str(row["event_id"]), reason=outcome.reason)
        await connection.execute(_DELETE, confirmed)
        if postponed:
            await connection.execute(_POSTPONE, postponed)
        return len(rows)


async def pending(pool: Pool) -> tuple[int, float]:
    """How many events wait, and the age of the oldest in seconds."""
    async with transaction(pool, ALL_CLIENTS) as connection:
        row = await connection.fetchrow(
            "SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(emitted_at)), 0)::float8 "
            "AS age FROM outbox"
        )
    return (row["waiting"], row["age"]) if row else (0, 0.0)


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return


class _Pause:
    """Pauses that grow while something is away: 0.1 s, doubled up to 2 s."""

    def __init__(self) -> None:
        self._seconds = 0.05

    def longer(self) -> float:
        self._seconds = min(self._seconds * 2, 2.0)
        return self._seconds

    def reset(self) -> None:
        self._seconds = 0.05
