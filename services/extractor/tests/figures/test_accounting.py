"""Accounting figures from a table of entries: revenue, outstanding, treasury, and how balances begin."""

from decimal import Decimal

import pytest
from services.extractor.tests.figures.books import Dossier, entry

from vigie_extractor.indicators.result import Flows, Outstanding, Treasury


def _outstanding(dossier: Dossier, identifier: str = "top_customer_outstanding") -> Outstanding:
    found = dossier.extract().figure(identifier)
    assert isinstance(found, Outstanding)
    return found


def _treasury(dossier: Dossier) -> list[tuple[str, str, str]]:
    found = dossier.extract().figure("treasury_position")
    assert isinstance(found, Treasury)
    return [(row.code, row.label, f"{row.amount:.2f}") for row in found.rows]


def test_accounting_revenue_is_credit_less_debit_of_its_heading(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-11-02", "701000", "0", "100"),
        entry("2026-11-02", "709000", "30", "0"),
        entry("2026-11-02", "607000", "999", "0"),
        entry("2026-11-25", "701000", "0", "7"),
        entry("2026-01-01", "701000", "0", "5000", kind="Opening"),
        entry("2026-11-24", "701000", "105", "0", kind="CLOSING"),
    )
    revenue = dossier.extract().figure("accounting_revenue")
    assert isinstance(revenue, Flows)
    assert (revenue.month, revenue.year) == (Decimal("70.00"), Decimal("70.00"))


def test_r6_entries_after_the_system_date_are_left_out_and_counted(dossier: Dossier) -> None:
    dossier.table("entries", entry("2026-11-25", "512000", "10"), entry("2026-11-24", "512000", "1"))
    assert _treasury(dossier) == [("512000", "512000", "1.00")]
    (late,) = dossier.extract().anomalies("entry_after_system_date")
    assert (late.count, late.company) == (1, "A")


def test_outstanding_is_by_third_party_and_in_credit_apart(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-01-05", "411000", "100", party="P1", party_label="One"),
        entry("2026-01-05", "413000", "50", party="P1", party_label="One"),
        entry("2026-01-05", "411000", "0", "20", party="P2", party_label="Two"),
        entry("2026-01-05", "411ABC", "5", label="Account label"),
        entry("2026-01-05", "419000", "0", "999", party="P1"),
    )
    found = _outstanding(dossier)
    assert [(row.code, row.label, row.amount) for row in found.rows] == [
        ("P1", "One", Decimal("150.00")),
        ("411ABC", "Account label", Decimal("5.00")),
    ]
    assert (found.total, found.in_credit, found.others) == (Decimal("155.00"), Decimal("-20.00"), Decimal("0.00"))
    assert [row.share for row in found.rows] == [Decimal("0.9677"), Decimal("0.0323")]


def test_supplier_outstanding_is_credit_less_debit(dossier: Dossier) -> None:
    dossier.table(
        "entries", entry("2026-01-05", "401000", "0", "80", party="S"), entry("2026-01-05", "403000", "30", party="S")
    )
    assert _outstanding(dossier, "top_supplier_outstanding").total == Decimal("50.00")


def test_a_label_is_that_of_the_latest_counted_entry_the_greatest_of_one_day(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-01-05", "411000", "1", party="P", party_label="Zoe"),
        entry("2026-02-05", "411000", "1", party="P", party_label="Ada"),
        entry("2026-02-05", "411000", "1", party="P", party_label="Bea"),
        entry("2026-03-05", "411000", "1", party="P", party_label=""),
        entry("2026-12-05", "411000", "1", party="P", party_label="Later"),
    )
    assert _outstanding(dossier).rows[0].label == "Bea"


def test_two_years_loaded_together_never_count_the_same_balance_twice(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2025-03-01", "512000", "100", label="Bank"),
        entry("2026-01-01", "512000", "100", kind="opening"),
        entry("2026-02-01", "512000", "7"),
    )
    assert _treasury(dossier) == [("512000", "512000", "107.00")]
    assert dossier.extract().anomalies("no_opening_entries") == []


def test_without_an_opening_entry_a_balance_runs_from_the_first_entry_and_says_so(dossier: Dossier) -> None:
    dossier.table("entries", entry("2019-03-01", "512000", "100"), entry("2026-02-01", "512000", "7"))
    assert _treasury(dossier) == [("512000", "512000", "107.00")]
    assert [one.company for one in dossier.extract().anomalies("no_opening_entries")] == ["A"]


