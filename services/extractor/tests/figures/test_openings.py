"""The opening of a FEC: which journal it is, which year the file is of, and when it counts."""

from decimal import Decimal

import pytest
from services.extractor.tests.figures.books import Dossier, fec_row, fec_text

from vigie_extractor.indicators.result import Flows, Treasury

FILE = "AFEC20261231.txt"


def _bank(dossier: Dossier) -> Decimal:
    found = dossier.extract().figure("treasury_position")
    assert isinstance(found, Treasury)
    return found.amount


def _sale(day: str = "20260301") -> dict[str, str]:
    return fec_row(day, "701000", "0", "10,00")


@pytest.mark.parametrize(
    ("journal", "label"),
    [
        ("AN", "x"),
        ("ano", "x"),
        (" RAN ", "x"),
        ("OUV", "x"),
        ("2", "BILAN D'OUVERTURE"),
        ("X", "Ouverture 2026"),
        ("X", "A nouveaux"),
        ("X", "A-NOUVEAU"),
        ("X", "Report à nouveau"),
        ("X", "Journal des À  Nouveaux"),
    ],
)
def test_a_journal_is_the_opening_one_by_its_code_or_its_label(dossier: Dossier, journal: str, label: str) -> None:
    # given an opening line that keeps the original date of its item
    opening = fec_row("20240115", "701000", "0", "99,00", journal=journal, journal_label=label)
    dossier.fec(FILE, fec_text([opening, _sale()]))
    extraction = dossier.extract()
    revenue = extraction.figure("accounting_revenue")
    assert isinstance(revenue, Flows)
    assert revenue.year == Decimal("10.00")
    assert extraction.anomalies("no_opening_entries") == []


@pytest.mark.parametrize(
    ("journal", "label"), [("AND", "Andouille"), ("X", "Panouveau"), ("X", "Réouverture"), ("VE", "Nouveautés")]
)
def test_a_journal_that_only_looks_like_it_is_not_the_opening_one(dossier: Dossier, journal: str, label: str) -> None:
    line = fec_row("20260301", "701000", "0", "99,00", journal=journal, journal_label=label)
    dossier.fec(FILE, fec_text([line]))
    revenue = dossier.extract().figure("accounting_revenue")
    assert isinstance(revenue, Flows)
    assert revenue.year == Decimal("99.00")


@pytest.mark.parametrize(("journals", "year"), [('["Z1"]', "30.00"), ("[]", "31.00")])
def test_the_parameter_replaces_the_whole_rule(dossier: Dossier, journals: str, year: str) -> None:
    dossier.settings(f'kind = "single-base"\n[parameters]\nopening_journals = {journals}\n')
    rows = [
        fec_row("20260301", "701000", "0", "1,00", journal="Z1"),
        fec_row("20260301", "701000", "0", "20,00", journal="AN"),
    ]
    dossier.fec(FILE, fec_text([*rows, _sale()]))
    revenue = dossier.extract().figure("accounting_revenue")
    assert isinstance(revenue, Flows)
    assert f"{revenue.year:.2f}" == year


def test_an_opening_counts_on_the_first_day_of_the_files_year_whatever_its_date(dossier: Dossier) -> None:
    dossier.fec("AFEC20251231.txt", fec_text([fec_row("20250301", "512000", "100,00")]))
    dossier.fec(FILE, fec_text([fec_row("20250301", "512000", "100,00", journal="AN"), _sale()]))
    assert _bank(dossier) == Decimal("100.00")


def test_an_opening_of_a_year_to_come_counts_nowhere_and_is_reported_as_later(dossier: Dossier) -> None:
    dossier.table("fiscal_years", "A,2026-01-01,2026-12-31,month", "A,2027-01-01,2027-12-31,month")
    dossier.fec(FILE, fec_text([fec_row("20260301", "512000", "100,00")]))
    dossier.fec(
        "AFEC20271231.txt", fec_text([fec_row("20260301", "512000", "100,00", journal="AN"), _sale("20270201")])
    )
    assert _bank(dossier) == Decimal("100.00")
    assert [one.count for one in dossier.extract().anomalies("entry_after_system_date")] == [2]


def test_a_file_is_of_the_year_that_holds_most_of_its_lines_not_of_its_name(dossier: Dossier) -> None:
    dossier.fec(
        "AFEC20231231.txt",
        fec_text([fec_row("20240101", "512000", "5,00", journal="AN"), _sale(), _sale("20251231"), _sale()]),
    )
    extraction = dossier.extract()
    assert _bank(dossier) == Decimal("5.00")
    (outside,) = extraction.anomalies("bad_row")
    assert (outside.count, outside.severity) == (1, "warning")
    assert extraction.count_of("AFEC20231231.txt") == (4, 4, 0)


def test_a_tie_of_two_years_goes_to_the_later_one(dossier: Dossier) -> None:
    dossier.fec(FILE, fec_text([fec_row("20251231", "512000", "5,00", journal="AN"), _sale(), _sale("20251231")]))
    (outside,) = dossier.extract().anomalies("bad_row")
    assert "2026-01-01/2026-12-31" in outside.detail


def test_a_file_of_opening_lines_alone_is_of_the_year_in_its_name(dossier: Dossier) -> None:
    dossier.fec(FILE, fec_text([fec_row("20190101", "512000", "5,00", journal="AN")]))
    assert _bank(dossier) == Decimal("5.00")


def test_without_a_usable_name_a_file_is_of_the_year_of_its_latest_entry(dossier: Dossier) -> None:
    dossier.fec("fec.csv", "file,company\nbooks.txt,A\n")
    dossier.fec("books.txt", fec_text([fec_row("20260105", "512000", "5,00", journal="AN")]))
    assert _bank(dossier) == Decimal("5.00")


def test_the_opening_of_a_file_of_no_year_is_refused(dossier: Dossier) -> None:
    dossier.fec("AFEC20191231.txt", fec_text([fec_row("20190101", "512000", "5,00", journal="AN"), _sale("20190301")]))
    extraction = dossier.extract()
    assert _bank(dossier) == Decimal("0.00")
    assert extraction.count_of("AFEC20191231.txt") == (2, 1, 1)


def test_where_no_year_is_declared_each_fec_gives_one(dossier: Dossier) -> None:
    dossier.table("fiscal_years")
    opening = fec_row("20240101", "512000", "5,00", journal="AN")
    dossier.fec(FILE, fec_text([opening, _sale("20260105"), _sale("20261101")]))
    extraction = dossier.extract()
    (scope,) = extraction.result.scopes
    assert (scope.year.start.isoformat(), scope.year.end.isoformat()) == ("2026-01-05", "2026-11-24")
    assert _bank(dossier) == Decimal("5.00")


def test_years_derived_from_files_that_overlap_leave_the_company_out(dossier: Dossier) -> None:
    dossier.table("fiscal_years")
    dossier.fec(FILE, fec_text([_sale("20251115"), _sale("20261101")]))
    dossier.fec("AFEC20251231.txt", fec_text([_sale("20250105")]))
    extraction = dossier.extract()
    assert [one.company for one in extraction.anomalies("overlapping_fiscal_years")] == ["A"]
    assert [one.code for one in extraction.result.left_out] == ["A"]
