"""Mutants of the periods, and of what counts in them."""

from __future__ import annotations

from .mutant import Edit, Mutant, mutant

_R6 = "nothing dated after as_of ever counts, and what is dated on it does (R6)"

PERIODS = (
    mutant(
        "month-previous-year-to-29-february",
        "on 28 February the 29th of a leap year before is outside month_previous_year",
        "indicators/periods.py",
        "month_previous_year=Period(one_year_earlier(month_start(as_of)), as_of_before)",
        "month_previous_year=Period(one_year_earlier(month_start(as_of)), "
        "month_end(as_of_before) if as_of == month_end(as_of) else as_of_before)",
    ),
    mutant(
        "29-february-becomes-1-march",
        "29 February becomes 28 one year earlier",
        "indicators/periods.py",
        "return day.replace(year=day.year - 1, day=min(day.day, last))",
        "return day - timedelta(days=365) if day.day > last else day.replace(year=day.year - 1)",
    ),
    mutant(
        "month-previous-year-whole-month",
        "month_previous_year ends one year before as_of, not with its month",
        "indicators/periods.py",
        "month_previous_year=Period(one_year_earlier(month_start(as_of)), as_of_before)",
        "month_previous_year=Period(one_year_earlier(month_start(as_of)), month_end(as_of_before))",
    ),
    mutant(
        "year-previous-one-year-earlier",
        "year_previous starts with the declared year that ends last before the current one, whatever its length",
        "indicators/periods.py",
        "previous_start = max(earlier, key=lambda y: y.end).start if earlier else one_year_earlier(year.start)",
        "previous_start = one_year_earlier(year.start)",
    ),
    mutant(
        "year-previous-of-the-earliest-year",
        "the declared year that ends last before the current one, of several",
        "indicators/periods.py",
        "max(earlier, key=lambda y: y.end).start",
        "min(earlier, key=lambda y: y.end).start",
    ),
    mutant(
        "year-previous-to-the-end-of-its-year",
        "year_previous goes up to as_of one year earlier",
        "indicators/periods.py",
        "year_previous=Period(previous_start, as_of_before)",
        "year_previous=Period(previous_start, max((y.end for y in earlier), default=as_of_before))",
    ),
    mutant("sales-of-the-system-date-left-out", _R6, "indicators/sales.py", "e.date > DATE", "e.date >= DATE"),
    mutant(
        "open-lines-after-the-system-date",
        _R6,
        "indicators/sales.py",
        "AND e.date <= DATE '{as_of}' AND e.document_type",
        "AND e.document_type",
    ),
    mutant(
        "ranked-sales-of-the-system-date-left-out",
        _R6,
        "indicators/ranking.py",
        "s.date <= DATE '{as_of}'",
        "s.date < DATE '{as_of}'",
    ),
    mutant(
        "entries-of-the-system-date-left-out",
        _R6,
        "indicators/accounting.py",
        "e.date > DATE '{as_of}' AS later",
        "e.date >= DATE '{as_of}' AS later",
    ),
    mutant(
        "fec-lines-of-the-system-date-left-out",
        _R6,
        "indicators/accounting.py",
        'later = f"e.date > {as_of:%Y%m%d}"',
        'later = f"e.date >= {as_of:%Y%m%d}"',
    ),
    Mutant(
        "balances-after-the-system-date",
        _R6,
        (
            Edit("indicators/accounting.py", "AND e.date <= DATE '{as_of}' {start}", "{start}"),
            Edit("indicators/balances.py", "timeline.spans.index(as_of)", "len(timeline.spans.days)"),
        ),
    ),
    mutant(
        "openings-after-the-system-date",
        "a balance starts with the latest year that has an opening entry counting at as_of",
        "indicators/balances.py",
        "SELECT DISTINCT position, span FROM cells WHERE opening AND NOT later",
        "SELECT DISTINCT position, span FROM cells WHERE opening",
    ),
)
