"""The periods of indicators.periods: months, fiscal years of any length, and the days of 29 February."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie_extractor.domain.company import Company, FiscalYear
from vigie_extractor.indicators.periods import Period, Periods, one_year_earlier, periods_of

DETERMINISTIC = settings(max_examples=200, derandomize=True, deadline=None)


def _periods(as_of: date, *years: tuple[date, date]) -> Periods:
    company = Company("A", "A", "EUR", "EUR", fiscal_years=tuple(FiscalYear(*year) for year in years))
    found = periods_of(company, as_of)
    assert found is not None
    return found


def _calendar_year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def test_the_month_runs_from_its_first_day_to_the_system_date() -> None:
    periods = _periods(date(2026, 11, 24), _calendar_year(2026))
    assert periods.month == Period(date(2026, 11, 1), date(2026, 11, 24))


def test_29_february_becomes_28_a_year_earlier() -> None:
    periods = _periods(date(2024, 2, 29), _calendar_year(2024))
    assert periods.month_previous_year == Period(date(2023, 2, 1), date(2023, 2, 28))
    assert periods.year_previous.end == date(2023, 2, 28)


def test_on_28_february_the_29th_of_a_leap_year_before_is_outside() -> None:
    periods = _periods(date(2025, 2, 28), _calendar_year(2025))
    assert not periods.month_previous_year.holds(date(2024, 2, 29))


def test_a_year_of_thirteen_months_counts_from_its_declared_start() -> None:
    periods = _periods(date(2026, 11, 24), (date(2025, 12, 1), date(2026, 12, 31)))
    assert periods.year == Period(date(2025, 12, 1), date(2026, 11, 24))


def test_the_previous_year_is_the_declared_one_that_ends_last_before_the_current_one() -> None:
    periods = _periods(
        date(2026, 11, 24), _calendar_year(2026), (date(2024, 7, 1), date(2025, 12, 31)), _calendar_year(2023)
    )
    assert periods.year_previous == Period(date(2024, 7, 1), date(2025, 11, 24))


def test_without_a_declared_previous_year_the_years_start_goes_back_one_year() -> None:
    periods = _periods(date(2026, 11, 24), _calendar_year(2026))
    assert periods.year_previous == Period(date(2025, 1, 1), date(2025, 11, 24))


def test_a_short_previous_year_may_leave_the_comparison_empty() -> None:
    periods = _periods(
        date(2026, 2, 10), (date(2026, 1, 1), date(2026, 12, 31)), (date(2025, 7, 1), date(2025, 12, 31))
    )
    assert periods.year_previous.empty
    assert "year_previous" not in periods.comparisons


def test_the_series_is_the_twelve_months_that_end_with_that_of_the_system_date() -> None:
    periods = _periods(date(2026, 3, 10), _calendar_year(2026))
    months = [month for month, _ in periods.series]
    assert months[0] == "2025-04"
    assert months[-1] == "2026-03"
    assert len(months) == 12
    assert periods.series[-1][1] == Period(date(2026, 3, 1), date(2026, 3, 10))


def test_no_declared_year_that_holds_the_system_date_gives_no_periods() -> None:
    company = Company("A", "A", "EUR", "EUR", fiscal_years=(FiscalYear(*_calendar_year(2025)),))
    assert periods_of(company, date(2026, 1, 1)) is None


@DETERMINISTIC
@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_the_months_of_the_series_follow_each_other_without_a_gap(as_of: date) -> None:
    periods = _periods(as_of, _calendar_year(as_of.year))
    spans = [period for _, period in periods.series]
    assert spans[-1].end == as_of
    assert all((after.start - before.end).days == 1 for before, after in pairwise(spans))


@DETERMINISTIC
@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_one_year_earlier_keeps_the_day_but_for_29_february(day: date) -> None:
    earlier = one_year_earlier(day)
    assert earlier.year == day.year - 1
    assert (earlier.month, earlier.day) in {(day.month, day.day), (2, 28)}


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ((2025, 2025), (2026, 2026), False),
        ((2025, 2025), (2025, 2025), True),
    ],
)
def test_years_that_share_a_day_overlap(one: tuple[int, int], other: tuple[int, int], overlap: bool) -> None:
    years = tuple(FiscalYear(date(first, 1, 1), date(last, 12, 31)) for first, last in (one, other))
    company = Company("A", "A", "EUR", "EUR", fiscal_years=years)
    assert (company.overlapping_years() is not None) == overlap
