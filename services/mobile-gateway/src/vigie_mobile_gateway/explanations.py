"""What a figure is made of (R14), as a phone reads it: rows that add up to the published amount, to the cent."""

import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from vigie_mobile_gateway.documents import Currency
from vigie_mobile_gateway.figures import Amount, Answered, NotAvailable
from vigie_shared.events import Indicator, ScopeKind

Count = Annotated[int, Field(ge=0)]


class DocumentRow(Answered):
    """A sales document, with what of it counts here, of `lines` lines. `customer` is its code, `label` its name;
    `document` is null where the source gives no number."""

    kind: Literal["document"]
    company: str
    document_type: Literal["order", "delivery", "invoice", "credit_note"]
    document: str | None
    date: datetime.date
    due_date: datetime.date | None
    customer: str | None
    label: str
    lines: Count
    amount: Amount


class EntryRow(Answered):
    """One line of the books; `number` and `piece` are those of its entry and of its voucher."""

    kind: Literal["entry"]
    company: str
    account: str
    journal: str
    number: str
    date: datetime.date
    label: str
    piece: str
    amount: Amount


class AccountRow(Answered):
    """All that counts on one account of one company, of `entries` lines."""

    kind: Literal["account"]
    company: str
    code: str
    label: str
    entries: Count
    amount: Amount


class GroupRow(Answered):
    """A third party, a customer, an item and so on, over all companies of the scope."""

    kind: Literal["group"]
    code: str
    label: str
    amount: Amount


class SumRow(Answered):
    """A sum by name, of `count` rows: an amount of the indicator itself (`due`, `others`, ...), or `opening` (opening
    entries), `earlier` (entries before the month), `lettered` (entries that are settled)."""

    kind: Literal["sum"]
    name: str
    count: Count
    amount: Amount


class Rest(Answered):
    """The rows that are not listed, as one sum."""

    count: Count
    amount: Amount


class Breakdown(Answered):
    """One amount of the indicator: `rows`, `rest` and `rounding` add up to `amount`.

    `of` is the amount's name in the indicator. A row of it is `row`, told by `code` and, in the treasury, `company`; a
    month of the series is `series`, told by `code`. An amount may be broken down in several ways, told apart by `by`.
    `count` is how many rows there are in all, `rest` included. Rows are the largest by absolute amount, largest first.
    """

    of: str
    code: str | None
    company: str | None
    by: Literal["document", "entry", "account", "group", "sum"]
    amount: Amount
    count: Count
    rows: list[Annotated[DocumentRow | EntryRow | AccountRow | GroupRow | SumRow, Field(discriminator="kind")]]
    rest: Rest
    rounding: Amount


class Contribution(Answered):
    """What one customer, item, ... contributes to a difference, over all companies of the scope: `amount` = `current` -
    `previous`. `code` is null for the lines that have none."""

    code: str | None
    label: str
    current: Amount
    previous: Amount
    amount: Amount


class RestOfDifference(Answered):
    count: Count
    current: Amount
    previous: Amount
    amount: Amount


class Difference(Answered):
    """Why a revenue differs from the same period a year before: `amount` = `of` - `against`, to which the amounts of
    `rows`, `rest` and `rounding` add up. Rows are the largest rises, largest first, then the largest falls."""

    of: Literal["month", "year"]
    against: Literal["month_previous_year", "year_previous"]
    by: Literal["customer", "item", "item_family", "sales_rep", "account"]
    amount: Amount
    count: Count
    rows: list[Contribution]
    rest: RestOfDifference
    rounding: Amount


class Explained(Answered):
    """`differences` is empty for what is not a revenue, and where the comparison is not provided."""

    available: Literal[True]
    breakdowns: list[Breakdown]
    differences: list[Difference]


class ExplanationDocument(Answered):
    """The explanation of one indicator, published with the snapshot of the same `extraction_id`."""

    kind: ScopeKind
    code: str
    name: str
    currency: Currency
    as_of: datetime.date
    published_at: AwareDatetime
    extraction_id: UUID
    indicator: Indicator
    explanation: Explained | NotAvailable
