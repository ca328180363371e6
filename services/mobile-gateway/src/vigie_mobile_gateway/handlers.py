"""What the gateway does with what it hears and with a phone that begins to listen."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from uuid import UUID

import structlog

from vigie_mobile_gateway import storage
from vigie_mobile_gateway.domain.announcement import DeletionNotice, Notice, is_deleted
from vigie_mobile_gateway.live import Phone, Phones, announcement, deletion
from vigie_mobile_gateway.sessions import Sessions
from vigie_shared.database import Connection, Pool, bind, transaction
from vigie_shared.events import DataDeleted, EmptiedData, GatewayEmptied, SnapshotPublished, derived_id
from vigie_shared.outbox import emit

log = structlog.get_logger()

Forget = Callable[[Connection, str], Awaitable[int]]
"""Drops what is parked of a client and was deleted, and returns how many messages. Raises Unavailable."""


async def on_snapshot_published(connection: Connection, published: Sequence[SnapshotPublished]) -> None:
    """Note what phones are told, for those that are away now; of what was deleted since nothing is told (R11)."""
    ordered = sorted(published, key=lambda event: (event.clientcode, event.id))
    for client, theirs in groupby(ordered, key=lambda event: event.clientcode):
        await bind(connection, client)
        until = await storage.hold_client(connection, client)
        told = [announcement(event) for event in theirs if not is_deleted(event.data.started_at, until)]
        await storage.note(connection, client, told)


async def on_data_deleted(connection: Connection, deleted: Sequence[DataDeleted], *, forget: Forget) -> None:
    """Forget what was announced of what is gone, and say that nothing of it is kept here (R11)."""
    for event in sorted(deleted, key=lambda one: one.clientcode):
        await bind(connection, event.clientcode)
        announcements = await storage.empty(connection, event.clientcode, deletion(event))
        gone = {"announcements": announcements, "parked_messages": await forget(connection, event.clientcode)}
        await emit(
            connection,
            GatewayEmptied(
                id=derived_id("mobile-gateway.emptied", event.id),
                subject=event.subject,
                time=await storage.now(connection),
                clientcode=event.clientcode,
                causationid=event.id,
                traceparent=event.traceparent,
                data=EmptiedData(deletion_id=event.data.deletion_id, at=event.data.at, gone=gone),
            ),
        )
        log.info("data_emptied", client=event.clientcode, deletion_id=str(event.data.deletion_id), **gone)


async def is_gone(connection: Connection, event: SnapshotPublished) -> bool:
    """Whether the publication that an event tells of was deleted since."""
    await bind(connection, event.clientcode)
    return is_deleted(event.data.started_at, await storage.deleted_until(connection, event.clientcode))


async def begin_to_listen(sessions: Sessions, phones: Phones, token: str) -> Phone:
    """Count the phone among those that listen, with the rights that hold now. Raises Unauthenticated."""
    while True:
        before = sessions.changes
        phone = phones.open(await sessions.signed_in(token))
        if sessions.changes == before:
            return phone
        # Rights changed after they were read and before anybody could tell this phone: they are read again.
        phones.close(phone)


async def what_was_missed(pool: Pool, phone: Phone, last_event_id: UUID | None) -> list[Notice]:
    """What the user was not told since an event, a deletion first; everything that is still known where the event is
    not."""
    client = phone.signed_in.client
    scopes = phone.signed_in.rights.scopes
    async with transaction(pool, client) as connection:
        gone = await storage.missed_deletion(connection, client, last_event_id)
        announced = await storage.missed(connection, client, last_event_id, [(one.kind, one.code) for one in scopes])
    return [*([DeletionNotice(gone, scopes)] if gone is not None else []), *announced]
