"""The documents behind the rows of the sales rankings, and the groups behind what is not shown.

Customers and their categories are grouped from the `documents`; items, their families and sales representatives differ
within a document, so one more pass over the lines finds theirs, of the codes shown alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from vigie_extractor.engine import Engine, name
from vigie_extractor.indicators.explanations.model import Breakdown, Explained, Explanation, GroupRow, Rest, SumRow
from vigie_extractor.indicators.explanations.parts import Part, broken_down
from vigie_extractor.indicators.explanations.sales_documents import BASE, document_rows, largest
from vigie_extractor.indicators.families import Scope
from vigie_extractor.indicators.periods import month_start
from vigie_extractor.indicators.ranking import PERIODS, Dimension, Grouping
from vigie_extractor.indicators.result import ZERO, Ranking
from vigie_extractor.readiness import Ready
from vigie_extractor.sources.canonical import Master, Missing, SalesLines

DOCUMENTS, GROUPS = 10, 10
"""How many documents of a row are listed at most, and how many of the groups that are not shown."""

Key = tuple[Dimension, str]
"""What is ranked, over which period."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A ranking of a scope that was published."""

    scope: Scope
    dimension: Dimension
    period: str
    ranking: Ranking


@dataclass
class RankedDocuments:
    """`parts` of each company by dimension, period and code (None: the lines that have none); `others` are by scope
    number the largest groups that are not shown, and how many there are."""

    ready: Ready
    parts: dict[tuple[int, Dimension, str, str | None], Part] = field(default_factory=dict)
    others: dict[tuple[int, Dimension, str], tuple[int, Decimal, list[GroupRow]]] = field(default_factory=dict)

    def explain(self, shown: Shown) -> Explanation:
        ranking = shown.ranking
        rows = [self._documents(shown, "row", row.amount, row.code, DOCUMENTS, code=row.code) for row in ranking.rows]
        unassigned = self._documents(shown, "unassigned", ranking.unassigned, None, DOCUMENTS)
        count, amount, groups = self.others.get((shown.scope.number, shown.dimension, shown.period), (0, ZERO, []))
        listed = sum((row.amount for row in groups), ZERO)
        others = Breakdown("others", "group", ranking.others, tuple(groups), Rest(count - len(groups), amount - listed))
        total = Breakdown(
            "total",
            "sum",
            ranking.total,
            (
                *(GroupRow(row.code, row.label, row.amount) for row in ranking.rows),
                SumRow("others", count, ranking.others),
                SumRow("unassigned", unassigned.count, ranking.unassigned),
            ),
        )
        return Explained((total, *rows, others, unassigned))

    def _documents(
        self, shown: Shown, of: str, amount: Decimal, key: str | None, limit: int, *, code: str | None = None
    ) -> Breakdown:
        nothing = {position: Part(self.ready.companies[position].rate) for position in shown.scope.positions}
        parts = [
            self.parts.get((position, shown.dimension, shown.period, key), nothing[position])
            for position in shown.scope.positions
        ]
        return broken_down(of, "document", amount, parts, limit, code=code)


@dataclass(frozen=True, slots=True)
class Masters:
    """The master tables, and the dimensions that are derived through them."""

    customers: Master | Missing
    items: Master | Missing
    sales_reps: Master | Missing
    groupings: Sequence[Grouping]

    def grouping(self, dimension: Dimension) -> Grouping | None:
        return next((one for one in self.groupings if one.dimension is dimension), None)

    @property
    def names(self) -> Mapping[Dimension, Master]:
        """The master tables whose names label the codes of a dimension."""
        tables = {
            Dimension.CUSTOMER: self.customers,
            Dimension.ITEM: self.items,
            Dimension.SALES_REP: self.sales_reps,
        }
        return {dimension: table for dimension, table in tables.items() if isinstance(table, Master)}


def read_ranked_documents(
    engine: Engine, lines: SalesLines, ready: Ready, masters: Masters, rankings: Sequence[Shown], *, sold_only: bool
) -> RankedDocuments:
    """Over the DuckDB tables `documents`, `sales_groups` and `scope_groups`, and one pass over the base lines."""
    engine.run("CREATE TEMP TABLE explained_codes (dimension TINYINT, position INTEGER, code VARCHAR)")
    engine.insert("explained_codes", sorted(set(_codes(rankings)), key=str))
    engine.run(_documents_by_code(lines, ready, masters, sold_only=sold_only))
    found = RankedDocuments(ready)
    for period in PERIODS:
        rows = document_rows(engine, ready, masters.customers, "code_parts", f"{period}_rows", "dimension, code")
        for position, dimension, code, exact, documents in engine.run(
            f"SELECT position, dimension, code, {period}_exact, {period}_documents FROM code_parts "
            f"WHERE {period}_documents > 0"
        ):
            found.parts[position, Dimension(dimension), period, code] = Part(
                ready.companies[position].rate, exact, documents, rows.get((position, dimension, code), ())
            )
    engine.run("DROP TABLE code_parts")
    _read_others(engine, found, masters, rankings)
    return found


def _codes(rankings: Sequence[Shown]) -> Iterator[tuple[int, int, str | None]]:
    for shown in rankings:
        for position in shown.scope.positions:
            yield int(shown.dimension), position, None
            for row in shown.ranking.rows:
                yield int(shown.dimension), position, row.code


