"""The publication credentials of a client."""

from dataclasses import dataclass
from datetime import datetime

from vigie_shared.database import Connection


@dataclass(frozen=True, slots=True)
class Registration:
    """Registered credentials. `check_outcome` is auth's latest word on them, said at `checked_at`."""

    sealed_password: bytes
    registered_at: datetime
    checked_at: datetime
    check_outcome: str


async def save(connection: Connection, client: str, sealed_password: bytes, at: datetime) -> None:
    """Keep credentials that auth has just accepted, in the place of any earlier ones."""
    await connection.execute(
        """
        INSERT INTO publication_credentials (client_code, sealed_password, registered_at, checked_at, check_outcome)
        VALUES ($1, $2, $3, $3, 'accepted')
        ON CONFLICT (client_code) DO UPDATE
        SET sealed_password = excluded.sealed_password, registered_at = excluded.registered_at,
            checked_at = excluded.checked_at, check_outcome = excluded.check_outcome
        """,
        client,
        sealed_password,
        at,
    )


async def note_check(connection: Connection, client: str, checked: bytes, outcome: str, at: datetime) -> None:
    """Keep auth's word on the password sealed as `checked`, unless another one was registered meanwhile."""
    await connection.execute(
        """
        UPDATE publication_credentials SET checked_at = $3, check_outcome = $4
        WHERE client_code = $1 AND sealed_password = $2
        """,
        client,
        checked,
        at,
        outcome,
    )


async def seal_again(connection: Connection, client: str, sealed: bytes, sealed_again: bytes) -> None:
    """Keep the same password under another seal, unless another one was registered meanwhile."""
    await connection.execute(
        "UPDATE publication_credentials SET sealed_password = $3 WHERE client_code = $1 AND sealed_password = $2",
        client,
        sealed,
        sealed_again,
    )


async def find(connection: Connection, client: str) -> Registration | None:
    row = await connection.fetchrow(
        """
        SELECT sealed_password, registered_at, checked_at, check_outcome
        FROM publication_credentials WHERE client_code = $1
        """,
        client,
    )
    return Registration(**row) if row else None
