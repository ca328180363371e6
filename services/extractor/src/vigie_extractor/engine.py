"""The DuckDB connection an extraction computes on: bounded memory, cancellable from another thread."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

MEMORY_LIMIT = "112MiB"
THREADS = 2


class ExtractionCancelledError(Exception):
    """The extraction was asked to stop; nothing of it counts."""


class Engine:
    """One connection. Its own thread runs queries; any thread may call `cancel`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, spool: str) -> None:
        self._connection = connection
        self._cancelled = False
        self.spool = spool

    def cancel(self) -> None:
        """Stop the running query and refuse any further one: `run` then raises ExtractionCancelledError.

        DuckDB forgets an interruption that comes just before a query begins: call it again until the work has ended.
        """
        self._cancelled = True
        self._connection.interrupt()

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement. Raises duckdb.Error as DuckDB words it, or ExtractionCancelledError."""
        self._check()
        try:
            return self._connection.execute(sql, list(values)).fetchall()
        except duckdb.InterruptException as stopped:
            raise ExtractionCancelledError("the extraction was cancelled") from stopped

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Fill a small table with Python values, given column by column: much quicker than row by row."""
        if rows:
            columns = list(zip(*rows, strict=True))
            self.run(
                f"INSERT INTO {table} SELECT {', '.join('unnest(?)' for _ in columns)}", [list(c) for c in columns]
            )

    @contextmanager
    def in_file_order(self) -> Iterator[None]:
        """While it lasts, rows come in the order of their file, for the price of one thread."""
        self.run("SET threads = 1")
        self.run("SET preserve_insertion_order = true")
        try:
            yield
        finally:
            self._connection.execute("SET preserve_insertion_order = false")
            self._connection.execute(f"SET threads = {THREADS}")

    def _check(self) -> None:
        if self._cancelled:
            raise ExtractionCancelledError("the extraction was cancelled")


@contextmanager
def computing() -> Iterator[Engine]:
    """An engine with a private spool folder for what does not fit in memory, both gone at the end."""
    with tempfile.TemporaryDirectory(prefix="vigie-") as spool, duckdb.connect(":memory:") as connection:
        for setting in (
            f"SET threads = {THREADS}",
            f"SET memory_limit = '{MEMORY_LIMIT}'",
            f"SET temp_directory = '{spool.replace(chr(39), chr(39) * 2)}'",
            "SET preserve_insertion_order = false",
            "SET enable_progress_bar = false",
            # Joins are written with the large table first. Of a text file DuckDB cannot know the size, and would take
            # it for the small side.
            "SET disabled_optimizers = 'join_order,build_side_probe_side'",
            "SET TimeZone = 'UTC'",
        ):
            connection.execute(setting)
        yield Engine(connection, spool)


def text(value: str) -> str:
    """A string literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A quoted identifier of SQL."""
    return '"' + identifier.replace('"', '""') + '"'
