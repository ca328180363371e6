"""The demonstration written as a dossier folder, which is there whole or not at all."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from vigie.demo.books.chart import PETTY_CASH, TILL
from vigie.demo.dossier import Demonstration
from vigie.demo.fec import fec_rows, file_name

SETTINGS = """\
kind = "single-base"

[parameters]
currency = "accounting"
customer_category_axis = "default"
item_category_axis = "default"
"""
GROUP = ("GROUPE", "GROUPE", "Groupe Vernelle")

Row = tuple[object, ...]


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to write in, which takes the name `folder` once everything is written.

    Raises FileExistsError when `folder` is there and holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} exists and is not an empty folder")
    draft = folder.with_name(f".{folder.name}.partial")
    rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    finally:
        rmtree(draft, ignore_errors=True)


def write_dossier(demonstration: Demonstration, folder: Path) -> None:
    """Writes every table of the demonstration as CSV and its books as FEC files; `folder` is empty or not there yet."""
    with new_folder(folder) as draft:
        (draft / "dossier.toml").write_text(SETTINGS, encoding="utf-8", newline="\n")
        for name, rows in _tables(demonstration):
            with (draft / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
        (draft / "fec").mkdir()
        for trade in demonstration.trades:
            for year in trade.years:
                with (draft / "fec" / file_name(year)).open("w", encoding="utf-8", newline="") as file:
                    rows = fec_rows(year, demonstration.firm, demonstration.as_of)
                    file.writelines("\t".join(row) + "\r\n" for row in rows)


def _tables(demonstration: Demonstration) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "companies", _companies(demonstration)
    yield "fiscal_years", _fiscal_years(demonstration)
    yield "families", _families(demonstration)
    yield "cash_accounts", _cash_accounts(demonstration)
    yield "customers", _customers(demonstration)
    yield "items", _items(demonstration)
    yield "sales_reps", _sales_reps(demonstration)
    yield "sales_lines", _sales_lines(demonstration)


def _companies(demonstration: Demonstration) -> Iterator[Row]:
    yield "code", "shortcut_code", "name", "accounting_currency", "reporting_currency", "reporting_rate"
    for company in demonstration.firm.companies:
        yield company.code, company.code, company.name, "EUR", "EUR", "1"


def _fiscal_years(demonstration: Demonstration) -> Iterator[Row]:
    yield "company", "start", "end", "unit"
    for trade in demonstration.trades:
        for year in trade.years:
            yield trade.company.code, year.start, year.end, "month"


def _families(demonstration: Demonstration) -> Iterator[Row]:
    yield "code", "shortcut_code", "name", "companies"
    yield *GROUP, ";".join(company.code for company in demonstration.firm.companies)


def _cash_accounts(demonstration: Demonstration) -> Iterator[Row]:
    """The counter's till counts as treasury, the petty cash does not (R7)."""
    yield "company", "account", "cash_account"
    for company in demonstration.firm.companies:
        yield company.code, TILL, "true"
        yield company.code, PETTY_CASH, "false"


def _customers(demonstration: Demonstration) -> Iterator[Row]:
    yield "company", "code", "name", "category_default", "category_size"
    for company in demonstration.firm.companies:
        for customer in demonstration.firm.customers_of(company):
            yield company.code, customer.code, customer.name, customer.category, customer.size


def _items(demonstration: Demonstration) -> Iterator[Row]:
    yield "company", "code", "name", "family", "category_default", "category_vat"
    for company in demonstration.firm.companies:
        for item in demonstration.firm.items:
            vat = "Taux normal" if item.vat == 200 else "Taux réduit"
            yield company.code, item.code, item.name, item.family, item.category, vat


def _sales_reps(demonstration: Demonstration) -> Iterator[Row]:
    yield "company", "code", "name"
    for company in demonstration.firm.companies:
        for representative in demonstration.firm.representatives:
            if company.code in representative.companies:
                yield company.code, representative.code, representative.name


def _sales_lines(demonstration: Demonstration) -> Iterator[Row]:
    yield (
        *("company", "document_type", "document", "line", "date", "due_date"),
        *("customer", "item", "sales_rep", "quantity", "net_amount", "open_amount"),
    )
    for trade in demonstration.trades:
        for line in trade.sales.lines:
            yield (
                *(line.company, line.kind, line.document, line.line, line.day, line.due),
                *(line.customer.code, line.item, line.customer.representative, line.quantity),
                *(_amount(line.net), _amount(line.open)),
            )


def _amount(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
