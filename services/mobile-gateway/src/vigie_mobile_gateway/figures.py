"""The 17 indicators as a phone reads them: amounts are decimal strings, and what is not available says why.

These models say what is answered; the bytes are the publisher's own and pass through as they are.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

Amount = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["1200.00", "-35.10"])]
"""An amount in the scope's currency, with two decimals and a point."""

Share = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{4}$", examples=["0.4167"])]
"""A part of a total, to four decimals: 0.4167 is 41.67 %."""

Month = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", examples=["2026-11"])]


class Answered(BaseModel):
    """What is answered holds these members and no other."""

    model_config = ConfigDict(extra="forbid")


class NotAvailable(Answered):
    """The source lacks what the indicator needs. Never to be shown as zero."""

    available: Literal[False]
    reason: str


class Revenue(Answered):
    """A revenue by period, and by month over the twelve that end with the month of `as_of`. `not_provided`, where it is
    there, names the comparisons that begin before the source's earliest row."""

    available: Literal[True]
    month: Amount
    month_previous_year: Amount
    year: Amount
    year_previous: Amount
    series: list[tuple[Month, Amount]]
    not_provided: list[Literal["month_previous_year", "year_previous"]] = []


class Portfolio(Answered):
    """What is still to be invoiced by the end of the month: `amount` is the sum of the others."""

    available: Literal[True]
    amount: Amount
    due: Amount
    overdue: Amount
    delivered: Amount


class OrderBook(Answered):
    """Orders not yet delivered: `amount` is due in the month, `stock` all of them, `intake` what was ordered in it."""

    available: Literal[True]
    amount: Amount
    overdue: Amount
    later: Amount
    stock: Amount
    intake: Amount


class RankedRow(Answered):
    """`share` is null where there is no positive total to share."""

    rank: int
    code: str
    label: str
    amount: Amount
    share: Share | None


class Ranking(Answered):
    """A top five of sales: its rows, `others` and `unassigned` add up to `total`."""

    available: Literal[True]
    total: Amount
    others: Amount
    unassigned: Amount
    rows: list[RankedRow]


class Outstanding(Answered):
    """A top five of balances: `total` is of the positive ones, `in_credit` of the negative ones."""

    available: Literal[True]
    total: Amount
    in_credit: Amount
    others: Amount
    rows: list[RankedRow]


class TreasuryRow(Answered):
    """A bank or cash account: `code` is its number."""

    company: str
    code: str
    label: str
    amount: Amount


class Treasury(Answered):
    """`amount` is the sum of `assets` (balances above zero) and `overdrafts` (below)."""

    available: Literal[True]
    amount: Amount
    assets: Amount
    overdrafts: Amount
    rows: list[TreasuryRow]


class Indicators(TypedDict, total=False):
    """The indicators of a scope; one that the user may not see, or that was not published, is absent (R2)."""

    commercial_revenue: Revenue | NotAvailable
    month_portfolio: Portfolio | NotAvailable
    month_order_book: OrderBook | NotAvailable
    top_customers_month: Ranking | NotAvailable
    top_customers_year: Ranking | NotAvailable
    top_customer_categories_month: Ranking | NotAvailable
    top_customer_categories_year: Ranking | NotAvailable
    top_items_month: Ranking | NotAvailable
    top_items_year: Ranking | NotAvailable
    top_item_families_month: Ranking | NotAvailable
    top_item_families_year: Ranking | NotAvailable
    top_sales_reps_month: Ranking | NotAvailable
    top_sales_reps_year: Ranking | NotAvailable
    accounting_revenue: Revenue | NotAvailable
    top_customer_outstanding: Outstanding | NotAvailable
    top_supplier_outstanding: Outstanding | NotAvailable
    treasury_position: Treasury | NotAvailable


Figure = Revenue | Portfolio | OrderBook | Ranking | Outstanding | Treasury | NotAvailable
