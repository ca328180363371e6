"""What administrators do with the users of their client."""

from collections.abc import Mapping
from typing import Any

import structlog

from vigie_auth.domain.findings import Finding
from vigie_auth.domain.users import User, UserChange, ends_sessions, user_findings
from vigie_auth.handlers import announcements
from vigie_auth.handlers.directory import changing, refuse
from vigie_auth.handlers.documents import UserDocument
from vigie_auth.handlers.sessions import Caller, end_sessions, signed_in
from vigie_auth.storage import clients, directory, users
from vigie_shared.audit import record
from vigie_shared.conditional import Precondition
from vigie_shared.database import Connection, Pool
from vigie_shared.errors import Conflict, NotFound
from vigie_shared.outbox import emit
from vigie_shared.password_policy import password_problem
from vigie_shared.passwords import Passwords
from vigie_shared.words import search_patterns

log = structlog.get_logger()


async def list_users(pool: Pool, caller: Caller, *, after: str, limit: int, search: str) -> list[User]:
    """Users by name, those after `after` in whose names every word of `search` is."""
    patterns = search_patterns(search)
    async with signed_in(pool, caller) as connection:
        return await users.list_users(connection, caller.client, after=after, limit=limit, patterns=patterns)


async def find_user(pool: Pool, caller: Caller, username: str) -> User:
    """Raises NotFound."""
    async with signed_in(pool, caller) as connection:
        known = await users.find_user(connection, caller.client, username)
    if known is None or known.user.username != username:
        raise NotFound(f"There is no user {username}.")
    return known.user


async def save_user(
    pool: Pool,
    passwords: Passwords,
    caller: Caller,
    username: str,
    *,
    change: UserChange,
    password: str | None,
    expected: Precondition,
) -> User:
    """Add a user, or replace the one of this name. Without a password the old one is kept (R9); where nothing else
    changes, nothing is said. A new password, another role or taking out of service ends what the user is signed in to.
    Raises Unprocessable, PreconditionFailed, and Conflict when the name differs from another's by its case only."""
    problem = password_problem(password, username=username) if password is not None else None
    if problem is not None:
        refuse([Finding("password", problem)], f"The user {username}")
    given_hash = await passwords.hash(password) if password is not None else None
    async with changing(pool, caller) as (connection, _):
        known = await users.find_user(connection, caller.client, username)
        if known is not None and known.user.username != username:
            raise Conflict(f"There is a user {known.user.username} already; names do not differ by case alone.")
        before = UserDocument.of(known.user) if known else None
        expected.expect(before)
        if known is not None and password is None and change.leaves(known.user):
            return known.user
        kept_hash = given_hash or (known.password_hash if known else None)
        scopes = await directory.scope_keys(connection, caller.client)
        findings = user_findings(change, has_password=kept_hash is not None, known_scopes=scopes)
        refuse(findings, f"The user {username}")
        version = await clients.next_version(connection, caller.client)
        await users.save_user(connection, caller.client, username, change, password_hash=kept_hash, version=version)
        saved = await users.find_user(connection, caller.client, username)
        if saved is None:
            raise NotFound(f"There is no user {username}.")
        if known is not None and ends_sessions(known.user, change, new_password=password is not None):
            await end_sessions(connection, caller.client, username)
        moment = await clients.next_moment(connection, caller.client)
        await emit(connection, announcements.user_saved(caller.client, saved.user, moment))
        after = UserDocument.of(saved.user).model_dump(mode="json") | {"password_changed": password is not None}
        await _record(connection, caller, "user.saved", username, before, after)
    log.info("user_saved", client=caller.client, username=username, role=change.role, active=change.active)
    return saved.user


async def remove_user(pool: Pool, caller: Caller, username: str, *, expected: Precondition) -> None:
    """Remove a user and end what the user is signed in to. Raises NotFound, PreconditionFailed."""
    async with changing(pool, caller) as (connection, _):
        known = await users.find_user(connection, caller.client, username)
        if known is None or known.user.username != username:
            raise NotFound(f"There is no user {username}.")
        before = UserDocument.of(known.user)
        expected.expect(before)
        await end_sessions(connection, caller.client, username)
        await users.remove_user(connection, caller.client, username)
        moment = await clients.next_moment(connection, caller.client)
        await emit(connection, announcements.user_removed(caller.client, username, moment))
        await _record(connection, caller, "user.removed", username, before, None)
    log.info("user_removed", client=caller.client, username=username)


async def _record(
    connection: Connection,
    caller: Caller,
    action: str,
    username: str,
    before: UserDocument | None,
    after: Mapping[str, Any] | None,
) -> None:
    await record(
        connection,
        caller.actor,
        client=caller.client,
        action=action,
        subject=username,
        before=before.model_dump(mode="json") if before else None,
        after=after,
    )
