"""Signing keys, and what is signed with them."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict

from vigie_auth.domain.signing_keys import SealedKey
from vigie_auth.storage import platform
from vigie_auth.storage.platform import PLATFORM
from vigie_auth.tokens import Signer, new_key, public_key_set, sealed_again
from vigie_shared.access import Claims, DeletionPermission, Grant
from vigie_shared.answers import CreatingCall, answer_once
from vigie_shared.audit import record
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import VigieError
from vigie_shared.events import Role
from vigie_shared.sealing import SealBroken, SealingKeys

log = structlog.get_logger()

SIGNS_AFTER = timedelta(seconds=30)
"""How long a new key is published before it signs. A service that has just fetched the keys fetches them again only
after a few seconds; so none meets a signature whose key it could not know yet."""


class KeyDocument(BaseModel):
    """A signing key by its id, and from when on it signs: until the next one does."""

    model_config = ConfigDict(frozen=True)

    key_id: str
    signs_from: AwareDatetime


class NoSigningKey(VigieError):
    """There is no key to sign with; the first one is made when auth starts."""


async def prepare_keys(pool: Pool, sealing: SealingKeys) -> None:
    """Make a signing key where there is none, and seal again those that an earlier sealing key has sealed; several
    processes that start together make one."""
    async with transaction(pool, PLATFORM) as connection:
        await platform.lock_keys(connection)
        known = await platform.list_keys(connection)
        for key in known:
            await _seal_again(connection, key, sealing)
        if not known:
            key = new_key(sealing)
            await platform.add_key(connection, key, signs_in_seconds=0)
            log.info("signing_key_made", key_id=key.key_id)


async def _seal_again(connection: Connection, key: SealedKey, sealing: SealingKeys) -> None:
    try:
        fresh = sealed_again(key, sealing)
    except SealBroken:
        # It verifies what it signed all the same. If it is the one that signs, the first signature says so.
        log.error("signing_key_does_not_open", key_id=key.key_id)
        return
    if fresh is not None:
        await platform.save_sealed_key(connection, fresh)
        log.info("signing_key_sealed_again", key_id=key.key_id)


async def rotate_key(
    pool: Pool,
    sealing: SealingKeys,
    call: CreatingCall,
    *,
    signs_after: timedelta = SIGNS_AFTER,
    sealing_key_lost: bool = False,
) -> KeyDocument:
    """Make a new key that is published now and signs after a moment. What earlier ones signed still verifies, so nobody
    is signed out and no publication is lost. Raises SealBroken where the key that signs does not open: the new one
    would be sealed with a key that auth does not have. `sealing_key_lost` says that this is known and is the reason."""

    async def act() -> KeyDocument:
        await platform.lock_keys(connection)
        signing = await platform.signing_key(connection)
        if signing is not None and not sealing_key_lost:
            Signer(signing[0], sealing)
        key = new_key(sealing)
        signs_from = await platform.add_key(connection, key, signs_in_seconds=signs_after.total_seconds())
        made = KeyDocument(key_id=key.key_id, signs_from=signs_from)
        after = made.model_dump(mode="json")
        await record(connection, call.by, client=None, action="signing-key.rotated", subject=key.key_id, after=after)
        log.info("signing_key_rotated", key_id=key.key_id, by=call.by.name)
        return made

    async with transaction(pool, PLATFORM) as connection:
        return await answer_once(connection, sealing, call, KeyDocument, act)


async def list_signing_keys(pool: Pool) -> list[KeyDocument]:
    """All keys, the latest first: what each has signed verifies."""
    async with transaction(pool, PLATFORM) as connection:
        return [KeyDocument(key_id=key_id, signs_from=at) for key_id, at in await platform.key_dates(connection)]


async def public_keys(pool: Pool) -> dict[str, list[dict[str, str]]]:
    """The public parts of all keys, as a JWK set."""
    async with transaction(pool, PLATFORM) as connection:
        return public_key_set(await platform.list_keys(connection))


async def sign_access_token(
    connection: Connection,
    sealing: SealingKeys,
    *,
    username: str,
    client: str | None,
    role: Role,
    session_id: UUID,
    lasts: timedelta,
) -> str:
    """An access token that is good from now on for as long as `lasts`."""
    key, now = await _signing_key(connection)
    issued = int(now.timestamp())
    claims = Claims(
        sub=username, client=client, role=role, sid=session_id, iat=issued, exp=issued + int(lasts.total_seconds())
    )
    return Signer(key, sealing).access_token(claims)


async def sign_grant(connection: Connection, sealing: SealingKeys, grant: Grant) -> str:
    """A publication grant, issued now."""
    key, now = await _signing_key(connection)
    return Signer(key, sealing).grant(grant, now)


async def sign_deletion(connection: Connection, sealing: SealingKeys, permission: DeletionPermission) -> str:
    """A deletion permission, issued now."""
    key, now = await _signing_key(connection)
    return Signer(key, sealing).deletion(permission, now)


async def _signing_key(connection: Connection) -> tuple[SealedKey, datetime]:
    found = await platform.signing_key(connection)
    if found is None:
        raise NoSigningKey("auth has no signing key although it makes one when it starts")
    return found
