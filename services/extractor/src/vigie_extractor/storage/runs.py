"""The runs of a client, with their reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from vigie_extractor.domain.report import Report
from vigie_extractor.domain.run import (
    ByMessage,
    BySchedule,
    BySource,
    ByUser,
    Origin,
    Request,
    Run,
    RunStatus,
    Viewer,
)
from vigie_extractor.domain.selection import Selection
from vigie_shared.database import Connection

CHANGED = "runs"
"""The notification, after the schema's name and an underscore, that some run or its work has changed."""


async def add(connection: Connection, run: Run) -> bool:
    """Save a new run. Returns false, and changes nothing, where the client has one of this id."""
    added = await connection.fetchval(
        """
        INSERT INTO runs (client_code, id, companies, families, asked_as_of, as_of, requested_by, requested_at, status,
                          report, origin, schedule_id, slot, source_name, reads)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (client_code, id) DO NOTHING
        RETURNING true
        """,
        run.client,
        run.id,
        run.request.selection.companies,
        run.request.selection.families,
        run.request.as_of,
        run.as_of,
        run.requested_by,
        run.requested_at,
        run.status.value,
        run.report.model_dump_json(),
        *_origin_columns(run.origin),
        run.reads,
    )
    return bool(added)


async def find(connection: Connection, client: str, run_id: UUID) -> Run | None:
    row = await connection.fetchrow(
        """
        SELECT client_code, id, companies, families, asked_as_of, as_of, requested_by, requested_at, status,
               started_at, finished_at, report, origin, schedule_id, slot, source_name, reads
        FROM runs WHERE client_code = $1 AND id = $2
        """,
        client,
        run_id,
    )
    return _run(row) if row else None


async def find_and_hold(connection: Connection, client: str, run_id: UUID) -> Run | None:
    """As `find`; nobody else changes the run before this transaction ends."""
    row = await connection.fetchrow(
        """
        SELECT client_code, id, companies, families, asked_as_of, as_of, requested_by, requested_at, status,
               started_at, finished_at, report, origin, schedule_id, slot, source_name, reads
        FROM runs WHERE client_code = $1 AND id = $2 FOR UPDATE
        """,
        client,
        run_id,
    )
    return _run(row) if row else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs are listed: each member that is given must fit. `since`: asked for then or later."""

    statuses: tuple[RunStatus, ...] | None = None
    company: str | None = None
    since: datetime | None = None


async def latest(
    connection: Connection,
    client: str,
    viewer: Viewer,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    wanted: Wanted = Wanted(),
) -> Sequence[Run]:
    """At most `limit` runs that `viewer` sees, the latest first; `before` is when the last one seen was requested, and
    its id."""
    at, run_id = before or (None, None)
    rows = await connection.fetch(
        """
        SELECT client_code, id, companies, families, asked_as_of, as_of, requested_by, requested_at, status,
               started_at, finished_at, report, origin, schedule_id, slot, source_name, reads
        FROM runs
        WHERE client_code = $1 AND ($2::timestamptz IS NULL OR (requested_at, id) < ($2, $3))
          AND ($5::text[] IS NULL OR reads <@ $5 OR (started_at IS NULL AND requested_by = $6))
          AND ($7::text[] IS NULL OR status = ANY($7))
          AND ($8::text IS NULL OR $8 = ANY(coalesce(reads, companies)))
          AND ($9::timestamptz IS NULL OR requested_at >= $9)
        ORDER BY requested_at DESC, id DESC
        LIMIT $4
        """,
        client,
        at,
        run_id,
        limit,
        viewer.may_extract,
        viewer.username,
        None if wanted.statuses is None else [status.value for status in wanted.statuses],
        wanted.company,
        wanted.since,
    )
    return [_run(row) for row in rows]


async def start(connection: Connection, client: str, run_id: UUID, at: datetime, reads: Sequence[str]) -> bool:
    """Have a queued run running since `at`, on the data of these companies. Returns false where it was running
    already."""
    return bool(
        await connection.fetchval(
            """
            WITH known AS (SELECT status FROM runs WHERE client_code = $1 AND id = $2)
            UPDATE runs SET status = 'running', started_at = $3, reads = $4
            WHERE client_code = $1 AND id = $2 AND status IN ('queued', 'running')
            RETURNING (SELECT status FROM known) = 'queued'
            """,
            client,
            run_id,
            at,
            reads,
        )
    )


async def report(connection: Connection, client: str, run_id: UUID, report: Report) -> None:
    """Keep the report as it stands."""
    await connection.execute(
        "UPDATE runs SET report = $3 WHERE client_code = $1 AND id = $2", client, run_id, report.model_dump_json()
    )
    await tell(connection)


async def advance(connection: Connection, run: Run) -> None:
    """Put a run into the status it has here, with its report and its end."""
    await connection.execute(
        "UPDATE runs SET status = $3, report = $4, finished_at = $5 WHERE client_code = $1 AND id = $2",
        run.client,
        run.id,
        run.status.value,
        run.report.model_dump_json(),
        run.finished_at,
    )
    await tell(connection)


async def tell(connection: Connection) -> None:
    """Let whoever waits for runs look again, once this transaction commits."""
    await connection.execute("SELECT pg_notify(current_schema() || '_' || $1, '')", CHANGED)


def _run(row: asyncpg.Record) -> Run:
    return Run(
        client=row["client_code"],
        id=row["id"],
        request=Request(Selection(_codes(row["companies"]), _codes(row["families"])), row["asked_as_of"]),
        as_of=row["as_of"],
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        status=RunStatus(row["status"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        report=Report.model_validate_json(row["report"]),
        origin=_origin(row),
        reads=_codes(row["reads"]),
    )


def _origin_columns(origin: Origin) -> tuple[str, UUID | None, datetime | None, str | None]:
    """What the columns origin, schedule_id, slot and source_name hold."""
    match origin:
        case ByUser():
            return "user", None, None, None
        case ByMessage():
            return "message", None, None, None
        case BySchedule(schedule_id, slot):
            return "schedule", schedule_id, slot, None
        case BySource(source):
            return "source", None, None, source


def _origin(row: asyncpg.Record) -> Origin:
    match row["origin"]:
        case "message":
            return ByMessage()
        case "schedule":
            return BySchedule(row["schedule_id"], row["slot"])
        case "source":
            return BySource(row["source_name"])
        case _:
            return ByUser()


def _codes(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
