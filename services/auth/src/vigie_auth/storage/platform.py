"""What belongs to the platform and to no client: operators, signing keys, remembered answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vigie_auth.domain.signing_keys import SealedKey
from vigie_shared.database import Connection
from vigie_shared.words import folded

PLATFORM = ""
"""Binds a transaction to no client: the code of none is empty."""

_KEYS_LOCK = 0x56494B59
"""`VIKY`: the advisory lock under which signing keys are made."""

_SAVE_OPERATOR = """
INSERT INTO operators (username_folded, username, password_hash) VALUES ($1, $2, $3)
ON CONFLICT (username_folded) DO UPDATE
SET username = excluded.username, password_hash = excluded.password_hash, saved_at = clock_timestamp()
"""

_KEYS = "SELECT key_id, public_key, sealed_private_key FROM signing_keys ORDER BY signs_from, key_id"

_SIGNING_KEY = """
SELECT key_id, public_key, sealed_private_key, clock_timestamp() AS now FROM signing_keys
WHERE signs_from <= clock_timestamp() ORDER BY signs_from DESC, key_id DESC LIMIT 1
"""

_ADD_KEY = """
INSERT INTO signing_keys (key_id, public_key, sealed_private_key, signs_from)
VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
RETURNING signs_from
"""

_KEY_DATES = "SELECT key_id, signs_from FROM signing_keys ORDER BY signs_from DESC, key_id DESC"


@dataclass(frozen=True)
class Operator:
    """Somebody who administers the platform."""

    username: str
    password_hash: str


async def find_operator(connection: Connection, username: str) -> Operator | None:
    """The operator of this name, in whatever case it is typed."""
    row = await connection.fetchrow(
        "SELECT username, password_hash FROM operators WHERE username_folded = $1", folded(username)
    )
    return Operator(row["username"], row["password_hash"]) if row else None


async def save_operator(connection: Connection, username: str, password_hash: str) -> None:
    """Add the operator, or replace the one of this name."""
    await connection.execute(_SAVE_OPERATOR, folded(username), username, password_hash)


async def lock_keys(connection: Connection) -> None:
    """Let nobody else make signing keys until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _KEYS_LOCK)


async def list_keys(connection: Connection) -> Sequence[SealedKey]:
    """All keys; each verifies."""
    return [SealedKey(**row) for row in await connection.fetch(_KEYS)]


async def signing_key(connection: Connection) -> tuple[SealedKey, datetime] | None:
    """The key that signs now, and now by the clock of this database."""
    row = await connection.fetchrow(_SIGNING_KEY)
    return (SealedKey(row["key_id"], row["public_key"], row["sealed_private_key"]), row["now"]) if row else None


async def add_key(connection: Connection, key: SealedKey, *, signs_in_seconds: float) -> datetime:
    """Publish a key; from when on it signs, by the clock of this database."""
    row = (key.key_id, key.public_key, key.sealed_private_key, signs_in_seconds)
    signs_from: datetime = await connection.fetchval(_ADD_KEY, *row)
    return signs_from


async def save_sealed_key(connection: Connection, key: SealedKey) -> None:
    """Replace what is kept of a key's private part by the same sealed anew."""
    await connection.execute(
        "UPDATE signing_keys SET sealed_private_key = $2 WHERE key_id = $1", key.key_id, key.sealed_private_key
    )


async def key_dates(connection: Connection) -> list[tuple[str, datetime]]:
    """The ids of all keys and from when on each signs, the latest first."""
    return [(row["key_id"], row["signs_from"]) for row in await connection.fetch(_KEY_DATES)]
