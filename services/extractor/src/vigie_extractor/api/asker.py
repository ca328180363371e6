"""Who asks: a signed-in user of a client, with one of the roles that a call is for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request

from vigie_shared.access import Verifier, bearer_token, only
from vigie_shared.audit import Actor, actor_of
from vigie_shared.errors import Unauthenticated
from vigie_shared.events import Role


@dataclass(frozen=True, slots=True)
class Asker:
    """A user, with the access token to be passed on to auth, which is good until `until`; `actor` is the name by which
    the audit knows that user."""

    client: str
    username: str
    role: Role
    token: str
    until: datetime
    actor: Actor


def asking(verifier: Verifier, *roles: Role) -> Callable[[Request], Awaitable[Asker]]:
    """A FastAPI dependency: who asks, refused unless their role is one of `roles`, all of them roles of a client."""
    authorise = only(verifier, *roles)

    async def ask(request: Request) -> Asker:
        claims = await authorise(request)
        if claims.client is None:
            raise Unauthenticated("The access token contradicts itself. Sign in again.")
        until = datetime.fromtimestamp(claims.exp, UTC)
        return Asker(claims.client, claims.sub, claims.role, bearer_token(request), until, actor_of(request, claims))

    return ask
