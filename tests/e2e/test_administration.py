"""What an administrator and the platform's operator do, felt through to the phone, with every service real."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.dossiers import AS_OF, write_dossier
from tests.e2e.firm import ENDED, Firm
from tests.e2e.processes import OPERATOR_PASSWORD
from tests.e2e.together import Together, together
from tests.stack.waiting import until

pytestmark = pytest.mark.timeout(180)

ONE = {"companies": ["S01"], "as_of": AS_OF.isoformat()}


@pytest.fixture(scope="module")
async def platform(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Together]:
    async with together(postgres_url, tmp_path_factory.mktemp("together")) as one:
        yield one


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dossier(tmp_path_factory.mktemp("books"))


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient() as client:
        yield client


@pytest.fixture
async def firm(platform: Together, http: httpx2.AsyncClient, books: Path, tmp_path: Path) -> Firm:
    """A client of the test's own, whose books lie in `tmp_path / "books"`."""
    one = Firm(platform, f"F{uuid4().hex[:10]}", http)
    await one.register(Path(shutil.copytree(books, tmp_path / "books")))
    return one


async def as_operator(firm: Firm, path: str) -> dict[str, Any]:
    token = await firm.call(
        "POST", "/auth/v1/operator/sessions", {"username": "operator", "password": OPERATOR_PASSWORD}
    )
    return await firm.call("POST", f"/auth/v1/operator/clients/{firm.code}/{path}", None, token["access_token"])


async def as_administrator(firm: Firm, method: Any, path: str, body: Any = None) -> httpx2.Response:
    return await firm.asked(method, path, body, await firm.administrator())


async def asked(firm: Firm, body: Any = ONE) -> str:
    answer = await as_administrator(firm, "POST", "/extractor/v1/extractions", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def ended(firm: Firm, extraction: str) -> dict[str, Any]:
    async def has_ended() -> bool:
        return (await firm.run(extraction))["status"] in ENDED

    await until(has_ended, 60)
    return await firm.run(extraction)


async def published(firm: Firm, body: Any = ONE) -> dict[str, Any]:
    run = await ended(firm, await asked(firm, body))
    assert run["status"] == "published", run
    return run


async def on_the_phone(firm: Firm, code: str = "S01") -> dict[str, Any]:
    token = (await firm.phone())["access_token"]
    return await firm.call("GET", f"/mobile/v1/snapshots/company/{code}", None, token)


async def test_r1_nothing_more_of_a_run_is_published_once_its_client_is_suspended(
    platform: Together, firm: Firm
) -> None:
    # given a client with a publication, and a run that was let go on and stands in the middle
    first = await published(firm)
    platform.gate.shut()
    held = await asked(firm)
    await platform.gate.held()

    # when the client is suspended and the run goes on
    await as_operator(firm, "suspend")
    platform.gate.open()

    # then its report says why nothing of it was published, once the client can look again
    await as_operator(firm, "resume")
    firm.forget_session()
    run = await ended(firm, held)
    assert (run["status"], run["reason"]) == ("failed", "client_suspended")
    assert "suspended" in run["detail"]
    assert (run["counts"]["published"], run["counts"]["refused"]) == (0, 1)
    assert (await on_the_phone(firm))["extraction_id"] == first["id"]

    # and what is asked for after that is published
    again = await published(firm)
    assert (await on_the_phone(firm))["extraction_id"] == again["id"]


async def test_r1_a_password_that_was_replaced_publishes_nothing_until_the_new_one_is_registered(firm: Firm) -> None:
    url = "/extractor/v1/admin/publication-credentials"
    first = await published(firm)
    new = (await as_operator(firm, "rotate-password"))["password"]

    tested = await as_administrator(firm, "POST", f"{url}/test")
    assert tested.json()["last_check"]["outcome"] == "credentials_refused"
    run = await ended(firm, await asked(firm))
    assert (run["status"], run["reason"]) == ("failed", "credentials_refused")
    assert (await on_the_phone(firm))["extraction_id"] == first["id"]

    registered = await as_administrator(firm, "PUT", url, {"client_code": firm.code, "password": new})
    assert registered.status_code == 204
    assert (await as_administrator(firm, "POST", f"{url}/test")).json()["last_check"]["outcome"] == "accepted"
    await published(firm)


async def test_r7_and_r2_what_is_set_is_what_the_phone_shows(firm: Firm, tmp_path: Path) -> None:
    # given books with a cash account that nobody has declared
    entries = tmp_path / "books/entries.csv"
    lines = "S01,OD,C1,2026-09-01,531000,Caisse,,,Caisse,12.34,0,,,\nS01,OD,C1,2026-09-01,758000,Divers,,,,0,12.34,,,\n"
    entries.write_text(entries.read_text() + lines)
    run = await published(firm)
    assert [one["code"] for one in run["anomalies"]].count("cash_account_undeclared") == 1
    before = (await on_the_phone(firm))["indicators"]

    # when it is declared here, revenue is counted otherwise, and all but three indicators are switched off
    option = {"company": "S01", "account": "531000", "cash_account": True}
    assert (await as_administrator(firm, "PUT", "/extractor/v1/admin/cash-accounts", [option])).status_code == 200
    shown = ["commercial_revenue", "accounting_revenue", "treasury_position"]
    body = {"headings": {"net_revenue": ["70", "758"]}, "published_indicators": shown}
    preview = await as_administrator(
        firm, "POST", f"/extractor/v1/admin/parameters/preview?as_of={AS_OF}&company=S01", body
    )
    saved = await as_administrator(firm, "PUT", "/extractor/v1/admin/parameters", body)
    assert saved.status_code == 200, saved.text

    # then the phone shows it to the cent after the next extraction, as the preview did before
    await published(firm)
    after = (await on_the_phone(firm))["indicators"]
    assert list(after) == shown
    assert cents(after["treasury_position"]["amount"]) == cents(before["treasury_position"]["amount"]) + 1234
    assert cents(after["accounting_revenue"]["month"]) == cents(before["accounting_revenue"]["month"]) + 1234
    [scope] = preview.json()["scopes"]
    then = {one["indicator"]: one["then"] for one in scope["indicators"] if one["then"] is not None}
    assert then == after
    assert then == {one["indicator"]: one["then"] for one in scope["indicators"] if one["indicator"] in shown}


async def test_whatever_differs_from_the_directory_is_told_and_mended_by_importing_again(
    firm: Firm, tmp_path: Path
) -> None:
    # given a source that says otherwise in every member that an import brings over
    for file, before, after in (
        ("companies.csv", "S01,s01,Société S01,EUR,EUR,", "S01,s01,Autre nom,EUR,USD,1.0850"),
        ("companies.csv", "S08,s08,Société S08,EUR", "S08,s08,Société S08,CHF"),
        ("companies.csv", "S20,s20", "S21,s21"),
        ("fiscal_years.csv", "S09,2026-01-01,2026-12-31,month", "S09,2026-01-01,2027-03-31,month"),
        ("fiscal_years.csv", "S10,2026-01-01,2026-12-31,month", "S10,2026-01-01,2026-12-31,quarter"),
        ("families.csv", "Famille EST,S01;", "Groupe EST,"),
        ("families.csv", "S19;S20", "S19;S21"),
    ):
        path = tmp_path / "books" / file
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after, 1))
    fiscal_years = tmp_path / "books/fiscal_years.csv"
    fiscal_years.write_text(fiscal_years.read_text().replace("S20,", "S21,"))

    # when it is extracted, then each difference is told with both values
    companies = ["S01", "S08", "S09", "S10"]
    told = await mismatches(firm, {"companies": [*companies, "S20"], "families": ["EST"]})
    for expected in (
        "company S01: name is Société S01 in the directory and Autre nom in the source",
        "company S01: reporting currency is EUR in the directory and USD in the source",
        "company S01: reporting rate is 1 in the directory and 1.0850 in the source",
        "company S08: accounting currency is EUR in the directory and CHF in the source",
        "company S20 is in the directory and not in the source",
        "the source has companies that the directory has not: S21",
        "2026-01-01/2026-12-31 month in the directory and 2025-01-01/2025-12-31 month, 2026-01-01/2027-03-31 month in",
        "company S10: fiscal years is",
        "family EST: name is Famille EST in the directory and Groupe EST in the source",
        "family EST: companies is S01, S02, S03, S04, S05, S06, S07 in the directory and S02, S03, S04, S05, S06, S07",
    ):
        assert [one for one in told if expected in one], (expected, told)

    # and once it is imported again, none is left of what the source has
    imported = await as_administrator(firm, "POST", "/extractor/v1/admin/sources/books/import", {"dry_run": False})
    assert imported.status_code == 200, imported.text
    assert imported.json()["created"] == [{"kind": "company", "code": "S21"}]
    assert await mismatches(firm, *({"companies": [code]} for code in companies), {"families": ["EST"]}) == set()


