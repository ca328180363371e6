"""The calendar of a French wholesaler: months, and the days on which people work."""

from collections.abc import Iterator
from datetime import date, timedelta

_ONE_DAY = timedelta(days=1)
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})


def is_holiday(day: date) -> bool:
    """One of the French public holidays that fall on the same date every year."""
    return (day.month, day.day) in _FIXED_HOLIDAYS


def is_working(day: date) -> bool:
    """Monday to Friday, public holidays of a fixed date excepted."""
    return day.weekday() < 5 and not is_holiday(day)


def working_from(day: date) -> date:
    """`day` itself when people work on it, else the next day on which they do."""
    while not is_working(day):
        day += _ONE_DAY
    return day


def working_until(day: date) -> date:
    """`day` itself when people work on it, else the last day before on which they did."""
    while not is_working(day):
        day -= _ONE_DAY
    return day


def next_working(day: date) -> date:
    """The first working day after `day`."""
    return working_from(day + _ONE_DAY)


def later(day: date, days: int) -> date:
    """`day` and so many days (or, with a negative number, before it)."""
    return day + timedelta(days=days)


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return next_month(day) - _ONE_DAY


def next_month(day: date) -> date:
    """The first day of the month after that of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_starts(start: date, end: date) -> Iterator[date]:
    """The first day of each month from that of `start` to that of `end`."""
    first = start.replace(day=1)
    while first <= end:
        yield first
        first = next_month(first)


def each_day(start: date, end: date) -> Iterator[date]:
    """Every day from `start` to `end`, both included."""
    day = start
    while day <= end:
        yield day
        day += _ONE_DAY
