"""Sessions that are open: people look at their own, administrators at those of their client's users, and end them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from vigie_auth.domain.sessions import OpenSession
from vigie_auth.handlers.announcements import sessions_revoked
from vigie_auth.handlers.directory import changing
from vigie_auth.handlers.sessions import Caller, end_sessions, signed_in
from vigie_auth.storage import sessions, users
from vigie_shared.audit import record
from vigie_shared.database import Connection, Pool
from vigie_shared.errors import NotFound
from vigie_shared.outbox import emit_all

log = structlog.get_logger()


@dataclass(frozen=True)
class Before:
    """The place in a list of sessions after which the asked part begins."""

    signed_in_at: datetime
    session_id: UUID


async def list_own(pool: Pool, caller: Caller, *, before: Before | None, limit: int) -> list[OpenSession]:
    """The caller's open sessions, the latest first."""
    async with signed_in(pool, caller) as connection:
        return await _list(connection, caller.client, caller.username, before, limit)


async def list_of_user(
    pool: Pool, caller: Caller, username: str, *, before: Before | None, limit: int
) -> list[OpenSession]:
    """The open sessions of a user of the caller's client, the latest first. Raises NotFound."""
    async with signed_in(pool, caller) as connection:
        await _check_user(connection, caller.client, username)
        return await _list(connection, caller.client, username, before, limit)


async def end_own(pool: Pool, caller: Caller, session_id: UUID) -> None:
    """End one of the caller's sessions, for instance that of a lost phone. Raises NotFound."""
    async with signed_in(pool, caller) as connection:
        await _end(connection, caller, caller.username, session_id)


async def end_of_user(pool: Pool, caller: Caller, username: str, session_id: UUID) -> None:
    """End one session of a user. Raises NotFound."""
    async with changing(pool, caller) as (connection, _):
        await _end(connection, caller, username, session_id)


async def end_all_of_user(pool: Pool, caller: Caller, username: str) -> None:
    """End everything a user is signed in to. Raises NotFound."""
    async with changing(pool, caller) as (connection, _):
        await _check_user(connection, caller.client, username)
        ended = await end_sessions(connection, caller.client, username)
        if not ended:
            return
        after = {"ended": len(ended)}
        await record(
            connection, caller.actor, client=caller.client, action="sessions.revoked", subject=username, after=after
        )
    log.info("sessions_revoked", client=caller.client, username=username, by=caller.username, ended=len(ended))


async def _list(
    connection: Connection, client: str, username: str, before: Before | None, limit: int
) -> list[OpenSession]:
    place = (before.signed_in_at, before.session_id) if before else None
    return await sessions.list_open(connection, client, username, before=place, limit=limit)


async def _end(connection: Connection, caller: Caller, username: str, session_id: UUID) -> None:
    ended_at = await sessions.revoke_one_of_user(connection, caller.client, username, session_id)
    if ended_at is None:
        raise NotFound(f"There is no open session {session_id} of {username}.")
    await emit_all(connection, sessions_revoked(caller.client, username, [session_id], ended_at))
    await record(
        connection,
        caller.actor,
        client=caller.client,
        action="session.revoked",
        subject=username,
        before={"session": session_id},
    )
    log.info("session_revoked", client=caller.client, username=username, by=caller.username)


async def _check_user(connection: Connection, client: str, username: str) -> None:
    known = await users.find_user(connection, client, username)
    if known is None or known.user.username != username:
        raise NotFound(f"There is no user {username}.")
