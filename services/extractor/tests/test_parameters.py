"""Extraction parameters: set over those of the sources, followed by the next extraction, and never set to nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from services.extractor.tests.auth_double import company
from services.extractor.tests.dossiers import entry, invoice, write_dossier, write_fec
from services.extractor.tests.stage import Stage
from services.extractor.tests.test_execution import messages, publishing
from services.extractor.tests.test_http import bearer, is_a_problem

from vigie_extractor.orders import carry_out

URL = "/extractor/v1/admin/parameters"

NOTHING: dict[str, Any] = {
    "currency": None,
    "customer_category_axis": None,
    "item_category_axis": None,
    "sold_item_categories": None,
    "headings": {"net_revenue": None, "customer_outstanding": None, "supplier_outstanding": None, "bank": None},
    "opening_journals": None,
}


def write_books(on: Stage, settings: str = "") -> None:
    write_dossier(
        on.folder,
        settings=settings,
        sales_lines=(invoice("NORD", "2026-11-05", "1200.00"), invoice("SUD", "2026-11-06", "300.50")),
        customers=("NORD,C1,Client,GREAT,TRADE", "SUD,C1,Client,SMALL,TRADE"),
        items=("NORD,I1,Item,F1,GOODS,LUXURY", "SUD,I1,Item,F1,SERVICES,PLAIN"),
        entries=(
            entry("NORD", "2026-11-05", "411000", debit="1200"),
            entry("NORD", "2026-11-05", "701000", credit="1000"),
            entry("NORD", "2026-11-05", "758000", credit="200"),
        ),
    )


@pytest.fixture
async def http(on: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """The service, asked by an administrator of a client whose books are connected."""
    await on.register()
    write_books(on)
    async with on.serving(carry_out) as client:
        client.headers.update(bearer(on.token()))
        yield client


def figure(found: Any, code: str, indicator: str) -> Any:
    return found[code].data.indicators[indicator]


async def test_nothing_is_set_at_first_and_every_value_says_where_it_comes_from(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    write_books(on, '[parameters]\ncurrency = "reporting"\n[headings]\nbank = ["512"]\n')
    answer = await http.get(URL)
    shown = answer.json()
    assert {name: shown[name] for name in NOTHING} == NOTHING
    assert shown["published_indicators"] is None
    [of_books] = shown["effective"]
    held = of_books["parameters"]
    assert (of_books["source"], of_books["unreadable"]) == ("books", None)
    assert held["currency"] == {"value": "reporting", "origin": "source"}
    assert held["headings"]["bank"] == {"value": ["512"], "origin": "source"}
    assert held["headings"]["net_revenue"] == {"value": ["70"], "origin": "default"}
    assert held["opening_journals"] == {"value": None, "origin": "default"}


async def test_what_is_set_overrides_the_source_and_what_is_null_again_does_not(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    write_books(on, '[headings]\nnet_revenue = ["701"]\n')
    body = {"headings": {"net_revenue": ["70", "75"]}, "customer_category_axis": "sector"}
    saved = (await http.put(URL, json=body)).json()
    assert saved == (await http.get(URL)).json()
    held = saved["effective"][0]["parameters"]
    assert held["headings"]["net_revenue"] == {"value": ["70", "75"], "origin": "set"}
    assert held["customer_category_axis"] == {"value": "sector", "origin": "set"}
    cleared = (await http.put(URL, json=NOTHING)).json()
    assert cleared["effective"][0]["parameters"]["headings"]["net_revenue"] == {"value": ["701"], "origin": "source"}


async def test_the_next_extraction_follows_what_is_set_to_the_cent(on: Stage, http: httpx2.AsyncClient) -> None:
    body = {
        "headings": {"net_revenue": ["70", "75"]},
        "customer_category_axis": "sector",
        "item_category_axis": "range",
        "sold_item_categories": ["PLAIN"],
    }
    before = await http.put(URL, json=body)
    assert before.status_code == 200, before.text
    await publishing(on, companies=["NORD", "SUD"])
    said = await messages(on)
    assert figure(said, "NORD", "accounting_revenue")["month"] == "1200.00"
    assert figure(said, "NORD", "commercial_revenue")["month"] == "0.00"
    assert figure(said, "SUD", "commercial_revenue")["month"] == "300.50"
    assert [row["code"] for row in figure(said, "SUD", "top_customer_categories_month")["rows"]] == ["TRADE"]


async def test_the_currency_that_is_set_is_the_one_shown(on: Stage, http: httpx2.AsyncClient) -> None:
    on.tenant.companies = [company("NORD", reporting_currency="USD", reporting_rate="1.1"), company("SUD")]
    companies = on.folder / "companies.csv"
    companies.write_text(companies.read_text().replace("Nord,EUR,EUR,", "Nord,EUR,USD,1.1"))
    await http.put(URL, json={"currency": "reporting"})
    await publishing(on, companies=["NORD"])
    said = await messages(on)
    assert said["NORD"].data.currency == "USD"
    assert figure(said, "NORD", "commercial_revenue")["month"] == "1320.00"


async def test_what_the_sources_do_not_have_is_refused_with_every_value_they_have(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    await http.put(URL, json={"currency": "reporting"})
    wrong = {
        "customer_category_axis": "region",
        "sold_item_categories": ["GOODS", "GIFTS"],
        "headings": {"net_revenue": ["708"], "bank": ["512"]},
        "opening_journals": ["AN"],
    }
    answer = await http.put(URL, json=wrong)
    is_a_problem(answer, 422)
    found = {one["where"]: one for one in answer.json()["errors"]}
    assert found["body.customer_category_axis"]["values"] == ["default", "sector"]
    assert found["body.sold_item_categories"]["values"] == ["GOODS", "SERVICES"]
    assert found["body.headings.net_revenue"]["values"] == ["701000"]
    assert found["body.headings.bank"]["values"] == ["411000", "701000", "758000"]
    assert "no FEC has a journal AN" in found["body.opening_journals"]["what"]
    assert (await http.get(URL)).json()["currency"] == "reporting"


async def test_the_opening_journal_of_fec_files_is_looked_up_in_them(on: Stage, http: httpx2.AsyncClient) -> None:
    (on.folder / "entries.csv").unlink()
    (on.folder / "fec").mkdir()
    write_fec(on.folder / "fec" / "NORDFEC20261231.txt", [("1", "20261105", "411000", "1,00", "0,00")])
    wrong = await http.put(URL, json={"opening_journals": ["AN"]})
    is_a_problem(wrong, 422)
    assert wrong.json()["errors"][0]["values"] == ["VE"]
    assert (await http.put(URL, json={"opening_journals": ["VE"]})).status_code == 200


async def test_while_a_source_cannot_be_read_nothing_is_saved_that_needs_a_look_at_it(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    (on.folder / "dossier.toml").rename(on.folder / "away.toml")
    answer = await http.put(URL, json={"customer_category_axis": "sector"})
    is_a_problem(answer, 409)
    assert [one["where"] for one in answer.json()["errors"]] == ["sources.books"]
    assert "dossier.toml" in answer.json()["errors"][0]["what"]

    # what no data could prove wrong is saved nevertheless, and what cannot be told is said
    saved = await http.put(URL, json={"currency": "reporting"})
    assert saved.status_code == 200
    [of_books] = saved.json()["effective"]
    assert of_books["parameters"] is None
    assert "dossier.toml" in of_books["unreadable"]


async def test_a_file_that_cannot_be_read_is_not_taken_for_one_that_lacks_the_value(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    (on.folder / "entries.csv").write_text("company,journal\n")
    answer = await http.put(URL, json={"headings": {"bank": ["512"]}})
    is_a_problem(answer, 409)
    assert "entries.csv has no column" in answer.json()["errors"][0]["what"]


async def test_without_a_source_there_is_nothing_to_look_up(on: Stage) -> None:
    async with on.serving(carry_out) as http:
        http.headers.update(bearer(on.token()))
        is_a_problem(await http.put(URL, json={"item_category_axis": "range"}), 409)
        assert (await http.put(URL, json={"currency": "reporting", "item_category_axis": "default"})).status_code == 200
        assert (await http.get(URL)).json()["effective"] == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"currency": "euro"}, "currency"),
        ({"headings": {"net_revenue": ["70%"]}}, "net_revenue"),
        ({"headings": {"revenue": ["70"]}}, "revenue"),
        ({"published_indicators": ["turnover"]}, "published_indicators"),
        ({"customer_category_axis": ""}, "customer_category_axis"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_parameters_in_the_wrong_form_are_refused_with_what_is_wrong(
    http: httpx2.AsyncClient, body: Any, told: str
) -> None:
    answer = await http.put(URL, json=body)
    is_a_problem(answer, 422)
    assert told in answer.text


async def test_r2_what_is_published_is_handed_on_to_auth_and_left_alone_where_it_is_not_spoken_of(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    chosen = ["treasury_position", "commercial_revenue"]
    saved = await http.put(URL, json={"published_indicators": chosen})
    assert saved.json()["published_indicators"] == ["commercial_revenue", "treasury_position"]
    assert on.tenant.published_indicators == ["commercial_revenue", "treasury_position"]
    await http.put(URL, json={"currency": "reporting"})
    assert on.tenant.published_indicators == ["commercial_revenue", "treasury_position"]
    assert (await http.put(URL, json={"published_indicators": None})).json()["published_indicators"] is None
    assert on.tenant.published_indicators is None


async def test_r2_an_extraction_emits_only_what_is_published_at_that_moment(
    on: Stage, http: httpx2.AsyncClient
) -> None:
    await http.put(URL, json={"published_indicators": ["commercial_revenue", "treasury_position"]})
    await publishing(on)
    said = await messages(on)
    assert {tuple(event.data.indicators) for event in said.values()} == {("commercial_revenue", "treasury_position")}


async def test_what_auth_refuses_changes_nothing(on: Stage, http: httpx2.AsyncClient) -> None:
    on.auth.ended.add("admin")
    answer = await http.put(URL, json={"currency": "reporting", "published_indicators": []})
    is_a_problem(answer, 401)
    on.auth.ended.clear()
    assert (await http.get(URL)).json()["currency"] is None
    assert on.tenant.published_indicators is None


async def test_a_change_meant_for_another_state_is_refused(on: Stage, http: httpx2.AsyncClient) -> None:
    read = (await http.get(URL)).headers["etag"]
    first = await http.put(URL, json={"currency": "reporting"}, headers={"If-Match": read})
    assert (first.status_code, first.headers["etag"]) == (200, (await http.get(URL)).headers["etag"])
    late = await http.put(URL, json={"currency": "accounting", "published_indicators": []}, headers={"If-Match": read})
    is_a_problem(late, 412)
    assert late.headers["etag"] == first.headers["etag"]
    assert on.tenant.published_indicators is None


async def test_of_two_administrators_at_once_one_is_told_that_the_other_was_first(http: httpx2.AsyncClient) -> None:
    read = (await http.get(URL)).headers["etag"]
    answers = await asyncio.gather(
        *(
            http.put(URL, json={"currency": "reporting", "customer_category_axis": axis}, headers={"If-Match": read})
            for axis in ("sector", "default", "sector", "default")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


async def test_every_change_is_in_the_audit_with_what_was_set_before(http: httpx2.AsyncClient) -> None:
    await http.put(URL, json={"headings": {"net_revenue": ["701"]}})
    await http.put(URL, json={"headings": {"net_revenue": ["75"]}, "published_indicators": []})
    items = (await http.get("/extractor/v1/admin/audit", params={"action": "parameters.saved"})).json()["items"]
    assert [one["actor"]["name"] for one in items] == ["admin", "admin"]
    assert items[0]["before"]["headings"]["net_revenue"] == ["701"]
    assert items[0]["after"]["headings"]["net_revenue"] == ["75"]
    assert (items[0]["before"]["published_indicators"], items[0]["after"]["published_indicators"]) == (None, [])


async def test_r13_what_one_client_sets_is_not_there_for_another(on: Stage, http: httpx2.AsyncClient) -> None:
    await http.put(URL, json={"currency": "reporting"})
    on.auth.tenants["OTHER"] = on.tenant
    foreign = await http.get(URL, headers=bearer(on.auth.token("OTHER")))
    assert (foreign.json()["currency"], foreign.json()["effective"]) == (None, [])
