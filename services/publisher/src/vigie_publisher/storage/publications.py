"""Publications, which of them stands, and until when grants are void."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from vigie_publisher.domain.documents import Document, Head, PastFigure
from vigie_publisher.domain.extracted import Extracted
from vigie_publisher.domain.publication import Standing, Version, Void
from vigie_shared.database import Connection
from vigie_shared.events import Scope

_CREATE_CLIENT = "INSERT INTO clients (client_code) VALUES ($1) ON CONFLICT (client_code) DO NOTHING"

_LOCK_CLIENT = """
SELECT void_until, deleted_until, clock_timestamp() AS now FROM clients WHERE client_code = $1 FOR UPDATE
"""

# Each is looked up by its key; joined as sets, PostgreSQL would rather read all that the client ever published.
_STANDING = """
SELECT asked.scope_kind, asked.scope_code, asked.started_at, asked.extraction_id,
       kept.extraction_id IS NOT NULL AS kept,
       shown.started_at AS shown_started_at, shown.extraction_id AS shown_extraction_id
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::uuid[])
     AS asked (scope_kind, scope_code, started_at, extraction_id)
LEFT JOIN LATERAL (
    SELECT extraction_id FROM publications
    WHERE client_code = $1 AND scope_kind = asked.scope_kind AND scope_code = asked.scope_code
      AND started_at = asked.started_at AND extraction_id = asked.extraction_id
    LIMIT 1
) AS kept ON true
LEFT JOIN LATERAL (
    SELECT started_at, extraction_id FROM snapshots
    WHERE client_code = $1 AND scope_kind = asked.scope_kind AND scope_code = asked.scope_code
    LIMIT 1
) AS shown ON true
"""

_PUBLISHED_AT = """
SELECT scope_kind, scope_code, started_at, extraction_id, published_at
FROM publications
WHERE client_code = $1
  AND (scope_kind, scope_code, started_at, extraction_id)
      IN (SELECT * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::uuid[]))
"""

_KEEP = """
INSERT INTO publications (client_code, scope_kind, scope_code, started_at, extraction_id, published_at, name, currency,
                          as_of, periods, indicators)
SELECT $1, scope_kind, scope_code, started_at, extraction_id, $2, name, currency, as_of, periods, indicators
FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::text[], $8::text[], $9::date[], $10::json[],
            $11::json[])
     AS kept (scope_kind, scope_code, started_at, extraction_id, name, currency, as_of, periods, indicators)
ON CONFLICT (client_code, scope_kind, scope_code, started_at, extraction_id) DO NOTHING
"""

_SHOW = """
INSERT INTO snapshots AS shown (client_code, scope_kind, scope_code, started_at, extraction_id)
SELECT $1, scope_kind, scope_code, started_at, extraction_id
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::uuid[])
     AS newest (scope_kind, scope_code, started_at, extraction_id)
ORDER BY scope_kind, scope_code
ON CONFLICT (client_code, scope_kind, scope_code) DO UPDATE
SET started_at = excluded.started_at, extraction_id = excluded.extraction_id
WHERE (shown.started_at, shown.extraction_id) < (excluded.started_at, excluded.extraction_id)
"""

_VOID_GRANTS = """
INSERT INTO clients AS known (client_code, void_until) VALUES ($1, $2)
ON CONFLICT (client_code) DO UPDATE SET void_until = excluded.void_until
"""

_HEADS = """
SELECT scope_kind, scope_code, name, as_of, published_at, extraction_id
FROM snapshots
JOIN publications USING (client_code, scope_kind, scope_code, started_at, extraction_id)
WHERE client_code = $1
  AND (scope_kind, scope_code) IN (SELECT * FROM unnest($2::text[], $3::text[]))
"""

_SNAPSHOT = """
SELECT scope_kind, scope_code, name, as_of, published_at, extraction_id, currency, periods, indicators
FROM snapshots
JOIN publications USING (client_code, scope_kind, scope_code, started_at, extraction_id)
WHERE client_code = $1 AND scope_kind = $2 AND scope_code = $3
"""

_HISTORY = """
SELECT as_of, published_at, extraction_id, started_at, indicators -> $4::text AS indicator
FROM publications
WHERE client_code = $1 AND scope_kind = $2 AND scope_code = $3
  AND ($5::timestamptz IS NULL OR (started_at, extraction_id) < ($5, $6::uuid))
  AND indicators -> $4::text IS NOT NULL
ORDER BY started_at DESC, extraction_id DESC
LIMIT $7
"""


async def now(connection: Connection) -> datetime:
    """The time by the database's clock."""
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return moment


async def deleted_until(connection: Connection, client: str) -> datetime | None:
    """The moment of the client's latest deletion, by auth's clock."""
    moment: datetime | None = await connection.fetchval(
        "SELECT deleted_until FROM clients WHERE client_code = $1", client
    )
    return moment