def _documents_by_code(lines: SalesLines, ready: Ready, masters: Masters, *, sold_only: bool) -> str:
    by_customer = [f"SELECT {Dimension.CUSTOMER:d} AS dimension, customer AS code, * FROM documents"]
    category = masters.grouping(Dimension.CUSTOMER_CATEGORY)
    if category is not None:
        by_customer.append(
            f"SELECT {category.dimension:d}, {_code(f'm.{name(category.column)}')}, documents.* FROM documents "
            f"LEFT JOIN {category.table} m ON m.position = documents.position AND m.code = documents.customer"
        )
    columns = "position, dimension, code, document_type, document, date, due_date, customer"
    in_month = f"c.date >= DATE '{month_start(ready.as_of)}'"
    periods = ", ".join(
        f"sum(c.net_amount) FILTER ({within}) AS {period}_exact, count(*) FILTER ({within}) AS {period}_documents, "
        f"{largest('net_amount', DOCUMENTS, within)} AS {period}_rows"
        for period, within in (("month", in_month), ("year", "c.date >= y.year_start"))
    )
    return f"""
        CREATE TEMP TABLE code_parts AS
        SELECT c.position, c.dimension, c.code, {periods}
        FROM (
            SELECT {columns}, net_amount, lines FROM ({" UNION ALL ".join(by_customer)})
            WHERE document_type IN ({BASE})
            UNION ALL
            SELECT {columns}, sum(net_amount), count(*) FROM ({_lines_by_code(lines, ready, masters, sold_only)})
            GROUP BY ALL
        ) c
        JOIN explained_codes x
          ON x.position = c.position AND x.dimension = c.dimension AND x.code IS NOT DISTINCT FROM c.code
        JOIN computed y ON y.position = c.position
        GROUP BY ALL
        """


def _lines_by_code(lines: SalesLines, ready: Ready, masters: Masters, sold_only: bool) -> str:
    """The base lines of month and year by item, family and representative: each as often as it has one shown."""
    dimensions = [(Dimension.ITEM, "e.item"), (Dimension.SALES_REP, "e.sales_rep")]
    family = masters.grouping(Dimension.ITEM_FAMILY)
    join = ""
    if family is not None:
        dimensions.append((family.dimension, f"m.{name(family.column)}"))
        join = f"LEFT JOIN {family.table} m ON m.position = y.position AND m.code = e.item"
    groups = ", ".join(
        f"{{'dimension': {dimension:d}::TINYINT, 'code': {_code(code)}}}" for dimension, code in dimensions
    )
    sold = "JOIN sold_items i ON i.company = e.company AND i.item = e.item" if sold_only else ""
    return f"""
        SELECT l.position, l.part.dimension AS dimension, l.part.code AS code, l.document_type,
               CASE WHEN trim(l.document) <> '' THEN l.document END AS document, l.date, NULL::DATE AS due_date,
               {_code("l.customer")} AS customer, l.net_amount
        FROM (
            SELECT y.position, e.document_type, e.document, e.date, e.customer, e.net_amount, unnest([{groups}]) AS part
            FROM ({lines.query}) e JOIN computed y ON y.company = e.company {sold} {join}
            WHERE e.document_type IN ({BASE}) AND e.refusal IS NULL AND e.date <= DATE '{ready.as_of}'
              AND e.date >= least(y.year_start, DATE '{month_start(ready.as_of)}')
        ) l JOIN explained_codes x
          ON x.position = l.position AND x.dimension = l.part.dimension AND x.code IS NOT DISTINCT FROM l.part.code
        """


def _code(column: str) -> str:
    """SQL: a code, NULL where it is blank."""
    return f"CASE WHEN trim({column}) <> '' THEN {column} END"


def _read_others(engine: Engine, found: RankedDocuments, masters: Masters, rankings: Sequence[Shown]) -> None:
    """The groups that are in no row, from those that the rankings were cut from."""
    engine.run("CREATE TEMP TABLE shown_groups (scope INTEGER, dimension TINYINT, period VARCHAR, code VARCHAR)")
    engine.insert(
        "shown_groups",
        [(one.scope.number, int(one.dimension), one.period, row.code) for one in rankings for row in one.ranking.rows],
    )
    for period in PERIODS:
        engine.run(
            f"""
            CREATE OR REPLACE TEMP TABLE other_groups AS
            SELECT g.scope, g.dimension, g.code, g.{period} AS amount
            FROM scope_groups g ANTI JOIN shown_groups s
              ON s.scope = g.scope AND s.dimension = g.dimension AND s.code = g.code AND s.period = '{period}'
            WHERE g.{period} <> 0
            """
        )
        for scope, dimension, count, amount in engine.run(
            "SELECT scope, dimension, count(*), sum(amount) FROM other_groups GROUP BY ALL"
        ):
            found.others[scope, Dimension(dimension), period] = count, amount, []
        engine.run(
            f"""
            CREATE OR REPLACE TEMP TABLE largest_groups AS
            SELECT scope, dimension, code, amount FROM other_groups
            QUALIFY row_number() OVER (PARTITION BY scope, dimension ORDER BY abs(amount) DESC, code) <= {GROUPS}
            """
        )
        labels = labels_of(engine, masters.names, "largest_groups")
        for scope, dimension, code, amount in engine.run(
            "SELECT * FROM largest_groups ORDER BY scope, dimension, abs(amount) DESC, code"
        ):
            label = labels.get((scope, dimension, code), code)
            found.others[scope, Dimension(dimension), period][2].append(GroupRow(code, label, amount))


def labels_of(engine: Engine, names: Mapping[Dimension, Master], table: str) -> dict[tuple[int, int, str], str]:
    """The names of the codes in `table(scope, dimension, code)`, of the first company of the scope that has one."""
    return {
        (scope, int(dimension), code): label
        for dimension, master in names.items()
        for scope, code, label in engine.run(
            f"""
            SELECT t.scope, t.code, arg_min(m.name, m.position)
            FROM {table} t JOIN scope_members USING (scope) JOIN {master.table} m USING (position, code)
            WHERE t.dimension = {dimension:d} AND trim(m.name) <> '' GROUP BY ALL
            """
        )
    }
