"""Sales rankings: groups of one pass over the base lines, rounded per company, then added up per scope and cut to five.

A family's ranking is made of the union of its companies' groups, never of their top fives (R4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum

from vigie_extractor.engine import Engine
from vigie_extractor.indicators.periods import month_start
from vigie_extractor.indicators.result import TOP, ZERO, RankedRow, Ranking, share
from vigie_extractor.indicators.sales import BASE_LINES
from vigie_extractor.sources.canonical import Master, SalesLines


class Dimension(IntEnum):
    """What lines are ranked by."""

    CUSTOMER = 0
    ITEM = 1
    SALES_REP = 2
    CUSTOMER_CATEGORY = 3
    ITEM_FAMILY = 4


PERIODS = ("month", "year")


@dataclass(frozen=True, slots=True)
class Grouping:
    """A dimension derived from another through a master table's column: the category of a customer, say."""

    dimension: Dimension
    of: Dimension
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Unassigned:
    """What a company's lines without a code come to, rounded, and how many there are."""

    amount: Mapping[str, Decimal]
    lines: int


@dataclass
class Rankings:
    """Rounded groups, ready to be cut: top rows by (scope, dimension, period), labels, and what is unassigned."""

    top: dict[tuple[int, Dimension, str], list[tuple[str, Decimal]]] = field(default_factory=dict)
    labels: dict[tuple[int, Dimension, str], str] = field(default_factory=dict)
    unassigned: dict[tuple[int, Dimension], Unassigned] = field(default_factory=dict)

    def ranking(
        self, scope: int, positions: Sequence[int], dimension: Dimension, period: str, total: Decimal
    ) -> Ranking:
        rows = tuple(
            RankedRow(rank, code, self.labels.get((scope, dimension, code), code), amount, share(amount, total))
            for rank, (code, amount) in enumerate(self.top.get((scope, dimension, period), ()), start=1)
        )
        without = (self.unassigned.get((position, dimension)) for position in positions)
        unassigned = sum((missing.amount[period] for missing in without if missing), ZERO)
        return Ranking(total, unassigned, rows)


def scan_groups(
    engine: Engine, lines: SalesLines, as_of: date, *, sold_only: bool, groupings: Sequence[Grouping], rated: bool
) -> None:
    """One pass over the base lines of month and year makes the DuckDB table `sales_groups`: rounded amounts and line
    counts by company, dimension and code, the code NULL for lines that have none."""
    engine.run(
        "CREATE TEMP TABLE exact_groups (position INTEGER, dimension TINYINT, code VARCHAR, "
        "month DECIMAL(38,4), year DECIMAL(38,4), lines BIGINT)"
    )
    year_starts = [day for (day,) in engine.run("SELECT DISTINCT year_start FROM computed")]
    engine.run(_exact_groups(lines, as_of, year_starts, sold_only=sold_only))
    for grouping in groupings:
        engine.run(
            f"""
            INSERT INTO exact_groups
            SELECT g.position, {grouping.dimension:d}, m."{grouping.column}", sum(g.month), sum(g.year), sum(g.lines)
            FROM exact_groups g LEFT JOIN {grouping.table} m ON m.position = g.position AND m.code = g.code
            WHERE g.dimension = {grouping.of:d} GROUP BY ALL
            """
        )
    rate = "::DECIMAL(22,4) * rate" if rated else ""
    engine.run(
        f"""
        CREATE TEMP TABLE sales_groups AS
        SELECT position, dimension, code, round(month{rate}, 2) AS month, round(year{rate}, 2) AS year, lines
        FROM (
            SELECT position, dimension, code, coalesce(month, 0) AS month, coalesce(year, 0) AS year, lines
            FROM exact_groups WHERE trim(code) <> ''
            UNION ALL
            SELECT position, dimension, NULL, coalesce(sum(month), 0), coalesce(sum(year), 0), sum(lines)::BIGINT
            FROM exact_groups WHERE trim(coalesce(code, '')) = '' GROUP BY position, dimension
        ) JOIN computed USING (position)
        """
    )
    engine.run("DROP TABLE exact_groups")


