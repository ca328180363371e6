"""Who may come in by what was typed.

One statement whose work does not depend on what exists: a few look-ups by key, as many for a client with two thousand
companies as for none (R10).
"""

from dataclasses import dataclass

from vigie_auth.domain.directory import NamedScope, ScopeKey
from vigie_auth.domain.users import ClientRole
from vigie_shared.database import Connection
from vigie_shared.words import folded

_CANDIDATE = """
SELECT u.username, u.role, u.password_hash, s.kind, s.code, s.name, s.shortcut_code,
       c.suspended_at IS NULL AND u.active AND u.password_hash IS NOT NULL AS in_service
FROM (SELECT 1) AS always
LEFT JOIN clients c ON c.client_code = $1
LEFT JOIN users u ON u.client_code = c.client_code AND u.username_folded = $2
LEFT JOIN (
    scopes s JOIN user_scopes g ON g.client_code = s.client_code AND g.kind = s.kind AND g.code = s.code
) ON s.client_code = $1 AND s.shortcut_folded = $3 AND g.username = u.username
"""


@dataclass(frozen=True)
class Candidate:
    """A user who may come in, given the right password. `opens` is the scope that a phone opens on."""

    username: str
    role: ClientRole
    password_hash: str
    opens: NamedScope | None


async def find_candidate(
    connection: Connection, client: str, username: str, shortcut_code: str | None
) -> Candidate | None:
    """Who may come in: on a phone, with a shortcut code, a mobile user one of whose scopes it names; to the console,
    without one, a preparer or administrator."""
    typed = folded(shortcut_code) if shortcut_code is not None else None
    row = await connection.fetchrow(_CANDIDATE, client, folded(username), typed)
    if row is None or not row["in_service"] or (row["role"] == "mobile") != (shortcut_code is not None):
        return None
    if shortcut_code is None:
        return Candidate(row["username"], row["role"], row["password_hash"], None)
    if row["code"] is None:
        return None
    opens = NamedScope(ScopeKey(row["kind"], row["code"]), row["name"], row["shortcut_code"])
    return Candidate(row["username"], row["role"], row["password_hash"], opens)
