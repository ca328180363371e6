"""An explanation as values. indicators.explanations.document writes it as plain data.

Amounts are in the currency of the scope, each row's rounded by itself; what that leaves over is `rounding`, so that
rows, rest and rounding always add up to the published amount, to the cent.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vigie_extractor.indicators.result import ZERO


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A sales document: what of its `lines` counts here. `customer` is None where the lines name none."""

    company: str
    document_type: str
    document: str | None
    date: datetime.date
    due_date: datetime.date | None
    customer: str | None
    label: str
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of the books."""

    company: str
    account: str
    journal: str
    number: str
    date: datetime.date
    label: str
    piece: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class AccountRow:
    """All of the `entries` lines that count on one account of one company."""

    company: str
    code: str
    label: str
    entries: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A third party or a group of a ranking, over all companies of the scope."""

    code: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SumRow:
    """A sum that has a name, of `count` rows."""

    name: str
    count: int
    amount: Decimal


Row = DocumentRow | EntryRow | AccountRow | GroupRow | SumRow


@dataclass(frozen=True, slots=True)
class Rest:
    """What is not listed."""

    count: int = 0
    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One published amount. `of` is its name in the indicator; where that is `row` or `series`, `code` says which row
    or month, and `company` whose in the treasury. `by` names the rows."""

    of: str
    by: str
    amount: Decimal
    rows: tuple[Row, ...]
    rest: Rest = Rest()
    code: str | None = None
    company: str | None = None

    @property
    def count(self) -> int:
        """How many rows the amount is made of, whether listed or not."""
        return sum(row.count if isinstance(row, SumRow) else 1 for row in self.rows) + self.rest.count

    @property
    def rounding(self) -> Decimal:
        return self.amount - sum((row.amount for row in self.rows), ZERO) - self.rest.amount


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one group contributes to a difference. `code` None: the lines that have none."""

    code: str | None
    label: str
    current: Decimal
    previous: Decimal

    @property
    def amount(self) -> Decimal:
        return self.current - self.previous


@dataclass(frozen=True, slots=True)
class RestOfDifference:
    count: int
    current: Decimal
    previous: Decimal

    @property
    def amount(self) -> Decimal:
        return self.current - self.previous


@dataclass(frozen=True, slots=True)
class Difference:
    """Why the period `of` differs from `against`, by groups of one kind: the largest rises, then the largest falls."""

    of: str
    against: str
    by: str
    amount: Decimal
    rows: tuple[Contribution, ...]
    rest: RestOfDifference

    @property
    def count(self) -> int:
        return len(self.rows) + self.rest.count

    @property
    def rounding(self) -> Decimal:
        return self.amount - sum((row.amount for row in self.rows), ZERO) - self.rest.amount


@dataclass(frozen=True, slots=True)
class Explained:
    breakdowns: tuple[Breakdown, ...]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Unexplained:
    """There is nothing to explain, or it cannot be: why."""

    reason: str


Explanation = Explained | Unexplained


def shortened(explanation: Explanation, rows: int) -> Explanation:
    """The same with at most `rows` documents, entries, accounts or groups listed of each amount: the smallest go into
    the rest. Sums that have a name stay."""
    if isinstance(explanation, Unexplained):
        return explanation
    return Explained(
        tuple(_shorter(breakdown, rows) for breakdown in explanation.breakdowns),
        tuple(_shorter_difference(difference, rows) for difference in explanation.differences),
    )


def _shorter(breakdown: Breakdown, limit: int) -> Breakdown:
    listed = [row for row in breakdown.rows if not isinstance(row, SumRow)]
    if breakdown.by == "sum" or len(listed) <= limit:
        return breakdown
    kept = {id(row) for row in listed[:limit]}
    return Breakdown(
        breakdown.of,
        breakdown.by,
        breakdown.amount,
        tuple(row for row in breakdown.rows if isinstance(row, SumRow) or id(row) in kept),
        Rest(
            breakdown.rest.count + len(listed) - limit,
            breakdown.rest.amount + sum((row.amount for row in listed[limit:]), ZERO),
        ),
        breakdown.code,
        breakdown.company,
    )


def _shorter_difference(difference: Difference, limit: int) -> Difference:
    rises = [row for row in difference.rows if row.amount > 0]
    falls = [row for row in difference.rows if row.amount < 0]
    each = limit // 2
    dropped = (*rises[each:], *falls[each:])
    return Difference(
        difference.of,
        difference.against,
        difference.by,
        difference.amount,
        (*rises[:each], *falls[:each]),
        add_to_rest(difference.rest, dropped),
    )


def add_to_rest(rest: RestOfDifference, dropped: Sequence[Contribution]) -> RestOfDifference:
    return RestOfDifference(
        rest.count + len(dropped),
        rest.current + sum((row.current for row in dropped), ZERO),
        rest.previous + sum((row.previous for row in dropped), ZERO),
    )