def _exact_groups(lines: SalesLines, as_of: date, year_starts: Sequence[date], *, sold_only: bool) -> str:
    """The exact sums of the base lines that lie in month or year. Where all companies' years start on one day, no line
    asks for its company's; where all start before the month, every line is one of the year."""
    kinds = ", ".join(f"'{kind}'" for kind in BASE_LINES)
    sold = "JOIN sold_items i ON i.company = s.company AND i.item = s.item" if sold_only else ""
    month = f"DATE '{month_start(as_of)}'"
    year = f"DATE '{min(year_starts, default=as_of)}'"
    if len(year_starts) > 1:
        year = "(SELECT y.year_start FROM computed y WHERE y.company = s.company)"
    of_year = "" if max(year_starts, default=as_of) <= month_start(as_of) else "FILTER (WHERE in_year)"
    within = "in_month OR in_year" if of_year else "in_year"
    return f"""
        INSERT INTO exact_groups
        SELECT y.position, g.dimension, g.code, g.month, g.year, g.lines
        FROM (
            SELECT company,
                   (CASE WHEN grouping(customer) = 0 THEN {Dimension.CUSTOMER:d}
                         WHEN grouping(item) = 0 THEN {Dimension.ITEM:d}
                         ELSE {Dimension.SALES_REP:d} END)::TINYINT AS dimension,
                   coalesce(customer, item, sales_rep) AS code,
                   sum(net_amount) FILTER (WHERE in_month) AS month, sum(net_amount) {of_year} AS year,
                   count(*) AS lines
            FROM (
                SELECT s.company, s.customer, s.item, s.sales_rep, s.net_amount,
                       s.date >= {month} AS in_month, s.date >= {year} AS in_year
                FROM ({lines.query}) s {sold}
                WHERE s.document_type IN ({kinds}) AND s.refusal IS NULL AND s.date <= DATE '{as_of}'
                  AND s.date >= DATE '{min([*year_starts, month_start(as_of)])}'
            ) WHERE {within}
            GROUP BY GROUPING SETS ((company, customer), (company, item), (company, sales_rep))
        ) g JOIN computed y ON y.company = g.company
        """


def cut(engine: Engine, labels: Mapping[Dimension, Master]) -> Rankings:
    """The rankings of every scope of the DuckDB table `scope_members(scope, position)`. `labels` names the master table
    whose names label the codes of a dimension."""
    rankings = Rankings()
    engine.run(
        "CREATE TEMP TABLE scope_groups AS SELECT scope, dimension, code, sum(month) AS month, sum(year) AS year "
        "FROM sales_groups JOIN scope_members USING (position) WHERE code IS NOT NULL GROUP BY ALL"
    )
    shown: set[tuple[int, int, str]] = set()
    for period in PERIODS:
        for scope, dimension, code, amount in engine.run(
            f"""
            SELECT scope, dimension, code, {period} FROM scope_groups JOIN (
                SELECT scope, dimension, max({period}, {TOP})[-1] AS least FROM scope_groups GROUP BY scope, dimension
            ) USING (scope, dimension)
            WHERE {period} > 0 AND {period} >= least
            QUALIFY row_number() OVER (PARTITION BY scope, dimension ORDER BY {period} DESC, code) <= {TOP}
            ORDER BY scope, dimension, {period} DESC, code
            """
        ):
            rankings.top.setdefault((scope, Dimension(dimension), period), []).append((code, amount))
            shown.add((scope, dimension, code))
    for position, dimension, month, year, lines in engine.run(
        "SELECT position, dimension, month, year, lines FROM sales_groups WHERE code IS NULL"
    ):
        amounts = {"month": month, "year": year}
        rankings.unassigned[position, Dimension(dimension)] = Unassigned(amounts, lines)
    engine.run("CREATE TEMP TABLE shown (scope INTEGER, dimension TINYINT, code VARCHAR)")
    engine.insert("shown", sorted(shown))
    for dimension, master in labels.items():
        for scope, code, label in engine.run(
            f"""
            SELECT s.scope, s.code, arg_min(m.name, m.position)
            FROM shown s JOIN scope_members USING (scope) JOIN {master.table} m USING (position, code)
            WHERE s.dimension = {dimension:d} AND trim(m.name) <> '' GROUP BY ALL
            """
        ):
            rankings.labels[scope, dimension, code] = label
    return rankings
