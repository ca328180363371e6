"""The figures in PostgreSQL, the plain way: indexed tables, and a few statements with grouping sets.

`postgres.py URL AS_OF` runs the statements and prints how many rows each of them found.
"""

import asyncio
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import duckdb

_TEXT, _AMOUNT = "text", "numeric(18, 2)"
_TABLES = {
    "sales_lines": dict.fromkeys(("company", "document_type", "customer", "item", "sales_rep"), _TEXT)
    | dict.fromkeys(("date", "due_date"), "date")
    | dict.fromkeys(("net_amount", "open_amount"), _AMOUNT),
    "entries": dict.fromkeys(("company", "kind", "journal", "entry_number", "account", "account_label"), _TEXT)
    | dict.fromkeys(("third_party", "third_party_label"), _TEXT)
    | {"entry_date": "date", "debit": _AMOUNT, "credit": _AMOUNT},
    "customers": dict.fromkeys(("company", "code", "name", "category_default"), _TEXT),
    "items": dict.fromkeys(("company", "code", "name", "family"), _TEXT),
}
_INDEXES = (
    "CREATE INDEX ON sales_lines (date) INCLUDE (company, document_type, customer, item, sales_rep, net_amount)",
    "CREATE INDEX ON sales_lines (date) WHERE open_amount <> 0",
    "CREATE INDEX ON entries (entry_date)",
    "CREATE UNIQUE INDEX ON customers (company, code)",
    "CREATE UNIQUE INDEX ON items (company, code)",
)


def statements(as_of: date) -> tuple[str, ...]:
    """Revenue and its series, open lines, the rankings of month and year, revenue and balances of the books, and the
    entries that do not balance; for years that are calendar years."""
    month, year = as_of.replace(day=1), date(as_of.year, 1, 1)
    looked_at = "account ~ '^(70|411|413|416|401|403|512|514|515|516|517|519|53|58)'"
    return (
        f"""
        SELECT company, document_type, date_trunc('month', date), date > '{as_of}', sum(net_amount), count(*), min(date)
        FROM sales_lines GROUP BY 1, 2, 3, 4
        """,
        f"""
        SELECT company, document_type, coalesce(due_date, date) >= '{month}',
               coalesce(due_date, date) >= DATE '{month}' + INTERVAL '1 month', sum(open_amount)
        FROM sales_lines WHERE open_amount <> 0 AND date <= '{as_of}' GROUP BY 1, 2, 3, 4
        """,
        f"""
        SELECT s.company, s.customer, s.item, s.sales_rep, c.category_default, i.family,
               sum(net_amount), sum(net_amount) FILTER (WHERE date >= '{month}'), count(*)
        FROM sales_lines s LEFT JOIN customers c ON c.company = s.company AND c.code = s.customer
        LEFT JOIN items i ON i.company = s.company AND i.code = s.item
        WHERE date BETWEEN '{year}' AND '{as_of}' AND document_type IN ('invoice', 'credit_note')
        GROUP BY GROUPING SETS ((s.company, s.customer), (s.company, s.item), (s.company, s.sales_rep),
                                (s.company, c.category_default), (s.company, i.family))
        """,
        """
        SELECT company, kind, account, date_trunc('month', entry_date), sum(debit - credit), count(*), min(entry_date)
        FROM entries GROUP BY 1, 2, 3, 4
        """,
        f"""
        SELECT company, account, third_party, sum(debit - credit), max(account_label), max(third_party_label)
        FROM entries WHERE entry_date BETWEEN '{year}' AND '{as_of}' AND {looked_at}
        GROUP BY GROUPING SETS ((company, account), (company, account, third_party))
        """,
        """
        SELECT company, journal, entry_number, sum(debit - credit) FROM entries
        GROUP BY 1, 2, 3, extract(year FROM entry_date) HAVING sum(debit - credit) <> 0
        """,
    )


async def load(url: str, folder: Path) -> None:
    """Make, fill, index and analyse the tables of a dossier folder in Parquet."""
    connection = await asyncpg.connect(url)
    for table, columns in _TABLES.items():
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        await connection.execute(f"CREATE UNLOGGED TABLE {table} ({listed})")
        with TemporaryDirectory(prefix="vigie-bench-") as spool, duckdb.connect() as source:
            csv = Path(spool) / "rows.csv"
            source.execute(
                f"COPY (SELECT {', '.join(columns)} FROM '{folder / table}.parquet') TO '{csv}' (HEADER false)"
            )
            await connection.copy_to_table(table, source=csv, columns=list(columns), format="csv")
    for index in _INDEXES:
        await connection.execute(index)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def compute(url: str, as_of: date) -> list[int]:
    """How many rows each statement finds; they are not sent to us, which would cost us more than them."""
    connection = await asyncpg.connect(url)
    found = [
        await connection.fetchval(f"SELECT count(*) FROM ({statement}) AS found") for statement in statements(as_of)
    ]
    await connection.close()
    return found


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(compute(sys.argv[1], date.fromisoformat(sys.argv[2])))}\n")
