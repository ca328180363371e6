"""The dossiers for measuring: of the size asked for, with books that hold."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from vigie.cli import app
from vigie.demo.benchmark.folder import write_benchmark
from vigie.demo.benchmark.scale import Scale

AS_OF = date(2026, 11, 24)
SCALE = Scale(lines=20_003, companies=4, families=2, format="parquet", books="entries", seed=3, as_of=AS_OF)


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "dossier"
    write_benchmark(SCALE, folder)
    return folder


@pytest.fixture(scope="module")
def tables(dossier: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for path in sorted(dossier.glob("*.parquet")):
            connection.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM '{path}'")
        yield connection


def _row(tables: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = tables.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def test_it_has_the_lines_the_companies_and_the_families_asked_for(tables: duckdb.DuckDBPyConnection) -> None:
    assert _row(tables, "SELECT count(*), count(DISTINCT company) FROM sales_lines") == (20_005, 4)
    assert tables.execute("SELECT code, companies FROM families ORDER BY code").fetchall() == [
        ("G01", "S01;S03"),
        ("G02", "S02;S04"),
    ]
    assert _row(tables, "SELECT count(*) BETWEEN 8000 AND 14000 FROM entries WHERE kind = 'normal'") == (True,)


def test_every_entry_balances_and_nothing_is_dated_after_the_system_date(tables: duckdb.DuckDBPyConnection) -> None:
    unbalanced = """
        SELECT count(*) FROM (SELECT 1 FROM entries GROUP BY company, journal, entry_number, year(entry_date)
                              HAVING sum(debit) <> sum(credit))
        """
    assert _row(tables, unbalanced) == (0,)
    assert _row(tables, "SELECT max(date), min(date) FROM sales_lines") == (AS_OF, date(2024, 1, 1))
    assert _row(tables, "SELECT max(entry_date) <= DATE '2026-11-24' FROM entries") == (True,)


def test_each_year_opens_with_the_balances_of_all_before_and_revenue_is_the_invoiced_sales(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    differing = """
        WITH balances AS (
            SELECT company, year(entry_date) AS year, kind, third_party, debit - credit AS amount,
                CASE WHEN account[1] IN ('6', '7') THEN '120000' ELSE account END AS account FROM entries
        ), opening AS (SELECT * FROM balances WHERE kind = 'opening' AND year > 2024),
        expected AS (
            SELECT company, year + 1 AS year, account, third_party, sum(amount) AS amount FROM balances
            WHERE year < 2026 GROUP BY ALL
        ), given AS (SELECT company, year, account, third_party, sum(amount) AS amount FROM opening GROUP BY ALL)
        SELECT count(*) FROM expected FULL JOIN given USING (company, year, account, third_party)
        WHERE coalesce(expected.amount, 0) <> coalesce(given.amount, 0)
        """
    assert _row(tables, differing) == (0,)
    revenue = """
        SELECT company, year, sum(amount) FROM (
            SELECT company, year(date) AS year, net_amount AS amount FROM sales_lines
            WHERE document_type IN ('invoice', 'credit_note')
            UNION ALL
            SELECT company, year(entry_date), debit - credit FROM entries WHERE account LIKE '70%'
        ) GROUP BY ALL HAVING sum(amount) <> 0
        """
    assert tables.execute(revenue).fetchall() == []


def test_every_sales_line_finds_its_master_rows(tables: duckdb.DuckDBPyConnection) -> None:
    for column, table in (("customer", "customers"), ("item", "items"), ("sales_rep", "sales_reps")):
        query = f"""
            SELECT count(*) FROM sales_lines
            WHERE NOT EXISTS (FROM {table} WHERE {table}.company = sales_lines.company AND code = {column})
            """
        assert _row(tables, query) == (0,)
        assert _row(tables, f"SELECT count(*) = count(DISTINCT (company, code)) FROM {table}") == (True,)


def test_the_same_books_as_fec_files_come_one_a_company_and_year(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    options = ["--lines", "20003", "--companies", "4", "--families", "2", "--seed", "3"]
    arguments = ["demo", str(tmp_path / "fec"), "--as-of", "2026-11-24", *options, "--books", "fec", "--format", "csv"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    files = sorted((tmp_path / "fec" / "fec").iterdir())
    assert [path.name for path in files] == [
        f"S0{company}FEC{year}1231.txt" for company in range(1, 5) for year in (2024, 2025, 2026)
    ]
    assert not (tmp_path / "fec" / "entries.csv").exists()
    assert (tmp_path / "fec" / "sales_lines.csv").exists()
    header = files[0].read_text(encoding="utf-8").split("\n", 1)[0].split("\t")
    assert len(header) == 18
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in files)
    assert _row(tables, "SELECT count(*) FROM entries") == (lines,)


def test_more_families_than_companies_are_refused(tmp_path: Path) -> None:
    arguments = ["demo", str(tmp_path / "dossier"), "--size", "large", "--companies", "2", "--families", "3"]
    assert CliRunner().invoke(app, arguments).exit_code == 2
    assert list(tmp_path.iterdir()) == []
