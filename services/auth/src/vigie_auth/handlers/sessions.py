"""Sessions once they are open: refreshing, ending, and who is behind one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog

from vigie_auth.domain.directory import NamedScope
from vigie_auth.domain.refresh_tokens import RefreshToken
from vigie_auth.domain.sessions import Line, Place, on_refresh
from vigie_auth.domain.users import User, extractable, seen_indicators, seen_scopes
from vigie_auth.handlers.announcements import scope_data, sessions_revoked
from vigie_auth.handlers.sign_in import SignedIn, SignIn, tenant_of
from vigie_auth.handlers.signing import sign_access_token
from vigie_auth.storage import clients, directory, sessions, users
from vigie_shared.access import Rights
from vigie_shared.audit import Actor, record
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import Unauthenticated
from vigie_shared.events import Role
from vigie_shared.outbox import emit_all

log = structlog.get_logger()

ENDED = "The session has ended. Sign in again."


@dataclass(frozen=True)
class Caller:
    """Who asks, by an access token and from an address: somebody of a client."""

    client: str
    username: str
    role: Role
    session_id: UUID
    actor: Actor


@asynccontextmanager
async def signed_in(pool: Pool, caller: Caller) -> AsyncIterator[Connection]:
    """A transaction for `caller`'s client. Raises Unauthenticated when the session was ended since its token was given,
    its user is out of service or the client is suspended."""
    async with transaction(pool, caller.client) as connection:
        if not await sessions.alive(connection, caller.client, caller.session_id):
            raise Unauthenticated(ENDED)
        yield connection


async def refresh(means: SignIn, text: str, place: Place) -> SignedIn:
    """Replace a refresh token and give a new access token, at `place`.

    Using a token kills it. The same device may ask again for the answer it lost, for a few seconds and until it uses
    the replacement: it gets the same replacement, so that the line stays one. Any other reuse ends the line.
    Raises Unauthenticated.
    """
    token = RefreshToken.read(text)
    if token is None or tenant_of(token.client) != token.client:
        raise Unauthenticated(ENDED)
    async with transaction(means.pool, token.client) as connection:
        answer = await _refresh(means, connection, token, place)
    if answer is None:
        raise Unauthenticated(ENDED)
    return answer


async def _refresh(means: SignIn, connection: Connection, token: RefreshToken, place: Place) -> SignedIn | None:
    held = await sessions.lock_line(connection, token)
    known = await sessions.find_token(connection, token)
    if held is None or known is None:
        return None
    (line, now), (presented, sealed_successor) = held, known
    if not await sessions.alive(connection, token.client, token.session_id):
        return None
    match on_refresh(line, presented, now=now, grace=means.lifetimes.grace):
        case "rotate":
            successor = RefreshToken.new(token.client, token.session_id)
            await sessions.replace_token(connection, token, successor, now, place)
        case "repeat" if sealed_successor is not None:
            successor = token.open_successor(sealed_successor)
            log.info("refresh_repeated", client=token.client, username=line.username)
        case "refuse":
            return None
        case _:
            await sessions.revoke(connection, token.client, token.session_id)
            await emit_all(connection, sessions_revoked(token.client, line.username, [token.session_id], now))
            await record(
                connection,
                Actor("service", "auth", place.address),
                client=token.client,
                action="session.ended-by-reuse",
                subject=line.username,
                before={"session": token.session_id},
            )
            log.warning("refresh_token_reused", client=token.client, username=line.username)
            return None
    return await _answer(means, connection, line, successor)


async def _answer(means: SignIn, connection: Connection, line: Line, successor: RefreshToken) -> SignedIn:
    access = await sign_access_token(
        connection,
        means.sealing,
        username=line.username,
        client=successor.client,
        role=line.role,
        session_id=successor.session_id,
        lasts=means.lifetimes.access,
    )
    scope = await _opening_scope(connection, successor.client, line) if line.opens else None
    return SignedIn(access, int(means.lifetimes.access.total_seconds()), successor.text, scope)


async def _opening_scope(connection: Connection, client: str, line: Line) -> NamedScope | None:
    """The scope a phone opens on: the one it was signed in with, else the first that its user still has."""
    known = await users.find_user(connection, client, line.username)
    if known is None:
        return None
    seen = seen_scopes(known.user, await directory.list_scopes(connection, client))
    return next((scope for scope in seen if scope.key == line.opens), seen[0] if seen else None)


async def sign_out(pool: Pool, caller: Caller) -> None:
    """End the session that `caller` asks with."""
    async with signed_in(pool, caller) as connection:
        ended_at = await sessions.revoke(connection, caller.client, caller.session_id)
        if ended_at is not None:
            await emit_all(connection, sessions_revoked(caller.client, caller.username, [caller.session_id], ended_at))
    log.info("signed_out", client=caller.client, username=caller.username)


async def end_sessions(connection: Connection, client: str, username: str) -> list[UUID]:
    """End everything a user is signed in to, say so, and answer which sessions that were. The client must be locked: it
    is always taken before its sessions."""
    ended = await sessions.revoke_of_user(connection, client, username)
    moment = await clients.next_moment(connection, client)
    await emit_all(connection, sessions_revoked(client, username, ended, moment))
    return ended


async def rights(pool: Pool, caller: Caller) -> Rights:
    """What the caller may see and extract now (R2)."""
    async with signed_in(pool, caller) as connection:
        user = await current_user(connection, caller)
        scopes = await directory.list_scopes(connection, caller.client)
        published = await clients.find_published_indicators(connection, caller.client)
    return Rights(
        scopes=tuple(scope_data(scope) for scope in seen_scopes(user, scopes)),
        indicators=seen_indicators(user, published),
        may_extract=extractable(user, (scope.key.code for scope in scopes if scope.key.kind == "company")),
    )


async def current_user(connection: Connection, caller: Caller) -> User:
    """The user behind a session that is alive."""
    known = await users.find_user(connection, caller.client, caller.username)
    if known is None:
        raise Unauthenticated(ENDED)
    return known.user
