"""Cash accounts: those of the books, with an option that the treasury of the next extraction follows (R7)."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx2
import pytest
from services.extractor.tests.dossiers import entry, table, write_dossier, write_fec
from services.extractor.tests.stage import Stage
from services.extractor.tests.test_execution import messages, publishing
from services.extractor.tests.test_http import bearer, is_a_problem

from vigie_extractor.orders import carry_out

URL = "/extractor/v1/admin/cash-accounts"


@pytest.fixture
async def http(on: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """The service, asked by an administrator of a client with three 53 accounts, of which the source declares one."""
    await on.register()
    write_dossier(
        on.folder,
        entries=(
            entry("NORD", "2026-11-02", "512000", debit="1000.10", label="Banque"),
            entry("NORD", "2026-11-02", "531000", debit="20.02", label="Caisse"),
            entry("NORD", "2026-11-09", "531000", debit="0.01", label="Caisse Lille"),
            entry("NORD", "2026-11-03", "532000", debit="3.30"),
            entry("SUD", "2026-11-04", "531000", credit="4.40", label="Caisse Sud"),
            entry("SUD", "2026-11-04", "607000", debit="4.40", label="Achats"),
        ),
    )
    table(on.folder, "cash_accounts", "company,account,cash_account", ["NORD,531000,false"])
    async with on.serving(carry_out) as client:
        client.headers.update(bearer(on.token()))
        yield client


def option(company: str, account: str, cash_account: bool | None) -> dict[str, Any]:
    return {"company": company, "account": account, "cash_account": cash_account}


async def treasury(on: Stage, codes: Sequence[str] = ("NORD", "SUD")) -> dict[str, str]:
    await publishing(on, companies=codes)
    return {code: event.data.indicators["treasury_position"]["amount"] for code, event in (await messages(on)).items()}


async def test_the_53_accounts_of_the_books_are_listed_with_their_label_and_option(http: httpx2.AsyncClient) -> None:
    assert (await http.get(URL)).json() == [
        {"company": "NORD", "account": "531000", "label": "Caisse Lille", "cash_account": False, "origin": "source"},
        {"company": "NORD", "account": "532000", "label": "532000", "cash_account": None, "origin": None},
        {"company": "SUD", "account": "531000", "label": "Caisse Sud", "cash_account": None, "origin": None},
    ]


async def test_r7_without_a_word_here_the_treasury_is_as_the_source_says(on: Stage, http: httpx2.AsyncClient) -> None:
    assert await treasury(on) == {"NORD": "1000.10", "SUD": "0.00"}


async def test_r7_the_treasury_of_the_next_extraction_follows_the_options_to_the_cent(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    saved = await http.put(URL, json=[option("NORD", "531000", True), option("SUD", "531000", True)])
    assert [(one["account"], one["cash_account"], one["origin"]) for one in saved.json()] == [
        ("531000", True, "set"),
        ("532000", None, None),
        ("531000", True, "set"),
    ]
    assert await treasury(on) == {"NORD": "1020.13", "SUD": "-4.40"}


async def test_r7_an_option_taken_back_leaves_the_word_to_the_source(on: Stage, http: httpx2.AsyncClient) -> None:
    await http.put(URL, json=[option("NORD", "531000", True)])
    taken_back = await http.put(URL, json=[option("NORD", "531000", None)])
    assert (taken_back.json()[0]["cash_account"], taken_back.json()[0]["origin"]) == (False, "source")
    assert (await treasury(on))["NORD"] == "1000.10"


async def test_what_get_answers_can_be_put_back(http: httpx2.AsyncClient) -> None:
    listed = (await http.get(URL)).json()
    again = await http.put(URL, json=listed)
    assert [one["cash_account"] for one in again.json()] == [one["cash_account"] for one in listed]


async def test_an_account_that_is_in_no_book_is_refused_with_those_that_are(http: httpx2.AsyncClient) -> None:
    wrong = [option("NORD", "530000", True), option("EST", "531000", False), option("SUD", "531000", False)]
    answer = await http.put(URL, json=wrong)
    is_a_problem(answer, 422)
    assert [(one["where"], one["values"]) for one in answer.json()["errors"]] == [
        ("body.0", ["531000", "532000"]),
        ("body.1", []),
    ]
    assert [one["origin"] for one in (await http.get(URL)).json()] == ["source", None, None]


async def test_an_account_named_twice_is_refused(http: httpx2.AsyncClient) -> None:
    is_a_problem(await http.put(URL, json=[option("NORD", "531000", True), option("NORD", "531000", False)]), 422)


async def test_while_a_source_cannot_be_read_nobody_can_tell_its_accounts(on: Stage, http: httpx2.AsyncClient) -> None:
    (on.folder / "dossier.toml").unlink()
    is_a_problem(await http.get(URL), 409)
    is_a_problem(await http.put(URL, json=[option("NORD", "531000", True)]), 409)


async def test_the_accounts_of_fec_files_are_listed_for_the_companies_of_the_source(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    (on.folder / "entries.csv").unlink()
    (on.folder / "fec").mkdir()
    write_fec(
        on.folder / "fec" / "SUDFEC20261231.txt",
        [("1", "20261105", "531000", "1,00", "0,00"), ("1", "bad", "539000", "1,00", "0,00")],
    )
    assert [(one["company"], one["account"], one["label"]) for one in (await http.get(URL)).json()] == [
        ("NORD", "531000", ""),
        ("SUD", "531000", "Compte 531000"),
    ]


async def test_a_change_meant_for_another_state_is_refused_and_one_that_is_made_is_in_the_audit(
    http: httpx2.AsyncClient,
) -> None:
    read = (await http.get(URL)).headers["etag"]
    first = await http.put(URL, json=[option("NORD", "532000", True)], headers={"If-Match": read})
    assert first.status_code == 200
    is_a_problem(await http.put(URL, json=[], headers={"If-Match": read}), 412)
    asked = {"action": "cash-accounts.saved"}
    [written] = (await http.get("/extractor/v1/admin/audit", params=asked)).json()["items"]
    assert (written["action"], written["before"], written["after"]) == (
        "cash-accounts.saved",
        {},
        {"NORD": {"532000": True}},
    )


async def test_r13_another_client_has_no_such_accounts(on: Stage, http: httpx2.AsyncClient) -> None:
    await http.put(URL, json=[option("NORD", "532000", True)])
    on.auth.tenants["OTHER"] = on.tenant
    is_a_problem(await http.get(URL, headers=bearer(on.auth.token("OTHER"))), 409)
