"""What a run says of the scopes it has computed.

The ids of the messages follow from run and scope, so that saying them again says nothing new.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from vigie_extractor.auth import Granted
from vigie_extractor.domain.run import Run
from vigie_extractor.indicators.document import indicator_document
from vigie_extractor.indicators.result import ScopeKind, ScopeResult
from vigie_shared.events import (
    ExtractionCompleted,
    ExtractionCompletedData,
    IndicatorsExplained,
    IndicatorsExplainedData,
    IndicatorsExtracted,
    IndicatorsExtractedData,
    NamedScope,
    Scope,
    derived_id,
)


def extracted(run: Run, granted: Granted, scope: ScopeResult, now: datetime, emissions: int = 0) -> IndicatorsExtracted:
    """What the client publishes of a scope (R2), as it was when the extraction was granted. `emissions` is how often it
    was said before: the publisher answers again what is said again under another id."""
    published = granted.published_indicators
    return IndicatorsExtracted(
        id=_said("indicators.extracted", run, scope, emissions),
        subject=f"{scope.kind.value}/{scope.code}",
        time=now,
        clientcode=run.client,
        data=IndicatorsExtractedData(
            extraction_id=run.id,
            grant=granted.grant,
            scope=NamedScope(kind=scope.kind.value, code=scope.code, name=scope.name),
            as_of=run.as_of,
            currency=scope.currency,
            periods={"month": (scope.month.start, scope.month.end), "year": (scope.year.start, scope.year.end)},
            indicators={
                name.value: indicator_document(found)
                for name, found in scope.indicators.items()
                if published is None or name.value in published
            },
        ),
    )


def explained(
    run: Run,
    granted: Granted,
    scope: ScopeResult,
    explanations: Mapping[tuple[ScopeKind, str], Mapping[str, Any]],
    now: datetime,
    emissions: int = 0,
) -> IndicatorsExplained:
    """What the figures that the client publishes of a scope are made of (R14), and no other (R2)."""
    published = granted.published_indicators
    return IndicatorsExplained(
        id=_said("indicators.explained", run, scope, emissions),
        subject=f"{scope.kind.value}/{scope.code}",
        time=now,
        clientcode=run.client,
        data=IndicatorsExplainedData(
            extraction_id=run.id,
            grant=granted.grant,
            scope=Scope(kind=scope.kind.value, code=scope.code),
            explanations={
                name: explanation
                for name, explanation in explanations.get((scope.kind, scope.code), {}).items()
                if published is None or name in published
            },
        ),
    )


def _said(what: str, run: Run, scope: ScopeResult, emissions: int) -> UUID:
    """The id of a message about a scope, which follows from what it says and how often it was said before."""
    again = (str(emissions),) if emissions else ()
    return derived_id(what, run.client, run.id, scope.kind.value, scope.code, *again)


def completed(run: Run, manifest: tuple[Scope, ...], now: datetime) -> ExtractionCompleted:
    return ExtractionCompleted(
        id=derived_id("extraction.completed", run.client, run.id),
        subject=str(run.id),
        time=now,
        clientcode=run.client,
        data=ExtractionCompletedData(extraction_id=run.id, as_of=run.as_of, scopes=manifest),
    )
