"""A dossier for measuring, written as a dossier folder by DuckDB in bounded memory."""

from pathlib import Path

import duckdb

from vigie.demo.benchmark.scale import Scale
from vigie.demo.benchmark.statements import (
    CUSTOMERS_A_COMPANY,
    CUSTOMERS_APART,
    ITEMS,
    REPRESENTATIVES,
    company_entry_lines,
    entries,
    fec,
    macros,
    sales_lines,
)
from vigie.demo.folder import SETTINGS, new_folder

_MEMORY = "1GB"


def write_benchmark(scale: Scale, folder: Path) -> None:
    """Writes a dossier of the scale; `folder` is empty or not there yet.

    Raises FileExistsError when it holds something.
    """
    with new_folder(folder) as draft, duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        connection.execute("SET temp_directory = ?", [str(draft / ".spilled")])
        connection.execute(macros(scale))
        (draft / "dossier.toml").write_text(SETTINGS, encoding="utf-8", newline="\n")
        for name, rows in _tables(scale).items():
            _copy(connection, rows, draft / f"{name}.{scale.format}", scale.format)
        if scale.books == "fec":
            (draft / "fec").mkdir()
            for number, code in enumerate(scale.codes()):
                lines = company_entry_lines(scale, number)
                connection.execute(f"CREATE OR REPLACE TEMP TABLE company_lines AS {lines}")
                for year in range(scale.start.year, scale.as_of.year + 1):
                    _copy(connection, fec("company_lines", year), draft / "fec" / f"{code}FEC{year}1231.txt", "fec")


def _copy(connection: duckdb.DuckDBPyConnection, rows: str, path: Path, layout: str) -> None:
    options = {
        "parquet": "FORMAT parquet, COMPRESSION zstd",
        "csv": "FORMAT csv, HEADER",
        "fec": "FORMAT csv, HEADER, DELIMITER '\t', QUOTE ''",
    }
    target = str(path).replace("'", "''")
    connection.execute(f"COPY ({rows}) TO '{target}' ({options[layout]})")


def _tables(scale: Scale) -> dict[str, str]:
    """Every table with its query, the larger ones last."""
    tables = _directory(scale) | _masters(scale) | {"sales_lines": sales_lines(scale)}
    if scale.books == "entries":
        tables["entries"] = entries(scale)
    return tables


def _directory(scale: Scale) -> dict[str, str]:
    companies = f"(SELECT company(d) AS code FROM range({scale.companies}) AS numbers(d))"
    families = " UNION ALL ".join(
        f"SELECT '{code}' AS code, '{code}' AS shortcut_code, 'Groupe {code}' AS name, '{members}' AS companies"
        for code, members in scale.members().items()
    )
    return {
        "companies": f"""
            SELECT code, code AS shortcut_code, 'Négoce ' || code AS name, 'EUR' AS accounting_currency,
                'EUR' AS reporting_currency, 1::DECIMAL(9, 6) AS reporting_rate FROM {companies}
            """,
        "fiscal_years": f"""
            SELECT code AS company, make_date(year, 1, 1) AS start, make_date(year, 12, 31) AS "end", 'month' AS unit
            FROM {companies}, range({scale.start.year}, {scale.as_of.year + 1}) AS years(year)
            """,
        "families": families,
        "cash_accounts": f"SELECT code AS company, '530100' AS account, true AS cash_account FROM {companies}",
    }


def _masters(scale: Scale) -> dict[str, str]:
    customers = f"(SELECT n * {CUSTOMERS_APART} + k AS c, n FROM range({scale.companies}) AS companies(n), "
    customers += f"range({CUSTOMERS_A_COMPANY}) AS customers(k))"
    return {
        "customers": f"""
            SELECT company(n) AS company, 'C' || lpad(c::VARCHAR, 6, '0') AS code,
                'Client C' || lpad(c::VARCHAR, 6, '0') AS name, 'Catégorie ' || c % 12 AS category_default
            FROM {customers}
            """,
        "items": f"""
            SELECT company(n) AS company, 'A' || lpad(k::VARCHAR, 5, '0') AS code, 'Article ' || k AS name,
                'Famille ' || k % 60 AS family, 'Nature ' || k % 4 AS category_default
            FROM range({scale.companies}) AS companies(n), range({ITEMS}) AS items(k)
            """,
        "sales_reps": f"""
            SELECT company(n) AS company, 'R' || lpad(k::VARCHAR, 2, '0') AS code, 'Représentant ' || k AS name
            FROM range({scale.companies}) AS companies(n), range({REPRESENTATIVES}) AS representatives(k)
            """,
    }
