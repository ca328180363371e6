"""Deleting all that a client published (R11): the request, and what it takes until nothing is left anywhere.

What is published is deleted and its grants voided in the transaction that tells everybody. From then on nothing of that
time is published, wherever it waits; the rest is tidying up, which every service confirms.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from vigie_publisher.domain.deletion import Holdings, Part, Receipt
from vigie_publisher.domain.extracted import Extracted
from vigie_publisher.domain.publication import is_void, void_until
from vigie_publisher.storage import deletions, publications
from vigie_shared.access import Auth, DeletionPermission, InvalidGrant, InvalidPermission, Verifier
from vigie_shared.audit import Actor, record
from vigie_shared.database import Connection, Pool, bind, transaction
from vigie_shared.errors import Conflict, NotFound, ServiceUnavailable, Unavailable, Unprocessable
from vigie_shared.events import (
    DataDeleted,
    DataDeletedData,
    ExtractorEmptied,
    GatewayEmptied,
    IndicatorsExplained,
    derived_id,
)
from vigie_shared.outbox import emit
from vigie_shared.topology import KEEPERS

log = structlog.get_logger()

Forget = Callable[[Connection, str], Awaitable[int]]
"""Drops what is parked of a client and was deleted, and returns how many messages. Raises Unavailable."""


class Deletions:
    """What an administrator does about the client's published data."""

    def __init__(self, pool: Pool, auth: Auth, verifier: Verifier) -> None:
        self._pool = pool
        self._auth = auth
        self._verifier = verifier

    async def preview(self, client: str) -> Holdings:
        """What a deletion would take."""
        async with transaction(self._pool, client) as connection:
            return await deletions.holdings(connection, client)

    async def request(self, actor: Actor, client: str, token: str, confirm: str, key: str | None) -> UUID:
        """Delete everything and return the deletion's id; the same one, without a second effect, for the same key.

        Raises Unprocessable unless `confirm` is the client code, Conflict while a call with this key is under way, and
        what `Auth.deletion_permission` raises.
        """
        if confirm != client:
            raise Unprocessable(
                "Nothing was deleted: type the client code, exactly as it is written, to confirm.",
                errors=[{"where": "confirm", "what": "is not the client code"}],
            )
        deletion_id = uuid4() if key is None else derived_id("deletion", client, key)
        async with transaction(self._pool, client) as connection:
            if await deletions.find(connection, client, deletion_id) is not None:
                return deletion_id
        permission = await self._permission(client, token)
        async with transaction(self._pool, client) as connection:
            if not await deletions.lock_request(connection, client, deletion_id):
                raise Conflict("A call with this Idempotency-Key is under way. Ask again in a moment.")
            if await deletions.find(connection, client, deletion_id) is None:
                await _delete(connection, actor, client, deletion_id, permission)
        return deletion_id

    async def show(self, client: str, deletion_id: UUID) -> Receipt:
        """Raises NotFound, also for another client's (R13)."""
        async with transaction(self._pool, client) as connection:
            receipt = await deletions.find(connection, client, deletion_id)
        if receipt is None:
            raise NotFound(f"There is no deletion {deletion_id}.")
        return receipt

    async def latest(self, client: str, before: tuple[datetime, UUID] | None, limit: int) -> Sequence[Receipt]:
        """The client's deletions, the latest first."""
        async with transaction(self._pool, client) as connection:
            return await deletions.latest(connection, client, before=before, limit=limit)

    async def _permission(self, client: str, token: str) -> DeletionPermission:
        """Auth's leave for this client, with the moment up to which everything goes."""
        try:
            permission = await self._verifier.deletion(await self._auth.deletion_permission(token))
        except InvalidPermission as error:
            raise ServiceUnavailable(f"what auth answered is {error}") from None
        if permission.client != client:
            raise ServiceUnavailable("auth answered a deletion permission of another client")
        return permission


async def _delete(
    connection: Connection, actor: Actor, client: str, deletion_id: UUID, permission: DeletionPermission
) -> None:
    void, now = await publications.lock_client(connection, client)
    parts = [Part(service, {}, None) for service in KEEPERS]
    receipt = Receipt(deletion_id, permission.at, permission.by, now, parts)
    await deletions.add(connection, client, receipt)
    gone = dict(await deletions.delete_publications(connection, client, void_until(void.deleted, permission.at)))
    gone["unsent_events"] = await deletions.withdraw(connection, client, permission.at)
    await deletions.note(connection, client, deletion_id, "publisher", gone, None)
    await emit(
        connection,
        DataDeleted(
            id=derived_id("data.deleted", client, deletion_id),
            subject=str(deletion_id),
            time=now,
            clientcode=client,
            data=DataDeletedData(deletion_id=deletion_id, at=permission.at),
        ),
    )
    await record(
        connection,
        actor,
        client=client,
        action="deletion.confirmed",
        subject=str(deletion_id),
        after={"deleted_until": permission.at, "gone": gone},
    )
    log.info("data_deleted", client=client, deletion_id=str(deletion_id), **gone)


async def on_data_deleted(connection: Connection, deleted: Sequence[DataDeleted], *, forget: Forget) -> None:
    """Tidy up what was on its way when the deletion was made, and say that the publisher is empty. Raises Unavailable
    while some of it cannot be reached, and is then told again."""
    for event in sorted(deleted, key=lambda one: one.clientcode):
        client = event.clientcode
        await bind(connection, client)
        gone = {
            "unsent_events": await deletions.withdraw(connection, client, event.data.at),
            "parked_messages": await forget(connection, client),
        }
        if await deletions.some_are_unsent(connection, client, event.data.at):
            raise Unavailable("announcements of what was deleted are being sent")
        now = await publications.now(connection)
        await deletions.note(connection, client, event.data.deletion_id, "publisher", gone, now)
        log.info("data_emptied", client=client, deletion_id=str(event.data.deletion_id), **gone)


async def on_emptied(connection: Connection, emptied: Sequence[ExtractorEmptied | GatewayEmptied]) -> None:
    """Note on the receipt that another service is empty."""
    for event in sorted(emptied, key=lambda one: one.clientcode):
        await bind(connection, event.clientcode)
        now = await publications.now(connection)
        said = event.data
        await deletions.note(connection, event.clientcode, said.deletion_id, event.service, said.gone, now)


async def is_deleted(connection: Connection, event: Extracted | IndicatorsExplained, *, verifier: Verifier) -> bool:
    """Whether what was extracted belongs to what a deletion has removed, or cannot be shown to be later."""
    await bind(connection, event.clientcode)
    until = await publications.deleted_until(connection, event.clientcode)
    if until is None:
        return False
    try:
        grant = await verifier.grant(event.data.grant)
    except InvalidGrant:
        return True
    return is_void(grant.started_at, until)
