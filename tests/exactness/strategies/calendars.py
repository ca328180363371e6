"""System dates, fiscal years and the days on which something could go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .choices import Choices

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Year:
    """A fiscal year as a dossier declares it."""

    start: date
    end: date


def shifted(day: date, months: int) -> date:
    """The same day of another month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return min(first + (day.day - 1) * DAY, last_of_month(first))


def last_of_month(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def system_date(c: Choices) -> date:
    kind = c.named(
        "as_of",
        [
            ("some day", 5),
            ("first of a month", 3),
            ("last of a month", 3),
            ("first days of a year", 2),
            ("29 February", 2),
            ("28 February after a leap year", 3),
            ("28 February of a leap year", 2),
        ],
    )
    day = date(2024, c.number(1, 12), c.number(2, 27)).replace(year=c.number(2023, 2025))
    return {
        "some day": day,
        "first of a month": day.replace(day=1),
        "last of a month": last_of_month(day),
        "first days of a year": date(day.year, 1, 1) + day.day % 5 * DAY,
        "29 February": date(2024, 2, 29),
        "28 February after a leap year": date(2025, 2, 28),
        "28 February of a leap year": date(2024, 2, 28),
    }[kind]


def _length(c: Choices) -> int:
    if c.chance(65):
        return 12
    months = c.number(1, 18)
    c.corners.add("year: longer than 12 months" if months > 12 else "year: of 12 months or less")
    return months


def fiscal_years(c: Choices, as_of: date) -> list[Year]:
    """Years around the system date: of unequal length, with gaps, overlapping, or none that holds it."""
    months = _length(c)
    start = shifted(as_of.replace(day=1), -c.number(0, months - 1))
    if months > 1 and c.chance(15, "year: starts within a month"):
        start = start.replace(day=15) if start.replace(day=15) <= as_of else shifted(start, -1).replace(day=15)
    end = max(shifted(start, months) - DAY, as_of)
    if as_of in (start, end):
        c.corners.add("as_of: first or last day of the fiscal year")
    years = [Year(start, end)]
    for _ in range(c.number(0, 3)):
        gap = c.number(1, 5) if c.chance(15, "year: after a gap") else 0
        before = shifted(years[0].start, -gap) - DAY
        years.insert(0, Year(shifted(before + DAY, -_length(c)), before))
    if len(years) == 1:
        c.corners.add("year: no previous one")
    if c.chance(25, "year: a later one declared"):
        years.append(Year(end + DAY, shifted(end + DAY, 12) - DAY))
    if c.chance(5, "year: overlapping"):
        years.append(Year(shifted(years[0].start, -3), years[0].start))
    if c.chance(5, "year: none holds as_of"):
        years = [year for year in years if not year.start <= as_of <= year.end]
    return years


def _a_year_before(day: date) -> date:
    return shifted(day, -12)


def days_that_matter(as_of: date, years: Sequence[Year]) -> list[date]:
    """Both sides of every limit of every period, and a few days inside."""
    month, month_end = as_of.replace(day=1), last_of_month(as_of)
    limits = [month, as_of + DAY, _a_year_before(month), _a_year_before(as_of) + DAY, month_end + DAY]
    limits += [shifted(month, -11), shifted(month, -3)]
    for year in years:
        limits += [year.start, year.end + DAY]
    around = [day for limit in limits for day in (limit, limit - DAY)]
    inside = [as_of, as_of, month, shifted(as_of, -1), shifted(as_of, -2), shifted(as_of, -5), _a_year_before(as_of)]
    return [*inside, *around]


def due_days(as_of: date) -> list[date]:
    """Due dates before, in and after the month of the system date, close to its limits."""
    month, month_end = as_of.replace(day=1), last_of_month(as_of)
    return [as_of, month, month_end, month - DAY, month_end + DAY, shifted(as_of, -2), shifted(as_of, 2)]
