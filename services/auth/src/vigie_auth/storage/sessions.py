"""Sessions and their lines of refresh tokens."""

from datetime import datetime, timedelta
from uuid import UUID

from vigie_auth.domain.directory import ScopeKey
from vigie_auth.domain.refresh_tokens import RefreshToken
from vigie_auth.domain.sessions import Line, OpenSession, Place, Presented
from vigie_shared.database import Connection

_ADD = """
INSERT INTO sessions (
    client_code, session_id, username, role, lasts_seconds, expires_at, opens_kind, opens_code, address, device
)
VALUES ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $5::integer), $6, $7, $8, $9)
"""

_ADD_TO_LINE = "INSERT INTO refresh_tokens (client_code, session_id, token_hash) VALUES ($1, $2, $3)"

_LOCK_LINE = """
SELECT username, role, expires_at, opens_kind, opens_code, revoked_at IS NOT NULL AS revoked, clock_timestamp() AS now
FROM sessions WHERE client_code = $1 AND session_id = $2 FOR UPDATE
"""

_PRESENTED = """
SELECT t.used_at, t.sealed_successor,
       EXISTS (
           SELECT FROM refresh_tokens later
           WHERE later.client_code = t.client_code AND later.session_id = t.session_id AND later.used_at > t.used_at
       ) AS successor_used
FROM refresh_tokens t WHERE t.client_code = $1 AND t.session_id = $2 AND t.token_hash = $3
"""

_MARK_USED = """
UPDATE refresh_tokens SET used_at = $3, sealed_successor = $4 WHERE client_code = $1 AND token_hash = $2
"""

_FORGET_SUCCESSORS = """
UPDATE refresh_tokens SET sealed_successor = NULL
WHERE client_code = $1 AND session_id = $2 AND sealed_successor IS NOT NULL
"""

_EXTEND = """
UPDATE sessions
SET expires_at = $3::timestamptz + make_interval(secs => lasts_seconds), last_used_at = $3, address = $4, device = $5
WHERE client_code = $1 AND session_id = $2
"""

_REVOKE_OF_USER = """
UPDATE sessions SET revoked_at = clock_timestamp()
WHERE client_code = $1 AND username = $2 AND revoked_at IS NULL AND expires_at > clock_timestamp()
RETURNING session_id
"""

_REVOKE = """
UPDATE sessions SET revoked_at = clock_timestamp()
WHERE client_code = $1 AND session_id = $2 AND revoked_at IS NULL
RETURNING revoked_at
"""

_REVOKE_ONE_OF_USER = """
UPDATE sessions SET revoked_at = clock_timestamp()
WHERE client_code = $1 AND username = $2 AND session_id = $3 AND revoked_at IS NULL AND expires_at > clock_timestamp()
RETURNING revoked_at
"""

_OPEN = """
SELECT session_id, role, signed_in_at, coalesce(last_used_at, signed_in_at) AS last_used_at, expires_at, address, device
FROM sessions
WHERE client_code = $1 AND username = $2 AND revoked_at IS NULL AND expires_at > clock_timestamp()
  AND ($3::timestamptz IS NULL OR (signed_in_at, session_id) < ($3, $4::uuid))
ORDER BY signed_in_at DESC, session_id DESC
LIMIT $5
"""

_REVOKE_ALL = "UPDATE sessions SET revoked_at = clock_timestamp() WHERE client_code = $1 AND revoked_at IS NULL"

_ALIVE = """
SELECT s.username FROM sessions s
JOIN users u ON u.client_code = s.client_code AND u.username = s.username
JOIN clients c ON c.client_code = s.client_code
WHERE s.client_code = $1 AND s.session_id = $2 AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
  AND u.active AND u.role = s.role AND c.suspended_at IS NULL
"""

_FORGET_ENDED = """
DELETE FROM sessions WHERE client_code = $1 AND session_id IN (
    SELECT session_id FROM sessions
    WHERE client_code = $1 AND expires_at < clock_timestamp() ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED
)
"""


