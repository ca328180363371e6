"""The demonstration at dates likely to break it: ends and starts, leap days, Sundays, holidays, quiet months."""

from datetime import date

import pytest

from vigie.demo.dossier import Demonstration, imagine

DATES = (
    *(date(2000, 1, 1), date(2000, 2, 29), date(2001, 3, 1), date(2004, 12, 31), date(2009, 8, 1), date(2016, 5, 1)),
    *(date(2020, 8, 15), date(2023, 1, 1), date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 2), date(2025, 6, 30)),
    *(date(2025, 8, 3), date(2026, 2, 1), date(2026, 11, 24), date(2026, 11, 30), date(2027, 1, 3), date(2027, 3, 31)),
    *(date(2028, 2, 28), date(2044, 2, 29), date(2058, 1, 1), date(2071, 8, 31), date(2100, 1, 1), date(2100, 12, 31)),
)


@pytest.fixture(scope="session", params=DATES, ids=str)
def demonstration(request: pytest.FixtureRequest) -> Demonstration:
    """The demonstration of seed 1 at each of the dates."""
    as_of: date = request.param
    return imagine(1, as_of)
