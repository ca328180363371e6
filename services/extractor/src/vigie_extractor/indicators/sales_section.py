"""The thirteen sales indicators of every scope, and what they cannot be computed from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, anomaly
from vigie_extractor.domain.parameters import Parameters
from vigie_extractor.engine import Engine, name, text
from vigie_extractor.indicators.families import Scope, add_flows, add_order_books, add_portfolios
from vigie_extractor.indicators.periods import Periods
from vigie_extractor.indicators.ranking import Dimension, Grouping, Rankings, cut, scan_groups
from vigie_extractor.indicators.result import (
    Flows,
    Indicator,
    IndicatorId,
    OrderBook,
    Portfolio,
    Unavailable,
    published,
)
from vigie_extractor.indicators.sales import DUE, CompanySales, flow_sums, scan_sales, sum_over
from vigie_extractor.indicators.section import Section
from vigie_extractor.readiness import Ready, ReadyCompany
from vigie_extractor.sources.canonical import FileCount, Master, Missing, Tables
from vigie_extractor.sources.refusals import refused_rows

RANKED: dict[IndicatorId, tuple[Dimension, str]] = {
    IndicatorId.TOP_CUSTOMERS_MONTH: (Dimension.CUSTOMER, "month"),
    IndicatorId.TOP_CUSTOMERS_YEAR: (Dimension.CUSTOMER, "year"),
    IndicatorId.TOP_CUSTOMER_CATEGORIES_MONTH: (Dimension.CUSTOMER_CATEGORY, "month"),
    IndicatorId.TOP_CUSTOMER_CATEGORIES_YEAR: (Dimension.CUSTOMER_CATEGORY, "year"),
    IndicatorId.TOP_ITEMS_MONTH: (Dimension.ITEM, "month"),
    IndicatorId.TOP_ITEMS_YEAR: (Dimension.ITEM, "year"),
    IndicatorId.TOP_ITEM_FAMILIES_MONTH: (Dimension.ITEM_FAMILY, "month"),
    IndicatorId.TOP_ITEM_FAMILIES_YEAR: (Dimension.ITEM_FAMILY, "year"),
    IndicatorId.TOP_SALES_REPS_MONTH: (Dimension.SALES_REP, "month"),
    IndicatorId.TOP_SALES_REPS_YEAR: (Dimension.SALES_REP, "year"),
}
SALES = (
    IndicatorId.COMMERCIAL_REVENUE,
    IndicatorId.MONTH_PORTFOLIO,
    IndicatorId.MONTH_ORDER_BOOK,
    *RANKED,
)


@dataclass(frozen=True, slots=True)
class _Published:
    """One company's rounded figures."""

    revenue: Flows
    portfolio: Portfolio
    order_book: OrderBook


def sales_section(engine: Engine, tables: Tables, ready: Ready, parameters: Parameters) -> Section:
    as_of = ready.as_of
    lines = tables.sales_lines
    if isinstance(lines, Missing):
        return Section(_nothing(ready, lines.reason), (), ())
    sold_only = bool(parameters.sold_item_categories)
    unsold = _sold_items(engine, tables.items, parameters) if sold_only else None
    scan = scan_sales(
        engine,
        lines,
        as_of,
        timelines=ready.timelines,
        codes=ready.codes,
        sold_only=sold_only and unsold is None,
    )
    files = (FileCount(lines.file, scan.read, sum(scan.refused.values())),)
    found = [*refused_rows(lines.file, scan.refused, lines.bad_rows), *_later(scan.companies, ready)]
    if unsold:
        return Section(_nothing(ready, unsold.reason), tuple(found), files)
    groupings, unavailable = groupings_of(tables, parameters)
    scan_groups(engine, lines, as_of, sold_only=sold_only, groupings=groupings, rated=ready.rated)
    names = {
        Dimension.CUSTOMER: tables.customers,
        Dimension.ITEM: tables.items,
        Dimension.SALES_REP: tables.sales_reps,
    }
    rankings = cut(engine, {dimension: table for dimension, table in names.items() if isinstance(table, Master)})
    figures = {position: _publish(scan.companies[position], company) for position, company in ready.companies.items()}
    indicators = {scope.number: _of_scope(scope, figures, rankings, unavailable) for scope in ready.scopes}
    found += _findings(scan.companies, ready, figures, rankings)
    return Section(indicators, tuple(found), files)


def _nothing(ready: Ready, reason: str) -> dict[int, dict[IndicatorId, Indicator]]:
    return {scope.number: dict.fromkeys(SALES, Unavailable(reason)) for scope in ready.scopes}


