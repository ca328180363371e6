"""Why a revenue differs from the same period a year before: which customers, items, families, representatives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie_extractor.engine import Engine
from vigie_extractor.indicators.explanations.model import Contribution, Difference, RestOfDifference
from vigie_extractor.indicators.explanations.rankings import Masters, labels_of
from vigie_extractor.indicators.explanations.sales_documents import BASE
from vigie_extractor.indicators.families import Scope
from vigie_extractor.indicators.ranking import Dimension
from vigie_extractor.indicators.result import ZERO, Flows
from vigie_extractor.readiness import Ready
from vigie_extractor.sources.canonical import SalesLines

EACH_WAY = 8
"""How many rises are listed at most, and how many falls."""

COMPARED = {"month": "month_previous_year", "year": "year_previous"}
FLOWS = (*COMPARED, *COMPARED.values())
ACCOUNT = 9
"""What stands beside the sales dimensions for the accounts of accounting revenue."""

BY: Mapping[int, str] = {
    Dimension.CUSTOMER: "customer",
    Dimension.ITEM: "item",
    Dimension.ITEM_FAMILY: "item_family",
    Dimension.SALES_REP: "sales_rep",
    ACCOUNT: "account",
}


ReadLabels = Callable[[], Mapping[tuple[int, int, str], str]]
"""The names of codes in the DuckDB table `largest_contributions`, by scope number, dimension and code."""


NO_REST = RestOfDifference(0, ZERO, ZERO)


@dataclass
class _Found:
    rows: list[Contribution] = field(default_factory=list)
    rest: RestOfDifference = NO_REST


@dataclass(frozen=True, slots=True)
class Contributions:
    """The largest contributions by scope number, dimension and period."""

    found: Mapping[tuple[int, int, str], _Found]

    def differences(self, scope: Scope, flows: Flows, dimensions: Sequence[int]) -> tuple[Difference, ...]:
        """Those of the comparisons that are provided."""
        differences = []
        for period, before in COMPARED.items():
            if before in flows.not_provided:
                continue
            for dimension in dimensions:
                found = self.found.get((scope.number, dimension, period), _Found())
                amount = getattr(flows, period) - getattr(flows, before)
                differences.append(Difference(period, before, BY[dimension], amount, tuple(found.rows), found.rest))
        return tuple(differences)


def read_sales_contributions(
    engine: Engine, lines: SalesLines, ready: Ready, masters: Masters, *, sold_only: bool
) -> Contributions:
    """One pass over the base lines for items and representatives; customers from the DuckDB table `documents`."""
    _register_windows(engine, ready)
    sums = ", ".join(f"sum(net_amount) FILTER ({_within(flow)}) AS {flow}" for flow in FLOWS)
    sold = "JOIN sold_items i ON i.company = e.company AND i.item = e.item" if sold_only else ""
    engine.run(
        f"""
        CREATE TEMP TABLE exact_flows AS
        SELECT position, {Dimension.CUSTOMER:d}::TINYINT AS dimension, customer AS code, {sums}
        FROM documents JOIN flow_windows w USING (position) WHERE document_type IN ({BASE}) GROUP BY ALL
        UNION ALL
        SELECT position, (CASE WHEN grouping(item) = 0 THEN {Dimension.ITEM:d} ELSE {Dimension.SALES_REP:d} END),
               coalesce(item, sales_rep), {sums}
        FROM (
            SELECT w.*, e.date, e.item, e.sales_rep, e.net_amount
            FROM ({lines.query}) e JOIN flow_windows w ON w.company = e.company {sold}
            WHERE e.document_type IN ({BASE}) AND e.refusal IS NULL AND e.date <= DATE '{ready.as_of}'
        ) w WHERE {" OR ".join(f"({_within(flow)})" for flow in FLOWS)}
        GROUP BY GROUPING SETS ((position, item), (position, sales_rep))
        """
    )
    family = masters.grouping(Dimension.ITEM_FAMILY)
    if family is not None:
        added = ", ".join(f"sum({flow})" for flow in FLOWS)
        engine.run(
            f"""
            INSERT INTO exact_flows
            SELECT f.position, {family.dimension:d}, m."{family.column}", {added}
            FROM exact_flows f LEFT JOIN {family.table} m ON m.position = f.position AND m.code = f.code
            WHERE f.dimension = {family.of:d} GROUP BY ALL
            """
        )
    return read_contributions(engine, lambda: labels_of(engine, masters.names, "largest_contributions"), ready.rated)


def _register_windows(engine: Engine, ready: Ready) -> None:
    """Makes the DuckDB table `flow_windows(position, company, <flow>_start, <flow>_end)`."""
    columns = ", ".join(f"{flow}_start DATE, {flow}_end DATE" for flow in FLOWS)
    engine.run(f"CREATE TEMP TABLE flow_windows (position INTEGER, company VARCHAR, {columns})")
    rows = []
    for position, company in ready.companies.items():
        flows = company.periods.flows
        days = [day for flow in FLOWS for day in (flows[flow].start, flows[flow].end)]
        rows.append((position, company.company.code, *days))
    engine.insert("flow_windows", rows)


def _within(flow: str) -> str:
    return f"date BETWEEN w.{flow}_start AND w.{flow}_end"


def read_contributions(engine: Engine, labels: ReadLabels, rated: bool) -> Contributions:
    """From the DuckDB table `exact_flows(position, dimension, code, <flow>...)`, which is dropped: amounts are rounded
    once per company and group, and added up over the scope by code (R4)."""
    rate = "::DECIMAL(22,4) * any_value(rate)" if rated else ""
    rounded = ", ".join(f"round(coalesce(sum({flow}), 0){rate}, 2) AS {flow}" for flow in FLOWS)
    added = ", ".join(f"sum({flow}) AS {flow}" for flow in FLOWS)
    compared = " UNION ALL ".join(
        f"SELECT scope, dimension, '{period}' AS period, code, {period} AS current, {before} AS previous FROM added "
        f"WHERE {period} <> 0 OR {before} <> 0"
        for period, before in COMPARED.items()
    )
    engine.run(
        f"""
        CREATE OR REPLACE TEMP TABLE contributions AS
        WITH rounded AS (
            SELECT position, dimension, CASE WHEN trim(code) <> '' THEN code END AS code, {rounded}
            FROM exact_flows JOIN computed USING (position) GROUP BY 1, 2, 3
        ), added AS (
            SELECT scope, dimension, code, {added} FROM rounded JOIN scope_members USING (position) GROUP BY ALL
        )
        {compared}
        """
    )
    engine.run("DROP TABLE exact_flows")
    place = "row_number() OVER (PARTITION BY scope, dimension, period, sign(current - previous) ORDER BY"
    engine.run(
        f"""
        CREATE OR REPLACE TEMP TABLE largest_contributions AS
        SELECT scope, dimension, period, code, current, previous FROM contributions WHERE current <> previous
        QUALIFY {place} abs(current - previous) DESC, code NULLS LAST) <= {EACH_WAY}
        """
    )
    found = {
        (scope, dimension, period): _Found(rest=RestOfDifference(count, current, previous))
        for scope, dimension, period, count, current, previous in engine.run(
            "SELECT scope, dimension, period, count(*), sum(current), sum(previous) FROM contributions GROUP BY ALL"
        )
    }
    named = labels()
    for scope, dimension, period, code, current, previous in engine.run(
        "SELECT * FROM largest_contributions ORDER BY scope, dimension, period, "
        "sign(current - previous) DESC, abs(current - previous) DESC, code NULLS LAST"
    ):
        one = found[scope, dimension, period]
        one.rows.append(Contribution(code, named.get((scope, dimension, code), code or ""), current, previous))
        one.rest = RestOfDifference(one.rest.count - 1, one.rest.current - current, one.rest.previous - previous)
    return Contributions(found)
