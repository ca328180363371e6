"""The sources of a client."""

from datetime import datetime

import asyncpg

from vigie_extractor.domain.source import Source, SourceKind
from vigie_shared.database import Connection


async def lock(connection: Connection, client: str) -> None:
    """Let one transaction at a time change the sources of a client, so that no two claim one company."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.sources.' || $1, 0))", client
    )


async def save(connection: Connection, client: str, source: Source, by: str, at: datetime) -> None:
    """Add or change a source, in the name of a user."""
    await connection.execute(
        """
        INSERT INTO sources (client_code, name, kind, location, companies, watch, saved_by, saved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (client_code, name) DO UPDATE
        SET kind = excluded.kind, location = excluded.location, companies = excluded.companies,
            watch = excluded.watch, saved_by = excluded.saved_by, saved_at = excluded.saved_at
        """,
        client,
        source.name,
        source.kind.value,
        source.location,
        source.companies,
        source.watch,
        by,
        at,
    )


async def saver_of(connection: Connection, client: str, name: str) -> str | None:
    """Who has saved the source last; none for one of before that was kept."""
    saver: str | None = await connection.fetchval(
        "SELECT saved_by FROM sources WHERE client_code = $1 AND name = $2", client, name
    )
    return saver


async def remove(connection: Connection, client: str, name: str) -> None:
    await connection.execute("DELETE FROM sources WHERE client_code = $1 AND name = $2", client, name)


async def find(connection: Connection, client: str, name: str) -> Source | None:
    row = await connection.fetchrow(
        "SELECT name, kind, location, companies, watch FROM sources WHERE client_code = $1 AND name = $2",
        client,
        name,
    )
    return _source(row) if row else None


async def all_of(connection: Connection, client: str) -> list[Source]:
    """By name."""
    rows = await connection.fetch(
        'SELECT name, kind, location, companies, watch FROM sources WHERE client_code = $1 ORDER BY name COLLATE "C"',
        client,
    )
    return [_source(row) for row in rows]


def _source(row: asyncpg.Record) -> Source:
    companies = row["companies"]
    return Source(
        row["name"],
        SourceKind(row["kind"]),
        row["location"],
        None if companies is None else tuple(companies),
        row["watch"],
    )
