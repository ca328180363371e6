"""Deletions and their receipts."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from vigie_publisher.domain.deletion import Holdings, Part, Receipt
from vigie_shared.database import Connection

_LOCK_REQUEST = "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' deletion ' || $1, 0))"

_HOLDINGS = """
SELECT (SELECT count(*) FROM snapshots WHERE client_code = $1) AS snapshots,
       count(*) AS publications,
       (SELECT count(*) FROM explanations WHERE client_code = $1) AS explanations,
       count(DISTINCT scope_code) FILTER (WHERE scope_kind = 'company') AS companies,
       count(DISTINCT scope_code) FILTER (WHERE scope_kind = 'family') AS families,
       min(as_of) AS first_as_of, max(as_of) AS last_as_of,
       min(published_at) AS first_published_at, max(published_at) AS last_published_at
FROM publications WHERE client_code = $1
"""

_ADD = """
INSERT INTO deletions (client_code, id, deleted_until, requested_by, requested_at) VALUES ($1, $2, $3, $4, $5)
"""

_ADD_PARTS = """
INSERT INTO deletion_parts (client_code, deletion_id, service) SELECT $1, $2, service FROM unnest($3::text[]) AS service
"""

_VOID = "UPDATE clients SET deleted_until = $2 WHERE client_code = $1"

_DELETE_SNAPSHOTS = """
WITH gone AS (DELETE FROM snapshots WHERE client_code = $1 AND started_at <= $2 RETURNING 1)
SELECT count(*) FROM gone
"""

_DELETE_EXPLANATIONS = """
WITH gone AS (DELETE FROM explanations WHERE client_code = $1 AND started_at <= $2 RETURNING 1)
SELECT count(*) FROM gone
"""

# By parts, so that no statement takes longer than statements may, however long the history is.
_DELETE_PUBLICATIONS = """
WITH part AS (
    SELECT scope_kind, scope_code, started_at, extraction_id FROM publications
    WHERE client_code = $1 AND started_at <= $2
    LIMIT $3
), gone AS (
    DELETE FROM publications USING part
    WHERE publications.client_code = $1
      AND publications.scope_kind = part.scope_kind AND publications.scope_code = part.scope_code
      AND publications.started_at = part.started_at AND publications.extraction_id = part.extraction_id
    RETURNING 1
)
SELECT count(*) FROM gone
"""

_AT_ONCE = 10_000

# What the relay holds is on its way and refused where it arrives. An announcement that does not say its version is
# older than versions in announcements.
_WITHDRAW = """
WITH unsent AS (
    SELECT position FROM outbox
    WHERE client_code = $1 AND routing_key = 'snapshot.published.v1.' || $1
      AND coalesce((convert_from(body, 'UTF8')::json #>> '{data,started_at}')::timestamptz, '-infinity') <= $2
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM outbox USING unsent WHERE outbox.position = unsent.position RETURNING 1
)
SELECT count(*) FROM gone
"""

_UNSENT = """
SELECT EXISTS (
    SELECT FROM outbox
    WHERE client_code = $1 AND routing_key = 'snapshot.published.v1.' || $1
      AND coalesce((convert_from(body, 'UTF8')::json #>> '{data,started_at}')::timestamptz, '-infinity') <= $2
)
"""

_PART = """
SELECT gone FROM deletion_parts WHERE client_code = $1 AND deletion_id = $2 AND service = $3 FOR UPDATE
"""

_NOTE = """
UPDATE deletion_parts SET gone = $4, emptied_at = $5
WHERE client_code = $1 AND deletion_id = $2 AND service = $3
"""

_RECEIPT = """
SELECT id, deleted_until, requested_by, requested_at FROM deletions WHERE client_code = $1 AND id = $2
"""

_RECEIPTS = """
SELECT id, deleted_until, requested_by, requested_at FROM deletions
WHERE client_code = $1 AND ($2::timestamptz IS NULL OR (requested_at, id) < ($2, $3::uuid))
ORDER BY requested_at DESC, id DESC
LIMIT $4
"""

_PARTS = """
SELECT deletion_id, service, gone, emptied_at FROM deletion_parts
WHERE client_code = $1 AND deletion_id = ANY($2::uuid[])
ORDER BY service
"""


async def lock_request(connection: Connection, client: str, deletion_id: UUID) -> bool:
    """Hold a request for a deletion until the end of the transaction; false where another call holds it now."""
    return bool(await connection.fetchval(_LOCK_REQUEST, f"{client} {deletion_id}"))


async def holdings(connection: Connection, client: str) -> Holdings:
    """What a deletion would take now."""
    row = await connection.fetchrow(_HOLDINGS, client)
    if row is None:
        raise AssertionError("counting answers one row")
    some = row["publications"] > 0
    return Holdings(
        row["snapshots"],
        row["publications"],
        row["explanations"],
        row["companies"],
        row["families"],
        (row["first_as_of"], row["last_as_of"]) if some else None,
        (row["first_published_at"], row["last_published_at"]) if some else None,
    )


async def add(connection: Connection, client: str, receipt: Receipt) -> None:
    """Keep the receipt of a deletion, with the services that are to say that they are empty."""
    await connection.execute(
        _ADD, client, receipt.id, receipt.deleted_until, receipt.requested_by, receipt.requested_at
    )
    await connection.execute(_ADD_PARTS, client, receipt.id, [part.service for part in receipt.parts])


async def delete_publications(connection: Connection, client: str, until: datetime) -> Mapping[str, int]:
    """Void every grant given up to `until` and delete what was published with one; returns how many of each kind. The
    client is locked, and `until` is not before an earlier deletion."""
    await connection.execute(_VOID, client, until)
    snapshots: int = await connection.fetchval(_DELETE_SNAPSHOTS, client, until)
    publications = 0
    while some := await connection.fetchval(_DELETE_PUBLICATIONS, client, until, _AT_ONCE):
        publications += some
    explanations: int = await connection.fetchval(_DELETE_EXPLANATIONS, client, until)
    return {"snapshots": snapshots, "publications": publications, "explanations": explanations}


async def withdraw(connection: Connection, client: str, until: datetime) -> int:
    """Take back announcements of what was deleted that wait in the outbox, but for those that are being sent."""
    return int(await connection.fetchval(_WITHDRAW, client, until))


async def some_are_unsent(connection: Connection, client: str, until: datetime) -> bool:
    """Whether announcements of what was deleted are still in the outbox: they are being sent."""
    return bool(await connection.fetchval(_UNSENT, client, until))


async def note(
    connection: Connection,
    client: str,
    deletion_id: UUID,
    service: str,
    gone: Mapping[str, int],
    emptied_at: datetime | None,
) -> None:
    """Add to what of a service is gone; `emptied_at` is when it said that nothing is left, if it has."""
    known = await connection.fetchval(_PART, client, deletion_id, service)
    if known is None:
        return
    total = dict(json.loads(known))
    for kind, number in gone.items():
        total[kind] = total.get(kind, 0) + number
    await connection.execute(_NOTE, client, deletion_id, service, json.dumps(total), emptied_at)


async def find(connection: Connection, client: str, deletion_id: UUID) -> Receipt | None:
    """The receipt of a deletion."""
    row = await connection.fetchrow(_RECEIPT, client, deletion_id)
    if row is None:
        return None
    parts = await _parts(connection, client, [deletion_id])
    return Receipt(**row, parts=parts.get(deletion_id, ()))


async def latest(
    connection: Connection, client: str, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Receipt]:
    """Receipts, the latest deletion first, from just before one on."""
    at, deletion_id = before or (None, None)
    rows = await connection.fetch(_RECEIPTS, client, at, deletion_id, limit)
    parts = await _parts(connection, client, [row["id"] for row in rows])
    return [Receipt(**row, parts=parts.get(row["id"], ())) for row in rows]


async def _parts(connection: Connection, client: str, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Part]]:
    found: dict[UUID, list[Part]] = {}
    for row in await connection.fetch(_PARTS, client, ids):
        part = Part(row["service"], json.loads(row["gone"]), row["emptied_at"])
        found.setdefault(row["deletion_id"], []).append(part)
    return found
