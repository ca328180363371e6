"""The result model: the 17 indicators of one scope, as values. indicators.document writes it as plain data.

Amounts that indicators.md defines as sums, differences or quotients of published amounts are properties here, so they
cannot disagree with what they are made of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from vigie_extractor.indicators.periods import Period

ZERO = Decimal("0.00")
TOP = 5


class IndicatorId(StrEnum):
    """Always the 17, in the order of the contract."""

    COMMERCIAL_REVENUE = "commercial_revenue"
    MONTH_PORTFOLIO = "month_portfolio"
    MONTH_ORDER_BOOK = "month_order_book"
    TOP_CUSTOMERS_MONTH = "top_customers_month"
    TOP_CUSTOMERS_YEAR = "top_customers_year"
    TOP_CUSTOMER_CATEGORIES_MONTH = "top_customer_categories_month"
    TOP_CUSTOMER_CATEGORIES_YEAR = "top_customer_categories_year"
    TOP_ITEMS_MONTH = "top_items_month"
    TOP_ITEMS_YEAR = "top_items_year"
    TOP_ITEM_FAMILIES_MONTH = "top_item_families_month"
    TOP_ITEM_FAMILIES_YEAR = "top_item_families_year"
    TOP_SALES_REPS_MONTH = "top_sales_reps_month"
    TOP_SALES_REPS_YEAR = "top_sales_reps_year"
    ACCOUNTING_REVENUE = "accounting_revenue"
    TOP_CUSTOMER_OUTSTANDING = "top_customer_outstanding"
    TOP_SUPPLIER_OUTSTANDING = "top_supplier_outstanding"
    TREASURY_POSITION = "treasury_position"


class ScopeKind(StrEnum):
    COMPANY = "company"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The source lacks what the indicator needs. Never shown as zero."""

    reason: str


@dataclass(frozen=True, slots=True)
class Flows:
    """A revenue by period. `not_provided` names the comparisons that begin before the source's earliest row."""

    month: Decimal
    month_previous_year: Decimal
    year: Decimal
    year_previous: Decimal
    series: tuple[tuple[str, Decimal], ...]
    not_provided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is still to be invoiced by the end of the month."""

    due: Decimal
    overdue: Decimal
    delivered: Decimal

    @property
    def amount(self) -> Decimal:
        return self.due + self.overdue + self.delivered


@dataclass(frozen=True, slots=True)
class OrderBook:
    """Orders not yet delivered, by when they are due; `intake` is what was ordered in the month."""

    due: Decimal
    overdue: Decimal
    later: Decimal
    intake: Decimal

    @property
    def stock(self) -> Decimal:
        return self.due + self.overdue + self.later


@dataclass(frozen=True, slots=True)
class RankedRow:
    rank: int
    code: str
    label: str
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """A top five of sales: shown rows, `others` and `unassigned` add up to `total`."""

    total: Decimal
    unassigned: Decimal
    rows: tuple[RankedRow, ...]

    @property
    def others(self) -> Decimal:
        return self.total - sum((row.amount for row in self.rows), ZERO) - self.unassigned


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A top five of balances: `total` is of the positive ones, `in_credit` of the negative ones."""

    total: Decimal
    in_credit: Decimal
    rows: tuple[RankedRow, ...]

    @property
    def others(self) -> Decimal:
        return self.total - sum((row.amount for row in self.rows), ZERO)


@dataclass(frozen=True, slots=True)
class TreasuryRow:
    company: str
    code: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Treasury:
    """Bank and cash accounts with a balance (R7)."""

    rows: tuple[TreasuryRow, ...]

    @property
    def assets(self) -> Decimal:
        return sum((row.amount for row in self.rows if row.amount > 0), ZERO)

    @property
    def overdrafts(self) -> Decimal:
        return sum((row.amount for row in self.rows if row.amount < 0), ZERO)

    @property
    def amount(self) -> Decimal:
        return self.assets + self.overdrafts


Indicator = Unavailable | Flows | Portfolio | OrderBook | Ranking | Outstanding | Treasury


@dataclass(frozen=True, slots=True)
class ScopeResult:
    """All indicators of one company or family at one system date."""

    kind: ScopeKind
    code: str
    name: str
    currency: str
    month: Period
    year: Period
    indicators: Mapping[IndicatorId, Indicator]


_EXACT = Context(prec=76, rounding=ROUND_HALF_UP)


def published(amount: Decimal, rate: Decimal) -> Decimal:
    """An exact sum as it is published: times the rate, then half away from zero to two places."""
    return _EXACT.quantize(_EXACT.multiply(amount, rate), ZERO) + ZERO  # adding zero takes the sign off a zero


def share(amount: Decimal, total: Decimal) -> Decimal | None:
    """amount / total to four places, half away from zero; None when there is no positive total to share."""
    if total <= 0:
        return None
    # Twice the quotient plus one, floored and halved, rounds halves up exactly, whatever the digits of the division.
    ten_thousandths = (int(abs(amount) * 100) * 20000 // int(total * 100) + 1) // 2
    return Decimal(ten_thousandths if amount >= 0 else -ten_thousandths).scaleb(-4)
