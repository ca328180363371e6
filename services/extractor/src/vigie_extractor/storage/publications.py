"""The scopes of a run, and what the publisher said of each."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from vigie_extractor.domain.run import Outcome, Outcomes
from vigie_shared.database import Connection
from vigie_shared.events import Scope


async def emit(connection: Connection, client: str, run_id: UUID, scopes: Sequence[Scope]) -> None:
    """These scopes of the run are handed to the publisher, which may have spoken of them already."""
    await connection.execute(
        """
        INSERT INTO publications (client_code, run_id, scope_kind, scope_code, emitted)
        SELECT $1, $2, kind, code, true FROM unnest($3::text[], $4::text[]) AS scope (kind, code)
        ON CONFLICT (client_code, run_id, scope_kind, scope_code) DO UPDATE SET emitted = true
        """,
        client,
        run_id,
        [scope.kind for scope in scopes],
        [scope.code for scope in scopes],
    )


async def note(connection: Connection, client: str, run_id: UUID, heard: Mapping[Scope, Outcome]) -> None:
    """Keep what the publisher said of scopes; its first word on each counts."""
    await connection.execute(
        """
        INSERT INTO publications AS known (client_code, run_id, scope_kind, scope_code, emitted, outcome)
        SELECT $1, $2, kind, code, false, outcome
        FROM unnest($3::text[], $4::text[], $5::text[]) AS heard (kind, code, outcome)
        ON CONFLICT (client_code, run_id, scope_kind, scope_code) DO UPDATE
        SET outcome = coalesce(known.outcome, excluded.outcome)
        """,
        client,
        run_id,
        [scope.kind for scope in heard],
        [scope.code for scope in heard],
        [outcome.value for outcome in heard.values()],
    )


async def awaited(connection: Connection, client: str, run_id: UUID) -> tuple[Scope, ...]:
    """The scopes of the run that the publisher has not spoken of."""
    rows = await connection.fetch(
        """
        SELECT scope_kind AS kind, scope_code AS code FROM publications
        WHERE client_code = $1 AND run_id = $2 AND emitted AND outcome IS NULL
        ORDER BY scope_kind, scope_code COLLATE "C"
        """,
        client,
        run_id,
    )
    return tuple(Scope(kind=row["kind"], code=row["code"]) for row in rows)


async def outcomes(connection: Connection, client: str, run_id: UUID) -> Outcomes:
    """What became so far of the scopes that the run has emitted."""
    rows = await connection.fetch(
        """
        SELECT outcome, count(*) AS scopes FROM publications
        WHERE client_code = $1 AND run_id = $2 AND emitted
        GROUP BY outcome
        """,
        client,
        run_id,
    )
    return {None if row["outcome"] is None else Outcome(row["outcome"]): row["scopes"] for row in rows}
