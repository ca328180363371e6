"""What the extractor says: of extractions, the indicators they computed, and what it emptied for a deletion."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from vigie_shared.events.envelope import EmptiedData, Event, Frozen, NamedScope, Scope


class ExtractionRequestedData(Frozen):
    """Which companies and families to extract; none given means all that are ticked *to extract*.

    `as_of` is the system date; none given means the day of the run in the dossier's time zone. `token` is the access
    token of a user allowed to extract, and is required of a message that comes from outside.
    """

    extraction_id: UUID
    companies: tuple[str, ...] | None = None
    families: tuple[str, ...] | None = None
    as_of: date | None = None
    requested_by: str
    token: str | None = None


class ExtractionRequested(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.extraction.requested.v1"] = "vigie.extraction.requested.v1"
    data: ExtractionRequestedData


class ExtractionData(Frozen):
    extraction_id: UUID


class ExtractionStarted(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.extraction.started.v1"] = "vigie.extraction.started.v1"
    data: ExtractionData


class IndicatorsExtractedData(Frozen):
    """All the indicators of one scope in one message: a publication is atomic by construction (R12).

    `grant` is the publication grant of the run, signed by auth; what the publisher believes of client, run and time it
    reads there. `indicators` and `periods` are those of the result document, amounts as strings.
    """

    extraction_id: UUID
    grant: str
    scope: NamedScope
    as_of: date
    currency: str
    periods: dict[str, tuple[date, date]]
    indicators: dict[str, dict[str, Any]]


class IndicatorsExtracted(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.indicators.extracted.v1"] = "vigie.indicators.extracted.v1"
    data: IndicatorsExtractedData


class IndicatorsExplainedData(Frozen):
    """What the figures of one scope are made of (R14), by indicator: of the same extraction as its
    `indicators.extracted`, under the same grant, and at most 256 KiB of JSON."""

    extraction_id: UUID
    grant: str
    scope: Scope
    explanations: dict[str, dict[str, Any]]


class IndicatorsExplained(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.indicators.explained.v1"] = "vigie.indicators.explained.v1"
    data: IndicatorsExplainedData


class ExtractionCompletedData(Frozen):
    """The manifest: every scope for which a message was emitted."""

    extraction_id: UUID
    as_of: date
    scopes: tuple[Scope, ...]


class ExtractionCompleted(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.extraction.completed.v1"] = "vigie.extraction.completed.v1"
    data: ExtractionCompletedData


class ExtractionFailedData(Frozen):
    extraction_id: UUID
    reason: str


class ExtractionFailed(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.extraction.failed.v1"] = "vigie.extraction.failed.v1"
    data: ExtractionFailedData


class ExtractionCancelled(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.extraction.cancelled.v1"] = "vigie.extraction.cancelled.v1"
    data: ExtractionData


class ExtractorEmptied(Event):
    service = "extractor"
    source: str = "/vigie/extractor"
    type: Literal["vigie.extractor.emptied.v1"] = "vigie.extractor.emptied.v1"
    data: EmptiedData
