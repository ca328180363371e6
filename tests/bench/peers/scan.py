"""DuckDB's bare sums: `scan.py THREADS STATEMENT ...` runs each statement and prints what it found."""

import sys

import duckdb


def main(threads: int, statements: list[str]) -> None:
    """Run the statements one after another, on so many threads."""
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        for statement in statements:
            sys.stdout.write(f"{connection.execute(statement).fetchall()}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
