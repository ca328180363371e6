"""What accounting revenue, outstanding and treasury are made of: accounts, third parties, and the largest lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vigie_extractor.indicators.explanations.entries import (
    ENTRIES,
    LETTERED,
    OPEN,
    ExplainedEntries,
    Phase,
    Side,
)
from vigie_extractor.indicators.explanations.model import (
    AccountRow,
    Breakdown,
    Explained,
    Explanation,
    GroupRow,
    Rest,
    SumRow,
)
from vigie_extractor.indicators.explanations.parties import NO_PARTIES, Parties
from vigie_extractor.indicators.explanations.parts import Part, broken_down, joined
from vigie_extractor.indicators.explanations.revenue_accounts import RevenueAccounts
from vigie_extractor.indicators.families import Scope
from vigie_extractor.indicators.periods import Period
from vigie_extractor.indicators.result import ZERO, Flows, Outstanding, RankedRow, Treasury, TreasuryRow
from vigie_extractor.readiness import Ready

ACCOUNTS, IN_A_MONTH = 25, 5
OF_A_PARTY, OF_AN_ACCOUNT = 10, 5
"""How many lines of a third party and of a treasury account are listed at most."""

MOST_ACCOUNTS = 100
"""Of so many treasury accounts, the largest, the lines are listed."""


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that explains the four accounting indicators of any scope."""

    ready: Ready
    accounts: RevenueAccounts
    entries: ExplainedEntries
    positive: Mapping[tuple[int, Side], Parties]
    negative: Mapping[tuple[int, Side], Parties]

    def explain_revenue(self, scope: Scope, flows: Flows) -> Explained:
        breakdowns: list[Breakdown] = []
        companies = {position: self.ready.companies[position] for position in scope.positions}
        for name in ("month", "month_previous_year", "year", "year_previous"):
            amount = getattr(flows, name)
            periods = {position: company.periods.flows[name] for position, company in companies.items()}
            accounts = [self.accounts.part(position, period, ACCOUNTS) for position, period in periods.items()]
            lines = [self._lines(position, period) for position, period in periods.items()]
            breakdowns.append(broken_down(name, "account", amount, accounts, ACCOUNTS))
            breakdowns.append(broken_down(name, "entry", amount, lines, ENTRIES))
        for number, (month, amount) in enumerate(flows.series):
            accounts = [
                self.accounts.part(position, company.periods.series[number][1], IN_A_MONTH)
                for position, company in companies.items()
            ]
            breakdowns.append(broken_down("series", "account", amount, accounts, IN_A_MONTH, code=month))
        return Explained(tuple(breakdowns))

    def _lines(self, position: int, period: Period) -> Part:
        company = self.ready.companies[position]
        buckets = company.timeline.buckets.inside(period)
        parts = (self.entries.part(position, (Side.REVENUE, "", bucket)) for bucket in buckets)
        return joined(parts, company.rate, ENTRIES)

    def explain_outstanding(self, scope: Scope, side: Side, outstanding: Outstanding) -> Explanation:
        positive = self.positive.get((scope.number, side), NO_PARTIES)
        negative = self.negative.get((scope.number, side), NO_PARTIES)
        total = Breakdown(
            "total",
            "sum",
            outstanding.total,
            (
                *(GroupRow(row.code, row.label, row.amount) for row in outstanding.rows),
                SumRow("others", positive.count, outstanding.others),
            ),
        )
        return Explained(
            (
                total,
                *(self._party(scope, side, row) for row in outstanding.rows),
                _parties("others", outstanding.others, positive),
                _parties("in_credit", outstanding.in_credit, negative),
            )
        )

    def _party(self, scope: Scope, side: Side, row: RankedRow) -> Breakdown:
        """The lines that are open, the largest first; those that are settled as one sum."""
        both = [
            (self.entries.part(p, (side, row.code, OPEN)), self.entries.part(p, (side, row.code, LETTERED)))
            for p in scope.positions
        ]
        whole = [joined((opened, lettered), opened.rate, 0) for opened, lettered in both]
        breakdown = broken_down("row", "entry", row.amount, whole, 0, code=row.code)
        opened = broken_down("row", "entry", sum((o.amount for o, _ in both), ZERO), [o for o, _ in both], OF_A_PARTY)
        settled = sum(lettered.count for _, lettered in both)
        amount = sum((lettered.amount for _, lettered in both), ZERO)
        rows = (*opened.rows, SumRow("lettered", settled, amount)) if settled else opened.rows
        return Breakdown("row", "entry", breakdown.amount, rows, opened.rest, row.code)

    def explain_treasury(self, treasury: Treasury) -> Explanation:
        assets = self._accounts("assets", treasury.assets, [row for row in treasury.rows if row.amount > 0])
        overdrafts = self._accounts("overdrafts", treasury.overdrafts, [row for row in treasury.rows if row.amount < 0])
        total = Breakdown(
            "amount",
            "sum",
            treasury.amount,
            tuple(SumRow(one.of, one.count, one.amount) for one in (assets, overdrafts)),
        )
        largest = sorted(treasury.rows, key=lambda row: -abs(row.amount))[:MOST_ACCOUNTS]
        return Explained((total, assets, overdrafts, *(self._account(row) for row in largest)))

    def _accounts(self, of: str, amount: Decimal, rows: Sequence[TreasuryRow]) -> Breakdown:
        ordered = sorted(rows, key=lambda row: -abs(row.amount))
        listed = tuple(
            AccountRow(row.company, row.code, row.label, sum(part.count for part in self._phases(row)), row.amount)
            for row in ordered[:ACCOUNTS]
        )
        rest = Rest(len(ordered) - len(listed), sum((row.amount for row in ordered[ACCOUNTS:]), ZERO))
        return Breakdown(of, "account", amount, listed, rest)

    def _phases(self, row: TreasuryRow) -> tuple[Part, Part, Part]:
        position = self.ready.position_of(row.company)
        if position is None:
            raise LookupError(f"a treasury row of {row.company}, which is not computed")
        opening, earlier, month = (self.entries.part(position, (Side.TREASURY, row.code, phase)) for phase in Phase)
        return opening, earlier, month

    def _account(self, row: TreasuryRow) -> Breakdown:
        """The opening balance, the movements before the month as one sum, and the largest of the month."""
        opening, earlier, month = self._phases(row)
        broken_down("row", "entry", row.amount, [joined((opening, earlier, month), month.rate, 0)], 0)
        movements = broken_down("row", "entry", month.amount, [month], OF_AN_ACCOUNT)
        sums = tuple(
            SumRow(name, part.count, part.amount)
            for name, part in (("opening", opening), ("earlier", earlier))
            if part.count
        )
        return Breakdown("row", "entry", row.amount, (*sums, *movements.rows), movements.rest, row.code, row.company)


def _parties(of: str, amount: Decimal, parties: Parties) -> Breakdown:
    listed = sum((row.amount for row in parties.listed), ZERO)
    rest = Rest(parties.count - len(parties.listed), parties.amount - listed)
    return Breakdown(of, "group", amount, parties.listed, rest)