def _sold_items(engine: Engine, items: Master | Missing, parameters: Parameters) -> Missing | None:
    """Makes the DuckDB table `sold_items(company, item)`, or says why nobody can tell what was sold."""
    if isinstance(items, Missing):
        return Missing(f"sold item categories are set and {items.reason}")
    axis = f"category_{parameters.item_category_axis}"
    if axis not in items.columns:
        return Missing(f"sold item categories are set and items has no column {axis}")
    wanted = ", ".join(text(category) for category in parameters.sold_item_categories)
    engine.run(
        "CREATE TEMP TABLE sold_items AS SELECT k.code AS company, i.code AS item "
        f"FROM {items.table} i JOIN known_companies k USING (position) WHERE i.{name(axis)} IN ({wanted})"
    )
    return None


def groupings_of(tables: Tables, parameters: Parameters) -> tuple[list[Grouping], dict[Dimension, str]]:
    """The dimensions that master tables give, and why the others are not available."""
    groupings, unavailable = [], {}
    for dimension, of, master, table, column in (
        (
            Dimension.CUSTOMER_CATEGORY,
            Dimension.CUSTOMER,
            tables.customers,
            "customers",
            f"category_{parameters.customer_category_axis}",
        ),
        (Dimension.ITEM_FAMILY, Dimension.ITEM, tables.items, "items", "family"),
    ):
        if isinstance(master, Missing):
            unavailable[dimension] = master.reason
        elif column not in master.columns:
            unavailable[dimension] = f"{table} has no column {column}"
        else:
            groupings.append(Grouping(dimension, of, table, column))
    return groupings, unavailable


def not_provided(periods: Periods, earliest: date | None) -> tuple[str, ...]:
    """The comparisons that begin before the earliest row there is."""
    if earliest is None:
        return ()
    return tuple(comparison for comparison, period in periods.comparisons.items() if earliest > period.start)


def _publish(sales: CompanySales, company: ReadyCompany) -> _Published:
    rate = company.rate
    flows, series = flow_sums(sales.base, company.periods, company.timeline)
    orders = {when: published(sales.orders_open[when], rate) for when in DUE}
    revenue = Flows(
        **{period: published(amount, rate) for period, amount in flows.items()},
        series=tuple((month, published(amount, rate)) for month, amount in series),
        not_provided=not_provided(company.periods, sales.earliest),
    )
    return _Published(
        revenue=revenue,
        portfolio=Portfolio(orders["due"], orders["overdue"], published(sales.delivered, rate)),
        order_book=OrderBook(
            **orders, intake=published(sum_over(sales.ordered, company.periods.month, company.timeline), rate)
        ),
    )


def _of_scope(
    scope: Scope, figures: Mapping[int, _Published], rankings: Rankings, unavailable: Mapping[Dimension, str]
) -> dict[IndicatorId, Indicator]:
    members = [figures[position] for position in scope.positions]
    revenue = add_flows([member.revenue for member in members])
    totals = {"month": revenue.month, "year": revenue.year}
    indicators: dict[IndicatorId, Indicator] = {
        IndicatorId.COMMERCIAL_REVENUE: revenue,
        IndicatorId.MONTH_PORTFOLIO: add_portfolios([member.portfolio for member in members]),
        IndicatorId.MONTH_ORDER_BOOK: add_order_books([member.order_book for member in members]),
    }
    for indicator, (dimension, period) in RANKED.items():
        if dimension in unavailable:
            indicators[indicator] = Unavailable(unavailable[dimension])
        else:
            total = totals[period]
            indicators[indicator] = rankings.ranking(scope.number, scope.positions, dimension, period, total)
    return indicators


def _later(companies: Mapping[int, CompanySales], ready: Ready) -> Iterator[Anomaly]:
    """R6: what is dated after the system date."""
    for position, company in ready.companies.items():
        lines = companies[position].later_lines
        if lines:
            detail = f"{lines} sales lines are dated after {company.periods.as_of} and do not count"
            yield anomaly(AnomalyCode.DOCUMENT_AFTER_SYSTEM_DATE, detail, company.company.code, lines)


def _findings(
    companies: Mapping[int, CompanySales], ready: Ready, figures: Mapping[int, _Published], rankings: Rankings
) -> list[Anomaly]:
    found = []
    for position, company in ready.companies.items():
        code = company.company.code
        found += history_too_short(company, "sales lines", figures[position].revenue, companies[position].earliest)
        for dimension in Dimension:
            unassigned = rankings.unassigned.get((position, dimension))
            if unassigned:
                what = dimension.name.lower().replace("_", " ")
                detail = f"{unassigned.lines} lines of the month or year have no {what}: they are in no ranking by it"
                found.append(anomaly(AnomalyCode.UNASSIGNED_LINES, detail, code, unassigned.lines))
    return found


def history_too_short(company: ReadyCompany, what: str, flows: Flows, earliest: date | None) -> list[Anomaly]:
    if not flows.not_provided:
        return []
    detail = f"the {what} begin on {earliest}: {', '.join(flows.not_provided)} cannot be compared with"
    return [anomaly(AnomalyCode.HISTORY_TOO_SHORT, detail, company.company.code, len(flows.not_provided))]
