"""What the figures of publications are made of, by indicator: of the one that stands, and of one about to."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from vigie_publisher.domain.documents import Explanation
from vigie_publisher.domain.publication import Version
from vigie_publisher.storage.publications import head_of
from vigie_shared.database import Connection
from vigie_shared.events import Scope

_SHOWN = """
SELECT scope_kind, scope_code, started_at, extraction_id
FROM snapshots
WHERE client_code = $1 AND (scope_kind, scope_code) IN (SELECT * FROM unnest($2::text[], $3::text[]))
"""

_KEEP = """
INSERT INTO explanations (client_code, scope_kind, scope_code, started_at, extraction_id, indicator, made_of)
SELECT $1, scope_kind, scope_code, started_at, extraction_id, explanation.key, explanation.value
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::uuid[], $6::json[])
     AS explained (scope_kind, scope_code, started_at, extraction_id, indicators),
     json_each(explained.indicators) AS explanation
ON CONFLICT (client_code, scope_kind, scope_code, started_at, extraction_id, indicator) DO NOTHING
"""

_DROP_OLDER = """
DELETE FROM explanations AS old
USING unnest($2::text[], $3::text[], $4::timestamptz[], $5::uuid[])
      AS shown (scope_kind, scope_code, started_at, extraction_id)
WHERE old.client_code = $1 AND old.scope_kind = shown.scope_kind AND old.scope_code = shown.scope_code
  AND (old.started_at, old.extraction_id) < (shown.started_at, shown.extraction_id)
"""

_FIND = """
SELECT scope_kind, scope_code, name, as_of, published_at, extraction_id, currency, made_of
FROM snapshots
JOIN publications USING (client_code, scope_kind, scope_code, started_at, extraction_id)
JOIN explanations USING (client_code, scope_kind, scope_code, started_at, extraction_id)
WHERE client_code = $1 AND scope_kind = $2 AND scope_code = $3 AND indicator = $4
"""


async def shown(connection: Connection, client: str, scopes: Sequence[Scope]) -> dict[Scope, Version]:
    """The version that each of these scopes shows, of those that show one."""
    rows = await connection.fetch(_SHOWN, client, [scope.kind for scope in scopes], [scope.code for scope in scopes])
    return {
        Scope(kind=row["scope_kind"], code=row["scope_code"]): Version(row["started_at"], row["extraction_id"])
        for row in rows
    }


async def keep(
    connection: Connection, client: str, explained: Sequence[tuple[Scope, Version, Mapping[str, Mapping[str, Any]]]]
) -> None:
    """Add the explanations of publications, all their indicators at once."""
    await connection.execute(
        _KEEP,
        client,
        [scope.kind for scope, _, _ in explained],
        [scope.code for scope, _, _ in explained],
        [version.started_at for _, version, _ in explained],
        [version.extraction_id for _, version, _ in explained],
        [to_json(indicators).decode() for _, _, indicators in explained],
    )


async def drop_older(connection: Connection, client: str, shown: Mapping[Scope, Version]) -> None:
    """Drop the explanations that are older than what these scopes show."""
    await connection.execute(
        _DROP_OLDER,
        client,
        [scope.kind for scope in shown],
        [scope.code for scope in shown],
        [version.started_at for version in shown.values()],
        [version.extraction_id for version in shown.values()],
    )


async def find(connection: Connection, client: str, scope: Scope, indicator: str) -> Explanation | None:
    """What an indicator of the snapshot that stands is made of, from one statement: never of another snapshot (R12)."""
    row = await connection.fetchrow(_FIND, client, scope.kind, scope.code, indicator)
    return None if row is None else Explanation(head_of(row), row["currency"], indicator, json.loads(row["made_of"]))
