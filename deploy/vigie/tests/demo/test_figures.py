"""Whatever the date, even on the first of January or in August: every indicator has something to show."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import pytest

from vigie.demo.documents import SalesLine
from vigie.demo.dossier import Demonstration, Trade
from vigie.demo.seasons import GROWING_LINE, SHRINKING_LINE

pytestmark = pytest.mark.slow

ONE_DAY = timedelta(days=1)


def _base(trade: Trade, start: date, end: date) -> Iterator[SalesLine]:
    """The invoice and credit note lines of a period."""
    return (line for line in trade.sales.lines if line.kind in {"invoice", "credit_note"} and start <= line.day <= end)


def _positive(amounts: Iterable[tuple[str, int]]) -> int:
    """How many groups are above zero."""
    sums: Counter[str] = Counter()
    for group, amount in amounts:
        sums[group] += amount
    return sum(1 for amount in sums.values() if amount > 0)


def _month(as_of: date) -> tuple[date, date]:
    after = date(as_of.year + as_of.month // 12, as_of.month % 12 + 1, 1)
    return as_of.replace(day=1), after


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def test_every_ranking_has_five_rows_in_the_month_and_in_the_year(demonstration: Demonstration) -> None:
    families = {item.code: item.family for item in demonstration.firm.items}
    as_of = demonstration.as_of
    for trade in demonstration.trades:
        for start in (as_of.replace(day=1), date(as_of.year, 1, 1)):
            lines = list(_base(trade, start, as_of))
            assert _positive((line.customer.code, line.net) for line in lines) >= 5
            assert _positive((line.customer.category, line.net) for line in lines) >= 5
            assert _positive((line.customer.representative, line.net) for line in lines) >= 5
            assert _positive((line.item, line.net) for line in lines) >= 5
            assert _positive((families[line.item], line.net) for line in lines) >= 5


def test_revenue_compares_with_the_year_before_and_goes_back_twelve_months(demonstration: Demonstration) -> None:
    as_of = demonstration.as_of
    then = _year_before(as_of)
    for trade in demonstration.trades:
        for start, end in ((then.replace(day=1), then), (date(then.year, 1, 1), then)):
            assert sum(line.net for line in _base(trade, start, end)) > 0
        by_month: Counter[tuple[int, int]] = Counter()
        for line in _base(trade, then, as_of):
            by_month[line.day.year, line.day.month] += line.net
        assert min(by_month.values()) > 0
        assert len(by_month) == 13


def test_the_order_book_holds_overdue_due_and_later_orders_and_deliveries_to_invoice(
    demonstration: Demonstration,
) -> None:
    first, after = _month(demonstration.as_of)
    for trade in demonstration.trades:
        orders = [line for line in trade.sales.lines if line.kind == "order"]
        assert sum(line.open for line in orders if line.due < first) > 0
        assert sum(line.open for line in orders if first <= line.due < after) > 0
        assert sum(line.open for line in orders if line.due >= after) > 0
        assert sum(line.open for line in trade.sales.lines if line.kind == "delivery") > 0
        assert any(0 < line.open < line.net for line in orders)
        assert {line for line in trade.sales.lines if not 0 <= line.open <= max(line.net, 0)} == set()
        assert {line.kind for line in trade.sales.lines if line.open} == {"order", "delivery"}


def test_customers_owe_some_are_in_credit_and_suppliers_are_owed(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        lines = trade.years[-1].lines
        customers: Counter[str] = Counter()
        suppliers: Counter[str] = Counter()
        for line in lines:
            if line.account[:3] in {"411", "413", "416"}:
                customers[line.third] += line.amount
            elif line.account[:3] in {"401", "403"}:
                suppliers[line.third] -= line.amount
        assert sum(1 for amount in customers.values() if amount > 0) >= 5
        assert sum(1 for amount in customers.values() if amount < 0) >= 1
        assert sum(1 for amount in suppliers.values() if amount > 0) >= 5
        assert any(line.account == "416000" for line in lines)
        assert any(line.account == "413000" for year in trade.years for line in year.lines)


def test_documents_are_numbered_without_a_gap_and_dated_up_to_the_system_date(demonstration: Demonstration) -> None:
    prefixes = {"quote": "DE", "order": "CD", "delivery": "BL", "invoice": "FA", "credit_note": "AV"}
    for trade in demonstration.trades:
        for kind, prefix in prefixes.items():
            documents = {line.document: line.day for line in trade.sales.lines if line.kind == kind}
            assert list(documents.values()) == sorted(documents.values())
            assert demonstration.start <= min(documents.values())
            assert max(documents.values()) <= demonstration.as_of
            for year in range(demonstration.start.year, demonstration.as_of.year + 1):
                of_year = [number for number, day in documents.items() if day.year == year]
                assert of_year == [f"{prefix}{year % 100:02d}{n:05d}" for n in range(1, len(of_year) + 1)]
        assert {line.net < 0 for line in trade.sales.lines if line.kind == "credit_note"} == {True}
        assert {line.net > 0 for line in trade.sales.lines if line.kind != "credit_note"} == {True}


def test_it_is_of_the_size_it_is_meant_to_be(demonstration: Demonstration) -> None:
    months = (demonstration.as_of.year - demonstration.start.year) * 12 + demonstration.as_of.month
    sales_lines = sum(len(trade.sales.lines) for trade in demonstration.trades)
    entry_lines = sum(len(year.lines) for trade in demonstration.trades for year in trade.years)
    assert 520 * months < sales_lines < 640 * months
    assert 1100 * months < entry_lines < 1500 * months


def test_one_line_grows_and_another_shrinks(demonstration: Demonstration) -> None:
    families = {item.code: item.family for item in demonstration.firm.items}
    as_of = demonstration.as_of
    then = _year_before(as_of)
    recent: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for trade in demonstration.trades:
        for line in _base(trade, _year_before(then) + ONE_DAY, as_of):
            (recent if line.day > then else before)[families[line.item]] += line.net
    assert recent[GROWING_LINE] > before[GROWING_LINE]
    assert recent[SHRINKING_LINE] < before[SHRINKING_LINE]
