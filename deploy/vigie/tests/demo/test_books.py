"""The books that the demonstration's sales make: an accountant finds nothing to say."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

import pytest

from vigie.demo.books.chart import ACCOUNTS, JOURNALS
from vigie.demo.books.years import NumberedLine
from vigie.demo.dossier import Demonstration

pytestmark = pytest.mark.slow


def _balances(lines: Iterable[NumberedLine]) -> Counter[tuple[str, str]]:
    """Balances by account and third party, in cents."""
    balances: Counter[tuple[str, str]] = Counter()
    for line in lines:
        balances[line.account, line.third] += line.amount
    return balances


def test_every_entry_and_every_file_balances(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        for year in trade.years:
            by_entry: Counter[tuple[str, str]] = Counter()
            for line in year.lines:
                by_entry[line.journal, line.number] += line.amount
            assert [entry for entry, sum_ in by_entry.items() if sum_] == []
            assert sum(line.amount for line in year.lines) == 0


def test_the_numbers_of_each_journal_run_without_a_gap_in_the_order_of_the_dates(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        for year in trade.years:
            numbers: defaultdict[str, dict[str, date]] = defaultdict(dict)
            for line in year.lines:
                assert numbers[line.journal].setdefault(line.number, line.day) == line.day
            for journal, days in numbers.items():
                assert list(days) == [f"{journal}{n:06d}" for n in range(1, len(days) + 1)]
                assert list(days.values()) == sorted(days.values())


def test_nothing_is_dated_outside_its_year_or_after_the_system_date(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        assert [year.start.year for year in trade.years] == [demonstration.as_of.year - n for n in (2, 1, 0)]
        for year in trade.years:
            last = min(year.end, demonstration.as_of)
            assert {line for line in year.lines if not year.start <= line.day <= last} == set()
            assert {line for line in year.lines if line.lettered and not year.start <= line.lettered <= last} == set()


def test_each_year_opens_with_the_closing_balances_of_the_one_before(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        for before, year in pairwise(trade.years):
            closing = _balances(before.lines)
            result = sum(amount for (account, _), amount in closing.items() if account[0] in "67")
            expected = Counter({key: amount for key, amount in closing.items() if key[0][0] not in "67"})
            expected["120000" if result < 0 else "129000", ""] += result
            opening = [line for line in year.lines if line.journal == "AN"]
            assert {line.day for line in opening} == {year.start}
            assert {key: amount for key, amount in _balances(opening).items() if amount} == {
                key: amount for key, amount in expected.items() if amount
            }


def test_lettered_lines_of_a_third_party_come_to_zero_within_each_file(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        for year in trade.years:
            groups: Counter[tuple[str, str, str]] = Counter()
            sizes: Counter[tuple[str, str, str]] = Counter()
            for line in year.lines:
                if line.lettering:
                    assert line.third
                    assert line.lettered is not None
                    groups[line.account, line.third, line.lettering] += line.amount
                    sizes[line.account, line.third, line.lettering] += 1
            assert [group for group, sum_ in groups.items() if sum_] == []
            assert {group for group, size in sizes.items() if size < 2} == set()
            assert len(groups) > (300 if year.end <= demonstration.as_of else -1)


def test_what_is_paid_is_lettered_and_what_is_not_is_open(demonstration: Demonstration) -> None:
    """At each closing the lines without a letter make the balance, of customers and of suppliers."""
    for trade in demonstration.trades:
        for year in trade.years:
            thirds = [line for line in year.lines if line.third]
            assert {key: amount for key, amount in _balances(thirds).items() if amount} == {
                key: amount
                for key, amount in _balances(line for line in thirds if not line.lettering).items()
                if amount
            }


def test_customers_and_suppliers_have_auxiliary_accounts_and_no_other_account_has(
    demonstration: Demonstration,
) -> None:
    customers = {customer.code for customer in demonstration.firm.customers}
    for trade in demonstration.trades:
        for year in trade.years:
            for line in year.lines:
                assert line.account in ACCOUNTS
                assert line.journal in JOURNALS
                assert line.piece
                assert line.label
                assert bool(line.third) == (line.account[:2] in {"40", "41"})
                assert (line.third in customers) == (line.account[:2] == "41")


def test_internal_transfers_come_to_zero(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        transfers = [line for line in trade.years[-1].lines if line.account.startswith("58")]
        assert sum(line.amount for line in transfers) == 0
        assert any(line.account.startswith("58") for line in trade.years[0].lines)


def test_accounting_revenue_is_the_invoiced_sales_of_every_day(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        sold: Counter[date] = Counter()
        for line in trade.sales.lines:
            if line.kind in {"invoice", "credit_note"}:
                sold[line.day] += line.net
        booked: Counter[date] = Counter()
        for year in trade.years:
            for entry in year.lines:
                if entry.account.startswith("70") and entry.journal != "AN":
                    booked[entry.day] -= entry.amount
        assert sold == booked
        assert sold.total() > 0


def test_cash_is_never_short_and_only_the_second_bank_of_the_south_is_overdrawn(demonstration: Demonstration) -> None:
    for trade in demonstration.trades:
        balances: Counter[str] = Counter()
        for year in trade.years:
            days = sorted({line.day for line in year.lines})
            moves: defaultdict[date, list[NumberedLine]] = defaultdict(list)
            for line in year.lines:
                if line.account[:2] in {"51", "53"} and not (line.journal == "AN" and year is not trade.years[0]):
                    moves[line.day].append(line)
            for day in days:
                for line in moves[day]:
                    balances[line.account] += line.amount
                assert all(balances[account] >= 0 for account in ("512100", "530100", "530200"))
        assert (balances["512200"] < 0) == (trade.company.code == "SUD")
        assert set(balances) == {"512100", "512200", "530100", "530200"}