async def lock_client(connection: Connection, client: str) -> tuple[Void, datetime]:
    """Hold back every other publication for the client, its suspension and its deletion until the end of the
    transaction.

    Answers until when its grants are void, and the time by the database's clock once the lock is held.
    """
    row = await connection.fetchrow(_LOCK_CLIENT, client)
    if row is None:
        await connection.execute(_CREATE_CLIENT, client)
        row = await connection.fetchrow(_LOCK_CLIENT, client)
    if row is None:
        raise AssertionError("a row that was just created is visible")
    return Void(suspended=row["void_until"], deleted=row["deleted_until"]), row["now"]


async def standing(connection: Connection, client: str, void: Void, asked: Sequence[tuple[Scope, Version]]) -> Standing:
    """What stands of the client, as far as it matters to the publications that are asked for."""
    snapshots: dict[Scope, Version] = {}
    history: dict[Scope, set[Version]] = {}
    for row in await connection.fetch(_STANDING, client, *_columns(asked)):
        scope = Scope(kind=row["scope_kind"], code=row["scope_code"])
        if row["kept"]:
            history.setdefault(scope, set()).add(Version(row["started_at"], row["extraction_id"]))
        if row["shown_extraction_id"] is not None:
            snapshots[scope] = Version(row["shown_started_at"], row["shown_extraction_id"])
    return Standing(void, snapshots, history)


async def published_at(
    connection: Connection, client: str, kept: Sequence[tuple[Scope, Version]]
) -> Mapping[tuple[Scope, Version], datetime]:
    """When publications that are kept were published."""
    rows = await connection.fetch(_PUBLISHED_AT, client, *_columns(kept))
    return {
        (
            Scope(kind=row["scope_kind"], code=row["scope_code"]),
            Version(row["started_at"], row["extraction_id"]),
        ): row["published_at"]
        for row in rows
    }


async def keep(
    connection: Connection, client: str, at: datetime, extracted: Sequence[tuple[Version, Extracted]]
) -> None:
    """Add publications to the history."""
    await connection.execute(
        _KEEP,
        client,
        at,
        *_columns([(event.data.scope, version) for version, event in extracted]),
        [event.data.scope.name for _, event in extracted],
        [event.data.currency for _, event in extracted],
        [event.data.as_of for _, event in extracted],
        [to_json(event.data.periods).decode() for _, event in extracted],
        [event.figures for _, event in extracted],
    )


async def show(connection: Connection, client: str, newest: Iterable[tuple[Scope, Version]]) -> None:
    """Make publications the snapshots of their scopes, one per scope; an older one never replaces a newer (R12)."""
    await connection.execute(_SHOW, client, *_columns(list(newest)))


async def void_grants(connection: Connection, client: str, until: datetime) -> None:
    """Note until when the client's grants are void."""
    await connection.execute(_VOID_GRANTS, client, until)


async def heads(connection: Connection, client: str, scopes: Sequence[Scope]) -> list[Head]:
    """The snapshots that stand for these scopes, without their figures, in the order of `scopes`."""
    rows = await connection.fetch(_HEADS, client, [scope.kind for scope in scopes], [scope.code for scope in scopes])
    found = {(row["scope_kind"], row["scope_code"]): head_of(row) for row in rows}
    return [found[scope.kind, scope.code] for scope in scopes if (scope.kind, scope.code) in found]


async def snapshot(connection: Connection, client: str, scope: Scope) -> Document | None:
    """The whole snapshot that stands for a scope, from one statement: never parts of two (R12)."""
    row = await connection.fetchrow(_SNAPSHOT, client, scope.kind, scope.code)
    if row is None:
        return None
    periods = {
        name: (date.fromisoformat(start), date.fromisoformat(end))
        for name, (start, end) in json.loads(row["periods"]).items()
    }
    return Document(head_of(row), row["currency"], periods, json.loads(row["indicators"]))


async def history(
    connection: Connection, client: str, scope: Scope, indicator: str, *, before: Version | None, limit: int
) -> list[PastFigure]:
    """An indicator at each publication of a scope that holds it, newest first, from just before a version on."""
    started_at, extraction_id = (before.started_at, before.extraction_id) if before else (None, None)
    rows = await connection.fetch(_HISTORY, client, scope.kind, scope.code, indicator, started_at, extraction_id, limit)
    return [
        PastFigure(
            row["as_of"], row["published_at"], row["extraction_id"], row["started_at"], json.loads(row["indicator"])
        )
        for row in rows
    ]


def _columns(asked: Sequence[tuple[Scope, Version]]) -> tuple[list[str], list[str], list[datetime], list[UUID]]:
    return (
        [scope.kind for scope, _ in asked],
        [scope.code for scope, _ in asked],
        [version.started_at for _, version in asked],
        [version.extraction_id for _, version in asked],
    )


def head_of(row: asyncpg.Record) -> Head:
    """The head in a row that holds its columns."""
    return Head(
        Scope(kind=row["scope_kind"], code=row["scope_code"]),
        row["name"],
        row["as_of"],
        row["published_at"],
        row["extraction_id"],
    )
