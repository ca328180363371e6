"""Deletions of all that a client published (R11): what would go, and the receipt of what went."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Holdings:
    """What the publisher holds of a client: how much of each kind, and from when to when; no dates where it is nothing.

    `publications` are those of the whole history, `snapshots` the ones that stand; `companies` and `families` are the
    scopes that they are about, and `explanations` the figures of which the rows behind them are held.
    """

    snapshots: int
    publications: int
    explanations: int
    companies: int
    families: int
    as_of: tuple[date, date] | None
    published_at: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class Part:
    """What one service had of what was deleted, by kind; `emptied_at` is none while the service has not said so."""

    service: str
    gone: Mapping[str, int]
    emptied_at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """One deletion: whatever extractions published that started up to `deleted_until`, by auth's clock, is gone."""

    id: UUID
    deleted_until: datetime
    requested_by: str
    requested_at: datetime
    parts: Sequence[Part]

    @property
    def awaited(self) -> tuple[str, ...]:
        """The services that have not said yet that they are empty."""
        return tuple(part.service for part in self.parts if part.emptied_at is None)

    @property
    def finished_at(self) -> datetime | None:
        """When the last of the services said so; none while one is awaited."""
        moments = [part.emptied_at for part in self.parts]
        said = [moment for moment in moments if moment is not None]
        return max(said) if said and len(said) == len(moments) else None

    @property
    def gone(self) -> Mapping[str, int]:
        """How many things of each kind are gone, of all services together."""
        total: Counter[str] = Counter()
        for part in self.parts:
            total.update(part.gone)
        return dict(total)
