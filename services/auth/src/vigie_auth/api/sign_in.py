"""Signing in and out, refreshing, rights, and the public keys."""

from typing import Annotated

from fastapi import APIRouter, Depends

from vigie_auth.api.callers import caller, never_stored, place_of
from vigie_auth.api.forms import Answer, OperatorToken, Request, Tokens, Typed, TypedSecret, problems
from vigie_auth.domain.sessions import Place
from vigie_auth.handlers import sessions, sign_in, signing
from vigie_auth.handlers.announcements import scope_data
from vigie_auth.handlers.sessions import Caller
from vigie_auth.handlers.sign_in import SignedIn, SignIn
from vigie_shared.access import Rights, Verifier


class PhoneSignIn(Request):
    client_code: Typed
    shortcut_code: Typed
    username: Typed
    password: TypedSecret


class ConsoleSignIn(Request):
    client_code: Typed
    username: Typed
    password: TypedSecret


class OperatorSignIn(Request):
    username: Typed
    password: TypedSecret


class Refresh(Request):
    refresh_token: Typed


class PublicKey(Answer):
    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class PublicKeys(Answer):
    """A JWK set (RFC 7517)."""

    keys: list[PublicKey]


def routes(means: SignIn, verifier: Verifier) -> APIRouter:
    """The calls of everybody who signs in."""
    router = APIRouter(tags=["sessions"])
    anybody = caller(verifier, "mobile", "preparer", "administrator")
    secret = [Depends(never_stored)]

    @router.get("/jwks", responses=problems())
    async def public_keys() -> PublicKeys:
        """The keys with which access tokens and publication grants are verified."""
        return PublicKeys.model_validate(await signing.public_keys(means.pool))

    @router.post(
        "/sessions",
        status_code=201,
        response_model_exclude_none=True,
        dependencies=secret,
        responses=problems(401, 422, 429),
    )
    async def sign_in_phone(typed: PhoneSignIn, place: Annotated[Place, Depends(place_of)]) -> Tokens:
        """Sign a mobile user in on a phone."""
        signed_in = await sign_in.sign_in_phone(
            means,
            client=typed.client_code,
            shortcut_code=typed.shortcut_code,
            username=typed.username,
            password=typed.password.get_secret_value(),
            place=place,
        )
        return _tokens(signed_in)

    @router.post(
        "/admin/sessions",
        status_code=201,
        response_model_exclude_none=True,
        dependencies=secret,
        responses=problems(401, 422, 429),
    )
    async def sign_in_console(typed: ConsoleSignIn, place: Annotated[Place, Depends(place_of)]) -> Tokens:
        """Sign an administrator or preparer of a client in."""
        signed_in = await sign_in.sign_in_console(
            means,
            client=typed.client_code,
            username=typed.username,
            password=typed.password.get_secret_value(),
            place=place,
        )
        return _tokens(signed_in)

    @router.post("/operator/sessions", status_code=201, dependencies=secret, responses=problems(401, 422, 429))
    async def sign_in_operator(typed: OperatorSignIn, place: Annotated[Place, Depends(place_of)]) -> OperatorToken:
        """Sign an operator of the platform in."""
        signed_in = await sign_in.sign_in_operator(
            means, username=typed.username, password=typed.password.get_secret_value(), place=place
        )
        return OperatorToken(access_token=signed_in.access_token, expires_in=signed_in.expires_in)

    @router.post(
        "/sessions/refresh", response_model_exclude_none=True, dependencies=secret, responses=problems(401, 422)
    )
    async def refresh(sent: Refresh, place: Annotated[Place, Depends(place_of)]) -> Tokens:
        """Replace a refresh token, and give a new access token."""
        return _tokens(await sessions.refresh(means, sent.refresh_token, place))

    @router.delete("/sessions/current", status_code=204, responses=problems(401, 403))
    async def sign_out(who: Annotated[Caller, Depends(anybody)]) -> None:
        """End the session of the access token."""
        await sessions.sign_out(means.pool, who)

    @router.get("/rights", responses=problems(401, 403))
    async def rights(who: Annotated[Caller, Depends(anybody)]) -> Rights:
        """What the bearer may see and extract now."""
        return await sessions.rights(means.pool, who)

    return router


def _tokens(signed_in: SignedIn) -> Tokens:
    return Tokens(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token or "",
        expires_in=signed_in.expires_in,
        scope=scope_data(signed_in.scope) if signed_in.scope else None,
    )
