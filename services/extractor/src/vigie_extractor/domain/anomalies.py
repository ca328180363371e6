"""Anomalies: findings about the data or the run, of a closed list of kinds."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class AnomalyCode(StrEnum):
    """The closed list; a new kind is added to the contract first."""

    NO_FISCAL_YEAR = "no_fiscal_year"
    OVERLAPPING_FISCAL_YEARS = "overlapping_fiscal_years"
    HISTORY_TOO_SHORT = "history_too_short"
    FAMILY_INCOMPLETE = "family_incomplete"
    CRITERIA_NOT_MET = "criteria_not_met"
    DIRECTORY_MISMATCH = "directory_mismatch"
    UNKNOWN_COMPANY = "unknown_company"
    BAD_ROW = "bad_row"
    MISSING_COLUMN = "missing_column"
    UNREADABLE_FILE = "unreadable_file"
    DUPLICATE_MASTER = "duplicate_master"
    UNBALANCED_ENTRY = "unbalanced_entry"
    UNBALANCED_FILE = "unbalanced_file"
    ENTRY_AFTER_SYSTEM_DATE = "entry_after_system_date"
    DOCUMENT_AFTER_SYSTEM_DATE = "document_after_system_date"
    NO_OPENING_ENTRIES = "no_opening_entries"
    CASH_ACCOUNT_UNDECLARED = "cash_account_undeclared"
    INTERNAL_TRANSFER_OPEN = "internal_transfer_open"
    UNASSIGNED_LINES = "unassigned_lines"


SEVERITIES: dict[AnomalyCode, Severity] = {
    AnomalyCode.NO_FISCAL_YEAR: Severity.ERROR,
    AnomalyCode.OVERLAPPING_FISCAL_YEARS: Severity.ERROR,
    AnomalyCode.HISTORY_TOO_SHORT: Severity.INFO,
    AnomalyCode.FAMILY_INCOMPLETE: Severity.ERROR,
    AnomalyCode.CRITERIA_NOT_MET: Severity.ERROR,
    AnomalyCode.DIRECTORY_MISMATCH: Severity.WARNING,
    AnomalyCode.UNKNOWN_COMPANY: Severity.ERROR,
    AnomalyCode.BAD_ROW: Severity.ERROR,
    AnomalyCode.MISSING_COLUMN: Severity.ERROR,
    AnomalyCode.UNREADABLE_FILE: Severity.ERROR,
    AnomalyCode.DUPLICATE_MASTER: Severity.WARNING,
    AnomalyCode.UNBALANCED_ENTRY: Severity.WARNING,
    AnomalyCode.UNBALANCED_FILE: Severity.WARNING,
    AnomalyCode.ENTRY_AFTER_SYSTEM_DATE: Severity.INFO,
    AnomalyCode.DOCUMENT_AFTER_SYSTEM_DATE: Severity.INFO,
    AnomalyCode.NO_OPENING_ENTRIES: Severity.INFO,
    AnomalyCode.CASH_ACCOUNT_UNDECLARED: Severity.INFO,
    AnomalyCode.INTERNAL_TRANSFER_OPEN: Severity.INFO,
    AnomalyCode.UNASSIGNED_LINES: Severity.INFO,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding about a row lies: file as named in the source, line counted from 1, column and value as read."""

    file: str
    line: int | None = None
    column: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One finding. `count` is how many rows, entries or accounts it stands for; `company` is None when it is about no
    company in particular."""

    code: AnomalyCode
    detail: str
    company: str | None = None
    count: int = 1
    severity: Severity = Severity.ERROR
    place: Place | None = None


def anomaly(
    code: AnomalyCode, detail: str, company: str | None = None, count: int = 1, place: Place | None = None
) -> Anomaly:
    """A finding with the severity its kind usually has."""
    return Anomaly(code, detail, company, count, SEVERITIES[code], place)


def warning(found: Anomaly) -> Anomaly:
    """The same finding, when nothing was refused because of it."""
    return replace(found, severity=Severity.WARNING)
