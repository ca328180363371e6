"""Families: the cumulation of their companies' rows (R4), and the reporting currency."""

from decimal import Decimal

import pytest
from services.extractor.tests.figures.books import Dossier, entry, fec_row, fec_text, sale

from vigie_extractor.domain.selection import Selection, UnknownScopeError
from vigie_extractor.indicators.result import Flows, Outstanding, Ranking


@pytest.fixture
def group(dossier: Dossier) -> Dossier:
    dossier.companies("B", "A")
    dossier.table("families", "G,G,Group,B;A;B")
    return dossier


def test_r4_a_family_ranks_the_union_of_lines_not_the_companies_top_fives(group: Dossier) -> None:
    # given a customer who is sixth in each company, and first in both together
    lines = [sale(company=c, amount="50", customer=f"{c}{rank}") for c in ("A", "B") for rank in range(5)]
    group.table("sales_lines", *lines, *(sale(company=c, amount="40", customer="SHARED") for c in ("A", "B")))
    extraction = group.extract()
    assert extraction.ranked("top_customers_month", "G")[0] == ("SHARED", "80.00")
    assert "SHARED" not in dict(extraction.ranked("top_customers_month", "A"))


def test_r4_a_member_named_twice_counts_once(group: Dossier) -> None:
    group.table("sales_lines", sale(company="A", amount="1"), sale(company="B", amount="20"))
    revenue = group.extract().figure("commercial_revenue", "G")
    assert isinstance(revenue, Flows)
    assert revenue.month == Decimal("21.00")


def test_r4_rounded_amounts_of_companies_are_added(group: Dossier) -> None:
    group.table("sales_lines", sale(company="A", amount="0.005"), sale(company="B", amount="0.005"))
    revenue = group.extract().figure("commercial_revenue", "G")
    assert isinstance(revenue, Flows)
    assert revenue.month == Decimal("0.02")


def test_r4_a_label_is_that_of_the_first_company_by_code_that_has_one(group: Dossier) -> None:
    group.table("customers", "B,C1,Of B,", "A,C1,,")
    group.table("sales_lines", sale(company="A"), sale(company="B"))
    found = group.extract().figure("top_customers_month", "G")
    assert isinstance(found, Ranking)
    assert found.rows[0].label == "Of B"


def test_r4_a_third_party_in_credit_in_one_company_is_netted_in_the_family(group: Dossier) -> None:
    group.table(
        "entries",
        entry("2026-01-05", "411000", "100", company="A", party="P"),
        entry("2026-01-05", "411000", "0", "30", company="B", party="P"),
    )
    found = group.extract().figure("top_customer_outstanding", "G")
    assert isinstance(found, Outstanding)
    assert (found.total, found.in_credit) == (Decimal("70.00"), Decimal("0.00"))


@pytest.mark.parametrize("members", ["A;GHOST", "A;C", ""])
def test_a_family_with_a_company_that_is_missing_or_left_out_is_left_out(dossier: Dossier, members: str) -> None:
    dossier.settings('kind = "single-base"\n')
    dossier.companies("A")
    dossier.table("families", f"G,G,Group,{members}")
    extraction = dossier.extract()
    assert [scope.code for scope in extraction.result.scopes] == ["A"]
    assert [scope.code for scope in extraction.result.left_out] == ["G"]
    (found,) = extraction.anomalies("family_incomplete")
    assert found.severity == "error"


def test_a_family_selected_alone_is_computed_without_its_companies_being_shown(group: Dossier) -> None:
    group.table("sales_lines", sale(company="A"))
    extraction = group.extract(selection=Selection(families=("G",)))
    assert [scope.code for scope in extraction.result.scopes] == ["G"]


def test_an_unknown_company_or_family_is_named(group: Dossier) -> None:
    with pytest.raises(UnknownScopeError, match=r"no such company: Z \(companies here: B, A\)"):
        group.extract(selection=Selection(companies=("A", "Z")))
    with pytest.raises(UnknownScopeError, match="no such family"):
        group.extract(selection=Selection(families=("Z",)))


def test_r3_a_multi_base_dossier_has_no_families(dossier: Dossier) -> None:
    dossier.settings('kind = "multi-base"\n')
    with pytest.raises(UnknownScopeError, match="multi-base"):
        dossier.extract(selection=Selection(families=("G",)))


def test_the_reporting_currency_multiplies_exact_sums_before_rounding(dossier: Dossier) -> None:
    dossier.settings('kind = "single-base"\n[parameters]\ncurrency = "reporting"\n')
    dossier.companies("A", reporting="USD", rate="1.5")
    dossier.table("sales_lines", sale(amount="0.0030"), sale(amount="0.0004", customer="C2"))
    dossier.table("entries", entry("2026-01-05", "512000", "0.0033"))
    extraction = dossier.extract()
    revenue = extraction.figure("commercial_revenue")
    assert isinstance(revenue, Flows)
    assert revenue.month == Decimal("0.01")
    assert extraction.ranked("top_customers_month") == []
    assert extraction.result.scopes[0].currency == "USD"


def test_where_one_company_has_no_fec_the_family_has_no_accounting(group: Dossier) -> None:
    group.fec("AFEC20261231.txt", fec_text([fec_row("20260105", "701000", "0", "5,00")]))
    extraction = group.extract()
    assert isinstance(extraction.figure("accounting_revenue", "A"), Flows)
    assert "no FEC" in extraction.reason("accounting_revenue", "B")
    assert "B:" in extraction.reason("accounting_revenue", "G")
