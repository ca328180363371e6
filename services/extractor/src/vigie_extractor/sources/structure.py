"""The structure of a dossier: its companies, fiscal years, families and cash accounts, from their small tables."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, Place, anomaly
from vigie_extractor.domain.company import Company, DossierKind, Family, FiscalYear, Structure
from vigie_extractor.domain.parameters import CashAccount
from vigie_extractor.sources.canonical import FileCount, SourceError
from vigie_extractor.sources.table_file import Record, SmallTable, SmallTables, UnreadableTableError, find

COMPANY_COLUMNS = ("code", "shortcut_code", "name", "accounting_currency", "reporting_currency", "reporting_rate")
FISCAL_YEAR_COLUMNS = ("company", "start", "end", "unit")
FAMILY_COLUMNS = ("code", "shortcut_code", "name", "companies")
CASH_ACCOUNT_COLUMNS = ("company", "account", "cash_account")

RATE_INTEGERS, RATE_DECIMALS = 6, 10
_RATE = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _BadFieldError(Exception):
    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


@dataclass
class _Reading:
    """What was found while reading the small tables of one folder."""

    folder: Path
    tables: SmallTables
    anomalies: list[Anomaly] = field(default_factory=list)
    files: list[FileCount] = field(default_factory=list)

    def table(self, table: str, required: tuple[str, ...]) -> SmallTable | None:
        """The table with all its required columns, or None, with an anomaly when it is there but cannot be used."""
        file = find(self.folder, table)
        if file is None:
            return None
        try:
            read = self.tables.read(file)
        except UnreadableTableError as problem:
            self.anomalies.append(
                anomaly(AnomalyCode.UNREADABLE_FILE, f"{file.name} {problem}", place=Place(file.name))
            )
            return None
        missing = [column for column in required if column not in read.columns]
        if missing:
            detail = f"{file.name} has no column {', '.join(missing)}"
            self.anomalies.append(anomaly(AnomalyCode.MISSING_COLUMN, detail, place=Place(file.name)))
            return None
        for line, reason in read.malformed:
            self.anomalies.append(
                anomaly(AnomalyCode.BAD_ROW, f"{file.name} line {line}: {reason}", place=Place(file.name, line))
            )
        return read

    def refuse(self, table: SmallTable, record: Record, problem: _BadFieldError, company: str | None = None) -> None:
        detail = f"{table.file} line {record.line}, {problem.column}: {problem.value!r} {problem.reason}"
        place = Place(table.file, record.line, problem.column, problem.value)
        self.anomalies.append(anomaly(AnomalyCode.BAD_ROW, detail, company, place=place))

    def unknown_company(self, table: SmallTable, record: Record) -> None:
        code = record.fields["company"]
        detail = f"{table.file} line {record.line}: no company {code!r}"
        place = Place(table.file, record.line, "company", code)
        self.anomalies.append(anomaly(AnomalyCode.UNKNOWN_COMPANY, detail, place=place))

    def duplicate(self, table: SmallTable, record: Record, what: str, company: str | None = None) -> None:
        detail = f"{table.file} line {record.line}: {what} again; the first row counts"
        self.anomalies.append(
            anomaly(AnomalyCode.DUPLICATE_MASTER, detail, company, place=Place(table.file, record.line))
        )

    def count(self, table: SmallTable, refused: int) -> None:
        self.files.append(FileCount(table.file, len(table.records) - refused, refused + len(table.malformed)))


@dataclass(frozen=True, slots=True)
class DossierStructure:
    structure: Structure
    cash_accounts: tuple[CashAccount, ...]
    anomalies: tuple[Anomaly, ...]
    files: tuple[FileCount, ...]


def read_structure(folder: Path, kind: DossierKind) -> DossierStructure:
    """Companies with their fiscal years, families and cash accounts. Raises SourceError without usable companies."""
    with SmallTables() as tables:
        reading = _Reading(folder, tables)
        companies_table = reading.table("companies", COMPANY_COLUMNS)
        if companies_table is None:
            why = "; ".join(found.detail for found in reading.anomalies) or "companies.csv is not there"
            raise SourceError(
                f"{folder}: {why}; a dossier needs companies with the columns {', '.join(COMPANY_COLUMNS)}"
            )
        companies = _companies(reading, companies_table)
        years = _fiscal_years(reading, companies)
        families = _families(reading, kind)
        cash_accounts = _cash_accounts(reading, companies)
    with_years = tuple(
        Company(
            code=company.code,
            name=company.name,
            accounting_currency=company.accounting_currency,
            reporting_currency=company.reporting_currency,
            reporting_rate=company.reporting_rate,
            fiscal_years=tuple(sorted(years[company.code])),
            shortcut_code=company.shortcut_code,
        )
        for company in companies.values()
    )
    structure = Structure(kind, with_years, families)
    return DossierStructure(structure, cash_accounts, tuple(reading.anomalies), tuple(reading.files))


def _companies(reading: _Reading, table: SmallTable) -> dict[str, Company]:
    companies: dict[str, Company] = {}
    refused = 0
    for record in table.records:
        fields = record.fields
        try:
            code = _required(fields, "code")
            rate = _rate(fields["reporting_rate"])
        except _BadFieldError as problem:
            reading.refuse(table, record, problem)
            refused += 1
            continue
        if code in companies:
            reading.duplicate(table, record, f"company {code}", code)
            continue
        companies[code] = Company(
            code=code,
            name=fields["name"] or code,
            accounting_currency=fields["accounting_currency"],
            reporting_currency=fields["reporting_currency"] or fields["accounting_currency"],
            reporting_rate=rate,
            shortcut_code=fields["shortcut_code"],
        )
    reading.count(table, refused)
    return companies


def _fiscal_years(reading: _Reading, companies: dict[str, Company]) -> dict[str, list[FiscalYear]]:
    years: dict[str, list[FiscalYear]] = {code: [] for code in companies}
    table = reading.table("fiscal_years", FISCAL_YEAR_COLUMNS)
    if table is None:
        return years
    refused = 0
    for record in table.records:
        fields = record.fields
        if fields["company"] not in companies:
            reading.unknown_company(table, record)
            refused += 1
            continue
        try:
            year = _fiscal_year(fields)
        except _BadFieldError as problem:
            reading.refuse(table, record, problem, fields["company"])
            refused += 1
            continue
        years[fields["company"]].append(year)
    reading.count(table, refused)
    return years


def _families(reading: _Reading, kind: DossierKind) -> tuple[Family, ...]:
    table = reading.table("families", FAMILY_COLUMNS)
    if table is None:
        return ()
    if kind is DossierKind.MULTI_BASE and table.records:
        raise SourceError(f"{reading.folder}: a multi-base dossier has no families; empty {table.file} or remove it")
    families: dict[str, Family] = {}
    refused = 0
    for record in table.records:
        fields = record.fields
        try:
            code = _required(fields, "code")
        except _BadFieldError as problem:
            reading.refuse(table, record, problem)
            refused += 1
            continue
        if code in families:
            reading.duplicate(table, record, f"family {code}")
            continue
        members = tuple(member.strip() for member in fields["companies"].split(";") if member.strip())
        families[code] = Family(code, fields["name"] or code, members, fields["shortcut_code"])
    reading.count(table, refused)
    return tuple(families.values())


def _cash_accounts(reading: _Reading, companies: Iterable[str]) -> tuple[CashAccount, ...]:
    table = reading.table("cash_accounts", CASH_ACCOUNT_COLUMNS)
    if table is None:
        return ()
    known = set(companies)
    declared: dict[tuple[str, str], CashAccount] = {}
    refused = 0
    for record in table.records:
        fields = record.fields
        company = fields["company"]
        if company not in known:
            reading.unknown_company(table, record)
            refused += 1
            continue
        try:
            account = _required(fields, "account")
            option = _option(fields, "cash_account")
        except _BadFieldError as problem:
            reading.refuse(table, record, problem, company)
            refused += 1
            continue
        if (company, account) in declared:
            reading.duplicate(table, record, f"cash account {account}", company)
            continue
        declared[company, account] = CashAccount(company, account, option)
    reading.count(table, refused)
    return tuple(declared.values())


def _fiscal_year(fields: dict[str, str]) -> FiscalYear:
    start, end = _iso_date(fields, "start"), _iso_date(fields, "end")
    if end < start:
        raise _BadFieldError("end", fields["end"], "is before the start of the year")
    return FiscalYear(start, end, fields["unit"])


def _option(fields: dict[str, str], column: str) -> bool:
    option = fields[column].casefold()
    if option not in {"true", "false"}:
        raise _BadFieldError(column, fields[column], "is neither true nor false")
    return option == "true"


def _required(fields: dict[str, str], column: str) -> str:
    if not fields[column]:
        raise _BadFieldError(column, "", "is empty")
    return fields[column]


def _rate(value: str) -> Decimal:
    if not value:
        return Decimal(1)
    if not _RATE.fullmatch(value):
        raise _BadFieldError("reporting_rate", value, "is not a number such as 1.0850")
    rate = Decimal(value)
    if rate <= 0:
        raise _BadFieldError("reporting_rate", value, "is not positive")
    integers, _, decimals = value.partition(".")
    if len(integers.lstrip("0")) > RATE_INTEGERS or len(decimals.rstrip("0")) > RATE_DECIMALS:
        raise _BadFieldError("reporting_rate", value, f"has over {RATE_INTEGERS} digits or {RATE_DECIMALS} decimals")
    return rate


def _iso_date(fields: dict[str, str], column: str) -> date:
    value = fields[column]
    try:
        if _ISO_DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _BadFieldError(column, value, "is not a date such as 2026-01-31")
