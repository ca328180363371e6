"""The explanations of every scope, once its figures are computed (R14)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vigie_extractor.domain.parameters import Parameters
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting_section import ACCOUNTING
from vigie_extractor.indicators.explanations.books import Books
from vigie_extractor.indicators.explanations.differences import (
    ACCOUNT,
    Contributions,
    read_sales_contributions,
)
from vigie_extractor.indicators.explanations.document import Json, explanations_document
from vigie_extractor.indicators.explanations.entries import Side, read_entries
from vigie_extractor.indicators.explanations.model import Explanation, Unexplained
from vigie_extractor.indicators.explanations.parties import Parties, read_parties
from vigie_extractor.indicators.explanations.parts import DisagreementError
from vigie_extractor.indicators.explanations.rankings import Masters, RankedDocuments, Shown, read_ranked_documents
from vigie_extractor.indicators.explanations.revenue_accounts import read_revenue_accounts
from vigie_extractor.indicators.explanations.sales_documents import SalesDocuments, read_documents
from vigie_extractor.indicators.families import Scope
from vigie_extractor.indicators.ranking import Dimension
from vigie_extractor.indicators.result import (
    Flows,
    Indicator,
    IndicatorId,
    OrderBook,
    Outstanding,
    Portfolio,
    Ranking,
    ScopeKind,
    Treasury,
    Unavailable,
)
from vigie_extractor.indicators.sales_section import RANKED, groupings_of
from vigie_extractor.readiness import Ready
from vigie_extractor.sources.canonical import Missing, Tables

Figures = Mapping[int, Mapping[IndicatorId, Indicator]]
"""The indicators of each scope, by its number."""

SIDES = {IndicatorId.TOP_CUSTOMER_OUTSTANDING: Side.CUSTOMERS, IndicatorId.TOP_SUPPLIER_OUTSTANDING: Side.SUPPLIERS}

_CHANGED = "the source was changed while it was read: its rows do not come to this figure; extract again"
_COMPARED = (Dimension.CUSTOMER, Dimension.ITEM_FAMILY, Dimension.ITEM, Dimension.SALES_REP)


@dataclass(frozen=True, slots=True)
class _Sales:
    """What explains the sales indicators. `compared` are the dimensions by which a difference is told."""

    documents: SalesDocuments
    ranked: RankedDocuments
    contributions: Contributions
    compared: tuple[Dimension, ...]

    def explain(self, name: IndicatorId, indicator: Indicator, scope: Scope) -> Explanation:
        match indicator:
            case Flows():
                differences = self.contributions.differences(scope, indicator, self.compared)
                return replace(self.documents.explain_revenue(scope, indicator), differences=differences)
            case Portfolio():
                return self.documents.explain_portfolio(scope, indicator)
            case OrderBook():
                return self.documents.explain_order_book(scope, indicator)
            case Ranking():
                return self.ranked.explain(Shown(scope, *RANKED[name], indicator))
        raise AssertionError(f"{name} is none of the sales indicators")


@dataclass(frozen=True, slots=True)
class _Accounting:
    """What explains the accounting indicators."""

    books: Books
    contributions: Contributions

    def explain(self, name: IndicatorId, indicator: Indicator, scope: Scope) -> Explanation:
        match indicator:
            case Flows():
                differences = self.contributions.differences(scope, indicator, (ACCOUNT,))
                return replace(self.books.explain_revenue(scope, indicator), differences=differences)
            case Outstanding():
                return self.books.explain_outstanding(scope, SIDES[name], indicator)
            case Treasury():
                return self.books.explain_treasury(indicator)
        raise AssertionError(f"{name} is none of the accounting indicators")


def explain(
    engine: Engine, tables: Tables, ready: Ready, parameters: Parameters, figures: Figures
) -> dict[tuple[ScopeKind, str], Json]:
    """The explanations of each scope's indicators as plain data, bounded. A figure that is not available, or that a
    second reading of the source does not come to, has the reason in place of its explanation.

    Works on the DuckDB tables that the computation of the figures has left.
    """
    sales = _read_sales(engine, tables, ready, parameters, figures)
    accounting = _read_accounting(engine, ready, parameters, figures)
    explained = {}
    for scope in ready.scopes:
        found: dict[IndicatorId, Explanation] = {}
        for name, indicator in figures[scope.number].items():
            try:
                found[name] = _explanation(name, indicator, scope, sales, accounting)
            except DisagreementError:
                found[name] = Unexplained(_CHANGED)
        explained[scope.kind, scope.code] = explanations_document(found)
    return explained


def _explanation(
    name: IndicatorId, indicator: Indicator, scope: Scope, sales: _Sales | None, accounting: _Accounting | None
) -> Explanation:
    if isinstance(indicator, Unavailable):
        return Unexplained(indicator.reason)
    explains = accounting if name in ACCOUNTING else sales
    if explains is None:
        raise AssertionError(f"{name} is available and nothing was read to explain it")
    return explains.explain(name, indicator, scope)


def _read_sales(
    engine: Engine, tables: Tables, ready: Ready, parameters: Parameters, figures: Figures
) -> _Sales | None:
    lines = tables.sales_lines
    if isinstance(lines, Missing) or not _any(figures, IndicatorId.COMMERCIAL_REVENUE):
        return None
    sold_only = bool(parameters.sold_item_categories)
    groupings, _ = groupings_of(tables, parameters)
    masters = Masters(tables.customers, tables.items, tables.sales_reps, groupings)
    shown = [
        Shown(scope, *RANKED[name], indicator)
        for scope in ready.scopes
        for name, indicator in figures[scope.number].items()
        if isinstance(indicator, Ranking)
    ]
    return _Sales(
        documents=read_documents(engine, lines, ready, tables.customers, sold_only=sold_only),
        ranked=read_ranked_documents(engine, lines, ready, masters, shown, sold_only=sold_only),
        contributions=read_sales_contributions(engine, lines, ready, masters, sold_only=sold_only),
        compared=tuple(
            dimension
            for dimension in _COMPARED
            if dimension is not Dimension.ITEM_FAMILY or masters.grouping(dimension) is not None
        ),
    )


def _read_accounting(engine: Engine, ready: Ready, parameters: Parameters, figures: Figures) -> _Accounting | None:
    if isinstance(ready.entries, Missing) or not _any(figures, IndicatorId.ACCOUNTING_REVENUE):
        return None
    headings = parameters.headings
    of_side = {Side.CUSTOMERS: headings.customer_outstanding, Side.SUPPLIERS: headings.supplier_outstanding}
    rows = [
        (side, scope, row.code)
        for scope in ready.scopes
        for name, side in SIDES.items()
        for indicator in (figures[scope.number][name],)
        if isinstance(indicator, Outstanding)
        for row in indicator.rows
    ]
    accounts = {
        (position, row.code)
        for of_scope in figures.values()
        for indicator in of_scope.values()
        if isinstance(indicator, Treasury)
        for row in indicator.rows
        for position in (ready.position_of(row.company),)
        if position is not None
    }
    entries = read_entries(
        engine,
        ready.entries,
        ready,
        headings,
        parties={(side, position, code) for side, scope, code in rows for position in scope.positions},
        accounts=accounts,
    )
    positive: dict[tuple[int, Side], Parties] = {}
    negative: dict[tuple[int, Side], Parties] = {}
    for side, heading in of_side.items():
        listed = [(scope.number, code) for of, scope, code in rows if of is side]
        above, below = read_parties(engine, side, heading, listed, rated=ready.rated)
        positive |= {(scope, side): parties for scope, parties in above.items()}
        negative |= {(scope, side): parties for scope, parties in below.items()}
    revenue = read_revenue_accounts(engine, ready, headings)
    return _Accounting(Books(ready, revenue, entries, positive, negative), revenue.contributions(engine))


def _any(figures: Figures, name: IndicatorId) -> bool:
    return any(not isinstance(of_scope[name], Unavailable) for of_scope in figures.values())
