"""The thirteen sales indicators (indicators.md, "Sales indicators")."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from .model import Dossier, Master, SalesLine
from .money import byte_order, share, total, written
from .periods import Span, month_end
from .scope import Figures, Scope, best_first, flows, not_available

Grouping = Callable[[SalesLine], str]

RANKINGS = ("top_customers", "top_customer_categories", "top_items", "top_item_families", "top_sales_reps")
INDICATORS = (
    "commercial_revenue",
    "month_portfolio",
    "month_order_book",
    *(f"{ranking}_{period}" for ranking in RANKINGS for period in ("month", "year")),
)


def attribute(table: Master | None, company: str, code: str, column: str) -> str:
    """A value of the master table, blank where the table, the code or the value is missing."""
    return (table or {}).get((company, code), {}).get(column, "")


def item_axis(dossier: Dossier) -> str:
    return f"category_{dossier.parameters.item_category_axis}"


def customer_axis(dossier: Dossier) -> str:
    return f"category_{dossier.parameters.customer_category_axis}"


def counts_as_sold(dossier: Dossier, line: SalesLine) -> bool:
    """With `sold_item_categories`, only lines whose item has one of them count, in every sales indicator."""
    sold = dossier.parameters.sold_item_categories
    return not sold or attribute(dossier.items, line.company, line.item, item_axis(dossier)) in sold


def lines_of(scope: Scope, company: str, types: set[str], dated: Span | None = None) -> list[SalesLine]:
    """The lines of some document types that count: dated up to `as_of` (R6), and within `dated` where it is given."""
    return [
        line
        for line in scope.dossier.sales_lines or []
        if line.company == company
        and line.document_type in types
        and line.date <= scope.as_of
        and (dated is None or dated.holds(line.date))
        and counts_as_sold(scope.dossier, line)
    ]


def base_lines(scope: Scope, company: str, dated: Span) -> list[SalesLine]:
    """Base lines: invoices and credit notes, by document date."""
    return lines_of(scope, company, {"invoice", "credit_note"}, dated)


def commercial_revenue(scope: Scope) -> Figures:
    """The sum of base lines."""

    def flow(span: Callable[[str], Span]) -> str:
        return written(
            scope.added(lambda company: [line.net_amount for line in base_lines(scope, company, span(company))])
        )

    return flows(scope, flow)


def _open(scope: Scope, types: set[str], due: Callable[[SalesLine], bool]) -> Decimal:
    return scope.added(
        lambda company: [line.open_amount for line in lines_of(scope, company, types) if due(line)],
    )


def orders_due(scope: Scope) -> tuple[Decimal, Decimal, Decimal]:
    """Open amounts of orders due in the calendar month of `as_of`, before it (overdue) and after it (later)."""
    first, last = scope.as_of.replace(day=1), month_end(scope.as_of)
    due = _open(scope, {"order"}, lambda line: first <= line.due_date <= last)
    overdue = _open(scope, {"order"}, lambda line: line.due_date < first)
    later = _open(scope, {"order"}, lambda line: line.due_date > last)
    return due, overdue, later


def month_portfolio(scope: Scope) -> Figures:
    """What is still to be invoiced by the end of the month: orders due or overdue, all deliveries not yet invoiced."""
    due, overdue, _ = orders_due(scope)
    delivered = _open(scope, {"delivery"}, lambda _: True)
    return {
        "available": True,
        "amount": written(due + overdue + delivered),
        "due": written(due),
        "overdue": written(overdue),
        "delivered": written(delivered),
    }


def month_order_book(scope: Scope) -> Figures:
    """Orders due in the month; the stock is due, overdue and later; the intake is what was ordered in the month."""
    due, overdue, later = orders_due(scope)
    intake = scope.added(
        lambda company: [line.net_amount for line in lines_of(scope, company, {"order"}, scope.periods[company].month)]
    )
    return {
        "available": True,
        "amount": written(due),
        "overdue": written(overdue),
        "later": written(later),
        "stock": written(due + overdue + later),
        "intake": written(intake),
    }


def ranking(scope: Scope, span: Callable[[str], Span], group: Grouping, label: Callable[[str], str]) -> Figures:
    """Base lines of a period by a code; rows without one are `unassigned`, never ranked."""

    def lines(company: str) -> list[SalesLine]:
        return base_lines(scope, company, span(company))

    def by_code(company: str) -> dict[str, list[Decimal]]:
        groups: dict[str, list[Decimal]] = {}
        for line in lines(company):
            if group(line) != "":
                groups.setdefault(group(line), []).append(line.net_amount)
        return groups

    whole = scope.added(lambda company: [line.net_amount for line in lines(company)])
    unassigned = scope.added(lambda company: [line.net_amount for line in lines(company) if group(line) == ""])
    rows = best_first(scope.netted(by_code))
    return {
        "available": True,
        "total": written(whole),
        # The groups at or below zero are in `others`, so it may be negative.
        "others": written(whole - total(amount for _, amount in rows) - unassigned),
        "unassigned": written(unassigned),
        "rows": [
            {"rank": rank, "code": code, "label": label(code), "amount": written(amount), "share": share(amount, whole)}
            for rank, (code, amount) in enumerate(rows, start=1)
        ],
    }


def master_label(scope: Scope, table: Master | None) -> Callable[[str], str]:
    """The master table's name, else the code; in a family the name in the first company by code that has one.

    Reading: any company of the family whose table names the code, whether or not it has lines with it.
    """

    def label(code: str) -> str:
        names = [attribute(table, company, code, "name") for company in sorted(scope.members, key=byte_order)]
        return next((name for name in names if name), code)

    return label


def sales_indicators(scope: Scope) -> dict[str, Figures]:
    """All thirteen; which tables are there decides what is available."""
    dossier = scope.dossier
    if dossier.sales_lines is None:
        return {indicator: not_available("no sales_lines") for indicator in INDICATORS}
    if dossier.parameters.sold_item_categories and item_axis(dossier) not in dossier.item_columns:
        return {indicator: not_available("no item categories to tell what is sold") for indicator in INDICATORS}

    def by_customer_category(line: SalesLine) -> str:
        return attribute(dossier.customers, line.company, line.customer, customer_axis(dossier))

    def by_item_family(line: SalesLine) -> str:
        return attribute(dossier.items, line.company, line.item, "family")

    groupings: dict[str, tuple[Grouping, Callable[[str], str]]] = {
        "top_customers": (lambda line: line.customer, master_label(scope, dossier.customers)),
        "top_customer_categories": (by_customer_category, lambda code: code),
        "top_items": (lambda line: line.item, master_label(scope, dossier.items)),
        "top_item_families": (by_item_family, lambda code: code),
        "top_sales_reps": (lambda line: line.sales_rep, master_label(scope, dossier.sales_reps)),
    }
    result = {
        "commercial_revenue": commercial_revenue(scope),
        "month_portfolio": month_portfolio(scope),
        "month_order_book": month_order_book(scope),
    }
    for name, (group, label) in groupings.items():
        result[f"{name}_month"] = ranking(scope, lambda company: scope.periods[company].month, group, label)
        result[f"{name}_year"] = ranking(scope, lambda company: scope.periods[company].year, group, label)
    if customer_axis(dossier) not in dossier.customer_columns:
        for period in ("month", "year"):
            result[f"top_customer_categories_{period}"] = not_available("no customer categories")
    if dossier.items is None:
        for period in ("month", "year"):
            result[f"top_item_families_{period}"] = not_available("no items")
    return result
