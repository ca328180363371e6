"""The tables of a dossier folder as canonical tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, Place, anomaly
from vigie_extractor.domain.parameters import Parameters
from vigie_extractor.engine import Engine
from vigie_extractor.sources.canonical import (
    AXIS,
    DIFFERENCE,
    DOCUMENT_TYPES,
    Description,
    Entries,
    EntryFile,
    FileCount,
    Master,
    Missing,
    SalesLines,
    SourceError,
    Tables,
)
from vigie_extractor.sources.dossier_rows import UNKNOWN_COMPANY, RawTable, bad_rows, open_raw, refusal
from vigie_extractor.sources.fec.folder import fec_files_in, open_fec
from vigie_extractor.sources.masters import REQUIRED, load_master
from vigie_extractor.sources.table_file import TableFile, UnreadableTableError, find

SALES_COLUMNS = (
    "company",
    "document_type",
    "document",
    "date",
    "due_date",
    "customer",
    "item",
    "sales_rep",
    "net_amount",
    "open_amount",
)
ENTRY_COLUMNS = (
    "company",
    "journal",
    "entry_number",
    "entry_date",
    "account",
    "account_label",
    "third_party",
    "third_party_label",
    "debit",
    "credit",
    "kind",
)
_KINDS = "'', 'normal', 'opening', 'closing'"
_DATE = "is not a date such as 2026-01-31"
_AMOUNT = "is not an amount with a point and at most four decimals"
SALES_REASONS = {
    "document_type": f"is none of {', '.join(DOCUMENT_TYPES)}",
    "date": _DATE,
    "due_date": _DATE,
    "net_amount": _AMOUNT,
    "open_amount": _AMOUNT,
}
ENTRY_REASONS = {
    "entry_date": _DATE,
    "account": "is empty",
    "debit": _AMOUNT,
    "credit": _AMOUNT,
    "kind": "is none of normal, opening, closing",
    "opening": "is an opening entry dated outside every declared fiscal year",
}


class OpenDossier:
    """One opening of a folder: gathers the anomalies and the row counts met on the way."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        self._anomalies: list[Anomaly] = []
        self._files: list[FileCount] = []

    def tables(self, description: Description, parameters: Parameters) -> Tables:
        sales_lines = self._sales_lines()
        masters: Mapping[str, Master | Missing] = {}
        if isinstance(sales_lines, SalesLines):
            masters = {
                "customers": self._master("customers", [f"{AXIS}{parameters.customer_category_axis}"]),
                "items": self._master("items", ["family", f"{AXIS}{parameters.item_category_axis}"]),
                "sales_reps": self._master("sales_reps", []),
            }
        unread = Missing("there are no sales lines")
        entries = self._entries(description, parameters)
        return Tables(
            sales_lines=sales_lines,
            customers=masters.get("customers", unread),
            items=masters.get("items", unread),
            sales_reps=masters.get("sales_reps", unread),
            entries=entries,
            anomalies=tuple(self._anomalies),
            files=tuple(self._files),
        )

    def _raw(self, table: str, required: Sequence[str]) -> RawTable | Missing:
        """The table's file, or why it cannot be used; an anomaly says so when it is there."""
        file = find(self._folder, table)
        if file is None:
            return Missing(f"the source has no {table}")
        try:
            raw = open_raw(self._engine, file)
        except UnreadableTableError as problem:
            return self._unusable(file, AnomalyCode.UNREADABLE_FILE, str(problem))
        missing = [column for column in required if not raw.has(column)]
        if missing:
            return self._unusable(file, AnomalyCode.MISSING_COLUMN, f"has no column {', '.join(missing)}")
        return raw

    def _unusable(self, file: TableFile, code: AnomalyCode, why: str) -> Missing:
        self._anomalies.append(anomaly(code, f"{file.name} {why}", place=Place(file.name)))
        return Missing(f"{file.name} {why}")

    def _master(self, table: str, optional: Sequence[str]) -> Master | Missing:
        raw = self._raw(table, REQUIRED)
        if isinstance(raw, Missing):
            return raw
        master, anomalies, count = load_master(self._engine, raw, optional)
        self._anomalies += anomalies
        self._files.append(count)
        return master

    def _sales_lines(self) -> SalesLines | Missing:
        raw = self._raw("sales_lines", SALES_COLUMNS)
        if isinstance(raw, Missing):
            return raw
        filled = raw.without_nulls(self._engine, ["date", "net_amount"])
        unreadable = {
            "date": _missing(raw, "date", raw.day("date"), filled),
            "due_date": _wrong(raw, "due_date", raw.day("due_date")),
            "net_amount": _missing(raw, "net_amount", raw.amount("net_amount"), filled),
            "open_amount": _wrong(raw, "open_amount", raw.amount("open_amount")),
        }
        types = ", ".join(f"'{kind}'" for kind in DOCUMENT_TYPES)
        unknown_type = {"document_type": f"coalesce({raw.raw('document_type')}, '') NOT IN ({types})"}
        refused = refusal(raw, {**unreadable, **unknown_type, **UNKNOWN_COMPANY})
        query = (
            f"SELECT {raw.raw('company')} AS company, {raw.raw('document_type')} AS document_type, "
            f"{raw.raw('document')} AS document, "
            f"{raw.day('date')} AS date, {raw.day('due_date')} AS due_date, "
            f"{raw.raw('customer')} AS customer, {raw.raw('item')} AS item, "
            f"{raw.raw('sales_rep')} AS sales_rep, {raw.amount('net_amount')} AS net_amount, "
            f"{raw.amount('open_amount')} AS open_amount, {refusal(raw, unreadable)} AS refusal FROM {raw.source} r"
        )
        engine = self._engine
        return SalesLines(raw.file.name, query, lambda limit: bad_rows(engine, raw, refused, SALES_REASONS, limit))

    def _entries(self, description: Description, parameters: Parameters) -> Entries | Missing:
        fec = self._folder / "fec"
        file = find(self._folder, "entries")
        files = fec_files_in(fec) if fec.is_dir() else []
        if file is not None and files:
            raise SourceError(
                f"{self._folder}: {file.name} and fec/ both hold entries, and would count twice; keep one of them"
            )
        if files:
            found = open_fec(self._engine, fec, files, description.structure, parameters)
            self._anomalies += found.anomalies
            self._files += found.files
            return found.entries
        raw = self._raw("entries", ENTRY_COLUMNS)
        return raw if isinstance(raw, Missing) else self._entry_table(raw)

    def _entry_table(self, raw: RawTable) -> Entries:
        day, kind = raw.day("entry_date"), _kind(raw.raw("kind"))
        filled = raw.without_nulls(self._engine, ["entry_date", "debit", "credit"])
        unreadable = {
            "entry_date": _missing(raw, "entry_date", day, filled),
            "debit": _wrong(raw, "debit", raw.amount("debit")),
            "credit": _wrong(raw, "credit", raw.amount("credit")),
        }
        refused = refusal(
            raw,
            {
                **unreadable,
                "account": f"NOT {raw.present('account')}",
                "kind": f"{kind} NOT IN ({_KINDS})",
                **UNKNOWN_COMPANY,
                "opening": f"{kind} = 'opening' AND NOT coalesce(list_bool_or([{day} BETWEEN y.start AND y.end "
                "FOR y IN k.years]), false)",
            },
        )
        amounts = _amounts(self._engine, raw, filled)
        query = (
            f"SELECT 0 AS file, {raw.raw('company')} AS company, {raw.raw('journal')} AS journal, "
            f"NULL::VARCHAR AS journal_label, {raw.raw('kind')} AS kind, {raw.raw('entry_number')} AS number, "
            f"{day} AS date, {raw.raw('account')} AS account, {raw.raw('account_label')} AS account_label, "
            f"{raw.raw('third_party')} AS third_party, {raw.raw('third_party_label')} AS third_party_label, "
            f"{_if_there(raw, 'label')} AS label, {_if_there(raw, 'piece')} AS piece, "
            f"{_if_there(raw, 'lettering')} AS lettering, "
            f"{amounts.debit} AS debit, {amounts.credit} AS credit, {amounts.difference} AS amount, "
            f"{refusal(raw, unreadable)} AS refusal FROM {raw.source} r"
        )
        engine = self._engine
        file = EntryFile(
            0, raw.file.name, None, None, lambda limit: bad_rows(engine, raw, refused, ENTRY_REASONS, limit)
        )
        kind = _kind("kind")
        return Entries(
            query,
            (file,),
            is_fec=False,
            refusals={
                "account": "trim(coalesce(account, '')) = ''",
                "kind": f"{kind} NOT IN ({_KINDS})",
            },
            opening=f"{kind} = 'opening'",
            closing=f"{kind} = 'closing'",
            without={},
            factor_digits=amounts.factor_digits,
        )


