"""What the publisher says: what was published, what was refused and why, and what was deleted."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from vigie_shared.events.envelope import Event, Frozen, NamedScope, Scope


class SnapshotPublishedData(Frozen):
    """`etag` changes with every publication of the scope. `started_at` is its version, by auth's clock: a publication
    whose version is not later than a deletion's moment belongs to what was deleted (R11)."""

    extraction_id: UUID
    scope: NamedScope
    as_of: date
    published_at: AwareDatetime
    etag: str
    started_at: AwareDatetime | None = None


class SnapshotPublished(Event):
    service = "publisher"
    source: str = "/vigie/publisher"
    type: Literal["vigie.snapshot.published.v1"] = "vigie.snapshot.published.v1"
    data: SnapshotPublishedData


RefusalReason = Literal["grant_invalid", "client_suspended", "data_deleted", "superseded"]


class PublicationRefusedData(Frozen):
    """Why nothing of this message was published: the grant does not hold (R1), the client's data was deleted after
    it was given (R11), or a newer snapshot stands (R12)."""

    extraction_id: UUID
    scope: Scope
    reason: RefusalReason


class PublicationRefused(Event):
    service = "publisher"
    source: str = "/vigie/publisher"
    type: Literal["vigie.publication.refused.v1"] = "vigie.publication.refused.v1"
    data: PublicationRefusedData


class DataDeletedData(Frozen):
    """Whatever an extraction published that started up to `at`, by auth's clock, is gone; what started later stays."""

    deletion_id: UUID
    at: AwareDatetime


class DataDeleted(Event):
    """A client had everything deleted that it ever published (R11). Whoever keeps anything of it empties it."""

    service = "publisher"
    source: str = "/vigie/publisher"
    type: Literal["vigie.data.deleted.v1"] = "vigie.data.deleted.v1"
    data: DataDeletedData
