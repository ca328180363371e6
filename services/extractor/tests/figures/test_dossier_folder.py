"""The dossier folder: its settings, its small tables, its files in every form, and rows that are refused."""

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from services.extractor.tests.figures.books import HEADERS, Dossier, entry, sale

from vigie_extractor.checking import check
from vigie_extractor.indicators.result import Flows
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.sources.dossier import DossierSource


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kind = ", "cannot be read"),
        ('kind = "double-base"', "single-base"),
        ('kind = "single-base"\ncolour = "red"', "unknown key colour"),
        ('kind = "single-base"\n[parameters]\ncurrency = "both"', "accounting or reporting"),
        ('kind = "single-base"\n[parameters]\nsold_item_categories = "X"', "write a list"),
        ('kind = "single-base"\n[headings]\nbank = ["-"]', "is not an account prefix"),
    ],
)
def test_wrong_settings_are_named_with_what_would_be_right(dossier: Dossier, text: str, why: str) -> None:
    dossier.settings(text)
    with pytest.raises(SourceError, match=why):
        dossier.extract()


def test_a_folder_without_settings_is_no_dossier(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has no dossier\.toml"):
        DossierSource(tmp_path).describe()


def test_two_files_for_one_table_are_refused(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale())
    (dossier.folder / "sales_lines.csv.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(SourceError, match="both hold the table sales_lines"):
        dossier.extract()


def test_r3_families_in_a_multi_base_dossier_are_an_error(dossier: Dossier) -> None:
    dossier.settings('kind = "multi-base"')
    dossier.table("families", "G,G,Group,A")
    with pytest.raises(SourceError, match="multi-base"):
        dossier.extract()


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("companies", "B,B,B,EUR,EUR,0", "reporting_rate"),
        ("companies", "B,B,B,EUR,EUR,-1", "reporting_rate"),
        ("companies", "B,B,B,EUR,EUR,one", "reporting_rate"),
        ("companies", "B,B,B,EUR,EUR,1.12345678901", "reporting_rate"),
        ("fiscal_years", "A,2027-01-01,,month", "end"),
        ("fiscal_years", "A,2027-02-30,2027-12-31,month", "start"),
        ("fiscal_years", "A,2027-12-31,2027-01-01,month", "end"),
        ("families", ",G,Group,A", "code"),
        ("cash_accounts", "A,531000,perhaps", "cash_account"),
    ],
)
def test_a_row_of_a_small_table_that_cannot_be_read_is_reported(
    dossier: Dossier, table: str, row: str, column: str
) -> None:
    lines = {"companies": "A,A,A,EUR,EUR,", "fiscal_years": "A,2026-01-01,2026-12-31,month"}
    dossier.table(table, *([lines[table]] if table in lines else []), row)
    (found,) = dossier.extract().anomalies("bad_row")
    assert found.place is not None
    assert (found.place.file, found.place.column) == (f"{table}.csv", column)


def test_overlapping_years_leave_the_company_out(dossier: Dossier) -> None:
    dossier.table(
        "fiscal_years",
        "A,2026-01-01,2026-12-31,month",
        "A,2020-01-01,2020-12-31,month",
        "A,2020-12-31,2021-12-30,month",
    )
    extraction = dossier.extract()
    assert extraction.result.scopes == ()
    assert [one.severity for one in extraction.anomalies("overlapping_fiscal_years")] == ["error"]


def test_no_year_that_holds_the_system_date_leaves_the_company_out(dossier: Dossier) -> None:
    extraction = dossier.extract(date(2027, 1, 1))
    assert [one.code for one in extraction.result.left_out] == ["A"]
    assert len(extraction.anomalies("no_fiscal_year")) == 1


def _as_parquet(dossier: Dossier, table: str, columns: str) -> None:
    source = dossier.folder / f"{table}.csv"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {columns} FROM read_csv('{source}', all_varchar = true)) "
            f"TO '{source.with_suffix('.parquet')}'"
        )
    source.unlink()


def test_csv_gzipped_csv_and_parquet_give_the_same_figures(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(amount="1.25"), sale("nonsense"), sale(company="GHOST"), sale(kind="gift"))
    plain = dossier.extract()
    packed = dossier.folder / "sales_lines.csv"
    (dossier.folder / "sales_lines.csv.gz").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    gzipped = dossier.extract()
    (dossier.folder / "sales_lines.csv.gz").unlink()
    dossier.table("sales_lines", sale(amount="1.25"), sale("nonsense"), sale(company="GHOST"), sale(kind="gift"))
    _as_parquet(
        dossier,
        "sales_lines",
        "* REPLACE (TRY_CAST(trim(date) AS DATE) AS date, TRY_CAST(trim(due_date) AS DATE) AS due_date, "
        "CAST(net_amount AS DECIMAL(12,2)) AS net_amount)",
    )
    typed = dossier.extract()
    for extraction, file in (
        (plain, "sales_lines.csv"),
        (gzipped, "sales_lines.csv.gz"),
        (typed, "sales_lines.parquet"),
    ):
        revenue = extraction.figure("commercial_revenue")
        assert isinstance(revenue, Flows)
        assert revenue.month == Decimal("1.25")
        assert extraction.count_of(file) == (4, 1, 3)
        columns = [one.place.column for one in extraction.result.anomalies if one.place and one.place.line]
        assert columns == ["date", "company", "document_type"]


