"""Counters of failed sign-ins. Their subjects are HMACs; the tables carry no client."""

from collections.abc import Mapping
from datetime import datetime

from vigie_shared.database import Connection
from vigie_shared.throttling.rules import CountedBy, Counter

_MAKE_SURE = """
INSERT INTO throttle_counters (subject, failures, last_failure_at)
SELECT subject, 0, clock_timestamp() FROM unnest($1::bytea[]) AS s (subject) ORDER BY subject
ON CONFLICT (subject) DO NOTHING
"""

_LOCK = """
SELECT subject, failures, last_failure_at, last_success_at FROM throttle_counters
WHERE subject = ANY($1::bytea[]) ORDER BY subject FOR UPDATE
"""

_COUNT = """
UPDATE throttle_counters SET failures = counted.failures, last_failure_at = $3
FROM unnest($1::bytea[], $2::integer[]) AS counted (subject, failures)
WHERE throttle_counters.subject = counted.subject
"""

_TAKE_BACK = """
UPDATE throttle_counters SET failures = greatest(0, failures - $2) WHERE subject = ANY($1::bytea[])
"""

_SUCCEEDED = "UPDATE throttle_counters SET failures = 0, last_success_at = clock_timestamp() WHERE subject = $1"

_FORGET_STALE = """
DELETE FROM throttle_counters WHERE subject IN (
    SELECT subject FROM throttle_counters
    WHERE last_success_at IS NULL AND last_failure_at < clock_timestamp() - interval '25 hours'
    ORDER BY last_failure_at LIMIT 20 FOR UPDATE SKIP LOCKED
)
"""

_FORGET_OLD = """
DELETE FROM throttle_counters WHERE subject IN (
    SELECT subject FROM throttle_counters
    WHERE last_success_at < clock_timestamp() - interval '91 days'
      AND last_failure_at < clock_timestamp() - interval '25 hours'
    ORDER BY last_success_at LIMIT 20 FOR UPDATE SKIP LOCKED
)
"""


async def lock_counters(
    connection: Connection, subjects: Mapping[CountedBy, bytes]
) -> tuple[dict[CountedBy, Counter], datetime]:
    """The counters of these subjects, held until the transaction ends, and the time by this database's clock. Always
    taken in one order, so that attempts which share a counter wait for each other and never lock up."""
    every = list(subjects.values())
    await connection.execute(_MAKE_SURE, every)
    rows = {row["subject"]: row for row in await connection.fetch(_LOCK, every)}
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    counters = {
        by: Counter(row["failures"], row["last_failure_at"], row["last_success_at"])
        for by, subject in subjects.items()
        if (row := rows.get(subject)) is not None
    }
    return counters, now


async def save_failures(
    connection: Connection, subjects: Mapping[CountedBy, bytes], failures: Mapping[CountedBy, int], now: datetime
) -> None:
    """Store what was counted."""
    await connection.execute(_COUNT, [subjects[by] for by in failures], list(failures.values()), now)


async def take_back(connection: Connection, subjects: Mapping[CountedBy, bytes], failures: int) -> None:
    """Take `failures` off these counters."""
    await connection.execute(_TAKE_BACK, list(subjects.values()), failures)


async def save_success(connection: Connection, subject: bytes) -> None:
    """Clear the counter and remember that the name was right at the address."""
    await connection.execute(_SUCCEEDED, subject)


async def forget_stale(connection: Connection) -> None:
    """Delete some counters that no limit looks at any more: done at each attempt, so that they do not pile up."""
    await connection.execute(_FORGET_STALE)
    await connection.execute(_FORGET_OLD)