async def mismatches(firm: Firm, *asked_for: dict[str, Any]) -> set[str]:
    """What extractions of these tell of differences with the directory."""
    runs = [await asked(firm, {**body, "as_of": AS_OF.isoformat()}) for body in asked_for]
    reports = [await ended(firm, run) for run in runs]
    return {one["detail"] for run in reports for one in run["anomalies"] if one["code"] == "directory_mismatch"}


async def test_r8_companies_that_an_import_has_set_at_odds_are_not_extracted_together(
    firm: Firm, tmp_path: Path
) -> None:
    companies = tmp_path / "books/companies.csv"
    companies.write_text(companies.read_text().replace("Société S02,EUR", "Société S02,CHF"))
    await as_administrator(firm, "POST", "/extractor/v1/admin/sources/books/import", {"dry_run": False})
    answer = await as_administrator(firm, "POST", "/extractor/v1/extractions", {"companies": ["S01", "S02"]})
    assert answer.status_code == 409
    assert answer.json()["failures"] == [
        {"criterion": "accounting_currency", "companies": ["S01", "S02"], "values": ["EUR", "CHF"]}
    ]


async def test_r3_a_dossier_that_has_become_multi_base_is_not_imported_over_families(
    firm: Firm, tmp_path: Path
) -> None:
    (tmp_path / "books/dossier.toml").write_text('kind = "multi-base"\n')
    url = "/extractor/v1/admin/sources/books/import"
    with_families = await as_administrator(firm, "POST", url, {"dry_run": False})
    assert with_families.status_code == 422
    assert "multi-base dossier has no families" in with_families.json()["detail"]

    (tmp_path / "books/families.csv").unlink()
    over_families = await as_administrator(firm, "POST", url, {"dry_run": False})
    assert over_families.status_code == 409
    assert {family for family in ("EST", "TOUT") if family in over_families.text} == {"EST", "TOUT"}


def cents(amount: str) -> int:
    return int(amount.replace(".", ""))
