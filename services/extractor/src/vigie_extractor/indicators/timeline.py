"""Days cut into the smallest spans that any period of a company tells apart, so that one GROUP BY serves every period.

Two cuts: `buckets` at every period and fiscal year, for flows; the coarser `spans` at the fiscal years and the system
date only, for balances.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vigie_extractor.domain.company import FiscalYear
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.periods import Period, Periods

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cuts:
    """First days of consecutive spans: span 0 is all that lies before the first, the last one never ends."""

    days: tuple[date, ...]

    def index(self, day: date) -> int:
        return bisect_right(self.days, day)

    def inside(self, period: Period) -> range:
        """Spans of which every day lies in the period, whose ends are cuts."""
        if period.empty:
            return range(0)
        return range(self.index(period.start), self.index(period.end) + 1)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The cuts of one company."""

    buckets: Cuts
    spans: Cuts
    years: tuple[FiscalYear, ...]

    def year_of_span(self, span: int | None) -> FiscalYear | None:
        """The declared fiscal year in which a span lies; a span outside every year has none."""
        if not span:
            return None
        first = self.spans.days[span - 1]
        return next((year for year in self.years if year.holds(first)), None)


def _cuts(periods: Iterable[Period | FiscalYear]) -> set[date]:
    return {day for period in periods for day in (period.start, period.end + _DAY)}


def timeline_of(periods: Periods, years: Sequence[FiscalYear]) -> Timeline:
    spans = _cuts(years) | {periods.as_of + _DAY}
    flows = [period for period in (*periods.flows.values(), *(p for _, p in periods.series)) if not period.empty]
    return Timeline(Cuts(tuple(sorted(spans | _cuts(flows)))), Cuts(tuple(sorted(spans))), tuple(sorted(years)))


def _number(years: Sequence[FiscalYear], day: date) -> int | None:
    return next((number for number, year in enumerate(years) if year.holds(day)), None)


def register(engine: Engine, timelines: Mapping[int, Timeline], codes: Sequence[str]) -> None:
    """Makes the DuckDB tables `calendars(position, company, calendar)`, `cuts`, `spans(calendar, span, year)` and
    `days(calendar, day, digits, bucket, span, year)`; `digits` is the day as the number AAAAMMJJ, and `year` numbers
    the declared fiscal years, NULL outside them.

    `codes` are company codes by position. Companies whose periods are the same share a calendar.
    """
    numbers: dict[Timeline, int] = {}
    calendar_of = {position: numbers.setdefault(timeline, len(numbers)) for position, timeline in timelines.items()}
    engine.run("CREATE TEMP TABLE calendars (position INTEGER, company VARCHAR, calendar INTEGER)")
    engine.insert("calendars", [(position, codes[position], calendar) for position, calendar in calendar_of.items()])
    engine.run("CREATE TEMP TABLE cuts (calendar INTEGER, start DATE, bucket SMALLINT, span SMALLINT, year SMALLINT)")
    engine.insert(
        "cuts",
        [
            (calendar, day, bucket, timeline.spans.index(day), _number(timeline.years, day))
            for timeline, calendar in numbers.items()
            for bucket, day in enumerate(timeline.buckets.days, start=1)
        ],
    )
    engine.run("CREATE TEMP TABLE spans AS SELECT DISTINCT calendar, span, year FROM cuts")
    engine.run(
        """
        CREATE TEMP TABLE days AS
        SELECT calendar, day, year(day) * 10000 + month(day) * 100 + day(day) AS digits, bucket, span, year
        FROM (SELECT calendar, unnest(generate_series(start, coalesce(next - 1, start), INTERVAL 1 DAY))::DATE AS day,
                     bucket, span, year
              FROM (SELECT *, lead(start) OVER (PARTITION BY calendar ORDER BY start) AS next FROM cuts))
        """
    )


def beside_days(rows: str, timelines: Collection[Timeline], day: str = "day") -> str:
    """FROM clause of rows `e` beside the day `d` on which they fall, `day` being the column of `days` that `e.date`
    equals. Where all companies share one calendar, no row asks for its company's."""
    if len(set(timelines)) <= 1:
        return f"({rows}) e LEFT JOIN days d ON d.{day} = e.date"
    return (
        f"({rows}) e LEFT JOIN calendars c ON c.company = e.company "
        f"LEFT JOIN days d ON d.calendar = c.calendar AND d.{day} = e.date"
    )
