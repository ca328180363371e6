"""Which handler answers to which event."""

from collections.abc import Sequence
from functools import partial

from vigie_publisher.domain.extracted import Extracted, read
from vigie_publisher.handlers import deletions, explanations, publishing
from vigie_publisher.handlers.deletions import Forget
from vigie_shared import topology
from vigie_shared.access import Verifier
from vigie_shared.database import Pool
from vigie_shared.events import (
    ClientResumed,
    ClientSuspended,
    DataDeleted,
    ExtractorEmptied,
    GatewayEmptied,
    IndicatorsExplained,
)
from vigie_shared.inbox import Consumer


def publishing_consumers(pool: Pool, verifier: Verifier) -> Sequence[Consumer]:
    """The consumers by which something is published, or not any more."""
    return (
        Consumer(
            topology.PUBLISHER_INDICATORS,
            pool,
            {Extracted: partial(publishing.on_indicators_extracted, verifier=verifier)},
            read=read,
            is_gone=partial(deletions.is_deleted, verifier=verifier),
        ),
        Consumer(
            topology.PUBLISHER_EXPLANATIONS,
            pool,
            {IndicatorsExplained: partial(explanations.on_indicators_explained, verifier=verifier)},
            is_gone=partial(deletions.is_deleted, verifier=verifier),
        ),
        Consumer(
            topology.PUBLISHER_CLIENTS,
            pool,
            {ClientSuspended: publishing.on_client_suspended, ClientResumed: publishing.on_client_resumed},
        ),
    )


def deletions_consumer(pool: Pool, forget: Forget) -> Consumer:
    """Tidies up after a deletion and follows how others do. `forget` drops what the other consumers have parked."""
    return Consumer(
        topology.PUBLISHER_DELETIONS,
        pool,
        {
            DataDeleted: partial(deletions.on_data_deleted, forget=forget),
            ExtractorEmptied: deletions.on_emptied,
            GatewayEmptied: deletions.on_emptied,
        },
    )
