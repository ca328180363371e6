"""What operators of the platform do with clients."""

import secrets

import structlog
from pydantic import BaseModel

from vigie_auth.domain.clients import Client
from vigie_auth.domain.users import User, UserChange
from vigie_auth.handlers import announcements
from vigie_auth.handlers.documents import UserDocument
from vigie_auth.storage import clients, sessions, users
from vigie_shared.answers import CreatingCall, answer_once
from vigie_shared.audit import Actor, record
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import Conflict, NotFound, Unprocessable
from vigie_shared.outbox import emit
from vigie_shared.password_policy import password_problem
from vigie_shared.passwords import Passwords
from vigie_shared.sealing import SealingKeys

log = structlog.get_logger()


class PublicationCredentials(BaseModel):
    """A client's publication credentials, at the one moment they are shown: only a hash of the password is kept."""

    code: str
    password: str


class Administrator(BaseModel):
    """An administrator who was made."""

    username: str
    role: str = "administrator"
    active: bool = True


async def register_client(
    pool: Pool, passwords: Passwords, sealing: SealingKeys, call: CreatingCall, *, code: str, name: str
) -> PublicationCredentials:
    """Make a client and its publication password. Raises Conflict when the code is taken."""
    password = _publication_password()
    password_hash = await passwords.hash(password)

    async def act() -> PublicationCredentials:
        if not await clients.add_client(connection, code, name, password_hash):
            raise Conflict(f"There is a client {code} already.")
        moment = await clients.next_moment(connection, code)
        await emit(connection, announcements.client_registered(code, name, moment))
        shown = {"code": code, "name": name}
        await record(connection, call.by, client=code, action="client.registered", subject=code, after=shown)
        log.info("client_registered", client=code, by=call.by.name)
        return PublicationCredentials(code=code, password=password)

    async with transaction(pool, code) as connection:
        return await answer_once(connection, sealing, call, PublicationCredentials, act)


async def rotate_publication_password(
    pool: Pool, passwords: Passwords, code: str, *, by: Actor
) -> PublicationCredentials:
    """Replace the publication password; the old one is dead at once. Raises NotFound."""
    password = _publication_password()
    password_hash = await passwords.hash(password)
    async with transaction(pool, code) as connection:
        await _locked(connection, code)
        await clients.save_password_hash(connection, code, password_hash)
        moment = await clients.next_moment(connection, code)
        await emit(connection, announcements.credentials_rotated(code, moment))
        await record(connection, by, client=code, action="publication-password.rotated", subject=code)
    log.info("publication_password_rotated", client=code, by=by.name)
    return PublicationCredentials(code=code, password=password)


async def suspend_client(pool: Pool, code: str, *, by: Actor) -> None:
    """Take a client out of service: nobody of it signs in or publishes, and every session ends. What it published
    stays as it was (R1). Does nothing when it is suspended already. Raises NotFound."""
    async with transaction(pool, code) as connection:
        client = await _locked(connection, code)
        if client.suspended:
            return
        moment = await clients.next_moment(connection, code)
        await clients.save_suspension(connection, code, moment)
        await sessions.revoke_all(connection, code)
        await emit(connection, announcements.client_suspended(code, moment))
        await record(connection, by, client=code, action="client.suspended", subject=code)
    log.info("client_suspended", client=code, by=by.name)


async def resume_client(pool: Pool, code: str, *, by: Actor) -> None:
    """Put a client back in service; its people sign in again. Does nothing when it is. Raises NotFound."""
    async with transaction(pool, code) as connection:
        client = await _locked(connection, code)
        if not client.suspended:
            return
        moment = await clients.next_moment(connection, code)
        await clients.save_suspension(connection, code, None)
        await emit(connection, announcements.client_resumed(code, moment))
        await record(connection, by, client=code, action="client.resumed", subject=code)
    log.info("client_resumed", client=code, by=by.name)


async def add_administrator(
    pool: Pool,
    passwords: Passwords,
    sealing: SealingKeys,
    call: CreatingCall,
    *,
    code: str,
    username: str,
    password: str,
) -> Administrator:
    """Make an administrator of a client. Raises NotFound, Conflict when the name is taken, Unprocessable."""
    problem = password_problem(password, username=username)
    if problem is not None:
        raise Unprocessable(
            "The administrator was not saved: the password does not do.",
            errors=[{"where": "password", "what": problem}],
        )
    password_hash = await passwords.hash(password)

    async def act() -> Administrator:
        if await users.find_user(connection, code, username) is not None:
            raise Conflict(f"There is a user {username} of {code} already.")
        change = UserChange("administrator", active=True, scopes=(), indicators=None, may_extract=())
        version = await clients.next_version(connection, code)
        await users.save_user(connection, code, username, change, password_hash=password_hash, version=version)
        user = User(username, "administrator", True, True, (), None, (), version)
        moment = await clients.next_moment(connection, code)
        await emit(connection, announcements.user_saved(code, user, moment))
        shown = UserDocument.of(user).model_dump(mode="json")
        await record(connection, call.by, client=code, action="administrator.added", subject=username, after=shown)
        log.info("administrator_added", client=code, username=username, by=call.by.name)
        return Administrator(username=username)

    async with transaction(pool, code) as connection:
        await _locked(connection, code)
        return await answer_once(connection, sealing, call, Administrator, act)


async def _locked(connection: Connection, code: str) -> Client:
    client = await clients.lock_client(connection, code)
    if client is None:
        raise NotFound(f"There is no client {code}.")
    return client


def _publication_password() -> str:
    """160 random bits, in groups that can be read over a telephone."""
    text = secrets.token_hex(20)
    return "-".join(text[start : start + 8] for start in range(0, len(text), 8))
