"""The reference itself: relations that its answers must keep, whatever the dossier."""

from __future__ import annotations

import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from .reference import Answer, answer
from .rewriting import Row, with_fec_lines, with_rows
from .strategies import GeneratedDossier, dossiers

a_few_dossiers = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def answered(dossier: GeneratedDossier) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        return answer(dossier.write(Path(folder)), dossier.as_of)


def indicators_of(scopes: Answer) -> list[dict[str, Any]]:
    found: list[Any] = [scope["indicators"] for scope in scopes.scopes.values()]
    return found


def in_two(row: Row, *columns: str) -> list[Row]:
    """One row as two that add up to it; a row that is refused stays whole."""
    try:
        amounts = {column: Decimal(row[column]) for column in columns if row[column]}
    except ArithmeticError:
        return [row]
    part = Decimal("0.0001")
    first = dict.fromkeys(amounts, f"{part:f}")
    second = {column: f"{amount - part:f}" for column, amount in amounts.items()}
    return [row | first, row | second]


@a_few_dossiers
@given(dossiers())
def test_the_order_of_rows_changes_nothing(dossier: GeneratedDossier) -> None:
    turned = with_fec_lines(dossier, lambda lines: lines[::-1])
    for table in ("sales_lines", "entries", "fiscal_years", "families", "companies", "cash_accounts"):
        turned = with_rows(turned, table, lambda rows: rows[::-1])

    before, after = answered(dossier), answered(turned)

    assert after.scopes == before.scopes
    assert (after.status, after.verdicts) == (before.status, before.verdicts)
    assert Counter(after.findings) == Counter(before.findings)


@a_few_dossiers
@given(dossiers())
def test_a_line_split_in_two_changes_no_figure(dossier: GeneratedDossier) -> None:
    def split_lines(rows: list[Row]) -> list[Row]:
        return [part for row in rows for part in in_two(row, "net_amount", "open_amount")]

    def split_entries(rows: list[Row]) -> list[Row]:
        return [part for row in rows for part in in_two(row, "debit", "credit")]

    split = with_rows(with_rows(dossier, "sales_lines", split_lines), "entries", split_entries)

    assert answered(split).scopes == answered(dossier).scopes


@a_few_dossiers
@given(dossiers())
def test_a_family_of_one_company_has_the_figures_of_the_company(dossier: GeneratedDossier) -> None:
    before = answered(dossier)
    codes = [code for kind, code in before.scopes if kind == "company"]
    assume(codes and "families.csv" in dossier.files)
    lonely = [{"code": f"F{code}", "shortcut_code": f"F{code}", "name": "Alone", "companies": code} for code in codes]

    after = answered(with_rows(dossier, "families", lambda rows: [*rows, *lonely]))

    for code in codes:
        company, family = before.scopes["company", code], after.scopes["family", f"F{code}"]
        assert family == company | {"kind": "family", "code": f"F{code}", "name": "Alone"}


@a_few_dossiers
@given(dossiers())
def test_what_is_quoted_or_dated_later_changes_no_figure(dossier: GeneratedDossier) -> None:
    later = dossier.as_of.replace(year=dossier.as_of.year + 2, day=1).isoformat()

    def more_lines(rows: list[Row]) -> list[Row]:
        return [*rows, *(row | {"document_type": "quote"} for row in rows), *(row | {"date": later} for row in rows)]

    def more_entries(rows: list[Row]) -> list[Row]:
        return [*rows, *(row | {"entry_date": later, "kind": "normal"} for row in rows)]

    grown = with_rows(with_rows(dossier, "sales_lines", more_lines), "entries", more_entries)

    assert answered(grown).scopes == answered(dossier).scopes


@a_few_dossiers
@given(dossiers())
def test_the_figures_of_one_answer_agree_with_each_other(dossier: GeneratedDossier) -> None:
    for indicators in indicators_of(answered(dossier)):
        for name, figures in indicators.items():
            if not figures["available"]:
                continue
            rows = [Decimal(row["amount"]) for row in figures.get("rows", [])]
            if "unassigned" in figures:
                period = name.rsplit("_", 1)[1]
                assert figures["total"] == indicators["commercial_revenue"][period]
                parts = sum(rows) + Decimal(figures["others"]) + Decimal(figures["unassigned"])
                assert parts == Decimal(figures["total"])
            if "in_credit" in figures:
                assert sum(rows) + Decimal(figures["others"]) == Decimal(figures["total"])
                assert Decimal(figures["others"]) >= 0 >= Decimal(figures["in_credit"])
            if "series" in figures:
                assert len(figures["series"]) == 12
                assert figures["series"][-1] == [dossier.as_of.strftime("%Y-%m"), figures["month"]]
            if "overdrafts" in figures:
                assert sum(rows) == Decimal(figures["amount"])
                assert Decimal(figures["assets"]) + Decimal(figures["overdrafts"]) == Decimal(figures["amount"])
            if name.startswith("top_"):
                assert rows == sorted(rows, reverse=True)
                assert all(amount > 0 for amount in rows)


@a_few_dossiers
@given(dossiers())
def test_a_rate_of_one_is_the_accounting_currency(dossier: GeneratedDossier) -> None:
    at_one = with_rows(dossier, "companies", lambda rows: [row | {"reporting_rate": "1"} for row in rows])
    settings_file = at_one.files["dossier.toml"].replace(b'currency = "reporting"', b'currency = "accounting"')

    reporting, accounting = answered(at_one), answered(at_one.with_files({"dossier.toml": settings_file}))

    assert indicators_of(reporting) == indicators_of(accounting)
