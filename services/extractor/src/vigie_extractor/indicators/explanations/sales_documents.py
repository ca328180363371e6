"""The sales documents behind revenue, portfolio and order book: one pass that groups lines by document.

Makes the DuckDB table `documents(position, document_type, document, date, customer, bucket, due, due_date, net_amount,
open_amount, lines)` of those that count in any of these; rankings by customer read it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vigie_extractor.engine import Engine
from vigie_extractor.indicators.explanations.model import (
    Breakdown,
    DocumentRow,
    Explained,
    Explanation,
    Rest,
    SumRow,
)
from vigie_extractor.indicators.explanations.parts import Part, broken_down, joined
from vigie_extractor.indicators.families import Scope
from vigie_extractor.indicators.periods import Period, month_end, month_start
from vigie_extractor.indicators.result import Flows, OrderBook, Portfolio
from vigie_extractor.indicators.sales import BASE_LINES, DUE
from vigie_extractor.indicators.timeline import beside_days
from vigie_extractor.readiness import Ready, ReadyCompany
from vigie_extractor.sources.canonical import Master, Missing, SalesLines

DOCUMENTS, IN_A_MONTH = 25, 5
"""How many documents of an amount are listed at most, and of a month of the series."""

BASE = ", ".join(f"'{kind}'" for kind in BASE_LINES)
_KINDS = ("base", "open", "intake", "delivered")
_ROW = (
    "'size': abs({amount}), 'document': document, 'document_type': document_type, 'date': date, "
    "'due_date': due_date, 'customer': customer, 'lines': lines, 'amount': {amount}"
)

Slot = tuple[str, int]
"""A kind of lines and, among base lines, the bucket of their date, among open orders, when they are due."""


def largest(amount: str, limit: int, only: str = "true") -> str:
    """SQL: the rows of the `limit` largest of some documents, by absolute `amount`."""
    return f"max({{{_ROW.format(amount=amount)}}}, {limit}) FILTER ({only})"


@dataclass(frozen=True, slots=True)
class SalesDocuments:
    """What the lines of each company come to by slot, and the largest documents."""

    companies: Mapping[int, ReadyCompany]
    slots: Mapping[int, Mapping[Slot, Part]]

    def explain_revenue(self, scope: Scope, flows: Flows) -> Explained:
        breakdowns = [
            self._flow(name, scope, {p: self.companies[p].periods.flows[name] for p in scope.positions}, flows)
            for name in ("month", "month_previous_year", "year", "year_previous")
        ]
        for number, (month, amount) in enumerate(flows.series):
            periods = {p: self.companies[p].periods.series[number][1] for p in scope.positions}
            parts = [self._base(position, period, IN_A_MONTH) for position, period in periods.items()]
            breakdowns.append(broken_down("series", "document", amount, parts, IN_A_MONTH, code=month))
        return Explained(tuple(breakdowns))

    def _flow(self, name: str, scope: Scope, periods: Mapping[int, Period], flows: Flows) -> Breakdown:
        parts = [self._base(position, periods[position], DOCUMENTS) for position in scope.positions]
        return broken_down(name, "document", getattr(flows, name), parts, DOCUMENTS)

    def _base(self, position: int, period: Period, limit: int) -> Part:
        company = self.companies[position]
        buckets = company.timeline.buckets.inside(period)
        slots = self.slots.get(position, {})
        parts = (slots["base", bucket] for bucket in buckets if ("base", bucket) in slots)
        return joined(parts, company.rate, limit)

    def _documents(self, of: str, scope: Scope, amount: Decimal, slot: Slot) -> Breakdown:
        parts = [
            self.slots.get(position, {}).get(slot, Part(self.companies[position].rate)) for position in scope.positions
        ]
        return broken_down(of, "document", amount, parts, DOCUMENTS)

    def explain_portfolio(self, scope: Scope, portfolio: Portfolio) -> Explanation:
        due = self._documents("due", scope, portfolio.due, ("open", DUE.index("due")))
        overdue = self._documents("overdue", scope, portfolio.overdue, ("open", DUE.index("overdue")))
        delivered = self._documents("delivered", scope, portfolio.delivered, ("delivered", 0))
        return Explained((added("amount", portfolio.amount, due, overdue, delivered), due, overdue, delivered))

    def explain_order_book(self, scope: Scope, book: OrderBook) -> Explanation:
        due = self._documents("amount", scope, book.due, ("open", DUE.index("due")))
        overdue = self._documents("overdue", scope, book.overdue, ("open", DUE.index("overdue")))
        later = self._documents("later", scope, book.later, ("open", DUE.index("later")))
        intake = self._documents("intake", scope, book.intake, ("intake", 0))
        return Explained((due, overdue, later, added("stock", book.stock, due, overdue, later), intake))


def added(of: str, amount: Decimal, *breakdowns: Breakdown) -> Breakdown:
    """An amount that is the sum of others of the same indicator."""
    rows = tuple(SumRow(one.of, one.count, one.amount) for one in breakdowns)
    return Breakdown(of, "sum", amount, rows, Rest())


def read_documents(
    engine: Engine, lines: SalesLines, ready: Ready, customers: Master | Missing, *, sold_only: bool
) -> SalesDocuments:
    """One pass over the sales lines that any flow, portfolio or order book is made of (R6: none after the system
    date). With `sold_only` the DuckDB table `sold_items(company, item)` names the items whose lines count."""
    first, last = month_start(ready.as_of), month_end(ready.as_of)
    since = min(
        (p.start for c in ready.companies.values() for p in (*c.periods.flows.values(), c.periods.series[0][1])),
        default=ready.as_of,
    )
    due = "coalesce(e.due_date, e.date)"
    sold = "JOIN sold_items i ON i.company = e.company AND i.item = e.item" if sold_only else ""
    engine.run(
        f"""
        CREATE TEMP TABLE documents AS
        SELECT y.position, e.document_type, CASE WHEN trim(e.document) <> '' THEN e.document END AS document, e.date,
               CASE WHEN trim(e.customer) <> '' THEN e.customer END AS customer, d.bucket,
               CASE WHEN e.document_type = 'order'
                    THEN ({due} >= DATE '{first}')::TINYINT + ({due} > DATE '{last}')::TINYINT END AS due,
               min(CASE WHEN e.document_type IN ('order', 'delivery') THEN {due} END) AS due_date,
               sum(e.net_amount) AS net_amount, sum(e.open_amount) AS open_amount, count(*) AS lines
        FROM {beside_days(lines.query, ready.timelines.values())} JOIN computed y ON y.company = e.company {sold}
        WHERE e.refusal IS NULL AND e.date <= DATE '{ready.as_of}' AND CASE
              WHEN e.document_type IN ({BASE}) THEN e.date >= DATE '{since}'
              WHEN e.document_type = 'order' THEN e.open_amount <> 0 OR e.date >= DATE '{first}'
              WHEN e.document_type = 'delivery' THEN e.open_amount <> 0 END
        GROUP BY ALL
        """
    )
    engine.run(
        f"""
        CREATE TEMP TABLE sales_slots AS
        SELECT position, kind, slot, sum(amount) AS exact, count(*) AS documents,
               {largest("amount", DOCUMENTS)} AS largest
        FROM (
            SELECT *, 0 AS kind, coalesce(bucket, 0) AS slot, net_amount AS amount
            FROM documents WHERE document_type IN ({BASE})
            UNION ALL
            SELECT *, 1, due, open_amount FROM documents WHERE document_type = 'order' AND open_amount <> 0
            UNION ALL
            SELECT position, document_type, document, date, customer, NULL, NULL, min(due_date), sum(net_amount),
                   sum(open_amount), sum(lines), 2, 0, sum(net_amount)
            FROM documents WHERE document_type = 'order' AND date >= DATE '{first}' GROUP BY ALL
            UNION ALL
            SELECT *, 3, 0, open_amount FROM documents WHERE document_type = 'delivery' AND open_amount <> 0
        ) GROUP BY position, kind, slot
        """
    )
    rows = document_rows(engine, ready, customers, "sales_slots", "largest", "kind, slot")
    slots: dict[int, dict[Slot, Part]] = {}
    for position, kind, slot, exact, documents in engine.run(
        "SELECT position, kind, slot, exact, documents FROM sales_slots"
    ):
        found = rows.get((position, kind, slot), ())
        part = Part(ready.companies[position].rate, exact, documents, found)
        slots.setdefault(position, {})[_KINDS[kind], slot] = part
    engine.run("DROP TABLE sales_slots")
    return SalesDocuments(ready.companies, slots)


def document_rows(
    engine: Engine, ready: Ready, customers: Master | Missing, table: str, column: str, keys: str
) -> dict[tuple[Any, ...], list[DocumentRow]]:
    """The documents in the lists `column` of `table`, by position and `keys`, beside their customers' names."""
    names = "NULL"
    join = ""
    if isinstance(customers, Master):
        names = "CASE WHEN trim(m.name) <> '' THEN m.name END"
        join = f"LEFT JOIN {customers.table} m ON m.position = r.position AND m.code = r.one.customer"
    number = len(keys.split(","))
    found: dict[tuple[Any, ...], list[DocumentRow]] = {}
    for position, *values in engine.run(
        f"SELECT r.position, {', '.join(f'r.{key.strip()}' for key in keys.split(','))}, r.one.document_type, "
        f"r.one.document, r.one.date, r.one.due_date, r.one.customer, coalesce({names}, r.one.customer, ''), "
        f"r.one.lines, r.one.amount FROM (SELECT position, {keys}, unnest({column}) AS one FROM {table}) r {join}"
    ):
        row = DocumentRow(ready.codes[position], *values[number:])
        found.setdefault((position, *values[:number]), []).append(row)
    return found
