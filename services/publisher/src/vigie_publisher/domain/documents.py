"""What the publisher answers with: snapshots, cut to what the one who reads may see (R2), and their history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from vigie_shared.events import Scope


@dataclass(frozen=True)
class Head:
    """The snapshot of a scope without its figures."""

    scope: Scope
    name: str
    as_of: date
    published_at: datetime
    extraction_id: UUID


@dataclass(frozen=True)
class Document:
    """The whole snapshot of a scope. Amounts are decimal strings, as they were extracted."""

    head: Head
    currency: str
    periods: Mapping[str, tuple[date, date]]
    indicators: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class PastFigure:
    """One indicator as it was at one publication."""

    as_of: date
    published_at: datetime
    extraction_id: UUID
    started_at: datetime
    indicator: Mapping[str, Any]


@dataclass(frozen=True)
class Explanation:
    """What one indicator of the snapshot of a scope is made of (R14), as it was extracted with it."""

    head: Head
    currency: str
    indicator: str
    made_of: Mapping[str, Any]


def whole_etag(extraction_id: UUID) -> str:
    """The validator of a publication, uncut. A scope is published once by an extraction, so each has its own."""
    return f'W/"{extraction_id.hex}"'


def etag(extraction_id: UUID, cut: str) -> str:
    """The validator of what one may see of a publication: it changes with the publication and with the cut (R2)."""
    return f'W/"{extraction_id.hex}.{cut}"'


def explanation_etag(extraction_id: UUID, indicator: str) -> str:
    """The validator of the explanation of an indicator, which is the same for whoever may see it."""
    return f'W/"{extraction_id.hex}.{indicator}"'


def visible(indicators: Mapping[str, Mapping[str, Any]], allowed: tuple[str, ...] | None) -> dict[str, Any]:
    """The indicators that one may see; none given means all (R2)."""
    return {name: figures for name, figures in indicators.items() if allowed is None or name in allowed}
