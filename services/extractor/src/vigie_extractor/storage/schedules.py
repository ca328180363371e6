"""The schedules of a client, and the history of each."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from vigie_extractor.domain.run import RunStatus
from vigie_extractor.domain.schedule_rules import rule_of
from vigie_extractor.domain.schedules import Missed, Plan, Schedule
from vigie_extractor.domain.selection import Selection
from vigie_extractor.domain.source import Planned
from vigie_shared.database import Connection


@dataclass(frozen=True, slots=True)
class Firing:
    """What one slot of a schedule led to. `slot` None: somebody had it run at once. `status` None: nothing ran."""

    id: UUID
    slot: datetime | None
    taken_up_at: datetime
    missed_since: datetime | None
    status: RunStatus | None
    reason: str | None


async def add(connection: Connection, schedule: Schedule) -> bool:
    """Save a new schedule. Returns false, and changes nothing, where the client has one of this id."""
    plan = schedule.plan
    added = await connection.fetchval(
        """
        INSERT INTO schedules (client_code, id, name, rule, time_zone, companies, families, missed, paused, saved_by,
                               saved_at, asked)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (client_code, id) DO NOTHING
        RETURNING true
        """,
        schedule.client,
        schedule.id,
        plan.name,
        plan.rule.model_dump_json(),
        plan.time_zone,
        plan.selection.companies,
        plan.selection.families,
        plan.missed.value,
        plan.paused,
        schedule.saved_by,
        schedule.saved_at,
        asked(plan),
    )
    return bool(added)


async def was_created_as(connection: Connection, client: str, schedule_id: UUID, plan: Plan) -> bool:
    """Whether the schedule was created with this plan, whatever has become of it since."""
    return bool(
        await connection.fetchval(
            "SELECT asked = $3::jsonb FROM schedules WHERE client_code = $1 AND id = $2",
            client,
            schedule_id,
            asked(plan),
        )
    )


async def change(connection: Connection, schedule: Schedule) -> None:
    """Put the schedule into the state it has here."""
    plan = schedule.plan
    await connection.execute(
        """
        UPDATE schedules
        SET name = $3, rule = $4, time_zone = $5, companies = $6, families = $7, missed = $8, paused = $9,
            saved_by = $10, saved_at = $11
        WHERE client_code = $1 AND id = $2
        """,
        schedule.client,
        schedule.id,
        plan.name,
        plan.rule.model_dump_json(),
        plan.time_zone,
        plan.selection.companies,
        plan.selection.families,
        plan.missed.value,
        plan.paused,
        schedule.saved_by,
        schedule.saved_at,
    )


async def remove(connection: Connection, client: str, schedule_id: UUID) -> None:
    """With its history; the runs themselves stay."""
    await connection.execute("DELETE FROM schedules WHERE client_code = $1 AND id = $2", client, schedule_id)


async def find(connection: Connection, client: str, schedule_id: UUID) -> Schedule | None:
    row = await connection.fetchrow(
        """
        SELECT s.client_code, s.id, s.name, s.rule, s.time_zone, s.companies, s.families, s.missed, s.paused,
               s.saved_by, s.saved_at, slots.due_at
        FROM schedules s LEFT JOIN slots ON slots.client_code = s.client_code AND slots.schedule_id = s.id
        WHERE s.client_code = $1 AND s.id = $2
        """,
        client,
        schedule_id,
    )
    return _schedule(row) if row else None


async def get(connection: Connection, client: str, schedule_id: UUID) -> Schedule:
    """As `find`, for one that must be there."""
    schedule = await find(connection, client, schedule_id)
    if schedule is None:
        raise LookupError(f"schedule {schedule_id} is gone")
    return schedule


async def find_and_hold(connection: Connection, client: str, schedule_id: UUID) -> Schedule | None:
    """As `find`; nobody else changes the schedule or takes up its slot before this transaction ends."""
    # The slot first, as whoever takes it up does.
    await connection.execute(
        "SELECT FROM slots WHERE client_code = $1 AND schedule_id = $2 FOR UPDATE", client, schedule_id
    )
    await connection.execute(
        "SELECT FROM schedules WHERE client_code = $1 AND id = $2 FOR NO KEY UPDATE", client, schedule_id
    )
    return await find(connection, client, schedule_id)


async def by_name(
    connection: Connection, client: str, *, saved_by: str | None, after: tuple[str, UUID] | None, limit: int
) -> list[Schedule]:
    """At most `limit` schedules, all or those that one user saved last; `after` is the last one seen."""
    name, schedule_id = after or (None, None)
    rows = await connection.fetch(
        """
        SELECT s.client_code, s.id, s.name, s.rule, s.time_zone, s.companies, s.families, s.missed, s.paused,
               s.saved_by, s.saved_at, slots.due_at
        FROM schedules s LEFT JOIN slots ON slots.client_code = s.client_code AND slots.schedule_id = s.id
        WHERE s.client_code = $1 AND ($2::text IS NULL OR s.saved_by = $2)
          AND ($3::text IS NULL OR (s.name, s.id) > ($3, $4))
        ORDER BY s.name, s.id
        LIMIT $5
        """,
        client,
        saved_by,
        name,
        schedule_id,
        limit,
    )
    return [_schedule(row) for row in rows]


async def planned(connection: Connection, client: str) -> list[Planned]:
    """What every schedule, paused or not, is about; by name."""
    rows = await connection.fetch(
        "SELECT id, name, companies, families FROM schedules WHERE client_code = $1 ORDER BY name, id", client
    )
    return [
        Planned(row["id"], row["name"], Selection(_codes(row["companies"]), _codes(row["families"]))) for row in rows
    ]


async def note(
    connection: Connection,
    client: str,
    schedule_id: UUID,
    firing_id: UUID,
    *,
    slot: datetime | None,
    at: datetime,
    missed_since: datetime | None,
    ran: bool,
) -> None:
    """Keep what became of a slot. The database refuses a second word on the same slot."""
    await connection.execute(
        """
        INSERT INTO firings (client_code, schedule_id, id, slot, taken_up_at, missed_since, ran)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        client,
        schedule_id,
        firing_id,
        slot,
        at,
        missed_since,
        ran,
    )


async def history(
    connection: Connection, client: str, schedule_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Firing]:
    """What became of at most `limit` slots, the latest first; `before` is the last one seen."""
    at, firing_id = before or (None, None)
    rows = await connection.fetch(
        """
        SELECT f.id, f.slot, f.taken_up_at, f.missed_since, runs.status, runs.report ->> 'reason' AS reason
        FROM firings f LEFT JOIN runs ON f.ran AND runs.client_code = f.client_code AND runs.id = f.id
        WHERE f.client_code = $1 AND f.schedule_id = $2
          AND ($3::timestamptz IS NULL OR (f.taken_up_at, f.id) < ($3, $4))
        ORDER BY f.taken_up_at DESC, f.id DESC
        LIMIT $5
        """,
        client,
        schedule_id,
        at,
        firing_id,
        limit,
    )
    return [
        Firing(
            row["id"],
            row["slot"],
            row["taken_up_at"],
            row["missed_since"],
            None if row["status"] is None else RunStatus(row["status"]),
            row["reason"],
        )
        for row in rows
    ]


def asked(plan: Plan) -> str:
    """A plan as one JSON document, the same for equal plans."""
    return json.dumps(
        {
            "name": plan.name,
            "rule": plan.rule.model_dump(mode="json"),
            "time_zone": plan.time_zone,
            "companies": plan.selection.companies,
            "families": plan.selection.families,
            "missed": plan.missed.value,
            "paused": plan.paused,
        }
    )


def _schedule(row: asyncpg.Record) -> Schedule:
    return Schedule(
        client=row["client_code"],
        id=row["id"],
        plan=Plan(
            name=row["name"],
            rule=rule_of(row["rule"]),
            time_zone=row["time_zone"],
            selection=Selection(_codes(row["companies"]), _codes(row["families"])),
            missed=Missed(row["missed"]),
            paused=row["paused"],
        ),
        saved_by=row["saved_by"],
        saved_at=row["saved_at"],
        due_at=row["due_at"],
    )


def _codes(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