@dataclass(frozen=True, slots=True)
class _Amounts:
    """SQL of debit and credit, 0 where a field is blank, and of their difference; how long a factor of it may be."""

    debit: str
    credit: str
    difference: str
    factor_digits: int


# Digits of a DECIMAL that DuckDB computes with in 64 bits, and those a factor needs at least to be worth that.
_QUICK, _FACTOR = 18, (6, 9)


def _amounts(engine: Engine, raw: RawTable, filled: Collection[str]) -> _Amounts:
    narrowest = raw.narrowest(engine, ["debit", "credit"])
    least, most = _FACTOR
    if narrowest is None or (left := _QUICK - narrowest[0] - 1) < least:
        debit, credit = (f"coalesce({raw.amount(column)}, 0)" for column in ("debit", "credit"))
        return _Amounts(debit, credit, f"{debit}::{DIFFERENCE} - {credit}::{DIFFERENCE}", most)
    kind = f"DECIMAL({narrowest[0]},{narrowest[1]})"
    debit, credit = (
        f"{raw.amount(column)}::{kind}" if column in filled else f"coalesce({raw.amount(column)}::{kind}, 0::{kind})"
        for column in ("debit", "credit")
    )
    return _Amounts(debit, credit, f"{debit} - {credit}", min(left, most))


def _kind(column: str) -> str:
    return f"lower(trim(coalesce({column}, '')))"


def _if_there(raw: RawTable, column: str) -> str:
    """A column that only explains a row: a table may lack it."""
    return raw.raw(column) if raw.has(column) else "NULL::VARCHAR"


def _missing(raw: RawTable, column: str, read: str, filled: Collection[str]) -> str | None:
    """The condition that no value can be read, None where the file says that there always is one."""
    return None if column in filled and not raw.may_be_wrong(column) else f"{read} IS NULL"


def _wrong(raw: RawTable, column: str, read: str) -> str | None:
    """The condition that a value is there and cannot be read, None for a typed column."""
    return f"{read} IS NULL AND {raw.present(column)}" if raw.may_be_wrong(column) else None
