"""The files of a dossier folder: which file holds a table, and its header. CSV, gzipped CSV or Parquet."""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from vigie_extractor.sources.canonical import SourceError

if TYPE_CHECKING:
    import duckdb

SUFFIXES = (".csv", ".csv.gz", ".parquet")
FIELD_LIMIT = 1 << 24


@dataclass(frozen=True, slots=True)
class TableFile:
    """The one file that holds a table."""

    table: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix == ".parquet"


def find(folder: Path, table: str) -> TableFile | None:
    """The file of a table, or None. Raises SourceError when there are two: nobody can say which one counts."""
    found = [folder / f"{table}{suffix}" for suffix in SUFFIXES if (folder / f"{table}{suffix}").is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise SourceError(f"{folder}: {names} both hold the table {table}; keep one of them")
    return TableFile(table, found[0]) if found else None


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a small table: its line, and its fields by column name, blanks around them taken off."""

    line: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class SmallTable:
    """A structural table read whole. `malformed` are (line, reason) of rows whose shape is wrong."""

    file: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    malformed: tuple[tuple[int, str], ...]


class UnreadableTableError(Exception):
    """A table's file cannot be read as what its name says; the message gives the reason."""


def open_text(path: Path) -> io.TextIOBase:
    """A CSV file as text, unpacked, without its byte order mark."""
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def csv_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line on which it ends, fields) of every record that is not blank, the header first."""
    csv.field_size_limit(FIELD_LIMIT)
    with open_text(path) as text:
        reader = csv.reader(text)
        for record in reader:
            if record:
                yield reader.line_num, record


def header_of(path: Path) -> tuple[str, ...]:
    """The column names of a CSV file. Raises UnreadableTableError when it has none, or one of them twice."""
    try:
        _, header = next(csv_records(path), (0, []))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as problem:
        raise UnreadableTableError(f"cannot be read as UTF-8 CSV: {problem}") from problem
    return checked_header([column.strip() for column in header])


def checked_header(columns: Sequence[str]) -> tuple[str, ...]:
    if not columns:
        raise UnreadableTableError("is empty: it has no header")
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise UnreadableTableError(f"has the column {', '.join(twice)} twice in its header")
    return tuple(columns)


class SmallTables:
    """Reads structural tables whole into memory; those in Parquet share one DuckDB, made when the first is met."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, file: TableFile) -> SmallTable:
        """Raises UnreadableTableError with the reason."""
        return self._read_parquet(file) if file.is_parquet else _read_csv(file)

    def _read_parquet(self, file: TableFile) -> SmallTable:
        import duckdb

        if self._connection is None:
            self._connection = self._stack.enter_context(duckdb.connect(":memory:"))
        try:
            found = self._connection.execute("SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(file.path)])
            columns = tuple(column[0] for column in found.description or ())
            rows = found.fetchall()
        except duckdb.Error as problem:
            raise UnreadableTableError(f"cannot be read as Parquet: {problem}") from problem
        records = (
            Record(line, {column: (value or "").strip() for column, value in zip(columns, row, strict=True)})
            for line, row in enumerate(rows, start=1)
        )
        return SmallTable(file.name, columns, tuple(records), ())


def _read_csv(file: TableFile) -> SmallTable:
    columns = header_of(file.path)
    records: list[Record] = []
    malformed: list[tuple[int, str]] = []
    try:
        for line, values in list(csv_records(file.path))[1:]:
            if len(values) != len(columns):
                malformed.append((line, f"{len(values)} fields where the header has {len(columns)}"))
            else:
                records.append(Record(line, {c: v.strip() for c, v in zip(columns, values, strict=True)}))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as problem:
        raise UnreadableTableError(f"cannot be read as UTF-8 CSV: {problem}") from problem
    return SmallTable(file.name, columns, tuple(records), tuple(malformed))
