"""The periods of a computation (indicators.md, Periods)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from .model import FiscalYear


@dataclass(frozen=True)
class Span:
    """From `start` to `end`, both inside; empty when it ends before it starts."""

    start: date
    end: date

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def empty(self) -> bool:
        return self.end < self.start


@dataclass(frozen=True)
class Periods:
    month: Span
    year: Span
    month_previous_year: Span
    year_previous: Span
    series: tuple[tuple[str, Span], ...]


def one_year_earlier(day: date) -> date:
    """The same day one year earlier; 29 February becomes 28."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def overlap(years: list[FiscalYear]) -> bool:
    """Declared years that overlap are an error: the company is left out."""
    ordered = sorted(years, key=lambda year: (year.start, year.end))
    return any(later.start <= earlier.end for earlier, later in pairwise(ordered))


def current_year(years: list[FiscalYear], as_of: date) -> FiscalYear | None:
    return next((year for year in years if year.holds(as_of)), None)


def periods(years: list[FiscalYear], current: FiscalYear, as_of: date) -> Periods:
    """All periods of a company whose declared year `current` contains `as_of`."""
    first = as_of.replace(day=1)
    # The declared year that ends last before the current one starts, else the year's start one year earlier.
    before = [year for year in years if year.end < current.start]
    previous_start = max(before, key=lambda year: year.end).start if before else one_year_earlier(current.start)
    firsts = [first]
    while len(firsts) < 12:
        firsts.insert(0, month_before(firsts[0]))
    return Periods(
        month=Span(first, as_of),
        year=Span(current.start, as_of),
        month_previous_year=Span(one_year_earlier(first), one_year_earlier(as_of)),
        year_previous=Span(previous_start, one_year_earlier(as_of)),
        # The last month is up to `as_of`: nothing dated after it ever counts (R6).
        series=tuple((f"{day:%Y-%m}", Span(day, min(month_end(day), as_of))) for day in firsts),
    )
