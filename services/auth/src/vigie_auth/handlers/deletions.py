"""Letting an administrator delete all that the client published (R11)."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from vigie_auth.handlers.directory import changing
from vigie_auth.handlers.sessions import Caller
from vigie_auth.handlers.signing import sign_deletion
from vigie_auth.storage import clients
from vigie_shared.access import DeletionPermission
from vigie_shared.audit import record
from vigie_shared.database import Pool
from vigie_shared.sealing import SealingKeys

log = structlog.get_logger()


@dataclass(frozen=True)
class PermittedDeletion:
    """A signed permission to delete what was published before `at`."""

    permission: str
    at: datetime


async def permit_deletion(pool: Pool, caller: Caller, sealing: SealingKeys) -> PermittedDeletion:
    """Say from which moment on the client's deletion counts: later than the start of every extraction that was let
    publish so far, and earlier than that of every one to come. Nothing is deleted by it."""
    async with changing(pool, caller) as (connection, _):
        at = await clients.next_moment(connection, caller.client)
        said = DeletionPermission(client=caller.client, at=at, by=caller.username)
        permission = await sign_deletion(connection, sealing, said)
        await record(
            connection,
            caller.actor,
            client=caller.client,
            action="deletion.permitted",
            subject=caller.client,
            after={"at": at},
        )
    log.info("deletion_permitted", client=caller.client, username=caller.username)
    return PermittedDeletion(permission, at)
