"""Commercial revenue, portfolio and order book, from sales lines."""

from datetime import date
from decimal import Decimal

import pytest
from services.extractor.tests.figures.books import Dossier, sale

from vigie_extractor.indicators.result import Flows, OrderBook, Portfolio


def _revenue(dossier: Dossier, as_of: date = date(2026, 11, 24)) -> Flows:
    found = dossier.extract(as_of).figure("commercial_revenue")
    assert isinstance(found, Flows)
    return found


def test_revenue_is_invoices_and_credit_notes_of_each_period(dossier: Dossier) -> None:
    dossier.table(
        "sales_lines",
        sale("2026-11-01", "100.00"),
        sale("2026-11-24", "-30.00", kind="credit_note"),
        sale("2026-10-31", "7.00"),
        sale("2025-11-24", "5.00"),
        sale("2025-11-25", "1000.00"),
        sale("2026-11-10", "9999.00", kind="order"),
        sale("2026-11-10", "9999.00", kind="quote"),
        sale("2026-11-10", "9999.00", kind="delivery"),
    )
    revenue = _revenue(dossier)
    assert (revenue.month, revenue.month_previous_year) == (Decimal("70.00"), Decimal("5.00"))
    assert (revenue.year, revenue.year_previous) == (Decimal("77.00"), Decimal("5.00"))
    assert dict(revenue.series)["2026-10"] == Decimal("7.00")
    assert revenue.series[-1] == ("2026-11", Decimal("70.00"))


def test_r6_what_is_dated_after_the_system_date_counts_nowhere_and_is_reported(dossier: Dossier) -> None:
    dossier.table(
        "sales_lines",
        sale("2026-11-25", "100.00"),
        sale("2026-11-25", "1", kind="order", due="2026-11-26", open_amount="50.00"),
    )
    extraction = dossier.extract()
    revenue, book = extraction.figure("commercial_revenue"), extraction.figure("month_order_book")
    assert isinstance(revenue, Flows)
    assert isinstance(book, OrderBook)
    assert (revenue.month, book.stock) == (Decimal("0.00"), Decimal("0.00"))
    (late,) = extraction.anomalies("document_after_system_date")
    assert (late.count, late.company) == (2, "A")


@pytest.mark.parametrize(
    ("amounts", "rounded"),
    [
        (["0.005"], "0.01"),
        (["-0.005"], "-0.01"),
        (["0.0025", "0.0025"], "0.01"),
        (["0.0049"], "0.00"),
        (["1.0050", "-0.0001"], "1.00"),
    ],
)
def test_an_exact_sum_is_rounded_once_half_away_from_zero(dossier: Dossier, amounts: list[str], rounded: str) -> None:
    dossier.table("sales_lines", *(sale(amount=amount) for amount in amounts))
    assert f"{_revenue(dossier).month:.2f}" == rounded


def test_the_portfolio_is_what_is_still_to_be_invoiced_by_the_end_of_the_month(dossier: Dossier) -> None:
    dossier.table(
        "sales_lines",
        sale("2026-10-01", "0", kind="order", due="2026-11-30", open_amount="1.00"),
        sale("2026-10-01", "0", kind="order", due="2026-10-31", open_amount="20.00"),
        sale("2026-10-01", "0", kind="order", due="2026-12-01", open_amount="300.00"),
        sale("2026-10-01", "0", kind="delivery", due="2027-05-01", open_amount="4000.00"),
        sale("2026-11-02", "0", kind="order", open_amount="0.50"),
    )
    found = dossier.extract().figure("month_portfolio")
    assert found == Portfolio(due=Decimal("1.50"), overdue=Decimal("20.00"), delivered=Decimal("4000.00"))
    assert isinstance(found, Portfolio)
    assert found.amount == Decimal("4021.50")


def test_the_order_book_tells_due_overdue_and_later_and_what_was_ordered(dossier: Dossier) -> None:
    dossier.table(
        "sales_lines",
        sale("2026-11-03", "70.00", kind="order", due="2026-11-30", open_amount="1.00"),
        sale("2026-10-30", "5.00", kind="order", due="2026-10-31", open_amount="20.00"),
        sale("2026-11-24", "8.00", kind="order", due="2026-12-01", open_amount="300.00"),
    )
    assert dossier.extract().figure("month_order_book") == OrderBook(
        due=Decimal("1.00"), overdue=Decimal("20.00"), later=Decimal("300.00"), intake=Decimal("78.00")
    )


def test_history_that_begins_after_a_comparison_is_not_provided(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale("2025-11-01"), sale("2026-11-01"))
    revenue = _revenue(dossier)
    assert revenue.not_provided == ("year_previous",)
    (short,) = dossier.extract().anomalies("history_too_short")
    assert short.company == "A"


def test_a_company_without_lines_has_zero_where_the_table_is_there(dossier: Dossier) -> None:
    dossier.table("sales_lines")
    assert _revenue(dossier).year == Decimal("0.00")


def test_without_sales_lines_nothing_of_sales_is_available(dossier: Dossier) -> None:
    assert "sales_lines" in dossier.extract().reason("month_order_book")


def test_only_sold_items_count_in_every_sales_figure(dossier: Dossier) -> None:
    dossier.settings('kind = "single-base"\n[parameters]\nsold_item_categories = ["GOODS"]\n')
    dossier.table("items", "A,I1,Item,F,GOODS", "A,I2,Item,F,SERVICE")
    dossier.table(
        "sales_lines",
        sale(amount="1.00", item="I1"),
        sale(amount="20.00", item="I2"),
        sale(amount="300.00", item=""),
        sale(kind="order", amount="4.00", item="I2", open_amount="4.00"),
    )
    extraction = dossier.extract()
    revenue, book = extraction.figure("commercial_revenue"), extraction.figure("month_order_book")
    assert isinstance(revenue, Flows)
    assert isinstance(book, OrderBook)
    assert (revenue.month, book.stock, book.intake) == (Decimal("1.00"), Decimal("0.00"), Decimal("0.00"))


def test_sold_categories_without_items_leave_no_sales_figure_but_the_row_count(dossier: Dossier) -> None:
    dossier.settings('kind = "single-base"\n[parameters]\nsold_item_categories = ["GOODS"]\n')
    dossier.table("sales_lines", sale(), sale("not a day"))
    extraction = dossier.extract()
    assert "sold item categories" in extraction.reason("commercial_revenue")
    assert extraction.count_of("sales_lines.csv") == (2, 1, 1)


def test_a_year_that_starts_within_the_month_does_not_shorten_the_month(dossier: Dossier) -> None:
    dossier.table("fiscal_years", "A,2025-11-15,2026-11-14,month", "A,2026-11-15,2027-11-14,month")
    dossier.table("sales_lines", sale("2026-11-02", "1.00"), sale("2026-11-20", "20.00"))
    extraction = dossier.extract()
    revenue = extraction.figure("commercial_revenue")
    assert isinstance(revenue, Flows)
    assert (revenue.month, revenue.year) == (Decimal("21.00"), Decimal("20.00"))
    assert extraction.ranked("top_customers_month") == [("C1", "21.00")]
    assert extraction.ranked("top_customers_year") == [("C1", "20.00")]
