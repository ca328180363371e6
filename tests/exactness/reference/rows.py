"""The rows that an amount is made of (R14), found in the dossier itself: every one of them, not the largest alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from .accounting import balance_entries, in_heading, third_party
from .model import Entry, SalesLine
from .money import ZERO, total
from .periods import Span, month_end
from .sales import attribute, base_lines, customer_axis, lines_of
from .scope import Scope


@dataclass(frozen=True)
class SourceRow:
    """A document, an entry or an account of one company, with what tells it apart and its exact amount."""

    company: str
    key: tuple[object, ...]
    amount: Decimal


FLOWS = ("month", "month_previous_year", "year", "year_previous")
OUTSTANDING = {
    "top_customer_outstanding": ("customer_outstanding", 1),
    "top_supplier_outstanding": ("supplier_outstanding", -1),
}


def span_of(scope: Scope, company: str, of: str, code: str | None) -> Span:
    """The period that an amount of a revenue is of."""
    periods = scope.periods[company]
    if of == "series":
        return next(span for month, span in periods.series if month == code)
    span: Span = getattr(periods, of)
    return span


def documents(lines: Iterable[SalesLine], amount: Callable[[SalesLine], Decimal]) -> list[SourceRow]:
    """Lines of one document of one day and customer are one row."""
    groups: dict[tuple[str, tuple[object, ...]], list[Decimal]] = {}
    for line in lines:
        key = (line.document_type, line.document or None, line.date, line.customer or None)
        groups.setdefault((line.company, key), []).append(amount(line))
    return [SourceRow(company, key, total(amounts)) for (company, key), amounts in groups.items()]


def sales_rows(scope: Scope, indicator: str, of: str, code: str | None) -> list[SourceRow]:
    """The documents behind an amount of a sales indicator."""
    rows: list[SourceRow] = []
    for company in scope.members:
        if indicator == "commercial_revenue":
            lines = base_lines(scope, company, span_of(scope, company, of, code))
            rows += documents(lines, lambda line: line.net_amount)
        elif indicator in {"month_portfolio", "month_order_book"}:
            rows += _orders(scope, company, "due" if of == "amount" else of)
        else:
            period = indicator.rpartition("_")[2]
            lines = [
                line
                for line in base_lines(scope, company, span_of(scope, company, period, None))
                if _group(scope, indicator, line) == (code or "")
            ]
            rows += documents(lines, lambda line: line.net_amount)
    return rows


def _orders(scope: Scope, company: str, of: str) -> list[SourceRow]:
    """Open orders by when they are due, open deliveries, or the orders of the month."""
    if of == "intake":
        return documents(lines_of(scope, company, {"order"}, scope.periods[company].month), lambda one: one.net_amount)
    first, last = scope.as_of.replace(day=1), month_end(scope.as_of)
    due: dict[str, Callable[[SalesLine], bool]] = {
        "due": lambda line: first <= line.due_date <= last,
        "overdue": lambda line: line.due_date < first,
        "later": lambda line: line.due_date > last,
        "delivered": lambda _: True,
    }
    lines = lines_of(scope, company, {"delivery" if of == "delivered" else "order"})
    found = documents([line for line in lines if due[of](line)], lambda line: line.open_amount)
    return [row for row in found if row.amount != ZERO]


def _group(scope: Scope, indicator: str, line: SalesLine) -> str:
    dossier = scope.dossier
    match indicator.removeprefix("top_").rpartition("_")[0]:
        case "customers":
            return line.customer
        case "customer_categories":
            return attribute(dossier.customers, line.company, line.customer, customer_axis(dossier))
        case "items":
            return line.item
        case "item_families":
            return attribute(dossier.items, line.company, line.item, "family")
    return line.sales_rep


def _entry(scope: Scope, company: str, line: Entry, sign: int) -> SourceRow:
    """An opening line of a FEC keeps its own date, unless that is after the system date."""
    day = line.date if line.date <= scope.as_of else line.counts_on
    return SourceRow(company, (line.account, line.journal, line.number, day), sign * (line.debit - line.credit))


def revenue_entries(scope: Scope, of: str, code: str | None) -> list[SourceRow]:
    heading = scope.dossier.parameters.headings["net_revenue"]
    return [
        _entry(scope, company, line, -1)
        for company in scope.members
        for line in scope.dossier.entries[company]
        if line.kind == "normal"
        and span_of(scope, company, of, code).holds(line.counts_on)
        and in_heading(heading, line.account)
    ]


def revenue_accounts(scope: Scope, of: str, code: str | None) -> list[SourceRow]:
    accounts: dict[tuple[str, str], list[Decimal]] = {}
    for row in revenue_entries(scope, of, code):
        accounts.setdefault((row.company, str(row.key[0])), []).append(row.amount)
    rows = [SourceRow(company, (account,), total(parts)) for (company, account), parts in accounts.items()]
    return [row for row in rows if row.amount != ZERO]


def party_entries(scope: Scope, indicator: str, code: str, *, lettered: bool) -> list[SourceRow]:
    """The lines of one third party, those that are settled or those that are open."""
    heading, sign = OUTSTANDING[indicator]
    return [
        _entry(scope, company, line, sign)
        for company in scope.members
        for line in balance_entries(scope.dossier.entries[company], scope.as_of)
        if in_heading(scope.dossier.parameters.headings[heading], line.account)
        and third_party(line)[0] == code
        and (line.lettering != "") is lettered
    ]


def treasury_entries(scope: Scope, company: str, account: str) -> dict[str, list[SourceRow]]:
    """The lines of one account: of the opening, before the month of the system date, and in it."""
    entries = scope.dossier.entries[company]
    phases: dict[str, list[SourceRow]] = {"opening": [], "earlier": [], "month": []}
    for line in balance_entries(entries, scope.as_of):
        if line.account == account:
            in_month = line.date >= scope.as_of.replace(day=1)
            phase = "opening" if line.kind == "opening" else "month" if in_month else "earlier"
            phases[phase].append(_entry(scope, company, line, 1))
    return phases


BY_LINE: dict[str, Callable[[Scope, SalesLine], str]] = {
    "customer": lambda _, line: line.customer,
    "item": lambda _, line: line.item,
    "item_family": lambda scope, line: attribute(scope.dossier.items, line.company, line.item, "family"),
    "sales_rep": lambda _, line: line.sales_rep,
}


def contributions(scope: Scope, of: str, by: str) -> dict[str | None, Decimal]:
    """What every group contributes to a period of a revenue, netted by code over the companies of the scope (R4)."""

    def by_code(company: str) -> dict[str | None, list[Decimal]]:
        groups: dict[str | None, list[Decimal]] = {}
        if by == "account":
            for row in revenue_entries(scope, of, None):
                if row.company == company:
                    groups.setdefault(str(row.key[0]), []).append(row.amount)
        else:
            for line in base_lines(scope, company, span_of(scope, company, of, None)):
                groups.setdefault(BY_LINE[by](scope, line) or None, []).append(line.net_amount)
        return groups

    found: dict[str | None, Decimal] = {}
    for company in scope.members:
        for code, amounts in by_code(company).items():
            found[code] = found.get(code, ZERO) + scope.rounded(company, amounts)
    return found
