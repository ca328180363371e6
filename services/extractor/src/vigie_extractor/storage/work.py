"""The work that waits or is held: which run is to be executed, and by whom it may be written for.

Whoever claims a run holds it under a lease, which they prolong while they live, and under a fence, a number that
grows with every claim. A claim that came later makes every earlier one worthless: `hold` refuses it, so nothing of a
process that was thought dead can be committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vigie_extractor.storage import runs
from vigie_shared.database import Connection
from vigie_shared.errors import VigieError
from vigie_shared.tracing import current_traceparent


class LeaseLost(VigieError):
    """The run is not ours any more: it was cancelled, or somebody else has taken it over."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to execute a run. `failures` counts attempts that broke or died, `pauses` those that had to wait,
    `emissions` how often it was handed to the publisher, which has not answered for all of it; `traceparent` is the
    trace of whoever asked for the run."""

    client: str
    run_id: UUID
    fence: int
    failures: int
    pauses: int
    emissions: int
    traceparent: str | None


async def add(connection: Connection, client: str, run_id: UUID, companies: Sequence[str] | None) -> None:
    """Have a run executed as soon as its companies are free; None: they are not known yet, so it shares with none."""
    await connection.execute(
        "INSERT INTO work (client_code, run_id, companies, traceparent) VALUES ($1, $2, $3, $4)",
        client,
        run_id,
        companies,
        current_traceparent(),
    )
    await runs.tell(connection)


async def claim(connection: Connection, lease: timedelta) -> Claim | None:
    """The first run, of any client, that may be executed now: it waits or its holder's lease has run out, no other run
    that reads one of its companies is being executed, and none that was asked for before it is still to be."""
    # Two claims at a time could each miss the other's and take up two runs of one company.
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.work', 0))")
    row = await connection.fetchrow(
        """
        WITH next AS (
            SELECT client_code, run_id FROM work AS candidate
            WHERE ready_at <= clock_timestamp()
              AND (leased_until IS NULL OR leased_until <= clock_timestamp())
              AND NOT EXISTS (
                SELECT FROM work AS other
                WHERE other.client_code = candidate.client_code
                  AND other.run_id <> candidate.run_id
                  AND (other.position < candidate.position AND other.emissions = 0
                       OR other.leased_until > clock_timestamp())
                  AND (other.companies IS NULL OR candidate.companies IS NULL
                       OR other.companies && candidate.companies))
            ORDER BY position
            LIMIT 1
            FOR UPDATE SKIP LOCKED)
        UPDATE work
        SET fence = work.fence + 1,
            leased_until = clock_timestamp() + $1,
            failures = work.failures + (work.leased_until IS NOT NULL)::integer
        FROM next
        WHERE work.client_code = next.client_code AND work.run_id = next.run_id
        RETURNING work.client_code AS client, work.run_id, work.fence, work.failures, work.pauses, work.emissions,
                  work.traceparent
        """,
        lease,
    )
    return Claim(**row) if row else None


async def prolong(connection: Connection, claim: Claim, lease: timedelta) -> None:
    """Say that the holder lives. Raises LeaseLost when the run is not its own any more."""
    held = await connection.fetchval(
        """
        UPDATE work SET leased_until = clock_timestamp() + $4
        WHERE client_code = $1 AND run_id = $2 AND fence = $3
        RETURNING true
        """,
        claim.client,
        claim.run_id,
        claim.fence,
        lease,
    )
    if not held:
        raise LeaseLost(f"extraction {claim.run_id} was cancelled or taken over")


async def hold(connection: Connection, claim: Claim) -> None:
    """Keep the run ours until this transaction ends. Raises LeaseLost when it is not."""
    held = await connection.fetchval(
        "SELECT true FROM work WHERE client_code = $1 AND run_id = $2 AND fence = $3 FOR UPDATE",
        claim.client,
        claim.run_id,
        claim.fence,
    )
    if not held:
        raise LeaseLost(f"extraction {claim.run_id} was cancelled or taken over")


async def hold_any(connection: Connection, client: str, run_id: UUID) -> None:
    """Let nobody write for the run until this transaction ends, whoever holds it, if there is work left."""
    await connection.execute("SELECT FROM work WHERE client_code = $1 AND run_id = $2 FOR UPDATE", client, run_id)


async def hand_over(connection: Connection, claim: Claim, patience: timedelta) -> None:
    """Give the run to the publisher. It is executed again when the publisher has not answered for all of it within
    `patience`, which doubles each time, up to a day."""
    await connection.execute(
        """
        UPDATE work
        SET leased_until = NULL, failures = 0, pauses = 0, emissions = emissions + 1,
            ready_at = clock_timestamp() + least($4::interval * 2 ^ least(emissions, 10), interval '1 day')
        WHERE client_code = $1 AND run_id = $2 AND fence = $3
        """,
        claim.client,
        claim.run_id,
        claim.fence,
        patience,
    )
    await runs.tell(connection)


async def call_off(connection: Connection, client: str, run_id: UUID) -> bool:
    """Nothing is to be done for the run any more. Returns false, and changes nothing, once the publisher has it."""
    called_off = await connection.fetchval(
        "DELETE FROM work WHERE client_code = $1 AND run_id = $2 AND emissions = 0 RETURNING true", client, run_id
    )
    await runs.tell(connection)
    return bool(called_off)


async def finish(connection: Connection, client: str, run_id: UUID) -> None:
    """Nothing remains to be done for the run, whoever holds it."""
    await connection.execute("DELETE FROM work WHERE client_code = $1 AND run_id = $2", client, run_id)
    await runs.tell(connection)


async def wait(connection: Connection, claim: Claim, pause: timedelta) -> None:
    """Give the run back because something that it needs is away: not before `pause` is over is it tried again."""
    await connection.execute(
        """
        UPDATE work SET leased_until = NULL, pauses = pauses + 1, ready_at = clock_timestamp() + $4
        WHERE client_code = $1 AND run_id = $2 AND fence = $3
        """,
        claim.client,
        claim.run_id,
        claim.fence,
        pause,
    )


async def fail(connection: Connection, claim: Claim, pause: timedelta) -> None:
    """Give the run back because the attempt broke."""
    await connection.execute(
        """
        UPDATE work SET leased_until = NULL, failures = failures + 1, ready_at = clock_timestamp() + $4
        WHERE client_code = $1 AND run_id = $2 AND fence = $3
        """,
        claim.client,
        claim.run_id,
        claim.fence,
        pause,
    )


async def release(connection: Connection, claim: Claim) -> None:
    """Give the run back because its holder stops: whoever is free may go on at once."""
    await connection.execute(
        "UPDATE work SET leased_until = NULL WHERE client_code = $1 AND run_id = $2 AND fence = $3",
        claim.client,
        claim.run_id,
        claim.fence,
    )
    await runs.tell(connection)
