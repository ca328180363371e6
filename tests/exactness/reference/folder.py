"""Reading a dossier folder (contract.md, "A dossier folder"): CSV and gzipped CSV; Parquet is left out."""

from __future__ import annotations

import csv
import gzip
import io
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from . import fec
from .model import Company, Dossier, Entry, Family, Finding, FiscalYear, Master, Parameters, SalesLine
from .money import parse_amount

DEFAULT_HEADINGS = {
    "net_revenue": ["70"],
    "customer_outstanding": ["411", "413", "416"],
    "supplier_outstanding": ["401", "403"],
    "bank": ["512", "514", "515", "516", "517", "519"],
}
DOCUMENT_TYPES = {"quote", "order", "delivery", "invoice", "credit_note"}
KINDS = {"normal", "opening", "closing"}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def iso_date(text: str) -> date | None:
    """Dates are ISO; a blank or impossible one is None."""
    try:
        return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


def table(folder: Path, name: str) -> list[dict[str, str]] | None:
    """The rows of `name.csv` or `name.csv.gz` by column, or None when the file is missing."""
    plain, packed = folder / f"{name}.csv", folder / f"{name}.csv.gz"
    if plain.exists():
        content = plain.read_bytes()
    elif packed.exists():
        content = gzip.decompress(packed.read_bytes())
    else:
        return None
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def columns(folder: Path, name: str) -> frozenset[str]:
    """The header of `name`: a table without rows still has columns."""
    plain, packed = folder / f"{name}.csv", folder / f"{name}.csv.gz"
    content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes()) if packed.exists() else b""
    return frozenset(next(csv.reader(io.StringIO(content.decode("utf-8"), newline="")), []))


def parameters(folder: Path) -> Parameters:
    settings = tomllib.loads((folder / "dossier.toml").read_text(encoding="utf-8"))
    given = settings.get("parameters", {})
    opening_journals = given.get("opening_journals")
    return Parameters(
        kind=settings["kind"],
        currency=given.get("currency", "accounting"),
        customer_category_axis=given.get("customer_category_axis", "default"),
        item_category_axis=given.get("item_category_axis", "default"),
        sold_item_categories=frozenset(given.get("sold_item_categories", [])),
        opening_journals=None if opening_journals is None else frozenset(opening_journals),
        headings=DEFAULT_HEADINGS | settings.get("headings", {}),
    )


def companies(folder: Path) -> dict[str, Company]:
    found: dict[str, Company] = {}
    for row in table(folder, "companies") or []:
        company = Company(
            code=row["code"],
            name=row["name"],
            accounting_currency=row["accounting_currency"],
            reporting_currency=row["reporting_currency"],
            reporting_rate=Decimal(row["reporting_rate"] or "1"),  # empty = 1
        )
        found.setdefault(company.code, company)
    return found


def known(rows: list[dict[str, str]], dossier: Dossier) -> Iterator[dict[str, str]]:
    """A row of an unknown company is refused and counted."""
    for row in rows:
        if row["company"] in dossier.companies:
            yield row
        else:
            dossier.findings.append(Finding("unknown_company"))


def master(folder: Path, name: str, dossier: Dossier) -> Master | None:
    """Only the first of several master rows with one code counts."""
    rows = table(folder, name)
    if rows is None:
        return None
    found: Master = {}
    for row in known(rows, dossier):
        key = (row["company"], row["code"])
        if key in found:
            dossier.findings.append(Finding("duplicate_master", row["company"]))
        else:
            found[key] = row
    return found


def sales_line(row: dict[str, str]) -> SalesLine | None:
    """One line, or None when it is a bad row. No due date = due on the document's date."""
    day = iso_date(row["date"])
    due = iso_date(row["due_date"]) if row["due_date"] else day
    net_amount, open_amount = parse_amount(row["net_amount"]), parse_amount(row["open_amount"])
    if row["document_type"] not in DOCUMENT_TYPES:
        return None
    if day is None or due is None or net_amount is None or open_amount is None:
        return None
    return SalesLine(
        company=row["company"],
        document_type=row["document_type"],
        date=day,
        due_date=due,
        customer=row["customer"],
        item=row["item"],
        sales_rep=row["sales_rep"],
        net_amount=net_amount,
        open_amount=open_amount,
        document=row["document"],
    )


def entry(row: dict[str, str], years: list[FiscalYear]) -> Entry | None:
    """One line, or None when it is a bad row.

    An opening entry belongs to the declared year that holds its date. Reading: "none does: bad_row" refuses the row.
    """
    day, kind = iso_date(row["entry_date"]), row["kind"].lower() or "normal"
    debit, credit = parse_amount(row["debit"]), parse_amount(row["credit"])
    if day is None or debit is None or credit is None or kind not in KINDS:
        return None
    year = next((year for year in years if year.holds(day)), None) if kind == "opening" else None
    if kind == "opening" and year is None:
        return None
    return Entry(
        file="entries",
        journal=row["journal"],
        number=row["entry_number"],
        date=day,
        counts_on=day,
        account=row["account"],
        account_label=row["account_label"],
        third_party=row["third_party"],
        third_party_label=row["third_party_label"],
        debit=debit,
        credit=credit,
        kind=kind,
        year=year,
        lettering=row["lettering"],
    )


def _read_sales(folder: Path, dossier: Dossier) -> None:
    rows = table(folder, "sales_lines")
    if rows is not None:
        lines = [sales_line(row) for row in known(rows, dossier)]
        dossier.sales_lines = [line for line in lines if line is not None]
        dossier.findings += [Finding("bad_row") for line in lines if line is None]
    dossier.customers = master(folder, "customers", dossier)
    dossier.customer_columns = columns(folder, "customers")
    dossier.items = master(folder, "items", dossier)
    dossier.item_columns = columns(folder, "items")
    dossier.sales_reps = master(folder, "sales_reps", dossier)


def _read_books(folder: Path, dossier: Dossier) -> None:
    for row in known(table(folder, "cash_accounts") or [], dossier):
        dossier.cash_accounts.setdefault((row["company"], row["account"]), row["cash_account"] == "true")
    rows = table(folder, "entries")
    if rows is not None:
        # A table that is there but holds no row of a company means zero for it.
        dossier.entries = {company: [] for company in dossier.companies}
        for row in known(rows, dossier):
            line = entry(row, dossier.fiscal_years[row["company"]])
            if line is None:
                dossier.findings.append(Finding("bad_row", row["company"]))
            else:
                dossier.entries[row["company"]].append(line)
    elif (folder / "fec").is_dir():
        for company, files in fec.read_folder(folder / "fec", dossier).items():
            if not dossier.fiscal_years[company]:
                dossier.fiscal_years[company] = fec.years_of_files(files, dossier)
            years = dossier.fiscal_years[company]
            dossier.entries[company] = [line for file in files for line in fec.entries_of_file(file, years, dossier)]


def read(folder: Path) -> Dossier:
    """The whole dossier, with what its rows alone show to be wrong."""
    dossier = Dossier(parameters(folder), companies(folder))
    dossier.families = [
        Family(row["code"], row["name"], tuple(row["companies"].split(";"))) for row in table(folder, "families") or []
    ]
    dossier.fiscal_years = {company: [] for company in dossier.companies}
    for row in known(table(folder, "fiscal_years") or [], dossier):
        year = FiscalYear(date.fromisoformat(row["start"]), date.fromisoformat(row["end"]), row["unit"])
        dossier.fiscal_years[row["company"]].append(year)
    _read_sales(folder, dossier)
    _read_books(folder, dossier)
    return dossier
