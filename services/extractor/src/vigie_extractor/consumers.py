"""What the extractor hears: event type -> handler."""

from collections.abc import Sequence

from vigie_extractor.clock import Clock
from vigie_extractor.handlers.deletions import Forget, is_gone, on_data_deleted
from vigie_extractor.handlers.extractions import Extractions
from vigie_extractor.handlers.publications import on_publication_outcomes
from vigie_shared.access import Verifier
from vigie_shared.database import Connection, Pool
from vigie_shared.events import DataDeleted, ExtractionRequested, PublicationRefused, SnapshotPublished
from vigie_shared.inbox import Consumer
from vigie_shared.topology import EXTRACTOR_DELETIONS, EXTRACTOR_PUBLICATIONS, EXTRACTOR_REQUESTS


def requests_consumer(pool: Pool, extractions: Extractions, verifier: Verifier) -> Consumer:
    """Takes in the extractions that messages ask for; the runner is woken by the commit."""

    async def on_requested(connection: Connection, heard: Sequence[ExtractionRequested]) -> None:
        for event in heard:
            await extractions.on_extraction_requested(connection, verifier, event)

    return Consumer(EXTRACTOR_REQUESTS, pool, {ExtractionRequested: on_requested})


def publications_consumer(pool: Pool, clock: Clock) -> Consumer:
    """Follows what becomes of the scopes of each run."""

    async def on_outcomes(connection: Connection, heard: Sequence[SnapshotPublished | PublicationRefused]) -> None:
        await on_publication_outcomes(connection, heard, clock())

    return Consumer(
        EXTRACTOR_PUBLICATIONS,
        pool,
        {SnapshotPublished: on_outcomes, PublicationRefused: on_outcomes},
        is_gone=is_gone,
    )


def deletions_consumer(pool: Pool, clock: Clock, forget: Forget) -> Consumer:
    """Empties what is kept of a client's publications. `forget` drops what others have parked."""

    async def on_deleted(connection: Connection, heard: Sequence[DataDeleted]) -> None:
        await on_data_deleted(connection, heard, clock(), forget=forget)

    return Consumer(EXTRACTOR_DELETIONS, pool, {DataDeleted: on_deleted})
