"""The accounts behind accounting revenue, from the cells that its figures were summed from."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from vigie_extractor.domain.parameters import Headings
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting import heading_holds
from vigie_extractor.indicators.explanations.differences import ACCOUNT, FLOWS, Contributions, read_contributions
from vigie_extractor.indicators.explanations.model import AccountRow
from vigie_extractor.indicators.explanations.parts import Part, joined
from vigie_extractor.indicators.periods import Period
from vigie_extractor.indicators.sales import EXACT_ZERO
from vigie_extractor.readiness import Ready


@dataclass(frozen=True, slots=True)
class RevenueAccounts:
    """What each account of the heading comes to, exact, by company and bucket."""

    ready: Ready
    rows: dict[int, dict[int, list[AccountRow]]] = field(default_factory=dict)

    def part(self, position: int, period: Period, limit: int) -> Part:
        rate = self.ready.companies[position].rate
        accounts = self._accounts(position, period).values()
        return joined((Part(rate, row.amount, 1, (row,)) for row in accounts if row.amount), rate, limit)

    def _accounts(self, position: int, period: Period) -> dict[str, AccountRow]:
        sums: dict[str, AccountRow] = {}
        for bucket in self.ready.companies[position].timeline.buckets.inside(period):
            for row in self.rows.get(position, {}).get(bucket, ()):
                known = sums.get(row.code)
                sums[row.code] = row if known is None else _together(known, row)
        return sums

    def contributions(self, engine: Engine) -> Contributions:
        """Which accounts made the difference with the year before; in a family by code, over its companies (R4)."""
        amounts = ", ".join(f"{flow} DECIMAL(38,4)" for flow in FLOWS)
        engine.run(f"CREATE TEMP TABLE exact_flows (position INTEGER, dimension TINYINT, code VARCHAR, {amounts})")
        labels: dict[tuple[int, str], str] = {}
        rows: list[tuple[int, int, str, *tuple[Decimal, ...]]] = []
        for position in sorted(self.rows):
            flows = [self._accounts(position, self.ready.companies[position].periods.flows[flow]) for flow in FLOWS]
            for account in {account for flow in flows for account in flow}:
                found = [flow.get(account) for flow in flows]
                label = next(row.label for row in found if row is not None)
                if label != account:
                    labels[position, account] = label
                rows.append((position, ACCOUNT, account, *(row.amount if row else EXACT_ZERO for row in found)))
        engine.insert("exact_flows", rows)

        def named() -> dict[tuple[int, int, str], str]:
            """Of the first company of the scope that has a label."""
            members = {scope.number: sorted(scope.positions) for scope in self.ready.scopes}
            return {
                (scope, ACCOUNT, code): label
                for scope, code in engine.run("SELECT DISTINCT scope, code FROM largest_contributions")
                for label in [next((labels[p, code] for p in members[scope] if (p, code) in labels), None)]
                if label is not None
            }

        return read_contributions(engine, named, self.ready.rated)


def _together(one: AccountRow, other: AccountRow) -> AccountRow:
    return replace(one, entries=one.entries + other.entries, amount=one.amount + other.amount)


def read_revenue_accounts(engine: Engine, ready: Ready, headings: Headings) -> RevenueAccounts:
    """From the DuckDB tables `cells` and, for the labels, `party_cells`."""
    found = RevenueAccounts(ready)
    holds = heading_holds("account", headings.net_revenue)
    for position, account, label, bucket, lines, amount in engine.run(
        f"""
        SELECT position, account, coalesce(label, account), bucket, lines, amount
        FROM (
            SELECT position, account, coalesce(bucket, 0) AS bucket, sum(lines)::BIGINT AS lines,
                   -sum(amount) AS amount
            FROM cells WHERE NOT opening AND NOT closing AND NOT later AND {holds} GROUP BY ALL
        ) LEFT JOIN (
            SELECT position, account, max({{'day': last, 'label': account_label}}).label AS label
            FROM party_cells WHERE trim(account_label) <> '' AND {holds} GROUP BY ALL
        ) USING (position, account)
        """
    ):
        if position in ready.companies:
            row = AccountRow(ready.codes[position], account, label, lines, amount)
            found.rows.setdefault(position, {}).setdefault(bucket, []).append(row)
    return found
