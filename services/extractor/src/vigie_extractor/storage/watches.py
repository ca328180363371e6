"""Watched sources: when each is looked at next and by whom, and what is known of its folder."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vigie_extractor.domain.watching import Watched
from vigie_shared.database import Connection


@dataclass(frozen=True, slots=True)
class Look:
    """The right to look at a source's folder now."""

    client: str
    source: str


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What is known of a watched folder, with when it was looked at last and the extraction it has started last."""

    watched: Watched
    looked_at: datetime
    last_run_id: UUID | None


async def begin(connection: Connection, client: str, source: str, watched: Watched, now: datetime) -> None:
    """Watch a source from what its folder is now, whatever was known of it before."""
    await connection.execute(
        """
        INSERT INTO watched_folders (client_code, source_name, known, seen, seen_since, looked_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (client_code, source_name) DO UPDATE
        SET known = excluded.known, seen = excluded.seen, seen_since = excluded.seen_since,
            looked_at = excluded.looked_at, waits_for = NULL
        """,
        client,
        source,
        json.dumps(dict(watched.known)),
        watched.seen,
        watched.seen_since,
        now,
    )
    await connection.execute(
        """
        INSERT INTO watches (client_code, source_name, next_look_at) VALUES ($1, $2, $3)
        ON CONFLICT (client_code, source_name) DO UPDATE SET next_look_at = excluded.next_look_at
        """,
        client,
        source,
        now,
    )


async def end(connection: Connection, client: str, source: str) -> None:
    """Watch a source no longer."""
    await connection.execute("DELETE FROM watches WHERE client_code = $1 AND source_name = $2", client, source)
    await connection.execute("DELETE FROM watched_folders WHERE client_code = $1 AND source_name = $2", client, source)


async def claim(
    connection: Connection, looker: UUID, now: datetime, *, next_look_at: datetime, until: datetime
) -> Look | None:
    """A source, of any client, that is to be looked at now, and by this process; it is left to it `until` then."""
    row = await connection.fetchrow(
        """
        WITH next AS (
            SELECT client_code, source_name FROM watches
            WHERE next_look_at <= $2 AND (looked_by = $1 OR looked_until IS NULL OR looked_until <= $2)
            ORDER BY next_look_at
            LIMIT 1
            FOR UPDATE SKIP LOCKED)
        UPDATE watches SET looked_by = $1, next_look_at = $3, looked_until = $4
        FROM next
        WHERE watches.client_code = next.client_code AND watches.source_name = next.source_name
        RETURNING watches.client_code AS client, watches.source_name AS source
        """,
        looker,
        now,
        next_look_at,
        until,
    )
    return Look(**row) if row else None


async def find(connection: Connection, client: str, source: str) -> WatchReport | None:
    row = await connection.fetchrow(
        """
        SELECT known, seen, seen_since, waits_for, looked_at, last_run_id FROM watched_folders
        WHERE client_code = $1 AND source_name = $2
        """,
        client,
        source,
    )
    if row is None:
        return None
    watched = Watched(json.loads(row["known"]), row["seen"], row["seen_since"], row["waits_for"])
    return WatchReport(watched, row["looked_at"], row["last_run_id"])


async def hold(connection: Connection, client: str, source: str) -> Watched | None:
    """What is known of a folder; nobody else changes it before this transaction ends."""
    await connection.execute(
        "SELECT FROM watched_folders WHERE client_code = $1 AND source_name = $2 FOR UPDATE", client, source
    )
    report = await find(connection, client, source)
    return report.watched if report else None


async def keep(
    connection: Connection, client: str, source: str, watched: Watched, now: datetime, run_id: UUID | None
) -> None:
    """Keep what is known of a folder now, and the extraction that this has started, if any."""
    await connection.execute(
        """
        UPDATE watched_folders
        SET known = $3, seen = $4, seen_since = $5, waits_for = $6, looked_at = $7,
            last_run_id = coalesce($8, last_run_id)
        WHERE client_code = $1 AND source_name = $2
        """,
        client,
        source,
        json.dumps(dict(watched.known)),
        watched.seen,
        watched.seen_since,
        watched.waits_for,
        now,
        run_id,
    )


async def note_unreadable(connection: Connection, client: str, source: str, why: str, now: datetime) -> None:
    """Keep why a folder cannot be looked at."""
    await connection.execute(
        """
        UPDATE watched_folders SET waits_for = $3, looked_at = $4
        WHERE client_code = $1 AND source_name = $2
        """,
        client,
        source,
        why,
        now,
    )
