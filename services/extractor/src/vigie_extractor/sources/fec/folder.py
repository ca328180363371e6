"""A folder of FEC files: which file is whose, and how all of them are read as the canonical entries."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, Place, anomaly
from vigie_extractor.domain.company import Structure
from vigie_extractor.domain.parameters import Parameters
from vigie_extractor.engine import Engine, text
from vigie_extractor.sources.canonical import BadRow, Entries, EntryFile, FileCount
from vigie_extractor.sources.fec.layout import Layout, MissingColumnsError, read_layout
from vigie_extractor.sources.fec.query import REASONS, fec_rows, opening
from vigie_extractor.sources.fec.spool import ReadableFile, head_of, head_text, make_readable
from vigie_extractor.sources.table_file import SmallTables, UnreadableTableError, find

_NAME = re.compile(r"(?P<company>.+)FEC(?P<closing>[0-9]{8})\.txt", re.IGNORECASE)
_CLOSING = re.compile(r"FEC(?P<closing>[0-9]{8})(?![0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A FEC that can be read, with the company it belongs to."""

    index: int
    original: Path
    company: str
    layout: Layout
    readable: ReadableFile

    @property
    def closing(self) -> date | None:
        """The date in the file's name, where it has one."""
        found = _CLOSING.search(self.original.name)
        try:
            return datetime.strptime(found["closing"], "%Y%m%d").date() if found else None  # noqa: DTZ007 (a date)
        except ValueError:
            return None


NO_ENTRIES = Entries("", (), is_fec=True, refusals={}, opening="false", closing="false", without={})


@dataclass
class OpenFec:
    """The files of a folder once opened, with the anomalies and counts of those that could not be."""

    entries: Entries = NO_ENTRIES
    anomalies: list[Anomaly] = field(default_factory=list)
    files: list[FileCount] = field(default_factory=list)


