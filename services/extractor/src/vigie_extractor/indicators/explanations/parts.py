"""From what each company contributes to an amount to the breakdown of it in a scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from heapq import nsmallest

from vigie_extractor.indicators.explanations.model import AccountRow, Breakdown, DocumentRow, EntryRow, Rest
from vigie_extractor.indicators.result import ZERO, published
from vigie_extractor.indicators.sales import EXACT_ZERO

SourceRow = DocumentRow | EntryRow | AccountRow


class DisagreementError(Exception):
    """The rows do not come to the published amount: the source was changed between two readings of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one company contributes: the exact sum of `count` rows, and the largest of them, their amounts exact and in
    the company's accounting currency. `rate` turns these into the scope's currency."""

    rate: Decimal
    exact: Decimal = EXACT_ZERO
    count: int = 0
    largest: Sequence[SourceRow] = ()

    @property
    def amount(self) -> Decimal:
        """As it is published."""
        return published(self.exact, self.rate)


def joined(parts: Iterable[Part], rate: Decimal, limit: int) -> Part:
    """Parts of one company that have no row in common, as one."""
    several = list(parts)
    return Part(
        rate,
        sum((part.exact for part in several), EXACT_ZERO),
        sum(part.count for part in several),
        nsmallest(limit, (row for part in several for row in part.largest), key=lambda row: largest_first(row, rate)),
    )


def broken_down(
    of: str,
    by: str,
    amount: Decimal,
    parts: Sequence[Part],
    limit: int,
    *,
    code: str | None = None,
    company: str | None = None,
) -> Breakdown:
    """The breakdown of a published amount into the at most `limit` largest rows of all companies, and the rest.

    Raises DisagreementError where the companies' rows do not come to it.
    """
    if sum((part.amount for part in parts), ZERO) != amount:
        raise DisagreementError(of)
    chosen = nsmallest(
        limit,
        [(part, row) for part in parts for row in part.largest],
        key=lambda one: largest_first(one[1], one[0].rate),
    )
    rest = Rest(sum(part.count for part in parts) - len(chosen), ZERO)
    for part in parts:
        shown = sum((row.amount for owner, row in chosen if owner is part), EXACT_ZERO)
        rest = replace(rest, amount=rest.amount + published(part.exact - shown, part.rate))
    return Breakdown(of, by, amount, tuple(_published(row, part.rate) for part, row in chosen), rest, code, company)


def largest_first(row: SourceRow, rate: Decimal) -> tuple[Decimal, str, str, str, str]:
    """The order of rows: the largest absolute amount first, then by what tells them apart."""
    size = -abs(row.amount * rate)
    match row:
        case DocumentRow():
            return size, row.company, row.date.isoformat(), row.document or "", row.document_type
        case EntryRow():
            return size, row.company, row.date.isoformat(), row.number, row.account
        case AccountRow():
            return size, row.company, row.code, "", ""


def _published(row: SourceRow, rate: Decimal) -> SourceRow:
    return replace(row, amount=published(row.amount, rate))
