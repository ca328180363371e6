"""A scope's figures from those of its companies, already rounded: a family adds them up, a company is a family of one.

Rankings and outstanding are added up by code in SQL (indicators.ranking, indicators.balances): their groups are many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vigie_extractor.indicators.periods import Periods
from vigie_extractor.indicators.result import ZERO, Flows, OrderBook, Portfolio, ScopeKind


@dataclass(frozen=True, slots=True)
class Scope:
    """A company or family whose figures are computed. `positions` are its companies in byte order of their codes, the
    first of which gives its periods and currency."""

    number: int
    kind: ScopeKind
    code: str
    name: str
    currency: str
    periods: Periods
    positions: tuple[int, ...]


def add_flows(parts: Sequence[Flows]) -> Flows:
    """A comparison is not provided for the family where one of its companies cannot provide it."""
    return Flows(
        month=_sum(part.month for part in parts),
        month_previous_year=_sum(part.month_previous_year for part in parts),
        year=_sum(part.year for part in parts),
        year_previous=_sum(part.year_previous for part in parts),
        series=tuple(
            (months[0][0], _sum(amount for _, amount in months))
            for months in zip(*(part.series for part in parts), strict=True)
        ),
        not_provided=tuple(
            comparison
            for comparison in ("month_previous_year", "year_previous")
            if any(comparison in part.not_provided for part in parts)
        ),
    )


def add_portfolios(parts: Sequence[Portfolio]) -> Portfolio:
    return Portfolio(
        due=_sum(part.due for part in parts),
        overdue=_sum(part.overdue for part in parts),
        delivered=_sum(part.delivered for part in parts),
    )


def add_order_books(parts: Sequence[OrderBook]) -> OrderBook:
    return OrderBook(
        due=_sum(part.due for part in parts),
        overdue=_sum(part.overdue for part in parts),
        later=_sum(part.later for part in parts),
        intake=_sum(part.intake for part in parts),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