@pytest.mark.parametrize("kind", ["DECIMAL(12,2)", "DECIMAL(18,2)", "DECIMAL(18,4)", "DECIMAL(30,4)", "VARCHAR"])
def test_entries_in_parquet_give_what_those_in_csv_do(dossier: Dossier, kind: str) -> None:
    # given sound entries, the largest amounts of all kinds, blank ones, an entry off by a cent, a missing date
    dossier.table(
        "entries",
        entry("2026-11-02", "411000", "9999999999.99", party="C1"),
        entry("2026-11-02", "701000", "", "9999999999.99"),
        entry("2026-11-03", "512000", "0.05", number="2"),
        entry("2026-11-03", "701000", "", "0.04", number="2"),
        entry("", "701000", "7.00", "", number="3"),
        entry("2026-11-04", "467000", "3.00", number="4"),
        entry("2026-11-04", "512000", "", "3.00", number="4"),
    )
    dossier.table("cash_accounts", "A,467000,true")
    plain = dossier.extract()

    # when the same are typed
    amounts = ", ".join(f"TRY_CAST({column} AS {kind}) AS {column}" for column in ("debit", "credit"))
    _as_parquet(dossier, "entries", f"* REPLACE (TRY_CAST(entry_date AS DATE) AS entry_date, {amounts})")
    typed = dossier.extract()

    # then figures and findings are the same
    assert typed.result.scopes == plain.result.scopes
    assert typed.count_of("entries.parquet") == plain.count_of("entries.csv") == (7, 6, 1)
    for extraction in (plain, typed):
        (unbalanced,) = extraction.anomalies("unbalanced_entry")
        assert unbalanced.count == 1
        assert "OD 2 by 0.01" in unbalanced.detail
        assert len(extraction.anomalies("bad_row")) == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (sale(""), "date"),
        (sale("2026-02-30"), "date"),
        (sale("2026/02/03"), "date"),
        (sale(due="soon"), "due_date"),
        (sale(amount=""), "net_amount"),
        (sale(amount="1,5"), None),
        (sale(amount="1.23456"), "net_amount"),
        (sale(open_amount="x"), "open_amount"),
        (sale(kind="gift"), "document_type"),
        ("A,invoice,D1", None),
        (sale() + ",more,fields", None),
    ],
)
def test_a_sales_line_that_cannot_be_read_is_reported_with_its_line(
    dossier: Dossier, row: str, column: str | None
) -> None:
    # given a record before it that spans two lines, so that records and lines differ
    spanning = 'A,invoice,"D\n2",1,2026-11-10,,C1,I1,R1,1,1.00,'
    dossier.table("sales_lines", spanning, row, sale())
    extraction = dossier.extract()
    (found,) = extraction.anomalies("bad_row")
    assert found.place is not None
    assert (found.place.line, found.place.column) == (4, column)
    assert extraction.count_of("sales_lines.csv") == (3, 2, 1)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (entry("", "512000", "1"), "entry_date"),
        (entry("2026-11-02", "", "1"), "account"),
        (entry("2026-11-02", "512000", "1.23456"), "debit"),
        (entry("2026-11-02", "512000", "1", "x"), "credit"),
        (entry("2026-11-02", "512000", "1", kind="draft"), "kind"),
    ],
)
def test_an_entry_that_cannot_be_read_is_reported_with_its_line(dossier: Dossier, row: str, column: str) -> None:
    dossier.table("entries", entry("2026-11-02", "512000", "1"), row)
    extraction = dossier.extract()
    (found,) = extraction.anomalies("bad_row")
    assert found.place is not None
    assert (found.place.line, found.place.column) == (3, column)
    assert extraction.count_of("entries.csv") == (2, 1, 1)


def test_many_refused_rows_are_shown_one_by_one_up_to_a_bound_and_counted_beyond(dossier: Dossier) -> None:
    dossier.table("sales_lines", *(sale("no day") for _ in range(120)))
    extraction = dossier.extract()
    found = extraction.anomalies("bad_row")
    assert len(found) == 51
    assert sum(one.count for one in found) == 120


@pytest.mark.parametrize("table", ["sales_lines", "entries", "customers"])
def test_a_table_without_a_column_it_needs_is_not_used(dossier: Dossier, table: str) -> None:
    dossier.table("sales_lines", sale())
    dossier.table(table, header=HEADERS[table].replace("company,", "firm,"))
    (found,) = dossier.extract().anomalies("missing_column")
    assert f"{table}.csv has no column company" in found.detail


def test_a_table_that_is_not_utf8_is_not_used_and_says_where(dossier: Dossier) -> None:
    content = "\n".join([HEADERS["sales_lines"], sale(), sale(customer="Zoé")]) + "\n"
    (dossier.folder / "sales_lines.csv").write_bytes(content.encode("latin-1"))
    extraction = dossier.extract()
    (found,) = extraction.anomalies("unreadable_file")
    assert "line 3" in found.detail
    assert "not UTF-8" in extraction.reason("commercial_revenue")


def test_entries_beside_fec_would_count_twice_and_are_refused(dossier: Dossier) -> None:
    dossier.table("entries", entry("2026-11-02", "512000", "1"))
    dossier.fec("AFEC20261231.txt", "x")
    with pytest.raises(SourceError, match="would count twice"):
        dossier.extract()


def test_a_check_reports_what_is_wrong_without_a_system_date(dossier: Dossier) -> None:
    dossier.companies("A", "B")
    dossier.table("companies", "A,A,A,EUR,EUR,", "B,B,B,GBP,EUR,")
    dossier.table("sales_lines", sale("no day"))
    found = check(DossierSource(dossier.folder), on_step=lambda _: None)
    assert {one.code for one in found.anomalies if one.severity == "error"} == {"criteria_not_met", "bad_row"}
    assert found.as_of == date(2026, 12, 31)
