"""How much is sold on a day, and of what: the months, the weekdays, the growing line and the shrinking one."""

from datetime import date
from itertools import accumulate

from vigie.demo.days import is_holiday
from vigie.demo.firm import FAMILIES, Company

GROWING_LINE = "Cafés et thés"
SHRINKING_LINE = "Arts de la table"
_FAMILY_WEIGHTS = (90, 70, 95, 80, 60, 90, 75, 110, 85, 70, 80, 100)
_WEEK = (105, 110, 100, 105, 90, 24, 6)  # percent of a working day; on Sundays only the web shop takes orders


def orders_expected(company: Company, day: date, start: date) -> int:
    """The mean number of orders on a day, in thousandths of a percent of a percent."""
    weekday = _WEEK[6] if is_holiday(day) else _WEEK[day.weekday()]
    growth = 36500 + company.growth_percent_a_year * (day - start).days
    return company.pace * company.season[day.month - 1] * weekday * growth // 36500


ORDER_UNIT = 1000 * 100 * 100
"""What one whole order is in the answer of `orders_expected`."""


def family_weights(day: date, start: date) -> tuple[int, ...]:
    """The cumulated weights of the item families in the month of `day`.

    The growing line gains 5 percent of its first weight a month, the shrinking one loses 2; wine sells in December,
    water and beer in summer.
    """
    months = (day.year - start.year) * 12 + day.month - start.month
    weights = []
    for family, weight in zip(FAMILIES, _FAMILY_WEIGHTS, strict=True):
        percent = 100
        if family == GROWING_LINE:
            percent += 5 * months
        elif family == SHRINKING_LINE:
            percent -= 2 * months
        elif family == "Vins" and day.month in {11, 12}:
            percent = 150
        elif family in {"Eaux et jus", "Bières et cidres"} and day.month in {6, 7, 8}:
            percent = 160
        weights.append(weight * percent)
    return tuple(accumulate(weights))
