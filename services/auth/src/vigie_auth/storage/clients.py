"""Clients, their moments, and the publication grants they were given."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from vigie_auth.domain.clients import Client
from vigie_auth.domain.directory import DossierKind
from vigie_shared.database import Connection

_CLIENT = """
SELECT client_code, name, publication_password_hash, suspended_at, dossier_kind, published_indicators
FROM clients WHERE client_code = $1
"""

_LOCKED_CLIENT = """
SELECT client_code, name, publication_password_hash, suspended_at, dossier_kind, published_indicators
FROM clients WHERE client_code = $1 FOR NO KEY UPDATE
"""

_HELD_CLIENT = """
SELECT client_code, name, publication_password_hash, suspended_at, dossier_kind, published_indicators
FROM clients WHERE client_code = $1 FOR SHARE
"""

_ADD = """
INSERT INTO clients (client_code, name, publication_password_hash) VALUES ($1, $2, $3)
ON CONFLICT (client_code) DO NOTHING
RETURNING client_code
"""

_NEXT_MOMENT = """
UPDATE clients SET last_moment = greatest(clock_timestamp(), last_moment + interval '1 microsecond')
WHERE client_code = $1
RETURNING last_moment
"""

_NEXT_VERSION = "UPDATE clients SET last_version = last_version + 1 WHERE client_code = $1 RETURNING last_version"

_GRANT = "SELECT started_at FROM publication_grants WHERE client_code = $1 AND extraction_id = $2"

_ADD_GRANT = """
INSERT INTO publication_grants (client_code, extraction_id, username, started_at) VALUES ($1, $2, $3, $4)
"""


async def find_client(connection: Connection, code: str) -> Client | None:
    """The client with this very code."""
    return _client(await connection.fetchrow(_CLIENT, code))


async def lock_client(connection: Connection, code: str) -> Client | None:
    """The client, held until the transaction ends: changes of one client's directory and standing come one by one."""
    return _client(await connection.fetchrow(_LOCKED_CLIENT, code))


async def hold_client(connection: Connection, code: str) -> Client | None:
    """The client, whose directory and standing stay as they are until the transaction ends."""
    return _client(await connection.fetchrow(_HELD_CLIENT, code))


async def add_client(connection: Connection, code: str, name: str, password_hash: str) -> bool:
    """Add a client; false when the code is taken."""
    return await connection.fetchval(_ADD, code, name, password_hash) is not None


async def save_password_hash(connection: Connection, code: str, password_hash: str) -> None:
    await connection.execute(
        "UPDATE clients SET publication_password_hash = $2 WHERE client_code = $1", code, password_hash
    )


async def save_suspension(connection: Connection, code: str, suspended_at: datetime | None) -> None:
    await connection.execute("UPDATE clients SET suspended_at = $2 WHERE client_code = $1", code, suspended_at)


async def save_dossier_kind(connection: Connection, code: str, kind: DossierKind) -> None:
    await connection.execute("UPDATE clients SET dossier_kind = $2 WHERE client_code = $1", code, kind)


async def find_published_indicators(connection: Connection, code: str) -> tuple[str, ...] | None:
    """The indicators that the client publishes; none means all."""
    found = await connection.fetchval("SELECT published_indicators FROM clients WHERE client_code = $1", code)
    return tuple(found) if found is not None else None


async def save_published_indicators(connection: Connection, code: str, indicators: Sequence[str] | None) -> None:
    await connection.execute(
        "UPDATE clients SET published_indicators = $2 WHERE client_code = $1",
        code,
        list(indicators) if indicators is not None else None,
    )


async def next_moment(connection: Connection, code: str) -> datetime:
    """Now, by the clock of this database, and later than every moment this client was given before."""
    moment: datetime = await connection.fetchval(_NEXT_MOMENT, code)
    return moment


async def next_version(connection: Connection, code: str) -> int:
    """A version for the rights of a user, above every one given before."""
    return int(await connection.fetchval(_NEXT_VERSION, code))


async def find_grant(connection: Connection, code: str, extraction_id: UUID) -> datetime | None:
    """When the extraction started, if it was granted before."""
    started_at: datetime | None = await connection.fetchval(_GRANT, code, extraction_id)
    return started_at


async def add_grant(
    connection: Connection, code: str, extraction_id: UUID, username: str, started_at: datetime
) -> None:
    await connection.execute(_ADD_GRANT, code, extraction_id, username, started_at)


def _client(row: Record | None) -> Client | None:
    if row is None:
        return None
    return Client(
        row["client_code"],
        row["name"],
        row["publication_password_hash"],
        row["suspended_at"],
        row["dossier_kind"],
        tuple(row["published_indicators"]) if row["published_indicators"] is not None else None,
    )
