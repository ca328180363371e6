"""What a deletion leaves of a client's runs: nothing that is on its way, and no figure in a report."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from vigie_extractor.domain.run import Outcome
from vigie_shared.database import Connection


async def hold_work(connection: Connection, client: str) -> None:
    """Wait for whoever writes for a run of the client, and let nobody else do so until this transaction ends."""
    await connection.execute("SELECT FROM work WHERE client_code = $1 ORDER BY run_id FOR UPDATE", client)


async def keep(connection: Connection, client: str, until: datetime) -> None:
    """Keep the moment of a deletion, unless a later one is known."""
    await connection.execute(
        """
        INSERT INTO deletions AS known (client_code, deleted_until) VALUES ($1, $2)
        ON CONFLICT (client_code) DO UPDATE SET deleted_until = greatest(known.deleted_until, excluded.deleted_until)
        """,
        client,
        until,
    )


async def deleted_until(connection: Connection, client: str) -> datetime | None:
    """The moment of the latest deletion, by auth's clock."""
    moment: datetime | None = await connection.fetchval(
        "SELECT deleted_until FROM deletions WHERE client_code = $1", client
    )
    return moment


async def under_way(connection: Connection, client: str, until: datetime) -> Sequence[UUID]:
    """The runs that were granted up to a moment and have not ended."""
    rows = await connection.fetch(
        """
        SELECT id FROM runs
        WHERE client_code = $1 AND started_at <= $2 AND status IN ('queued', 'running', 'publishing')
        ORDER BY id
        """,
        client,
        until,
    )
    return [row["id"] for row in rows]


async def refuse_awaited(connection: Connection, client: str, run_id: UUID) -> None:
    """Let no scope of a run be awaited any more: it was deleted, whatever the publisher still says."""
    await connection.execute(
        """
        UPDATE publications SET outcome = $3
        WHERE client_code = $1 AND run_id = $2 AND emitted AND outcome IS NULL
        """,
        client,
        run_id,
        Outcome.DATA_DELETED.value,
    )


async def blank_reports(connection: Connection, client: str, until: datetime, detail: str) -> int:
    """Put `detail` in place of what anomalies say, which may be amounts, labels and numbers of the client's books, in
    the reports of the runs that were granted up to a moment. Returns of how many anomalies."""
    return int(
        await connection.fetchval(
            """
            WITH blanked AS (
                UPDATE runs SET report = jsonb_set(report, '{anomalies}', (
                    SELECT jsonb_agg(found || jsonb_build_object('detail', $3::text) ORDER BY position)
                    FROM jsonb_array_elements(report -> 'anomalies') WITH ORDINALITY AS each (found, position)))
                WHERE client_code = $1 AND started_at <= $2
                  AND EXISTS (
                    SELECT FROM jsonb_array_elements(report -> 'anomalies') AS found
                    WHERE found ->> 'detail' IS DISTINCT FROM $3)
                RETURNING jsonb_array_length(report -> 'anomalies') AS anomalies)
            SELECT coalesce(sum(anomalies), 0) FROM blanked
            """,
            client,
            until,
            detail,
        )
    )


async def withdraw(connection: Connection, client: str, until: datetime) -> int:
    """Take back the figures of runs granted up to a moment that wait in the outbox, but for those that are being sent:
    they are refused where they arrive. Returns how many messages."""
    return int(
        await connection.fetchval(
            """
            WITH unsent AS (
                SELECT outbox.position FROM outbox
                JOIN runs ON runs.client_code = outbox.client_code
                 AND runs.id = (convert_from(outbox.body, 'UTF8')::json #>> '{data,extraction_id}')::uuid
                WHERE outbox.client_code = $1 AND outbox.routing_key LIKE 'indicators.%' AND runs.started_at <= $2
                FOR UPDATE OF outbox SKIP LOCKED
            ), gone AS (
                DELETE FROM outbox USING unsent WHERE outbox.position = unsent.position RETURNING 1)
            SELECT count(*) FROM gone
            """,
            client,
            until,
        )
    )


async def some_are_unsent(connection: Connection, client: str, until: datetime) -> bool:
    """Whether such figures are still in the outbox: they are being sent."""
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM outbox
                JOIN runs ON runs.client_code = outbox.client_code
                 AND runs.id = (convert_from(outbox.body, 'UTF8')::json #>> '{data,extraction_id}')::uuid
                WHERE outbox.client_code = $1 AND outbox.routing_key LIKE 'indicators.%' AND runs.started_at <= $2)
            """,
            client,
            until,
        )
    )
