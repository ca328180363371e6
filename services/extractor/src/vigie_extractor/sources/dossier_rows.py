"""The row-level and master tables of a dossier folder as SQL: each column read, trusted or refused."""

import codecs
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from vigie_extractor.engine import Engine, name, text
from vigie_extractor.sources.canonical import AMOUNT, BadRow
from vigie_extractor.sources.table_file import TableFile, UnreadableTableError, csv_records, header_of

# A text that no field can be: with it as the null string, an empty field stays distinct from one that is not there.
_NEVER = "\x01\x02\x03"
# Takes what a record has beyond the header: a decimal comma that nobody quoted, say.
_EXTRA = " extra"
_MAX_LINE = 1 << 20
_BUFFER = 1 << 22
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table's file as a DuckDB relation `source` of `types` (column name to DuckDB type).

    Expressions speak of its columns as those of the alias `r`, beside `k` for the known companies. `shape` is the
    condition that a CSV record has as many fields as the header; a Parquet row always has.
    """

    file: TableFile
    source: str
    types: Mapping[str, str]
    shape: str

    def has(self, column: str) -> bool:
        return column in self.types

    def _column(self, column: str) -> str:
        return f"r.{name(column)}"

    def raw(self, column: str) -> str:
        """The column as text, as the file has it."""
        return self._column(column) if self.types[column] == "VARCHAR" else f"{self._column(column)}::VARCHAR"

    def day(self, column: str) -> str:
        """The column as DATE: NULL where it is blank or is not an ISO date."""
        kind = self.types[column]
        if kind == "DATE":
            return self._column(column)
        if kind.startswith("TIMESTAMP"):
            return f"TRY_CAST({self._column(column)} AS DATE)"
        raw = self.raw(column)
        return f"CASE WHEN {raw} LIKE '____-__-__' THEN TRY_CAST({raw} AS DATE) END"

    def amount(self, column: str) -> str:
        """The column as an exact amount: NULL where it is blank, no number, or has more than four decimals."""
        kind = self.types[column]
        if _is_amount(kind):
            return self._column(column)
        if kind.endswith("INT") or kind == "INTEGER" or _scale(kind) in range(5):
            return f"TRY_CAST({self._column(column)} AS {AMOUNT})"
        raw = self.raw(column)
        form = r"\s*[+-]?([0-9]+(\.[0-9]{0,4}0*)?|\.[0-9]{1,4}0*)\s*"
        return f"CASE WHEN regexp_full_match({raw}, '{form}') THEN TRY_CAST(ltrim({raw}, ' +') AS {AMOUNT}) END"

    def present(self, column: str) -> str:
        """A condition: the column is not blank."""
        if self.types[column] == "VARCHAR":
            return f"({self._column(column)} IS NOT NULL AND trim({self._column(column)}) <> '')"
        return f"({self._column(column)} IS NOT NULL)"

    def may_be_wrong(self, column: str) -> bool:
        """Whether a value of this column can be there and still not be read: a typed one cannot."""
        kind = self.types[column]
        return not (kind == "DATE" or kind.startswith("TIMESTAMP") or _is_amount(kind))

    def without_nulls(self, engine: Engine, columns: Sequence[str]) -> frozenset[str]:
        """Those of the columns in which every row has a value. A Parquet file says so itself; of a CSV nobody knows."""
        if not self.file.is_parquet:
            return frozenset()
        counts = ", ".join(f"count({self._column(column)})" for column in columns)
        [(rows, *values)] = engine.run(f"SELECT count(*), {counts} FROM {self.source} r")
        return frozenset(column for column, value in zip(columns, values, strict=True) if value == rows)

    def narrowest(self, engine: Engine, columns: Sequence[str]) -> tuple[int, int] | None:
        """The digits and decimals of the smallest DECIMAL that holds the amounts of all the columns: the fewer, the
        quicker they are computed with. A Parquet file says itself what its largest are; of others nobody knows."""
        scales = [_scale(self.types[column]) for column in columns]
        if not all(_is_amount(self.types[column]) for column in columns):
            return None
        bounds = ", ".join(f"min({self._column(column)}), max({self._column(column)})" for column in columns)
        [found] = engine.run(f"SELECT {bounds} FROM {self.source} r")
        largest = max((abs(bound) for bound in found if bound is not None), default=Decimal(0))
        return len(str(int(largest))) + max(scales), max(scales)


def _is_amount(kind: str) -> bool:
    """Whether every value of a Parquet type is an amount that is quickly summed: a decimal that fits in 64 bits."""
    return _scale(kind) in range(5) and int(kind[8:].split(",", 1)[0]) <= 18


def _scale(kind: str) -> int:
    """Decimal places of a DECIMAL type, -1 of any other."""
    return int(kind[8:-1].split(",")[1]) if kind.startswith("DECIMAL(") else -1


def open_raw(engine: Engine, file: TableFile) -> RawTable:
    """Raises UnreadableTableError with the reason."""
    path = text(str(file.path))
    if file.is_parquet:
        source = f"read_parquet({path})"
        try:
            types = {column: kind for column, kind, *_ in engine.run(f"DESCRIBE SELECT * FROM {source}")}
        except duckdb.Error as problem:
            raise UnreadableTableError(f"cannot be read as Parquet: {problem}") from problem
        return RawTable(file, source, types, "true")
    quoted = _has_quotes(file.path)
    columns = header_of(file.path)
    declared = {column or f" {index}": "VARCHAR" for index, column in enumerate(columns)}
    listed = ", ".join(f"{text(column)}: 'VARCHAR'" for column in [*declared, _EXTRA])
    options = (
        f"delim = ',', quote = '\"', escape = '\"', header = false, skip = 1, auto_detect = false, "
        f"parallel = {str(not quoted).lower()}, "
        f"null_padding = true, strict_mode = false, nullstr = {text(_NEVER)}, "
        f"max_line_size = {_MAX_LINE}, buffer_size = {_BUFFER}, "
        f"columns = {{{listed}}}"
    )
    last = name(list(declared)[-1])
    shape = f"(r.{last} IS NOT NULL AND r.{name(_EXTRA)} IS NULL)"
    return RawTable(file, f"read_csv({path}, {options})", declared, shape)


def _has_quotes(path: Path) -> bool:
    """Whether the file quotes anything. Raises UnreadableTableError where it is not UTF-8 all through."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, quotes = 1, False
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            while block := file.read(_BLOCK):
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as problem:
                    line = lines + problem.object[: problem.start].count(b"\n")
                    raise UnreadableTableError(
                        f"is not UTF-8: line {line} has the byte 0x{problem.object[problem.start]:02X}"
                    ) from problem
                lines += block.count(b"\n")
                quotes = quotes or b'"' in block
    except (OSError, EOFError, zlib.error) as problem:
        raise UnreadableTableError(f"cannot be read: {problem}") from problem
    return quotes