def fec_files_in(folder: Path) -> list[Path]:
    """The files of a folder that are meant to be FEC, by name."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not _is_index(path) and path.name[0] != ".")


def _is_index(path: Path) -> bool:
    return path.name in {"fec.csv", "fec.csv.gz", "fec.parquet"}


def open_fec(
    engine: Engine,
    folder: Path,
    paths: Sequence[Path],
    structure: Structure,
    parameters: Parameters,
    *,
    only_company: str | None = None,
) -> OpenFec:
    """`only_company` is whose a file is when neither the index nor its name tells: the one company of the source."""
    found = OpenFec()
    owners = _index(folder, paths, found)
    without = {company.code: "the source has no FEC of this company" for company in structure.companies}
    opened: list[OpenFile] = []
    for path in paths:
        company = owners.get(path.name) or _company_in_name(path, structure) or only_company
        if company is None or structure.company(company) is None:
            _refuse(found, path, AnomalyCode.UNKNOWN_COMPANY, _whose(company))
            continue
        try:
            head = head_of(path)
            layout = read_layout(head_text(head))
            readable = make_readable(path, head, Path(engine.spool))
        except MissingColumnsError as problem:
            _refuse(found, path, AnomalyCode.MISSING_COLUMN, str(problem), company)
        except (UnreadableTableError, OSError) as problem:
            _refuse(found, path, AnomalyCode.UNREADABLE_FILE, str(problem), company)
        else:
            opened.append(OpenFile(0, path, company, layout, readable))
            continue
        without[company] = f"{path.name} could not be read"
    bad = {company for company, reason in without.items() if reason.endswith("could not be read")}
    for file in opened:
        if file.company not in bad:
            without.pop(file.company, None)
    found.entries = _entries(engine, opened, parameters, without)
    return found


def _index(folder: Path, paths: Sequence[Path], found: OpenFec) -> dict[str, str]:
    """Company by file name, from the index fec.csv where there is one."""
    file = find(folder, "fec")
    if file is None:
        return {}
    try:
        with SmallTables() as tables:
            table = tables.read(file)
    except UnreadableTableError as problem:
        found.anomalies.append(anomaly(AnomalyCode.UNREADABLE_FILE, f"{file.name} {problem}", place=Place(file.name)))
        return {}
    missing = [column for column in ("file", "company") if column not in table.columns]
    if missing:
        detail = f"{file.name} has no column {', '.join(missing)}"
        found.anomalies.append(anomaly(AnomalyCode.MISSING_COLUMN, detail, place=Place(file.name)))
        return {}
    names = {path.name for path in paths}
    owners: dict[str, str] = {}
    for record in table.records:
        listed = record.fields["file"]
        if listed not in names:
            detail = f"{file.name} line {record.line}: there is no file {listed!r} beside it"
            place = Place(file.name, record.line, "file", listed)
            found.anomalies.append(anomaly(AnomalyCode.UNREADABLE_FILE, detail, record.fields["company"], place=place))
        owners.setdefault(listed, record.fields["company"])
    return owners


def _company_in_name(path: Path, structure: Structure) -> str | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    return found["company"] if structure.company(found["company"]) else None


def _whose(company: str | None) -> str:
    if company is not None:
        return f"belongs to {company!r}, which is no company of this dossier"
    return "belongs to no known company: name it <company code>FEC<AAAAMMJJ>.txt or list it in fec.csv"


def _refuse(found: OpenFec, path: Path, code: AnomalyCode, why: str, company: str | None = None) -> None:
    """All rows of a file that cannot be used are refused, and counted."""
    rows = _rows_in(path)
    found.anomalies.append(anomaly(code, f"{path.name} {why}", company, max(rows, 1), Place(path.name)))
    found.files.append(FileCount(path.name, 0, rows))


def _rows_in(path: Path) -> int:
    """Lines that are not blank, without the header."""
    try:
        with path.open("rb") as file:
            return max(sum(1 for line in file if line.strip()) - 1, 0)
    except OSError:
        return 0


def _entries(engine: Engine, opened: Sequence[OpenFile], parameters: Parameters, without: dict[str, str]) -> Entries:
    """The canonical entries of all files, those of one layout read together. Files are numbered layout by layout, so
    that the number DuckDB gives each of those it reads together is nearly theirs already."""
    layouts: dict[Layout, list[OpenFile]] = {}
    for file in opened:
        layouts.setdefault(file.layout, []).append(file)
    numbered: list[OpenFile] = []
    parts = []
    for layout, files in layouts.items():
        rows = fec_rows(layout, [file.readable.path for file in files])
        parts.append(f"SELECT (r.file_index + {len(numbered)})::INTEGER AS file, {rows.columns} FROM {rows.source} r")
        numbered += [replace(file, index=number) for number, file in enumerate(files, start=len(numbered))]
    engine.run("CREATE TEMP TABLE fec_files (file INTEGER, company VARCHAR)")
    engine.insert("fec_files", [(file.index, file.company) for file in numbered])
    return Entries(
        query=" UNION ALL ".join(parts),
        files=tuple(
            EntryFile(
                file.index,
                file.original.name,
                file.company,
                file.closing,
                partial(_bad_rows, engine, file),
                len(file.readable.lost),
            )
            for file in numbered
        ),
        is_fec=True,
        refusals={"CompteNum": "trim(account) = ''"},
        opening=opening(parameters.opening_journals),
        closing="false",
        without=without,
    )


def _bad_rows(engine: Engine, file: OpenFile, limit: int) -> Iterator[BadRow]:
    """The first refused rows of one file, in order, with their lines as counted in the original."""
    rows = fec_rows(file.layout, [file.readable.path])
    values = " ".join(f"WHEN {text(column)} THEN {raw}" for column, raw in rows.raw.items())
    with engine.in_file_order():
        found = engine.run(
            f"SELECT place, refusal, at_fault FROM (SELECT row_number() OVER () AS place, {rows.refusal} AS refusal, "
            f"CASE {rows.refusal} {values} END AS at_fault FROM {rows.source} r) "
            f"WHERE refusal IS NOT NULL ORDER BY place LIMIT {limit}"
        )
    lines = _lines(file, [place for place, *_ in found])
    shown = [
        BadRow(lines[place], None if column == "shape" else column, value, REASONS[column])
        for place, column, value in found
    ]
    yield from sorted([*shown, *file.readable.lost[:limit]], key=lambda row: row.line)[:limit]


def _lines(file: OpenFile, places: Sequence[int]) -> dict[int, int]:
    """The line of each row by its place among the rows: blank lines are no rows."""
    lines: dict[int, int] = {}
    wanted = iter(sorted(places))
    next_wanted = next(wanted, None)
    place = 0
    with file.readable.path.open("rb") as content:
        for number, line in enumerate(content, start=1):
            if next_wanted is None:
                break
            if number <= file.layout.skip or not line.strip(b"\r\n"):
                continue
            place += 1
            if place == next_wanted:
                lines[place] = number
                next_wanted = next(wanted, None)
    return lines
