"""What a phone is answered about a scope: its snapshot and its history."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from typing_extensions import TypedDict

from vigie_mobile_gateway.figures import Answered, Figure, Indicators
from vigie_shared.events import Indicator, ScopeKind

Currency = Annotated[str, Field(examples=["EUR"])]


class Periods(TypedDict):
    """First and last day of the periods that the figures are of."""

    month: tuple[date, date]
    year: tuple[date, date]


class SnapshotDocument(Answered):
    """A snapshot, cut to the indicators that the user may see."""

    kind: ScopeKind
    code: str
    name: str
    currency: Currency
    as_of: date
    published_at: AwareDatetime
    extraction_id: UUID
    periods: Periods
    indicators: Indicators


class HistoryItem(Answered):
    """An indicator as it was at one publication."""

    as_of: date
    published_at: AwareDatetime
    extraction_id: UUID
    indicator: Figure


class History(Answered):
    """Newest first; `next`, where there is more, is the `cursor` of the next page."""

    kind: ScopeKind
    code: str
    indicator: Indicator
    items: list[HistoryItem]
    next: str | None
