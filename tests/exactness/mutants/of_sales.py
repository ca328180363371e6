"""Mutants of revenue, portfolio, order book and the categories that count as sold."""

from __future__ import annotations

from .mutant import mutant

_SOLD = "only lines whose item has a sold category count, in every sales indicator (orders and deliveries too)"

SALES = (
    mutant(
        "orders-of-unsold-items",
        _SOLD,
        "indicators/sales.py",
        "elif not group.sold:",
        "elif not group.sold and group.document_type in BASE_LINES:",
    ),
    mutant("unsold-items-open", _SOLD, "indicators/sales.py", 'if sold_only else ""', 'if False else ""'),
    mutant("unsold-items-ranked", _SOLD, "indicators/ranking.py", 'if sold_only else ""', 'if False else ""'),
    mutant(
        "no-due-date-is-the-end-of-the-month",
        "no due date = due on the document's date",
        "indicators/sales.py",
        'due = "coalesce(e.due_date, e.date)"',
        "due = f\"coalesce(e.due_date, DATE '{last}')\"",
    ),
    mutant(
        "due-up-to-the-system-date",
        "orders due in the month of as_of, up to its end; later ones are due after the month",
        "indicators/sales.py",
        "({due} > DATE '{last}')::TINYINT",
        "({due} > DATE '{as_of}')::TINYINT",
    ),
    mutant(
        "first-of-the-month-overdue",
        "overdue is what was due before the month",
        "indicators/sales.py",
        "({due} >= DATE '{first}')::TINYINT",
        "({due} > DATE '{first}')::TINYINT",
    ),
    mutant(
        "delivered-by-due-date",
        "deliveries not yet invoiced count whatever their due date",
        "indicators/sales.py",
        'if document_type == "delivery":',
        'if document_type == "delivery" and DUE[due] == "later":\n        return\n    if document_type == "delivery":',
    ),
    mutant(
        "delivered-by-net-amount",
        "of a delivery counts what is not yet invoiced: its open amount",
        "indicators/sales.py",
        "AS due, sum(e.open_amount)",
        "AS due, sum(CASE e.document_type WHEN 'delivery' THEN e.net_amount ELSE e.open_amount END)",
    ),
    mutant(
        "intake-by-open-amount",
        "intake is the net amount of the orders dated in the month",
        "indicators/sales.py",
        "AS after_system_date, sum(e.net_amount)",
        "AS after_system_date, sum(CASE e.document_type WHEN 'order' THEN e.open_amount ELSE e.net_amount END)",
    ),
    mutant(
        "stock-without-the-later-orders",
        "stock is due, overdue and later together",
        "indicators/result.py",
        "return self.due + self.overdue + self.later",
        "return self.due + self.overdue",
    ),
)
