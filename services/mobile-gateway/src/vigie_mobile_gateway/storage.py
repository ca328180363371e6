"""All SQL of the gateway: the log of announcements, and the latest deletion of each client."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from vigie_mobile_gateway.domain.announcement import Announcement, Deletion, ScopeKey
from vigie_shared.database import Connection
from vigie_shared.events import NamedScope

OVERLAP = timedelta(seconds=60)
"""Instances hear one event at slightly different times, so what was noted up to this long before is told again."""

_NOTE = """
INSERT INTO announcements (client_code, event_id, scope_kind, scope_code, name, as_of, published_at, started_at)
SELECT $1, event_id, scope_kind, scope_code, name, as_of, published_at, started_at
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::timestamptz[], $8::timestamptz[])
     AS noted (event_id, scope_kind, scope_code, name, as_of, published_at, started_at)
ON CONFLICT (client_code, event_id) DO NOTHING
"""

_MISSED = """
SELECT event_id, scope_kind, scope_code, name, as_of, published_at, started_at
FROM (
    SELECT DISTINCT ON (scope_kind, scope_code)
           event_id, scope_kind, scope_code, name, as_of, published_at, started_at
    FROM announcements
    WHERE client_code = $1
      AND (scope_kind, scope_code) IN (SELECT * FROM unnest($3::text[], $4::text[]))
      AND announced_at >= coalesce(
          (SELECT announced_at - $5::interval FROM announcements WHERE client_code = $1 AND event_id = $2),
          (SELECT heard_at - $5::interval FROM clients WHERE client_code = $1 AND deletion_event_id = $2),
          '-infinity'
      )
    ORDER BY scope_kind, scope_code, published_at DESC
) AS newest
WHERE event_id IS DISTINCT FROM $2
ORDER BY published_at
"""

_HOLD = "SELECT deleted_until FROM clients WHERE client_code = $1 FOR SHARE"

_CREATE_CLIENT = "INSERT INTO clients (client_code) VALUES ($1) ON CONFLICT (client_code) DO NOTHING"

_KEEP_DELETION = """
INSERT INTO clients AS known (client_code, deleted_until, deletion_event_id, deleted_at, heard_at)
VALUES ($1, $2, $3, $4, clock_timestamp())
ON CONFLICT (client_code) DO UPDATE
SET deleted_until = excluded.deleted_until, deletion_event_id = excluded.deletion_event_id,
    deleted_at = excluded.deleted_at, heard_at = excluded.heard_at
WHERE known.deleted_until IS NULL OR known.deleted_until < excluded.deleted_until
"""

_FORGET = """
WITH gone AS (
    DELETE FROM announcements WHERE client_code = $1 AND coalesce(started_at, '-infinity') <= $2 RETURNING 1
)
SELECT count(*) FROM gone
"""

_MISSED_DELETION = """
SELECT deletion_event_id, deleted_until, deleted_at FROM clients
WHERE client_code = $1 AND deletion_event_id IS DISTINCT FROM $2 AND deletion_event_id IS NOT NULL
  AND heard_at >= coalesce(
      (SELECT announced_at - $3::interval FROM announcements WHERE client_code = $1 AND event_id = $2), '-infinity'
  )
"""

_DROP_OLD = "DELETE FROM announcements WHERE announced_at < clock_timestamp() - $1::interval"


async def hold_client(connection: Connection, client: str) -> datetime | None:
    """Hold back a deletion until the end of the transaction; answers until when the latest one has deleted."""
    row = await connection.fetchrow(_HOLD, client)
    if row is None:
        await connection.execute(_CREATE_CLIENT, client)
        row = await connection.fetchrow(_HOLD, client)
    if row is None:
        raise AssertionError("a row that was just created is visible")
    until: datetime | None = row["deleted_until"]
    return until


async def deleted_until(connection: Connection, client: str) -> datetime | None:
    """Until when the latest deletion of a client has deleted, by auth's clock."""
    until: datetime | None = await connection.fetchval(
        "SELECT deleted_until FROM clients WHERE client_code = $1", client
    )
    return until


async def empty(connection: Connection, client: str, deletion: Deletion) -> int:
    """Keep a deletion, unless a later one is known, and forget what was announced of what it has deleted; returns how
    many announcements."""
    await connection.execute(_KEEP_DELETION, client, deletion.until, deletion.event_id, deletion.deleted_at)
    return int(await connection.fetchval(_FORGET, client, deletion.until))


async def missed_deletion(connection: Connection, client: str, last_event_id: UUID | None) -> Deletion | None:
    """The latest deletion, if it may have come after an event, or the event is not known (any more)."""
    row = await connection.fetchrow(_MISSED_DELETION, client, last_event_id, OVERLAP)
    return Deletion(row["deletion_event_id"], row["deleted_until"], row["deleted_at"]) if row else None


async def now(connection: Connection) -> datetime:
    """The time by the database's clock."""
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return moment


async def note(connection: Connection, client: str, announcements: Sequence[Announcement]) -> None:
    """Add announcements to the log of a client; one that is there already is not added again."""
    await connection.execute(
        _NOTE,
        client,
        [one.event_id for one in announcements],
        [one.scope.kind for one in announcements],
        [one.scope.code for one in announcements],
        [one.scope.name for one in announcements],
        [one.as_of for one in announcements],
        [one.published_at for one in announcements],
        [one.started_at for one in announcements],
    )


async def missed(
    connection: Connection, client: str, last_event_id: UUID | None, scopes: Sequence[ScopeKey]
) -> list[Announcement]:
    """The newest announcement of each of these scopes that may have come after an event, oldest first.

    All that the log holds counts as missed where the event is not in it.
    """
    rows = await connection.fetch(
        _MISSED, client, last_event_id, [kind for kind, _ in scopes], [code for _, code in scopes], OVERLAP
    )
    return [
        Announcement(
            row["event_id"],
            NamedScope(kind=row["scope_kind"], code=row["scope_code"], name=row["name"]),
            row["as_of"],
            row["published_at"],
            row["started_at"],
        )
        for row in rows
    ]


async def drop_old(connection: Connection, age: timedelta) -> None:
    """Drop the announcements of all clients that are older than `age`."""
    await connection.execute(_DROP_OLD, age)
