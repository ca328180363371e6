"""Sales indicators that need no third party: one pass over the sales lines gives revenue and what was ordered, another
over the few that are still open gives portfolio and order book.

The first pass also counts what was refused and what is dated after the system date. Rankings are in indicators.ranking.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from vigie_extractor.engine import Engine
from vigie_extractor.indicators.periods import Period, Periods, month_end, month_start
from vigie_extractor.indicators.timeline import Timeline, beside_days
from vigie_extractor.sources.canonical import DOCUMENT_TYPES, SalesLines

BASE_LINES = ("invoice", "credit_note")
OPEN_LINES = ("order", "delivery")
DUE = ("overdue", "due", "later")
EXACT_ZERO = Decimal("0.0000")


@dataclass
class CompanySales:
    """Exact sums of one company's counted lines."""

    base: dict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: EXACT_ZERO))
    orders_open: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: EXACT_ZERO))
    delivered: Decimal = EXACT_ZERO
    ordered: dict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: EXACT_ZERO))
    later_lines: int = 0
    earliest: date | None = None


@dataclass(frozen=True, slots=True)
class SalesScan:
    """`companies` by position; `refused` rows by what was wrong with them; `read` rows."""

    companies: Mapping[int, CompanySales]
    refused: Mapping[str, int]
    read: int


def scan_sales(
    engine: Engine,
    lines: SalesLines,
    as_of: date,
    *,
    timelines: Mapping[int, Timeline],
    codes: Sequence[str],
    sold_only: bool,
) -> SalesScan:
    """One pass over all sales lines, and one over the open ones. `codes` are all known companies by position. With
    `sold_only` the DuckDB table `sold_items(company, item)` names the items whose lines count."""
    sold, filter_join = "true", ""
    if sold_only:
        sold = "i.item IS NOT NULL"
        filter_join = "LEFT JOIN sold_items i ON i.company = e.company AND i.item = e.item"
    rows = engine.run(
        f"""
        SELECT e.company, e.refusal, e.document_type, {sold} AS sold, d.bucket,
               e.date > DATE '{as_of}' AS after_system_date, sum(e.net_amount), count(*), min(e.date)
        FROM {beside_days(lines.query, timelines.values())} {filter_join}
        GROUP BY ALL
        """
    )
    known = {code: position for position, code in enumerate(codes)}
    companies = {position: CompanySales() for position in timelines}
    refused: dict[str, int] = defaultdict(int)
    read = 0
    for row in rows:
        group = _Group(*row)
        position = known.get(group.company or "")
        wrong = group.refusal or _wrong(group, position)
        if wrong:
            refused[wrong] += group.lines
            continue
        read += group.lines
        if position in companies:
            _add(companies[position], group)
    for company, document_type, due, open_amount in _open_lines(engine, lines, as_of, sold_only=sold_only):
        position = known.get(company or "")
        if position in companies:
            _add_open(companies[position], document_type, due, open_amount)
    return SalesScan(companies, refused, read)


def _open_lines(engine: Engine, lines: SalesLines, as_of: date, *, sold_only: bool) -> list[tuple[Any, ...]]:
    """What is open by company, kind of document and when it is due: an index into DUE. Most lines of a firm's life are
    closed, and a Parquet file skips whole groups of them by what it says of its amounts."""
    first, last = month_start(as_of), month_end(as_of)
    sold = "JOIN sold_items i ON i.company = e.company AND i.item = e.item" if sold_only else ""
    due = "coalesce(e.due_date, e.date)"
    kinds = ", ".join(f"'{kind}'" for kind in OPEN_LINES)
    return engine.run(
        f"""
        SELECT e.company, e.document_type,
               ({due} >= DATE '{first}')::TINYINT + ({due} > DATE '{last}')::TINYINT AS due, sum(e.open_amount)
        FROM ({lines.query}) e {sold}
        WHERE e.open_amount <> 0 AND e.refusal IS NULL AND e.date <= DATE '{as_of}' AND e.document_type IN ({kinds})
        GROUP BY ALL
        """
    )


class _Group(NamedTuple):
    """Lines that count alike."""

    company: str | None
    refusal: str | None
    document_type: str | None
    sold: bool
    bucket: int | None
    after_system_date: bool
    net_amount: Decimal
    lines: int
    first: date


def _add(sales: CompanySales, group: _Group) -> None:
    """Counts lines that were read where they belong (R6: nowhere when dated after the system date)."""
    sales.earliest = group.first if sales.earliest is None else min(sales.earliest, group.first)
    if group.after_system_date:
        sales.later_lines += group.lines
    elif not group.sold:
        return
    elif group.document_type in BASE_LINES:
        sales.base[group.bucket or 0] += group.net_amount
    elif group.document_type == "order":
        sales.ordered[group.bucket or 0] += group.net_amount


def _add_open(sales: CompanySales, document_type: str, due: int, open_amount: Decimal) -> None:
    if document_type == "delivery":
        sales.delivered += open_amount
    else:
        sales.orders_open[DUE[due]] += open_amount


def _wrong(group: _Group, position: int | None) -> str | None:
    """What is wrong with a group of lines whose dates and amounts can be read."""
    if group.document_type not in DOCUMENT_TYPES:
        return "document_type"
    return "company" if position is None else None


def sum_over(sums: Mapping[int, Decimal], period: Period, timeline: Timeline) -> Decimal:
    """The exact sum over a period of the company's, from sums by bucket."""
    return sum((sums.get(bucket, EXACT_ZERO) for bucket in timeline.buckets.inside(period)), EXACT_ZERO)


def flow_sums(
    base: Mapping[int, Decimal], periods: Periods, timeline: Timeline
) -> tuple[dict[str, Decimal], list[tuple[str, Decimal]]]:
    """The exact sum of each flow and of each month of the series, from sums by bucket."""
    flows = {name: sum_over(base, period, timeline) for name, period in periods.flows.items()}
    series = [(month, sum_over(base, period, timeline)) for month, period in periods.series]
    return flows, series