def joined(raw: RawTable, place: bool = False) -> str:
    """FROM clause of a table beside its companies; with `place`, the ordinal of each row as `r." place"`."""
    rows = f'(SELECT *, row_number() OVER () AS " place" FROM {raw.source})' if place else raw.source
    return f"{rows} r LEFT JOIN known_companies k ON k.code = {raw.raw('company')}"


def refusal(raw: RawTable, conditions: Mapping[str, str | None]) -> str:
    """SQL for the first thing at fault, NULL for a sound row. `conditions` maps a column to what would be wrong with
    it, None where nothing can be; the shape of the row comes first."""
    every = {"shape": None if raw.shape == "true" else f"NOT {raw.shape}", **conditions}
    cases = " ".join(f"WHEN {condition} THEN {text(column)}" for column, condition in every.items() if condition)
    return f"CASE {cases} END" if cases else "NULL::VARCHAR"


UNKNOWN_COMPANY = {"company": "k.position IS NULL"}
REASONS = {
    "shape": "does not have as many fields as the header",
    "company": "is no company of this dossier",
    "code": "is empty",
}


def bad_rows(engine: Engine, raw: RawTable, refused: str, reasons: Mapping[str, str], limit: int) -> Iterator[BadRow]:
    """The first `limit` refused rows of a table, in file order. Reads the file once more, up to the last of them."""
    values = " ".join(f"WHEN {text(column)} THEN {raw.raw(column)}" for column in raw.types if column.strip())
    with engine.in_file_order():
        found = engine.run(
            f'SELECT place, refusal, CASE refusal {values} END FROM (SELECT r.*, r." place" AS place, '
            f"{refused} AS refusal FROM {joined(raw, place=True)}) r "
            f"WHERE refusal IS NOT NULL ORDER BY place LIMIT {limit}"
        )
    lines = _lines(raw.file, [place for place, *_ in found])
    for place, column, value in found:
        yield BadRow(lines[place], column if raw.has(column) else None, value, {**REASONS, **reasons}[column])


def _lines(file: TableFile, places: list[int]) -> dict[int, int]:
    """The line of each record by its place among the records; a row of Parquet is its own line."""
    if file.is_parquet or not places:
        return {place: place for place in places}
    wanted, lines = set(places), {}
    for place, (line, _) in enumerate(csv_records(file.path)):
        if place in wanted:
            lines[place] = line
        if place >= max(places):
            break
    return lines
