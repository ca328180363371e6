"""Which handler answers to which event."""

from functools import partial

from vigie_mobile_gateway import handlers
from vigie_mobile_gateway.handlers import Forget
from vigie_shared import topology
from vigie_shared.database import Pool
from vigie_shared.events import DataDeleted, SnapshotPublished
from vigie_shared.inbox import Consumer


def announcements(pool: Pool) -> Consumer:
    """The consumer that fills the log of announcements."""
    return Consumer(
        topology.GATEWAY_ANNOUNCEMENTS,
        pool,
        {SnapshotPublished: handlers.on_snapshot_published},
        is_gone=handlers.is_gone,
    )


def deletions(pool: Pool, forget: Forget) -> Consumer:
    """The consumer that empties the log. `forget` drops what others have parked."""
    return Consumer(topology.GATEWAY_DELETIONS, pool, {DataDeleted: partial(handlers.on_data_deleted, forget=forget)})
