"""The reference on small cases worked out by hand from the definitions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .reference import Answer, answer
from .reference.accounting import in_heading
from .reference.fec import decode, is_opening_journal
from .reference.money import cents, share, written
from .reference.periods import one_year_earlier

COMPANIES = "code,shortcut_code,name,accounting_currency,reporting_currency,reporting_rate\nA,A,Alpha,EUR,USD,\n"
FEC_HEADER = (
    "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\t"
    "PieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise\n"
)


def fec_line(journal: str, day: str, account: str, debit: str, credit: str) -> str:
    return f"{journal}\t\t1\t{day}\t{account}\t\t\t\t\t\t\t{debit}\t{credit}\t\t\t\t\t\n"


def asked(folder: Path, as_of: date, files: dict[str, str]) -> Answer:
    base = {"dossier.toml": 'kind = "multi-base"\n', "companies.csv": COMPANIES}
    for name, text in {**base, **files}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return answer(folder, as_of)


def indicator(found: Answer, name: str) -> Any:
    indicators: Any = found.scopes["company", "A"]["indicators"]
    return indicators[name]


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("-0.0049", "0.00"), ("2.675", "2.68")],
)
def test_amounts_are_rounded_half_away_from_zero(exact: str, rounded: str) -> None:
    assert written(cents(Decimal(exact))) == rounded


def test_a_share_has_four_decimals_and_none_without_a_positive_total() -> None:
    assert share(Decimal(500), Decimal(1200)) == "0.4167"
    assert share(Decimal(1), Decimal(0)) is None


def test_29_february_becomes_28_and_28_stays_28() -> None:
    assert one_year_earlier(date(2024, 2, 29)) == date(2023, 2, 28)
    assert one_year_earlier(date(2025, 2, 28)) == date(2024, 2, 28)


@pytest.mark.parametrize(
    ("heading", "account", "inside"),
    [
        (["70"], "709000", True),
        (["70", "-709"], "709000", False),
        (["70", "-709", "7095"], "709500", True),
        (["709", "-709"], "709000", False),
        (["-70", "701"], "701000", True),
        (["70"], "607000", False),
    ],
)
def test_the_longest_prefix_decides(heading: list[str], account: str, inside: bool) -> None:
    assert in_heading(heading, account) is inside


@pytest.mark.parametrize(
    ("code", "label", "opening"),
    [
        ("ANO", "", True),
        ("88", "Report à nouveau", True),
        ("88", "À-NOUVEAUX", True),
        ("2", "BILAN D'OUVERTURE", True),
        ("VE", "Extra nouveau", False),
        ("VE", "Ventes a nouveautés", False),
        ("VE", "Réouverture", False),
    ],
)
def test_an_opening_journal_is_known_by_code_or_label(code: str, label: str, opening: bool) -> None:
    assert is_opening_journal(code, label, None) is opening
    assert is_opening_journal(code, label, frozenset({"VE"})) is (code == "VE")


def test_the_encoding_of_a_fec_is_told_by_its_bytes() -> None:
    assert decode("\ufeffÉté €".encode()) == "Été €"
    assert decode("Été €".encode("cp1252")) == "Été €"
    assert decode("Été €".encode("iso-8859-15")) == "Été €"


def test_two_consecutive_years_never_count_the_same_balance_twice(tmp_path: Path) -> None:
    # given a balance of 100 made in 2023 and repeated by the opening of 2024, whose item keeps its date of 2023
    files = {
        "fec/AFEC20231231.txt": FEC_HEADER + fec_line("BQ", "20230310", "512000", "100,00", "0,00"),
        "fec/AFEC20241231.txt": FEC_HEADER
        + fec_line("AN", "20230310", "512000", "100,00", "0,00")
        + fec_line("BQ", "20240102", "512000", "20,00", "0,00"),
        "fiscal_years.csv": "company,start,end,unit\nA,2023-01-01,2023-12-31,month\nA,2024-01-01,2024-12-31,month\n",
    }

    # when the position is asked for in 2024
    found = asked(tmp_path, date(2024, 6, 30), files)

    # then it is 120, once
    assert indicator(found, "treasury_position")["amount"] == "120.00"


def test_the_year_of_a_file_is_that_of_most_of_its_lines_whatever_its_name(tmp_path: Path) -> None:
    files = {
        "fec/AFEC20191231.txt": FEC_HEADER
        + fec_line("AN", "20231231", "512000", "7,00", "0,00")
        + fec_line("VE", "20240105", "701000", "0,00", "50,00"),
        "fiscal_years.csv": "company,start,end,unit\nA,2019-01-01,2019-12-31,month\nA,2024-01-01,2024-12-31,month\n",
    }

    found = asked(tmp_path, date(2024, 1, 31), files)

    assert indicator(found, "treasury_position")["amount"] == "7.00"
    assert indicator(found, "accounting_revenue")["year"] == "50.00"


def test_a_file_gives_the_fiscal_year_that_nobody_declared(tmp_path: Path) -> None:
    text = FEC_HEADER + fec_line("AN", "20230101", "512000", "7,00", "0,00")
    text += fec_line("VE", "20240105", "701000", "0,00", "50,00")

    inside = asked(tmp_path, date(2024, 1, 31), {"fec/AFEC20241231.txt": text})
    before = asked(tmp_path, date(2024, 1, 4), {"fec/AFEC20241231.txt": text})

    assert inside.scopes["company", "A"]["periods"] == {
        "month": ["2024-01-01", "2024-01-31"],
        "year": ["2024-01-05", "2024-01-31"],
    }
    assert (inside.status, before.status) == (0, 2)


def test_orders_are_due_overdue_or_later_by_the_calendar_month(tmp_path: Path) -> None:
    header = "company,document_type,document,line,date,due_date,customer,item,sales_rep,quantity,net_amount,open_amount"
    lines = [
        "A,order,1,1,2024-05-02,2024-05-31,,,,1,10,1",
        "A,order,2,1,2024-05-02,2024-04-30,,,,1,10,20",
        "A,order,3,1,2024-05-02,2024-06-01,,,,1,10,300",
        "A,order,4,1,2024-04-02,,,,,1,10,4000",
        "A,delivery,5,1,2024-05-02,2024-08-01,,,,1,10,50000",
        "A,order,6,1,2024-05-16,2024-05-20,,,,1,10,600000",
    ]
    files = {
        "fiscal_years.csv": "company,start,end,unit\nA,2024-01-01,2024-12-31,month\n",
        "sales_lines.csv": "\n".join([header, *lines]) + "\n",
    }

    found = asked(tmp_path, date(2024, 5, 15), files)

    assert indicator(found, "month_portfolio") == {
        "available": True,
        "amount": "54021.00",
        "due": "1.00",
        "overdue": "4020.00",
        "delivered": "50000.00",
    }
    assert indicator(found, "month_order_book") == {
        "available": True,
        "amount": "1.00",
        "overdue": "4020.00",
        "later": "300.00",
        "stock": "4321.00",
        "intake": "30.00",
    }
