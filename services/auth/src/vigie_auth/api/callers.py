"""Who makes a call, and from where."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from vigie_auth.domain.sessions import Place
from vigie_auth.handlers.sessions import Caller, signed_in
from vigie_shared.access import Claims, Verifier, only
from vigie_shared.audit import Actor, StillSignedIn, actor_of
from vigie_shared.database import Pool
from vigie_shared.errors import Unauthenticated
from vigie_shared.events import Role

Called = Callable[[Request], Awaitable[Caller]]


def caller(verifier: Verifier, *roles: Role) -> Called:
    """A dependency: who asks, somebody of a client with one of `roles`."""
    authorise = only(verifier, *roles)

    async def identify(request: Request) -> Caller:
        return _caller(request, await authorise(request))

    return identify


def still_signed_in(pool: Pool) -> StillSignedIn:
    """Whether the session of a token lasts, as auth itself knows it."""

    async def check(request: Request, claims: Claims) -> None:
        async with signed_in(pool, _caller(request, claims)):
            pass

    return check


def _caller(request: Request, claims: Claims) -> Caller:
    if claims.client is None:
        raise Unauthenticated("The access token names no client. Sign in again.")
    return Caller(claims.client, claims.sub, claims.role, claims.sid, actor_of(request, claims))


def operator(verifier: Verifier) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency: the operator of the platform who asks."""
    authorise = only(verifier, "operator")

    async def identify(request: Request) -> Actor:
        return actor_of(request, await authorise(request))

    return identify


def address_of(request: Request) -> str:
    """A dependency: the address a request comes from, as the server gives it."""
    return request.client.host if request.client else "unknown"


def place_of(request: Request) -> Place:
    """A dependency: where a request comes from, and what the device calls itself."""
    named = request.headers.get("user-agent", "")
    device = "".join(one for one in named if one.isprintable())[:200]
    return Place(address_of(request), device or None)


def never_stored(response: Response) -> None:
    """A dependency: the answer holds a secret, and no cache on the way keeps it."""
    response.headers["Cache-Control"] = "no-store"
