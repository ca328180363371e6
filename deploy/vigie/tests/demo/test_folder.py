"""The dossier folder: the same arguments give the same bytes, and it is there whole or not at all."""

import csv
import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigie.cli import app
from vigie.demo.dossier import imagine
from vigie.demo.folder import new_folder, write_dossier

pytestmark = pytest.mark.slow

AS_OF = date(2026, 11, 24)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "dossier"
    write_dossier(imagine(1, AS_OF), folder)
    return folder


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_and_date_give_the_same_bytes_in_another_process(dossier: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from vigie.demo.dossier import imagine; from vigie.demo.folder import write_dossier;"
        "write_dossier(imagine(1, date(2026, 11, 24)), Path(sys.argv[1]))"
    )
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-c", code, str(other)], check=True, env={"PYTHONHASHSEED": "77"})
    assert _digest(other) == _digest(dossier)


def test_another_seed_makes_another_firm(dossier: Path, tmp_path: Path) -> None:
    write_dossier(imagine(2, AS_OF), tmp_path / "other")
    assert _digest(tmp_path / "other") != _digest(dossier)


def test_the_folder_holds_the_files_of_the_interchange_format(dossier: Path) -> None:
    assert sorted(str(path.relative_to(dossier)) for path in dossier.rglob("*") if path.is_file()) == [
        *("cash_accounts.csv", "companies.csv", "customers.csv", "dossier.toml", "families.csv"),
        *(f"fec/{code}FEC{year}1231.txt" for code in ("NORD", "SUD") for year in (2024, 2025, 2026)),
        *("fiscal_years.csv", "items.csv", "sales_lines.csv", "sales_reps.csv"),
    ]


def test_codes_are_unique_and_every_line_finds_its_master_rows(dossier: Path) -> None:
    known: dict[str, set[tuple[str, str]]] = {}
    for table in ("customers", "items", "sales_reps"):
        keys = [(row["company"], row["code"]) for row in _rows(dossier / f"{table}.csv")]
        assert len(keys) == len(set(keys))
        known[table] = set(keys)
    for line in _rows(dossier / "sales_lines.csv"):
        assert (line["company"], line["customer"]) in known["customers"]
        assert (line["company"], line["item"]) in known["items"]
        assert (line["company"], line["sales_rep"]) in known["sales_reps"]


def test_the_firm_is_as_large_as_announced(dossier: Path) -> None:
    customers, items = _rows(dossier / "customers.csv"), _rows(dossier / "items.csv")
    assert len({row["code"] for row in customers}) == 80
    assert len({row["category_default"] for row in customers}) == 6
    assert len({row["code"] for row in items}) == 150
    assert len({row["family"] for row in items}) == 12
    assert len({row["code"] for row in _rows(dossier / "sales_reps.csv")}) == 8
    assert {row["name"] for row in customers if "," in row["name"] or "\t" in row["name"]} == set()


def test_a_fec_has_eighteen_columns_comma_decimals_and_one_side_a_row(dossier: Path) -> None:
    for path in sorted((dossier / "fec").iterdir()):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        assert header.split("\t")[:4] == ["JournalCode", "JournalLib", "EcritureNum", "EcritureDate"]
        for row in rows:
            fields = row.split("\t")
            assert len(fields) == 18
            debit, credit = fields[11], fields[12]
            assert debit[-3] == credit[-3] == ","
            assert (debit == "0,00") != (credit == "0,00")
            assert fields[3] <= fields[15] <= "20261124"
            assert fields[14] <= "20261124"


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(app, ["demo", str(tmp_path)])
    assert result.exit_code == 2
    assert "empty this one" in " ".join(result.stderr.split())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_could_not_be_finished_is_not_there(tmp_path: Path) -> None:
    def stop_half_way() -> None:
        with new_folder(tmp_path / "dossier") as draft:
            (draft / "half.csv").write_text("half", encoding="utf-8")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stop_half_way()
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_dossier_of_the_date_given(dossier: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", str(tmp_path / "dossier"), "--as-of", "2026-11-24"])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert _digest(tmp_path / "dossier") == _digest(dossier)


@pytest.mark.parametrize("as_of", ["1999-12-31", "2101-01-01", "24/11/2026"])
def test_a_date_out_of_range_or_form_is_refused_before_anything_is_written(as_of: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", str(tmp_path / "dossier"), "--as-of", as_of])
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []
