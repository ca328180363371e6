"""The next slots of schedules, of all clients: which one is to be taken up, and when the first one is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vigie_shared.database import Connection

CHANGED = "slots"
"""The notice, after the schema's name and an underscore, that the next slot of some schedule has changed."""


@dataclass(frozen=True, slots=True)
class DueSlot:
    """The slot of a schedule that has come, held by the transaction that found it."""

    client: str
    schedule_id: UUID
    due_at: datetime


async def claim(connection: Connection, now: datetime) -> DueSlot | None:
    """The slot that has waited longest and that nobody else is taking up, held until this transaction ends."""
    row = await connection.fetchrow(
        """
        SELECT client_code AS client, schedule_id, due_at FROM slots
        WHERE ready_at <= $1
        ORDER BY ready_at
        LIMIT 1
        FOR UPDATE SKIP LOCKED
        """,
        now,
    )
    return DueSlot(**row) if row else None


async def first(connection: Connection) -> datetime | None:
    """When the first slot of all is to be taken up."""
    moment: datetime | None = await connection.fetchval("SELECT min(ready_at) FROM slots")
    return moment


async def put(connection: Connection, client: str, schedule_id: UUID, due_at: datetime | None) -> None:
    """Have the schedule wait for this slot; for none where it is None."""
    if due_at is None:
        await connection.execute("DELETE FROM slots WHERE client_code = $1 AND schedule_id = $2", client, schedule_id)
    else:
        await connection.execute(
            """
            INSERT INTO slots (client_code, schedule_id, due_at, ready_at) VALUES ($1, $2, $3, $3)
            ON CONFLICT (client_code, schedule_id) DO UPDATE SET due_at = excluded.due_at, ready_at = excluded.ready_at
            """,
            client,
            schedule_id,
            due_at,
        )


async def postpone(connection: Connection, slot: DueSlot, until: datetime) -> None:
    """Take up the slot later, because the attempt broke."""
    await connection.execute(
        "UPDATE slots SET ready_at = $3 WHERE client_code = $1 AND schedule_id = $2",
        slot.client,
        slot.schedule_id,
        until,
    )


async def tell(connection: Connection) -> None:
    """Let the schedulers look again, once this transaction commits."""
    await connection.execute("SELECT pg_notify(current_schema() || '_' || $1, '')", CHANGED)
