"""To which fiscal year each FEC belongs: it is the file of one, but the date in its name may be wrong by years."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from vigie_extractor.domain.company import Company, FiscalYear
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.timeline import Timeline
from vigie_extractor.sources.canonical import Entries, EntryFile


@dataclass(frozen=True, slots=True)
class FileYear:
    """The year of one FEC and how many of its entries are dated outside it; None when no declared year can be told."""

    file: EntryFile
    year: FiscalYear | None
    outside: int


def year_of_file(
    years: Sequence[FiscalYear], lines: Mapping[FiscalYear, int], closing: date | None, latest: date | None
) -> FiscalYear | None:
    """The declared year that holds most of the file's lines outside the opening journal, given as `lines` (a tie: the
    later one); none holds one: that of the date in its name, else of its latest entry."""
    held = {year: count for year, count in lines.items() if count}
    if held:
        return max(held, key=lambda year: (held[year], year.end))
    for day in (closing, latest):
        found = next((year for year in years if day is not None and year.holds(day)), None)
        if found:
            return found
    return None


def file_years(
    engine: Engine, entries: Entries, timelines: Mapping[int, Timeline], positions: Mapping[str, int]
) -> list[FileYear]:
    """The year of every FEC of a computed company, from the cells."""
    lines: dict[int, dict[FiscalYear | None, int]] = defaultdict(lambda: defaultdict(int))
    for file, position, span, rows in engine.run(
        "SELECT file, position, span, sum(lines)::BIGINT FROM cells WHERE NOT opening GROUP BY ALL"
    ):
        if position in timelines:
            lines[file][timelines[position].year_of_span(span)] += rows
    latest = dict(engine.run("SELECT file, max(last) FROM cells GROUP BY file"))
    found = []
    for file in entries.files:
        position = positions.get(file.company or "")
        if position is None or position not in timelines:
            continue
        by_year = {year: count for year, count in lines[file.index].items() if year is not None}
        year = year_of_file(timelines[position].years, by_year, file.closing, latest.get(file.index))
        outside = sum(count for held, count in lines[file.index].items() if held != year)
        found.append(FileYear(file, year, outside))
    return found


def derived_years(engine: Engine, entries: Entries, companies: Sequence[Company]) -> dict[str, tuple[FiscalYear, ...]]:
    """The fiscal years of companies that declare none: each of their FEC gives one, from its earliest entry outside the
    opening journal to the closing date in its name."""
    wanted = {company.code for company in companies if not company.fiscal_years}
    files = [file for file in entries.files if file.company in wanted and file.closing]
    if not files:
        return {}
    earliest = dict(
        engine.run(
            f"SELECT file, strptime(min(date)::VARCHAR, '%Y%m%d')::DATE FROM ({entries.query}) "
            f"WHERE refusal IS NULL AND NOT ({entries.opening}) GROUP BY file"
        )
    )
    years: dict[str, list[FiscalYear]] = defaultdict(list)
    for file in files:
        start = earliest.get(file.index)
        if start is not None and file.closing is not None and file.company is not None and start <= file.closing:
            years[file.company].append(FiscalYear(start, file.closing))
    return {company: tuple(sorted(found)) for company, found in years.items()}
