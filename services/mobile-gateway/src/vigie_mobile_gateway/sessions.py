"""Who is signed in and what they may see, remembered until the directory says otherwise (R2)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from vigie_mobile_gateway.memory import Memory, Read
from vigie_shared.access import Auth, Claims, Rights, Verifier
from vigie_shared.errors import Forbidden, Unauthenticated

PREFIX = "/mobile/v1"
SCOPES_PATH = f"{PREFIX}/scopes"

_MEMORY = 64 * 1024 * 1024
_BYTES_PER_SESSION, _BYTES_PER_SCOPE = 3000, 1000
"""About what a remembered session takes, and each of its scopes."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user with a running session, and what they may see.

    `expires_at` is when the token ends, in seconds since 1970. `paths` are the scopes as paths of their snapshots.
    """

    client: str
    username: str
    session_id: UUID
    expires_at: int
    rights: Rights
    cut: str
    view: str
    paths: frozenset[str]

    @property
    def size(self) -> int:
        """About how much memory it takes, in bytes."""
        return _BYTES_PER_SESSION + _BYTES_PER_SCOPE * len(self.rights.scopes)


class Sessions:
    """The sessions whose rights are remembered. Tokens are verified offline, rights asked of auth."""

    def __init__(self, verifier: Verifier, auth: Auth, clock: Callable[[], float] = time.time) -> None:
        self._verifier = verifier
        self._auth = auth
        self._clock = clock
        self._memory: Memory[bytes, SignedIn] = Memory(_MEMORY, lambda signed_in: signed_in.size)

    @property
    def changes(self) -> int:
        """How often rights were forgotten; unchanged means that what was read in between still holds."""
        return self._memory.changes

    def remembered(self, authorization: bytes) -> SignedIn | None:
        """Who sends this header `Authorization`, if that is known and the token still runs."""
        signed_in = self._memory.kept(authorization)
        return signed_in if signed_in is not None and signed_in.expires_at > self._clock() else None

    async def signed_in(self, token: str) -> SignedIn:
        """Who holds this token. Raises Unauthenticated when it is not good or the session has ended."""
        claims = await self._verifier.claims(token)
        client = claims.client
        if client is None or claims.role == "operator":
            raise Forbidden("This is for a client's users; you are signed in as an operator of the platform.")

        async def read() -> Read[SignedIn]:
            return Read(_signed_in(client, claims, await self._auth.rights(token)))

        return await self._memory.get(client, _header(token), read)

    async def session_of(self, token: str) -> tuple[str, UUID] | None:
        """The client and the session of a token, whatever became of the session; none where the token is not good."""
        try:
            claims = await self._verifier.claims(token)
        except Unauthenticated:
            return None
        return (claims.client, claims.sid) if claims.client is not None else None

    def forget_user(self, client: str, username: str) -> None:
        self._memory.forget(client, lambda _, known: known is None or known.username == username)

    def forget_session(self, client: str, session_id: UUID) -> None:
        self._memory.forget(client, lambda _, known: known is None or known.session_id == session_id)

    def forget_client(self, client: str) -> None:
        self._memory.forget(client)

    def forget_all(self) -> None:
        self._memory.forget_all()


def snapshot_path(kind: str, code: str) -> str:
    """The path of a scope's snapshot, as ASGI shows it: decoded."""
    return f"{PREFIX}/snapshots/{kind}/{code}"


def _header(token: str) -> bytes:
    return f"Bearer {token}".encode("latin-1", "replace")


def _signed_in(client: str, claims: Claims, rights: Rights) -> SignedIn:
    return SignedIn(
        client,
        claims.sub,
        claims.sid,
        claims.exp,
        rights,
        rights.cut,
        rights.view,
        frozenset(snapshot_path(scope.kind, scope.code) for scope in rights.scopes),
    )
