"""The canonical tables: what every source yields and all that the indicators ever see.

A row-level table (sales lines, entries) is a SELECT that DuckDB streams. It never drops a row: a malformed one carries
in `refusal` what is wrong with it, so that one pass both counts what is refused and sums the rest. `company` is the
code as the row has it, known or not.

Sales lines: company, document_type, document, date, due_date, customer, item, sales_rep, net_amount, open_amount,
refusal. Entries: file, company (none in a FEC, which is of one company), journal, journal_label, kind, number, date,
account, account_label, third_party, third_party_label, label, piece, lettering, debit, credit, amount (debit less
credit), refusal; texts as the file has them, blanks around them included. Absent texts are NULL or empty.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from vigie_extractor.domain.anomalies import Anomaly
from vigie_extractor.domain.company import Structure
from vigie_extractor.domain.parameters import NOTHING_CHOSEN, CashAccount, Chosen, Parameters
from vigie_extractor.engine import Engine

DOCUMENT_TYPES = ("quote", "order", "delivery", "invoice", "credit_note")
AMOUNT = "DECIMAL(18,4)"
DIFFERENCE = "DECIMAL(23,4)"
"""Of two amounts. DuckDB multiplies decimals of up to 18 digits in 64 bits, and fails where they overflow; not longer
ones."""
AXIS = "category_"
"""What the columns of category axes begin with, before the axis's name."""


class SourceError(Exception):
    """The source as a whole cannot be read; the message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class FileCount:
    """The account of one file: every row present was either read or refused."""

    file: str
    read: int
    refused: int

    @property
    def present(self) -> int:
        return self.read + self.refused


@dataclass(frozen=True, slots=True)
class Missing:
    """A canonical table the source does not have, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """Where a refused row lies and why it was refused; `column` and `value` are None when its shape is wrong."""

    line: int
    column: str | None
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SalesLines:
    """`query` selects the canonical columns; `bad_rows(limit)` reads the file again for the first refused rows.

    A row of an unknown company, or whose document type is none of DOCUMENT_TYPES, is refused besides: its group shows.
    """

    file: str
    query: str
    bad_rows: Callable[[int], Iterator[BadRow]]


@dataclass(frozen=True, slots=True)
class EntryFile:
    """One file of entries, `index` being what the column `file` says. `company` is None where each row names its own;
    `closing` is the date in a FEC's name; `lost` counts rows refused before `query` can see them."""

    index: int
    file: str
    company: str | None
    closing: date | None
    bad_rows: Callable[[int], Iterator[BadRow]]
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Entries:
    """All entries of the source, `query` selecting the canonical columns.

    `is_fec` says that each file is the FEC of one fiscal year; its dates are numbers AAAAMMJJ, valid where `refusal` is
    NULL. `refusals` are, by what is wrong, further conditions on account and kind that refuse a row, as an unknown
    company does: left to the groups of rows, for speed. `opening` and `closing` are conditions on journal,
    journal_label and kind. `without` gives, for the companies whose accounting cannot be computed, the reason. A number
    of up to `factor_digits` digits times an amount is computed quickly.
    """

    query: str
    files: tuple[EntryFile, ...]
    is_fec: bool
    refusals: Mapping[str, str]
    opening: str
    closing: str
    without: Mapping[str, str]
    factor_digits: int = 9


@dataclass(frozen=True, slots=True)
class Master:
    """A master table loaded as the DuckDB table `table`: position, code, name and `columns`, one row a code. `axes` are
    the category axes that the source has of it, loaded or not."""

    table: str
    columns: frozenset[str]
    axes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything a source yields once opened, with what was found while opening it."""

    sales_lines: SalesLines | Missing
    customers: Master | Missing
    items: Master | Missing
    sales_reps: Master | Missing
    entries: Entries | Missing
    anomalies: tuple[Anomaly, ...]
    files: tuple[FileCount, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What a source says about itself without reading a single sales line or entry; `chosen` are the parameters that it
    sets itself."""

    structure: Structure
    chosen: Chosen = NOTHING_CHOSEN
    cash_accounts: tuple[CashAccount, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    files: tuple[FileCount, ...] = ()


class Source(Protocol):
    """A source of books. Describing it is cheap; opening it may read its master tables."""

    def describe(self) -> Description:
        """Raises SourceError when the source as a whole cannot be read."""

    def open(self, engine: Engine, description: Description, parameters: Parameters) -> Tables:
        """The canonical tables, over the DuckDB table `known_companies(position, code, years)` made by the caller."""
