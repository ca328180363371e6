"""The canonical rows of a dossier as plain values, and what is found out about them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Company:
    code: str
    name: str
    accounting_currency: str
    reporting_currency: str
    reporting_rate: Decimal


@dataclass(frozen=True)
class Family:
    code: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class FiscalYear:
    start: datetime.date
    end: datetime.date
    unit: str

    def holds(self, day: datetime.date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class SalesLine:
    company: str
    document_type: str
    date: datetime.date
    due_date: datetime.date
    customer: str
    item: str
    sales_rep: str
    net_amount: Decimal
    open_amount: Decimal
    document: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of the books. `counts_on` differs from `date` only in a FEC's opening; `year` is the one it opens."""

    file: str
    journal: str
    number: str
    date: datetime.date
    counts_on: datetime.date
    account: str
    account_label: str
    third_party: str
    third_party_label: str
    debit: Decimal
    credit: Decimal
    kind: str
    year: FiscalYear | None
    lettering: str = ""


@dataclass(frozen=True)
class Parameters:
    kind: str
    currency: str
    customer_category_axis: str
    item_category_axis: str
    sold_item_categories: frozenset[str]
    opening_journals: frozenset[str] | None
    headings: dict[str, list[str]]


@dataclass(frozen=True)
class Finding:
    """An anomaly. Where the text leaves open who or how many, company or count is None; where it leaves open whether
    the anomaly is due at all, it is not certain: the product may report it, and need not."""

    code: str
    company: str | None = None
    count: int | None = None
    certain: bool = True


# A master table: for each company and code, the values of the first row with that code.
Master = dict[tuple[str, str], dict[str, str]]


@dataclass
class Dossier:
    """A dossier folder, read. A table that is not there is None, which is another thing than empty."""

    parameters: Parameters
    companies: dict[str, Company]
    families: list[Family] = field(default_factory=list)
    fiscal_years: dict[str, list[FiscalYear]] = field(default_factory=dict)
    sales_lines: list[SalesLine] | None = None
    customers: Master | None = None
    customer_columns: frozenset[str] = frozenset()
    items: Master | None = None
    item_columns: frozenset[str] = frozenset()
    sales_reps: Master | None = None
    cash_accounts: dict[tuple[str, str], bool] = field(default_factory=dict)
    # Entries of each company that has books here at all.
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    # Sentences of the definitions that this dossier needs and that do not decide its case.
    undecided: list[str] = field(default_factory=list)
