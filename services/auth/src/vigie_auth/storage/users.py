"""Users of a client and their rights."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from vigie_auth.domain.directory import ScopeKey
from vigie_auth.domain.users import User, UserChange
from vigie_shared.database import Connection
from vigie_shared.words import folded, searchable

_USERS = """
SELECT u.username, u.password_hash, u.active, u.role, u.indicators, u.version,
       array(
           SELECT (s.kind, s.code) FROM user_scopes s
           WHERE s.client_code = u.client_code AND s.username = u.username ORDER BY s.kind, s.code
       ) AS scopes,
       array(
           SELECT e.company FROM extraction_rights e
           WHERE e.client_code = u.client_code AND e.username = u.username ORDER BY e.company
       ) AS may_extract
FROM users u
WHERE u.client_code = $1 AND u.username > $2 AND ($3::text IS NULL OR u.username_folded = $3)
  AND u.search_text LIKE ALL ($4::text[])
ORDER BY u.username
LIMIT $5
"""

_SAVE = """
INSERT INTO users (
    client_code, username, username_folded, password_hash, active, role, indicators, version, search_text
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (client_code, username) DO UPDATE
SET password_hash = excluded.password_hash, active = excluded.active, role = excluded.role,
    indicators = excluded.indicators, version = excluded.version, search_text = excluded.search_text
"""

_ADD_SCOPES = """
INSERT INTO user_scopes (client_code, username, kind, code)
SELECT $1, $2, kind, code FROM unnest($3::text[], $4::text[]) AS s (kind, code)
"""

_ADD_EXTRACTION_RIGHTS = (
    "INSERT INTO extraction_rights (client_code, username, company) SELECT $1, $2, unnest($3::text[])"
)


@dataclass(frozen=True)
class KnownUser:
    """A user with what is kept of the password, which leaves this service in no form."""

    user: User
    password_hash: str | None


async def find_user(connection: Connection, client: str, username: str) -> KnownUser | None:
    """The user of this name, in whatever case it is typed."""
    row = await connection.fetchrow(_USERS, client, "", folded(username), [], 1)
    return KnownUser(_user(row), row["password_hash"]) if row else None


async def list_users(
    connection: Connection, client: str, *, after: str, limit: int, patterns: Sequence[str]
) -> list[User]:
    """Users by name, those after `after` that fit all `patterns` of LIKE."""
    return [_user(row) for row in await connection.fetch(_USERS, client, after, None, list(patterns), limit)]


async def save_user(
    connection: Connection,
    client: str,
    username: str,
    change: UserChange,
    *,
    password_hash: str | None,
    version: int,
) -> None:
    """Add the user, or replace the one of this name; `password_hash` is stored as given."""
    await connection.execute(
        _SAVE,
        client,
        username,
        folded(username),
        password_hash,
        change.active,
        change.role,
        list(change.indicators) if change.indicators is not None else None,
        version,
        searchable(username),
    )
    await connection.execute("DELETE FROM user_scopes WHERE client_code = $1 AND username = $2", client, username)
    await connection.execute(
        _ADD_SCOPES,
        client,
        username,
        [scope.kind for scope in change.scopes],
        [scope.code for scope in change.scopes],
    )
    await connection.execute("DELETE FROM extraction_rights WHERE client_code = $1 AND username = $2", client, username)
    await connection.execute(_ADD_EXTRACTION_RIGHTS, client, username, list(change.may_extract))


async def remove_user(connection: Connection, client: str, username: str) -> None:
    """Remove the user with rights and sessions."""
    await connection.execute("DELETE FROM users WHERE client_code = $1 AND username = $2", client, username)


def _user(row: Record) -> User:
    return User(
        username=row["username"],
        role=row["role"],
        active=row["active"],
        has_password=row["password_hash"] is not None,
        scopes=tuple(ScopeKey(kind, code) for kind, code in row["scopes"]),
        indicators=tuple(row["indicators"]) if row["indicators"] is not None else None,
        may_extract=tuple(row["may_extract"]),
        version=row["version"],
    )
