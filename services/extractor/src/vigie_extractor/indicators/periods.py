"""The periods over which flows are summed, all of them ending no later than the system date (R6)."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from vigie_extractor.domain.company import Company, FiscalYear


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both ends included; empty when it ends before it starts."""

    start: date
    end: date

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def empty(self) -> bool:
        return self.end < self.start


def one_year_earlier(day: date) -> date:
    """The same day a year before; 29 February becomes 28."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))


def month_start(day: date) -> date:
    return day.replace(day=1)


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def months_back(day: date, months: int) -> date:
    """First day of the month that lies `months` before that of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Periods:
    """All periods of one company at one system date."""

    as_of: date
    fiscal_year: FiscalYear
    month: Period
    month_previous_year: Period
    year: Period
    year_previous: Period
    series: tuple[tuple[str, Period], ...]

    @property
    def flows(self) -> dict[str, Period]:
        """The four flows by their name in the result document."""
        return {
            "month": self.month,
            "month_previous_year": self.month_previous_year,
            "year": self.year,
            "year_previous": self.year_previous,
        }

    @property
    def comparisons(self) -> dict[str, Period]:
        """The flows that look back a year, those that are not empty: what `history_too_short` is about."""
        both = {"month_previous_year": self.month_previous_year, "year_previous": self.year_previous}
        return {name: period for name, period in both.items() if not period.empty}

    @property
    def month_end(self) -> date:
        """Last day of the calendar month of the system date: the portfolio looks that far ahead."""
        return month_end(self.as_of)


def periods_of(company: Company, as_of: date) -> Periods | None:
    """The company's periods, or None when no declared fiscal year contains the system date."""
    year = company.year_holding(as_of)
    if year is None:
        return None
    as_of_before = one_year_earlier(as_of)
    earlier = [other for other in company.fiscal_years if other.end < year.start]
    previous_start = max(earlier, key=lambda y: y.end).start if earlier else one_year_earlier(year.start)
    starts = [months_back(as_of, back) for back in range(11, -1, -1)]
    ends = [start - timedelta(days=1) for start in starts[1:]] + [as_of]
    return Periods(
        as_of=as_of,
        fiscal_year=year,
        month=Period(month_start(as_of), as_of),
        month_previous_year=Period(one_year_earlier(month_start(as_of)), as_of_before),
        year=Period(year.start, as_of),
        year_previous=Period(previous_start, as_of_before),
        series=tuple((f"{start:%Y-%m}", Period(start, end)) for start, end in zip(starts, ends, strict=True)),
    )
