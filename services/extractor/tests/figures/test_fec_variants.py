"""FEC as real programs write it: one set of books, told in every variant, gives one set of figures."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.extractor.tests.figures.books import FEC_COLUMNS, Dossier, Extraction, fec_row, fec_text

from vigie_extractor.indicators.result import Flows, Outstanding, Treasury

FILE = "AFEC20261231.txt"
ROWS = [
    fec_row("20260101", "512000", "1000,00", "0,00", journal="AN", label="Banque", number="1"),
    fec_row("20260101", "101000", "0,00", "1000,00", journal="AN", label="Capital", number="1"),
    fec_row("20261102", "411000", "120,00", "0,00", label="Clients", party="C01", party_label="Café Zoé", number="2"),
    fec_row("20261102", "701000", "0,00", "120,00", label="Ventes", number="2"),
    fec_row("20261103", "411000", "-20,00", "0,00", label="Clients", party="C01", party_label="Café Zoé", number="3"),
    fec_row("20261103", "701000", "0,00", "-20,00", label="Ventes", number="3"),
]
SENSE_COLUMNS = tuple({"Debit": "Montant", "Credit": "Sens"}.get(column, column) for column in FEC_COLUMNS)


def _same_figures(extraction: Extraction, label: str = "Café Zoé") -> None:
    revenue, customers = extraction.figure("accounting_revenue"), extraction.figure("top_customer_outstanding")
    treasury = extraction.figure("treasury_position")
    assert isinstance(revenue, Flows)
    assert isinstance(customers, Outstanding)
    assert isinstance(treasury, Treasury)
    assert revenue.month == Decimal("100.00")
    assert [(row.code, row.label, row.amount) for row in customers.rows] == [("C01", label, Decimal("100.00"))]
    assert treasury.amount == Decimal("1000.00")
    assert extraction.count_of(FILE) == (6, 6, 0)
    assert extraction.anomalies("bad_row") == []
    assert extraction.anomalies("unbalanced_entry") == []


def _with_sense(debit: str, credit: str) -> list[dict[str, str]]:
    def told(row: dict[str, str]) -> dict[str, str]:
        in_credit = row["Debit"] == "0,00"
        return {**row, "Montant": row["Credit" if in_credit else "Debit"], "Sens": credit if in_credit else debit}

    return [told(row) for row in ROWS]


def _padded(row: dict[str, str]) -> dict[str, str]:
    return {column: f"{value}   " for column, value in row.items()}


VARIANTS: dict[str, Callable[[], bytes]] = {
    "tabs": lambda: fec_text(ROWS).encode(),
    "pipes": lambda: fec_text(ROWS, separator="|").encode(),
    "a byte order mark": lambda: fec_text(ROWS).encode("utf-8-sig"),
    "CRLF": lambda: fec_text(ROWS, line_end="\r\n").encode(),
    "CR CR LF": lambda: fec_text(ROWS, line_end="\r\r\n").encode(),
    "ISO-8859-15": lambda: fec_text(ROWS).encode("iso8859-15"),
    "Windows-1252": lambda: fec_text([*ROWS[:-1], {**ROWS[-1], "EcritureLib": "l\u2019avoir"}]).encode("cp1252"),
    "no end of the last line": lambda: fec_text(ROWS).encode().rstrip(b"\n"),
    "blank lines": lambda: fec_text(ROWS, line_end="\n\n").encode(),
    "a separator at the end": lambda: fec_text(ROWS, line_end="\t\n").encode(),
    "a separator at the end of rows alone": lambda: (
        fec_text(ROWS, line_end="\t\n").replace("Idevise\t", "Idevise", 1).encode()
    ),
    "22 columns": lambda: fec_text(ROWS, columns=[*FEC_COLUMNS, "DateRglt", "ModeRglt", "NatOp", "IdClient"]).encode(),
    "another order of columns": lambda: fec_text(ROWS, columns=FEC_COLUMNS[::-1]).encode(),
    "another case of the header": lambda: (
        fec_text(ROWS).replace("CompteLib", "CompteLIB", 1).replace("Debit", "DEBIT", 1).encode()
    ),
    "padded values": lambda: fec_text(map(_padded, ROWS)).encode(),
    "quotes that are text": lambda: fec_text([{**row, "EcritureLib": '"le \\" mot'} for row in ROWS]).encode(),
    "Montant and Sens in letters": lambda: fec_text(_with_sense("D", "C"), columns=SENSE_COLUMNS).encode(),
    "Montant and Sens in signs": lambda: fec_text(_with_sense("+1", "-1"), columns=SENSE_COLUMNS).encode(),
    "C1 control characters": lambda: fec_text([{**row, "EcritureLib": "\x85\x92"} for row in ROWS]).encode(),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_gives_the_same_figures(dossier: Dossier, variant: str) -> None:
    dossier.fec(FILE, VARIANTS[variant]())
    _same_figures(dossier.extract())


@pytest.mark.parametrize(
    "amount",
    ["0000000120,00", "+000000120,00", "120", "120,0", "120.00", " 120,00 ", "120,0000", "120,", "120,000000"],
)
def test_every_way_to_write_an_amount_is_read(dossier: Dossier, amount: str) -> None:
    rows = [*ROWS[:2], {**ROWS[2], "Debit": amount}, {**ROWS[3], "Credit": amount}, *ROWS[4:]]
    dossier.fec(FILE, fec_text(rows))
    _same_figures(dossier.extract())


def test_a_blank_amount_is_zero(dossier: Dossier) -> None:
    rows = [{**row, **{side: "" for side in ("Debit", "Credit") if row[side] == "0,00"}} for row in ROWS]
    dossier.fec(FILE, fec_text(rows))
    _same_figures(dossier.extract())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Debit", "12,34567"),
        ("Debit", "1 200,00"),
        ("Debit", "1e3"),
        ("Debit", "1_000"),
        ("Credit", "douze"),
        ("Credit", "999999999999999"),
        ("EcritureDate", ""),
        ("EcritureDate", "        "),
        ("EcritureDate", "20261301"),
        ("EcritureDate", "20260229"),
        ("EcritureDate", "2026110"),
        ("EcritureDate", "2026-11-02"),
        ("EcritureDate", "02/11/2026"),
        ("CompteNum", "  "),
    ],
)
def test_a_value_that_cannot_be_read_is_reported_with_file_line_and_column(
    dossier: Dossier, column: str, value: str
) -> None:
    # given a malformed row on line 4, after a blank line 2
    lines = fec_text([*ROWS[:1], {**ROWS[1], column: value}, *ROWS[2:]]).split("\n")
    dossier.fec(FILE, "\n".join([lines[0], "", *lines[1:]]))
    extraction = dossier.extract()
    (found,) = extraction.anomalies("bad_row")
    assert found.place is not None
    assert (found.place.file, found.place.line, found.place.column) == (FILE, 4, column)
    assert found.place.value == value
    assert (found.severity, found.company) == ("error", "A")
    assert extraction.count_of(FILE) == (6, 5, 1)


@pytest.mark.parametrize("line", ["VE\tVentes\t9", fec_text([ROWS[3]]).split("\n")[1] + "\tmore\tand more", "x"])
def test_a_row_of_another_shape_is_refused_with_its_line(dossier: Dossier, line: str) -> None:
    dossier.fec(FILE, fec_text(ROWS) + line + "\n")
    extraction = dossier.extract()
    (found,) = extraction.anomalies("bad_row")
    assert found.place is not None
    assert found.place.line == 8
    assert extraction.count_of(FILE) == (7, 6, 1)


def test_a_sense_that_is_neither_debit_nor_credit_is_refused(dossier: Dossier) -> None:
    rows = _with_sense("D", "C")
    dossier.fec(FILE, fec_text([*rows, {**rows[0], "Sens": "X"}], columns=SENSE_COLUMNS))
    (found,) = dossier.extract().anomalies("bad_row")
    assert found.place is not None
    assert (found.place.line, found.place.column, found.place.value) == (8, "Sens", "X")


@pytest.mark.parametrize("sense", [False, True], ids=["Debit and Credit", "Montant and Sens"])
def test_the_largest_amounts_are_read_and_balance(dossier: Dossier, *, sense: bool) -> None:
    # given an entry of the largest amounts that are read, on a day that counts
    largest = "99999999999999,9999"
    rows = [
        fec_row("20261104", "512000", largest, "0,00", number="4") | {"Montant": largest, "Sens": "D"},
        fec_row("20261104", "701000", "0,00", largest, number="4") | {"Montant": largest, "Sens": "C"},
    ]
    dossier.fec(FILE, fec_text(rows, columns=SENSE_COLUMNS if sense else FEC_COLUMNS))

    # when it is extracted
    extraction = dossier.extract()

    # then nothing overflows and nothing is lost
    revenue = extraction.figure("accounting_revenue")
    assert isinstance(revenue, Flows)
    assert revenue.month == Decimal("100000000000000.00")
    assert extraction.count_of(FILE) == (2, 2, 0)
    assert extraction.anomalies("unbalanced_entry") == []


def test_a_line_with_a_nul_byte_is_refused_and_the_rest_is_read(dossier: Dossier) -> None:
    spoilt = fec_text([{**ROWS[3], "EcritureLib": "a\0b"}]).split("\n")[1]
    dossier.fec(FILE, fec_text(ROWS) + spoilt + "\n")
    extraction = dossier.extract()
    (found,) = extraction.anomalies("bad_row")
    assert found.place is not None
    assert found.place.line == 8
    assert "NUL" in found.detail
    assert extraction.count_of(FILE) == (7, 6, 1)


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        (b"", "unreadable_file", "empty"),
        (b"\n\n", "unreadable_file", "empty"),
        (fec_text(ROWS, separator=";").encode(), "unreadable_file", "neither by tabs nor by pipes"),
        (fec_text(ROWS, columns=[*FEC_COLUMNS, "Debit"]).encode(), "unreadable_file", "Debit twice"),
        (fec_text(ROWS, columns=FEC_COLUMNS[1:]).encode(), "missing_column", "JournalCode"),
        (fec_text(ROWS, columns=[c for c in FEC_COLUMNS if c != "Credit"]).encode(), "missing_column", "Credit"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_its_company_without_accounting(
    dossier: Dossier, content: bytes, code: str, why: str
) -> None:
    dossier.fec(FILE, content)
    extraction = dossier.extract()
    (found,) = extraction.anomalies(code)
    assert why in found.detail
    assert "could not be read" in extraction.reason("accounting_revenue")
    present, read, refused = extraction.count_of(FILE)
    assert (read, refused) == (0, present)


def test_a_header_alone_is_a_year_without_entries(dossier: Dossier) -> None:
    dossier.fec(FILE, fec_text([]))
    revenue = dossier.extract().figure("accounting_revenue")
    assert isinstance(revenue, Flows)
    assert revenue.year == Decimal("0.00")


def test_a_file_of_no_known_company_is_refused_whole(dossier: Dossier) -> None:
    dossier.fec(FILE, fec_text(ROWS))
    dossier.fec("GHOSTFEC20261231.txt", fec_text(ROWS))
    extraction = dossier.extract()
    (found,) = extraction.anomalies("unknown_company")
    assert found.count == 6
    assert extraction.count_of("GHOSTFEC20261231.txt") == (6, 0, 6)


def test_an_index_that_names_a_file_which_is_not_there_is_reported(dossier: Dossier) -> None:
    dossier.fec(FILE, fec_text(ROWS))
    dossier.fec("fec.csv", "file,company\nlost.txt,A\n")
    (found,) = dossier.extract().anomalies("unreadable_file")
    assert "lost.txt" in found.detail


def test_files_of_several_layouts_and_companies_are_read_together(dossier: Dossier) -> None:
    dossier.companies("A", "B")
    dossier.fec(FILE, fec_text(ROWS))
    dossier.fec("BFEC20261231.txt", fec_text(_with_sense("D", "C"), columns=SENSE_COLUMNS, separator="|"))
    dossier.fec("BFEC20251231.txt", fec_text([fec_row("20250301", "701000", "0", "1,00")]))
    extraction = dossier.extract()
    for scope in ("A", "B"):
        revenue = extraction.figure("accounting_revenue", scope)
        assert isinstance(revenue, Flows)
        assert revenue.month == Decimal("100.00")


AMOUNTS = st.decimals(-(10**9), 10**9, places=4)


@pytest.mark.slow
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_amounts_of_any_sign_and_four_places_are_summed_exactly(dossier: Dossier, amounts: list[Decimal]) -> None:
    dossier.fec(FILE, fec_text([fec_row("20261102", "512000", str(amount).replace(".", ",")) for amount in amounts]))
    treasury = dossier.extract().figure("treasury_position")
    assert isinstance(treasury, Treasury)
    assert abs(treasury.amount - sum(amounts)) <= Decimal("0.005")
