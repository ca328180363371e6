"""A fiscal year's books as a FEC: the file of accounting entries that French law prescribes (18 columns, tab)."""

from collections.abc import Iterator
from datetime import date

from vigie.demo.books.chart import ACCOUNTS, JOURNALS
from vigie.demo.books.purchases import SUPPLIER_NAMES
from vigie.demo.books.years import FiscalYear
from vigie.demo.days import month_end
from vigie.demo.firm import Firm

HEADER = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)


def file_name(year: FiscalYear) -> str:
    """`<company code>FEC<closing date>.txt`, for the running year too."""
    return f"{year.company}FEC{year.end:%Y%m%d}.txt"


def fec_rows(year: FiscalYear, firm: Firm, as_of: date) -> Iterator[tuple[str, ...]]:
    """The header and the rows of a year; an entry is validated at the end of its month, or on `as_of` before that."""
    yield HEADER
    thirds = SUPPLIER_NAMES | {customer.code: customer.name for customer in firm.customers}
    for line in year.lines:
        day = f"{line.day:%Y%m%d}"
        yield (
            line.journal,
            JOURNALS[line.journal],
            line.number,
            day,
            line.account,
            ACCOUNTS[line.account],
            line.third,
            thirds[line.third] if line.third else "",
            line.piece,
            day,
            line.label,
            _amount(max(line.amount, 0)),
            _amount(max(-line.amount, 0)),
            line.lettering,
            f"{line.lettered:%Y%m%d}" if line.lettered else "",
            f"{min(month_end(line.day), as_of):%Y%m%d}",
            "",
            "",
        )


def _amount(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"