async def add_session(
    connection: Connection,
    token: RefreshToken,
    *,
    username: str,
    role: str,
    lasts: timedelta,
    opens: ScopeKey | None,
    place: Place,
) -> None:
    """Start a line with its first token; `opens` is the company or family that a phone was signed in with."""
    seconds = int(lasts.total_seconds())
    scope = (opens.kind, opens.code) if opens else (None, None)
    where = (place.address, place.device)
    await connection.execute(_ADD, token.client, token.session_id, username, role, seconds, *scope, *where)
    await connection.execute(_ADD_TO_LINE, token.client, token.session_id, token.token_hash)


async def lock_line(connection: Connection, token: RefreshToken) -> tuple[Line, datetime] | None:
    """The line the token names, held until the transaction ends, and the time by this database's clock."""
    row = await connection.fetchrow(_LOCK_LINE, token.client, token.session_id)
    if row is None:
        return None
    opens = ScopeKey(row["opens_kind"], row["opens_code"]) if row["opens_kind"] else None
    return Line(row["username"], row["role"], opens, row["expires_at"], row["revoked"]), row["now"]


async def find_token(connection: Connection, token: RefreshToken) -> tuple[Presented, bytes | None] | None:
    """What is known of a presented token of a line that is held, and its sealed successor."""
    row = await connection.fetchrow(_PRESENTED, token.client, token.session_id, token.token_hash)
    return (Presented(row["used_at"], row["successor_used"]), row["sealed_successor"]) if row else None


async def replace_token(
    connection: Connection, used: RefreshToken, successor: RefreshToken, now: datetime, place: Place
) -> None:
    """Mark a token as used, at `place`, and put its successor in its place; the line lives on from `now`."""
    await connection.execute(_FORGET_SUCCESSORS, used.client, used.session_id)
    await connection.execute(_MARK_USED, used.client, used.token_hash, now, used.seal_successor(successor))
    await connection.execute(_ADD_TO_LINE, successor.client, successor.session_id, successor.token_hash)
    await connection.execute(_EXTEND, used.client, used.session_id, now, place.address, place.device)


async def revoke(connection: Connection, client: str, session_id: UUID) -> datetime | None:
    """End a session; when it ended, or none when it had ended before or never was."""
    revoked_at: datetime | None = await connection.fetchval(_REVOKE, client, session_id)
    return revoked_at


async def revoke_one_of_user(connection: Connection, client: str, username: str, session_id: UUID) -> datetime | None:
    """End a session of this user; when it ended, or none when there is no such open one."""
    revoked_at: datetime | None = await connection.fetchval(_REVOKE_ONE_OF_USER, client, username, session_id)
    return revoked_at


async def list_open(
    connection: Connection, client: str, username: str, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[OpenSession]:
    """The open sessions of a user, the latest first, those before `before` (when opened, and which)."""
    place = before or (None, None)
    return [OpenSession(**row) for row in await connection.fetch(_OPEN, client, username, *place, limit)]


async def revoke_of_user(connection: Connection, client: str, username: str) -> list[UUID]:
    """End all sessions of a user; their ids."""
    return [row["session_id"] for row in await connection.fetch(_REVOKE_OF_USER, client, username)]


async def revoke_all(connection: Connection, client: str) -> None:
    """End all sessions of a client."""
    await connection.execute(_REVOKE_ALL, client)


async def alive(connection: Connection, client: str, session_id: UUID) -> str | None:
    """Whose session it is: none once it was ended, its user is out of service or has another role, or the client is
    suspended."""
    username: str | None = await connection.fetchval(_ALIVE, client, session_id)
    return username


async def forget_ended(connection: Connection, client: str) -> None:
    """Delete some sessions that have run out, with their tokens: done at each sign-in, so that they do not pile up."""
    await connection.execute(_FORGET_ENDED, client)
