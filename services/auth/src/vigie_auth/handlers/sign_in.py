"""Signing in: a phone by client, shortcut code, user name and password (R10); the console; the platform's operators.

Whatever is wrong, the work and the answer are the same: the attempt is counted, the same statements run, one hash is
checked (that of nobody where there is none to check), and one sentence comes back.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog
from pydantic import TypeAdapter, ValidationError

from vigie_auth.domain.directory import NamedScope
from vigie_auth.domain.refresh_tokens import RefreshToken
from vigie_auth.domain.sessions import Place
from vigie_auth.handlers.signing import sign_access_token
from vigie_auth.storage import clients, platform, sessions
from vigie_auth.storage.candidates import Candidate, find_candidate
from vigie_auth.storage.platform import PLATFORM
from vigie_shared.audit import Actor, record
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import Unauthenticated
from vigie_shared.events import ClientCode
from vigie_shared.passwords import Busy, Passwords
from vigie_shared.sealing import SealingKeys
from vigie_shared.throttling import Throttle

log = structlog.get_logger()

WRONG = "What was typed is not right, or this access is not active."


@dataclass(frozen=True)
class Lifetimes:
    """How long things last: access tokens; sessions of phones and of the console without use; a refresh's grace."""

    access: timedelta
    phone: timedelta
    console: timedelta
    grace: timedelta


@dataclass(frozen=True)
class SignIn:
    """What signing in works with."""

    pool: Pool
    passwords: Passwords
    throttle: Throttle
    sealing: SealingKeys
    lifetimes: Lifetimes


@dataclass(frozen=True)
class SignedIn:
    """What somebody who signed in is given. Operators get no refresh token; only phones open on a scope."""

    access_token: str
    expires_in: int
    refresh_token: str | None = None
    scope: NamedScope | None = None


async def sign_in_phone(
    means: SignIn, *, client: str, shortcut_code: str, username: str, password: str, place: Place
) -> SignedIn:
    """Sign a mobile user in; the shortcut code must be that of one of the user's scopes, which is the one that opens.
    Raises Unauthenticated for whatever is wrong, TooManyRequests when failures have piled up."""
    return await _sign_in(means, client, username, password, place, shortcut_code=shortcut_code)


async def sign_in_console(means: SignIn, *, client: str, username: str, password: str, place: Place) -> SignedIn:
    """Sign an administrator or preparer in. Raises as sign_in_phone does."""
    return await _sign_in(means, client, username, password, place, shortcut_code=None)


async def sign_in_operator(means: SignIn, *, username: str, password: str, place: Place) -> SignedIn:
    """Sign an operator of the platform in, for the life of one access token. Raises as sign_in_phone does."""
    attempt = await means.throttle.count("operator", username, address=place.address)
    async with transaction(means.pool, PLATFORM) as connection:
        operator = await platform.find_operator(connection, username)
    try:
        right = await means.passwords.verify(operator.password_hash if operator else None, password)
    except Busy:
        await means.throttle.not_looked_at(attempt)
        raise
    if operator is None or not right:
        raise _refused("operator")
    await means.throttle.succeeded(attempt)
    async with transaction(means.pool, PLATFORM) as connection:
        actor = Actor("operator", operator.username, place.address)
        await record(connection, actor, client=None, action="operator.signed-in", subject=operator.username)
        token = await sign_access_token(
            connection,
            means.sealing,
            username=operator.username,
            client=None,
            role="operator",
            session_id=uuid4(),
            lasts=means.lifetimes.access,
        )
    log.info("signed_in", role="operator", username=operator.username)
    return SignedIn(token, int(means.lifetimes.access.total_seconds()))


async def _sign_in(
    means: SignIn, client: str, username: str, password: str, place: Place, *, shortcut_code: str | None
) -> SignedIn:
    attempt = await means.throttle.count("user", client, username, address=place.address)
    tenant = tenant_of(client)
    async with transaction(means.pool, tenant) as connection:
        candidate = await find_candidate(connection, tenant, username, shortcut_code)
    try:
        right = await means.passwords.verify(candidate.password_hash if candidate else None, password)
    except Busy:
        await means.throttle.not_looked_at(attempt)
        raise
    if candidate is None or not right:
        raise _refused("phone" if shortcut_code is not None else "console")
    async with transaction(means.pool, tenant) as connection:
        await clients.hold_client(connection, tenant)
        still = await find_candidate(connection, tenant, username, shortcut_code)
        if still is None or still.password_hash != candidate.password_hash:
            raise _refused("changed meanwhile")
        signed_in = await _open_session(means, connection, tenant, still, place)
    await means.throttle.succeeded(attempt)
    log.info("signed_in", client=tenant, role=still.role, username=still.username)
    return signed_in


async def _open_session(means: SignIn, connection: Connection, client: str, user: Candidate, place: Place) -> SignedIn:
    opens = user.opens
    lasts = means.lifetimes.phone if user.role == "mobile" else means.lifetimes.console
    refresh = RefreshToken.new(client, uuid4())
    await sessions.forget_ended(connection, client)
    await sessions.add_session(
        connection,
        refresh,
        username=user.username,
        role=user.role,
        lasts=lasts,
        opens=opens.key if opens else None,
        place=place,
    )
    if user.role != "mobile":
        actor = Actor("user", user.username, place.address)
        await record(connection, actor, client=client, action="console.signed-in", subject=user.username)
    token = await sign_access_token(
        connection,
        means.sealing,
        username=user.username,
        client=client,
        role=user.role,
        session_id=refresh.session_id,
        lasts=means.lifetimes.access,
    )
    return SignedIn(token, int(means.lifetimes.access.total_seconds()), refresh.text, opens)


_CODE: TypeAdapter[str] = TypeAdapter(ClientCode)


def tenant_of(typed: str) -> str:
    """The client that a transaction is bound to for a code as it was typed: none where it cannot be a code."""
    try:
        return _CODE.validate_python(typed)
    except ValidationError:
        return PLATFORM


def _refused(door: str) -> Unauthenticated:
    log.warning("sign_in_refused", door=door)
    return Unauthenticated(WRONG)