def test_an_opening_after_the_system_date_does_not_begin_a_balance(dossier: Dossier) -> None:
    dossier.table("entries", entry("2025-02-01", "512000", "100"), entry("2026-12-01", "512000", "100", kind="opening"))
    assert _treasury(dossier) == [("512000", "512000", "100.00")]


def test_an_opening_entry_outside_every_declared_year_is_refused(dossier: Dossier) -> None:
    dossier.table("entries", entry("2020-01-01", "512000", "100", kind="opening"), entry("2026-02-01", "512000", "7"))
    extraction = dossier.extract()
    assert _treasury(dossier) == [("512000", "512000", "7.00")]
    (refused,) = extraction.anomalies("bad_row")
    assert refused.place is not None
    assert (refused.place.line, refused.severity) == (2, "error")
    assert extraction.count_of("entries.csv") == (2, 1, 1)


def test_r7_treasury_counts_banks_and_the_cash_accounts_whose_option_is_on(dossier: Dossier) -> None:
    dossier.table("cash_accounts", "A,531000,true", "A,532000,false", "A,580000,true")
    dossier.table(
        "entries",
        entry("2026-02-01", "512000", "100", label="Bank"),
        entry("2026-02-01", "519000", "0", "40", label="Overdraft"),
        entry("2026-02-01", "531000", "5", label="Till"),
        entry("2026-02-01", "532000", "6"),
        entry("2026-02-01", "533000", "7", label="Forgotten"),
        entry("2026-02-01", "580000", "9", label="Transfer"),
        entry("2026-02-01", "514000", "3"),
        entry("2026-02-01", "514000", "0", "3"),
    )
    extraction = dossier.extract()
    treasury = extraction.figure("treasury_position")
    assert isinstance(treasury, Treasury)
    assert [row.code for row in treasury.rows] == ["512000", "519000", "531000", "580000"]
    assert (treasury.assets, treasury.overdrafts) == (Decimal("114.00"), Decimal("-40.00"))
    (undeclared,) = extraction.anomalies("cash_account_undeclared")
    assert "533000" in undeclared.detail
    assert {(seen.account, seen.cash_account) for seen in extraction.result.cash_accounts} == {
        ("531000", True),
        ("532000", False),
        ("533000", None),
    }


def test_an_internal_transfer_that_is_open_is_reported(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-02-01", "581000", "9"),
        entry("2026-02-01", "582000", "9"),
        entry("2026-02-02", "582000", "0", "9"),
    )
    assert [one.company for one in dossier.extract().anomalies("internal_transfer_open")] == ["A"]


def test_an_internal_transfer_is_judged_in_the_accounting_currency_before_any_rounding(dossier: Dossier) -> None:
    dossier.settings('kind = "single-base"\n[parameters]\ncurrency = "reporting"\n')
    dossier.companies("A", reporting="USD", rate="0.9")
    dossier.table("entries", entry("2026-02-01", "581000", "0.005"))
    (found,) = dossier.extract().anomalies("internal_transfer_open")
    assert "0.005" in found.detail


def test_an_entry_that_does_not_balance_is_a_warning_with_its_difference(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-02-01", "512000", "10", number="1"),
        entry("2026-02-01", "701000", "0", "9", number="1"),
        entry("2026-02-01", "512000", "5", number="2"),
        entry("2026-02-01", "701000", "0", "6", number="2"),
        entry("2026-02-01", "512000", "7", number="3"),
        entry("2026-02-01", "701000", "0", "7", number="3"),
    )
    extraction = dossier.extract()
    (found,) = extraction.anomalies("unbalanced_entry")
    assert (found.count, found.severity, found.company) == (2, "warning", "A")
    assert "1 by 1" in found.detail
    assert extraction.anomalies("unbalanced_file") == []


def test_a_number_used_again_in_another_year_is_another_entry(dossier: Dossier) -> None:
    dossier.table("entries", entry("2025-02-01", "512000", "10"), entry("2026-02-01", "701000", "0", "10"))
    assert [one.count for one in dossier.extract().anomalies("unbalanced_entry")] == [2]


@pytest.mark.parametrize("heading", ['["512", "-5121"]', '["512", "-5121", "-513"]'])
def test_a_heading_of_the_dossier_replaces_the_usual_one(dossier: Dossier, heading: str) -> None:
    dossier.settings(f'kind = "single-base"\n[headings]\nbank = {heading}\n')
    dossier.table("entries", *(entry("2026-02-01", account, "1") for account in ("512000", "512100", "514000")))
    assert [code for code, _, _ in _treasury(dossier)] == ["512000"]


def test_without_entries_nothing_of_accounting_is_available(dossier: Dossier) -> None:
    assert "entries" in dossier.extract().reason("treasury_position")
