"""What the rows of a dossier show to be wrong or noteworthy at a system date (contract.md, codes of anomalies).

A finding is certain where the text leaves no doubt that it is due; see `Finding`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from .accounting import balance_entries, in_heading, opening_year_start
from .model import Dossier, Entry, Finding, SalesLine
from .money import ZERO, cents, total
from .periods import Periods, current_year
from .sales import attribute, counts_as_sold, customer_axis
from .scope import Figures

SEVERITIES = {
    "no_fiscal_year": "error",
    "overlapping_fiscal_years": "error",
    "family_incomplete": "error",
    "unknown_company": "error",
    "duplicate_master": "warning",
    "unbalanced_entry": "warning",
    "unbalanced_file": "warning",
    "history_too_short": "info",
    "entry_after_system_date": "info",
    "no_opening_entries": "info",
    "cash_account_undeclared": "info",
    "internal_transfer_open": "info",
}
OTHER_CODES = {
    "criteria_not_met",
    "directory_mismatch",
    "bad_row",
    "missing_column",
    "unreadable_file",
    "document_after_system_date",
    "unassigned_lines",
}


def _sales_of(dossier: Dossier, company: str) -> list[SalesLine]:
    return [line for line in dossier.sales_lines or [] if line.company == company]


def later_documents(dossier: Dossier, company: str, as_of: date) -> Iterator[Finding]:
    """R6: the report says how many documents were left out as later. Open: documents or lines, and whether quotes and
    items that do not count as sold are among them."""
    later = [line for line in _sales_of(dossier, company) if line.date > as_of]
    counted = [line for line in later if line.document_type != "quote" and counts_as_sold(dossier, line)]
    if later:
        yield Finding("document_after_system_date", company, certain=bool(counted))


def unassigned(dossier: Dossier, company: str) -> Iterator[Finding]:
    """Lines that some ranking cannot group. Open: which rankings and periods are meant, and when it is due."""
    for line in _sales_of(dossier, company):
        codes = (
            line.customer,
            line.item,
            line.sales_rep,
            attribute(dossier.customers, company, line.customer, customer_axis(dossier)),
            attribute(dossier.items, company, line.item, "family"),
        )
        if "" in codes:
            yield Finding("unassigned_lines", company, certain=False)
            return


def _differ(entries: Iterable[Entry]) -> Decimal:
    return total(line.debit - line.credit for line in entries)


def unbalanced(dossier: Dossier, company: str, as_of: date) -> Iterator[Finding]:
    """Each entry (by company, file, journal, number and fiscal year) should balance, and so should each file.

    Open: whether entries after the system date are looked at, whether a fraction of a cent is a difference, and how an
    `entries` file is cut by company.
    """
    entries = dossier.entries.get(company, [])
    groups: dict[object, list[Entry]] = {}
    for line in entries:
        year = line.year or current_year(dossier.fiscal_years[company], line.counts_on)
        groups.setdefault((line.file, line.journal, line.number, year), []).append(line)
    for group in groups.values():
        if _differ(group) != ZERO:
            certain = cents(_differ(group)) != ZERO and all(line.counts_on <= as_of for line in group)
            yield Finding("unbalanced_entry", company, certain=certain)
        elif _differ(line for line in group if line.counts_on <= as_of) != ZERO:
            yield Finding("unbalanced_entry", company, certain=False)
    for file in {line.file for line in entries}:
        lines = [line for line in entries if line.file == file]
        counted = [line for line in lines if line.counts_on <= as_of]
        if _differ(lines) != ZERO or _differ(counted) != ZERO:
            certain = cents(_differ(lines)) != ZERO and len(counted) == len(lines) and file != "entries"
            yield Finding("unbalanced_file", company, certain=certain)


def balances(dossier: Dossier, company: str, as_of: date) -> Iterator[Finding]:
    """Later entries (R6), missing openings, undeclared cash accounts and open internal transfers.

    Open: whether a cash account without a balance needs a declaration, and whether an account is open by what is less
    than half a cent in the accounting or the reporting currency.
    """
    entries = dossier.entries[company]
    later = sum(line.counts_on > as_of for line in entries)
    if later:
        yield Finding("entry_after_system_date", company, later)
    if opening_year_start(entries, as_of) is None:
        yield Finding("no_opening_entries", company, certain=later < len(entries))
    counted = balance_entries(entries, as_of)
    rate = dossier.companies[company].reporting_rate
    for account in {line.account for line in entries}:
        balance = _differ(line for line in counted if line.account == account)
        undeclared = (company, account) not in dossier.cash_accounts
        if account.startswith("53") and undeclared and not in_heading(dossier.parameters.headings["bank"], account):
            yield Finding("cash_account_undeclared", company, certain=cents(balance) != ZERO)
        if account.startswith("58") and balance != ZERO:
            yield Finding("internal_transfer_open", company, certain=ZERO not in {cents(balance), cents(balance, rate)})


def short_history(
    dossier: Dossier, company: str, periods: Periods, as_of: date, *, sales_shown: bool
) -> Iterator[Finding]:
    """The source's earliest row is later than a comparison's start.

    Open: whether the source is all its tables and companies, or the rows of one indicator and company; and whether
    sales of which nothing is shown have a history.
    """
    spans = [periods.month_previous_year, periods.year_previous]
    asked = [span.start for span in spans if not span.empty]
    sales = [line.date for line in _sales_of(dossier, company)] if sales_shown else []
    books = [line.counts_on for line in dossier.entries.get(company, [])]
    everything = [line.date for line in dossier.sales_lines or []]
    everything += [day for lines in dossier.entries.values() for line in lines for day in (line.date, line.counts_on)]
    revenue = [
        line.date
        for line in _sales_of(dossier, company)
        if line.document_type in {"invoice", "credit_note"} and counts_as_sold(dossier, line)
    ]
    turnover = [
        line.counts_on
        for line in dossier.entries.get(company, [])
        if line.kind == "normal" and in_heading(dossier.parameters.headings["net_revenue"], line.account)
    ]
    certain = bool(asked) and any(day <= as_of for day in (*sales, *books)) and min(everything) > min(asked)
    # The closest reading sees only the rows a figure is made of; without any, a history may be called short or not.
    first = max(min(days, default=date.max) for days in (revenue, turnover))
    if certain or first > min(span.start for span in spans):
        yield Finding("history_too_short", company, certain=certain)


def findings(dossier: Dossier, periods: dict[str, Periods], as_of: date, sales: Figures) -> list[Finding]:
    """All findings about the rows; `sales` is one sales indicator, to tell whether sales are available at all."""
    found = list(dossier.findings)
    for company in dossier.companies:
        found += later_documents(dossier, company, as_of)
        found += unassigned(dossier, company)
        found += unbalanced(dossier, company, as_of)
        if company in dossier.entries:
            found += balances(dossier, company, as_of)
        if company in periods:
            shown = bool(sales.get("available"))
            found += short_history(dossier, company, periods[company], as_of, sales_shown=shown)
    # Of what is not extracted, nothing needs to be said.
    sales_codes = {"duplicate_master", "document_after_system_date"}
    return [
        Finding(finding.code, finding.company, finding.count, certain=False)
        if (finding.company is not None and finding.company not in periods)
        or (finding.code in sales_codes and not sales.get("available"))
        else finding
        for finding in found
    ]
