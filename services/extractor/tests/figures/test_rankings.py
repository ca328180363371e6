"""Top fives of sales: groups above zero, ties by code, what is not shown, labels."""

from decimal import Decimal

from services.extractor.tests.figures.books import Dossier, sale

from vigie_extractor.indicators.result import Ranking


def _ranking(dossier: Dossier, identifier: str) -> Ranking:
    found = dossier.extract().figure(identifier)
    assert isinstance(found, Ranking)
    return found


def test_five_rows_at_most_by_amount_then_by_code_in_byte_order(dossier: Dossier) -> None:
    codes = {"z": "10", "É": "10", "a": "10", "B": "10", "é": "10", "c": "99"}
    dossier.table("sales_lines", *(sale(amount=amount, customer=code) for code, amount in codes.items()))
    found = dossier.extract().ranked("top_customers_month")
    assert [code for code, _ in found] == ["c", "B", "a", "z", "É"]


def test_rows_others_and_unassigned_come_to_the_total(dossier: Dossier) -> None:
    dossier.table(
        "sales_lines",
        *(sale(amount=str(10 + rank), customer=f"C{rank}") for rank in range(7)),
        sale(amount="5.00", customer=""),
        sale(amount="-3.00", kind="credit_note", customer="C9"),
    )
    found = _ranking(dossier, "top_customers_month")
    assert found.total == Decimal("93.00")
    assert found.unassigned == Decimal("5.00")
    assert found.others == Decimal("18.00")
    assert sum(row.amount for row in found.rows) + found.others + found.unassigned == found.total


def test_groups_at_or_below_zero_are_in_others_alone(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(amount="10"), sale(amount="-40", kind="credit_note", customer="C2"))
    found = _ranking(dossier, "top_customers_month")
    assert [row.code for row in found.rows] == ["C1"]
    assert found.others == Decimal("-40.00")


def test_a_group_is_compared_with_zero_once_rounded(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(amount="0.004"), sale(amount="0.005", customer="C2"))
    assert dossier.extract().ranked("top_customers_month") == [("C2", "0.01")]


def test_a_share_has_four_places_and_is_null_without_a_positive_total(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(amount="1"), sale(amount="2", customer="C2"))
    assert [row.share for row in _ranking(dossier, "top_customers_month").rows] == [
        Decimal("0.6667"),
        Decimal("0.3333"),
    ]
    dossier.table("sales_lines", sale(amount="1"), sale(amount="-2", kind="credit_note", customer="C2"))
    assert [row.share for row in _ranking(dossier, "top_customers_month").rows] == [None]


def test_a_code_that_the_master_lacks_is_ranked_but_has_no_category(dossier: Dossier) -> None:
    dossier.table("customers", "A,C1,One,RETAIL", "A,C2,Two,")
    dossier.table("sales_lines", sale(), sale(amount="20", customer="C2"), sale(amount="3", customer="C9"))
    assert len(dossier.extract().ranked("top_customers_month")) == 3
    categories = _ranking(dossier, "top_customer_categories_month")
    assert [(row.code, row.label) for row in categories.rows] == [("RETAIL", "RETAIL")]
    assert categories.unassigned == Decimal("23.00")


def test_lines_without_a_code_are_counted_in_an_anomaly(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(rep=""), sale(rep=""))
    found = [one.count for one in dossier.extract().anomalies("unassigned_lines") if "sales rep" in one.detail]
    assert found == [2]


def test_only_the_first_master_row_of_a_code_counts(dossier: Dossier) -> None:
    dossier.table("customers", "A,C1,First,RETAIL", "A,C1,Second,TRADE")
    dossier.table("sales_lines", sale())
    extraction = dossier.extract()
    row = _ranking(dossier, "top_customers_month").rows[0]
    assert row.label == "First"
    assert extraction.ranked("top_customer_categories_month") == [("RETAIL", "100.00")]
    (twice,) = extraction.anomalies("duplicate_master")
    assert (twice.count, twice.severity) == (1, "warning")


def test_a_code_without_a_name_is_its_own_label(dossier: Dossier) -> None:
    dossier.table("sales_reps", "A,R1,")
    dossier.table("sales_lines", sale(), sale(rep="R2"))
    assert [row.label for row in _ranking(dossier, "top_sales_reps_month").rows] == ["R1", "R2"]


def test_without_the_axis_column_there_are_no_categories_and_the_rest_stays(dossier: Dossier) -> None:
    dossier.settings('kind = "single-base"\n[parameters]\ncustomer_category_axis = "region"\n')
    dossier.table("customers", "A,C1,One,RETAIL")
    dossier.table("sales_lines", sale())
    extraction = dossier.extract()
    assert "category_region" in extraction.reason("top_customer_categories_year")
    assert extraction.ranked("top_customers_year") == [("C1", "100.00")]
