"""`vigie extract` and `vigie check` as a person or a script meets them."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from services.extractor.tests.figures.books import Dossier, entry, sale
from typer.testing import CliRunner

from vigie.cli import app
from vigie.terminal.words import TITLES, Language, Locale
from vigie_extractor.indicators.result import IndicatorId

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


def _vigie(*arguments: str | Path) -> Ran:
    run = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
    return Ran(run.exit_code, run.stdout, run.stderr)


def _extract(dossier: Dossier, *more: str) -> Ran:
    return _vigie("extract", dossier.folder, "--as-of", "2026-11-24", *more)


@pytest.fixture
def dossier(tmp_path: Path) -> Dossier:
    made = Dossier(tmp_path)
    made.settings('kind = "single-base"\n')
    made.companies("A", "B")
    made.table("families", "G,G,Group,A;B")
    made.table("sales_lines", sale(amount="1234.5"), sale(company="B", amount="1"))
    return made


def test_json_on_standard_output_is_the_result_document_alone(dossier: Dossier) -> None:
    ran = _extract(dossier, "--json")
    document = json.loads(ran.out)
    assert ran.status == 0
    assert ran.err == ""
    assert [(scope["kind"], scope["code"]) for scope in document["scopes"]] == [
        ("company", "A"),
        ("company", "B"),
        ("family", "G"),
    ]


def test_only_the_scopes_asked_for_are_extracted(dossier: Dossier) -> None:
    document = json.loads(_extract(dossier, "--company", "B", "--family", "G", "--json").out)
    assert [scope["code"] for scope in document["scopes"]] == ["B", "G"]


def test_tables_are_french_unless_asked_otherwise(dossier: Dossier) -> None:
    french, english = _extract(dossier), _extract(dossier, "--lang", "en")
    assert "Chiffre d'affaires commercial" in french.out
    assert "1\u202f234,50" in french.out
    assert "Sales revenue" in english.out
    assert "1,234.50" in english.out


def test_where_some_scopes_are_left_out_the_rest_is_printed_with_status_1(dossier: Dossier) -> None:
    dossier.table("families", "G,G,Group,A;GHOST")
    ran = _extract(dossier, "--json")
    assert ran.status == 1
    document = json.loads(ran.out)
    assert [scope["code"] for scope in document["scopes"]] == ["A", "B"]
    assert "family_incomplete" in {found["code"] for found in document["anomalies"]}


def test_where_nothing_can_be_extracted_the_anomalies_go_to_standard_error_with_status_2(dossier: Dossier) -> None:
    dossier.table("fiscal_years")
    ran = _extract(dossier, "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("no_fiscal_year") == 2


def test_r8_every_failing_criterion_is_listed_with_status_2(dossier: Dossier) -> None:
    dossier.table("companies", "A,A,A,EUR,EUR,", "B,B,B,GBP,USD,")
    ran = _extract(dossier)
    assert (ran.status, ran.out) == (2, "")
    assert "accounting_currency: A EUR; B GBP" in ran.err
    assert "reporting_currency: A EUR; B USD" in ran.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--as-of", "2026-02-30"], "is not a date such as 2026-11-24"),
        (["--as-of", "2026-11-24", "--company", "Z"], "no such company: Z"),
        (["--as-of", "2026-11-24", "--family", "Z"], "no such family: Z"),
    ],
)
def test_what_is_wrong_in_the_arguments_is_said_with_status_2(dossier: Dossier, arguments: list[str], why: str) -> None:
    ran = _vigie("extract", dossier.folder, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert why in ran.err


def test_a_folder_that_is_no_dossier_is_said_with_status_2(tmp_path: Path) -> None:
    for command in (["extract", f"{tmp_path}/nowhere", "--as-of", "2026-11-24"], ["check", f"{tmp_path}"]):
        ran = _vigie(*command)
        assert (ran.status, ran.out) == (2, "")
        assert str(tmp_path) in ran.err


def test_wrong_settings_are_said_with_status_2(dossier: Dossier) -> None:
    dossier.settings("kind = [")
    ran = _extract(dossier)
    assert ran.status == 2
    assert "dossier.toml cannot be read" in ran.err


def test_a_label_that_looks_like_markup_is_printed_as_it_is(dossier: Dossier) -> None:
    dossier.table("customers", "A,C1,[bold]Zoé[/] & fils,")
    assert "[bold]Zoé[/] & fils" in _extract(dossier).out


def test_a_check_prints_every_anomaly_and_ends_with_1_where_one_is_an_error(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale("no day"), sale())
    ran = _vigie("check", dossier.folder)
    assert ran.status == 1
    assert "bad_row" in ran.out
    assert "sales_lines.csv" in ran.out


def test_a_check_ends_with_0_where_nothing_is_an_error(dossier: Dossier) -> None:
    dossier.table("entries", entry("2026-11-02", "512000", "1"))
    ran = _vigie("check", dossier.folder, "--json")
    document = json.loads(ran.out)
    assert ran.status == 0
    assert {found["code"] for found in document["anomalies"]} >= {"unbalanced_entry", "no_opening_entries"}
    assert {"file": "entries.csv", "present": 1, "read": 1, "refused": 0} in document["files"]


def test_every_indicator_has_a_title_in_both_languages() -> None:
    assert set(TITLES) == set(IndicatorId)
    assert all(french and english and french != english for french, english in TITLES.values())


def test_amounts_dates_and_shares_are_those_of_the_readers_language() -> None:
    french, english = Locale(Language.FR), Locale(Language.EN)
    assert french.amount(Decimal("-1234567.8")) == "-1\u202f234\u202f567,80"
    assert english.amount(Decimal("-1234567.8")) == "-1,234,567.80"
    assert (french.day(date(2026, 11, 24)), english.day(date(2026, 11, 24))) == ("24/11/2026", "2026-11-24")
    assert (french.share(Decimal("0.4167")), english.share(None)) == ("41,67\u202f%", "–")
