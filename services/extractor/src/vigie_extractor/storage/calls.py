"""Creating calls that are under way, by the id of what they create, which follows from their Idempotency-Key."""

from datetime import timedelta
from uuid import UUID

from vigie_shared.database import Connection


async def begin(connection: Connection, client: str, created: UUID, forgotten_after: timedelta) -> bool:
    """Note that a call has begun. Returns false while another one is under way that began less than so long ago."""
    return bool(
        await connection.fetchval(
            """
            INSERT INTO calls_under_way AS known (client_code, id) VALUES ($1, $2)
            ON CONFLICT (client_code, id) DO UPDATE SET begun_at = excluded.begun_at
            WHERE known.begun_at < excluded.begun_at - $3::interval
            RETURNING true
            """,
            client,
            created,
            forgotten_after,
        )
    )


async def end(connection: Connection, client: str, created: UUID) -> None:
    await connection.execute("DELETE FROM calls_under_way WHERE client_code = $1 AND id = $2", client, created)
