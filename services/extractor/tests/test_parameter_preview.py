"""The preview of parameters: what each figure would become, with nothing saved and nothing published."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from services.extractor.tests.auth_double import company
from services.extractor.tests.computing import Held
from services.extractor.tests.dossiers import entry, invoice, write_dossier
from services.extractor.tests.stage import Stage, serving
from services.extractor.tests.test_execution import messages, publishing
from services.extractor.tests.test_http import bearer, is_a_problem
from structlog.testing import capture_logs
from tests.stack.waiting import until

from vigie_extractor.clock import utc_now
from vigie_extractor.domain.parameters import NOTHING_CHOSEN
from vigie_extractor.domain.run import Request
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.parameter_preview import ParameterPreview
from vigie_extractor.handlers.parameters import ParameterSettings
from vigie_extractor.handlers.surveys import Surveys
from vigie_extractor.main import create_app
from vigie_extractor.orders import carry_out
from vigie_shared.errors import Conflict

PARAMETERS = "/extractor/v1/admin/parameters"
URL = f"{PARAMETERS}/preview"
ON_THE_DAY = {"as_of": "2026-11-24"}


async def connect(on: Stage) -> None:
    await on.register()
    write_dossier(
        on.folder,
        sales_lines=(invoice("NORD", "2026-11-05", "1200.00"), invoice("SUD", "2026-11-06", "300.50")),
        entries=(
            entry("NORD", "2026-11-05", "411000", debit="1200"),
            entry("NORD", "2026-11-05", "701000", credit="1000"),
            entry("NORD", "2026-11-05", "758000", credit="200"),
        ),
    )


def changed(scope: Any) -> dict[str, tuple[Any, Any]]:
    return {one["indicator"]: (one["now"], one["then"]) for one in scope["indicators"] if one["changed"]}


async def test_each_figure_is_shown_as_it_is_and_as_it_would_become_and_only_what_differs_is_marked(on: Stage) -> None:
    # given companies whose revenue is to be counted otherwise
    await connect(on)
    body = {"headings": {"net_revenue": ["70", "75"]}}
    async with on.serving(carry_out) as http:
        http.headers.update(bearer(on.token()))

        # when that is previewed
        answer = await http.post(URL, json=body, params=ON_THE_DAY)

        # then it marks the company and the family whose figures would differ, and no other
        assert answer.status_code == 200, answer.text
        scopes = {one["code"]: one for one in answer.json()["scopes"]}
        assert {code: one["changed"] for code, one in scopes.items()} == {"NORD": True, "SUD": False, "GROUPE": True}
        assert {code: len(one["indicators"]) for code, one in scopes.items()} == {"NORD": 17, "SUD": 17, "GROUPE": 17}
        [(indicator, (now, then))] = changed(scopes["NORD"]).items()
        assert (indicator, now["month"], then["month"]) == ("accounting_revenue", "1000.00", "1200.00")

        # and nothing was saved, run or said
        assert (await http.get(PARAMETERS)).json()["headings"]["net_revenue"] is None
        assert (await http.get("/extractor/v1/extractions")).json()["items"] == []
        assert await on.said() == []

        # and once it is saved, an extraction gives what was shown
        await http.put(PARAMETERS, json=body)
        await publishing(on)
        assert {code: event.data.indicators for code, event in (await messages(on)).items()} == {
            code: {one["indicator"]: one["then"] for one in scope["indicators"]} for code, scope in scopes.items()
        }


async def test_r2_what_would_no_longer_be_published_is_shown_as_going(on: Stage) -> None:
    await connect(on)
    on.tenant.published_indicators = ["commercial_revenue", "accounting_revenue"]
    async with on.serving(carry_out) as http:
        http.headers.update(bearer(on.token()))
        body = {"published_indicators": ["commercial_revenue", "month_portfolio"]}
        answer = await http.post(URL, json=body, params=ON_THE_DAY | {"company": "NORD"})
    [nord] = answer.json()["scopes"]
    told = {one["indicator"]: (one["now"] is None, one["then"] is None) for one in nord["indicators"]}
    assert told == {
        "commercial_revenue": (False, False),
        "month_portfolio": (True, False),
        "accounting_revenue": (False, True),
    }
    assert set(changed(nord)) == {"month_portfolio", "accounting_revenue"}
    assert on.tenant.published_indicators == ["commercial_revenue", "accounting_revenue"]


async def test_another_currency_is_shown_with_both(on: Stage) -> None:
    await connect(on)
    on.tenant.companies = [company("NORD", reporting_currency="USD", reporting_rate="1.1"), company("SUD")]
    companies = on.folder / "companies.csv"
    companies.write_text(companies.read_text().replace("Nord,EUR,EUR,", "Nord,EUR,USD,1.1"))
    async with on.serving(carry_out) as http:
        http.headers.update(bearer(on.token()))
        answer = await http.post(URL, json={"currency": "reporting"}, params=ON_THE_DAY | {"company": "NORD"})
    [nord] = answer.json()["scopes"]
    assert nord["currency"] == {"now": "EUR", "then": "USD"}
    assert changed(nord)["commercial_revenue"][1]["month"] == "1320.00"


async def test_what_could_not_be_saved_or_extracted_is_not_previewed_either(on: Stage) -> None:
    await connect(on)
    async with on.serving(carry_out) as http:
        http.headers.update(bearer(on.token()))
        is_a_problem(await http.post(URL, json={"headings": {"bank": ["9"]}}), 422)
        is_a_problem(await http.post(URL, json={}, params={"company": "EST"}), 422)
        is_a_problem(await http.post(URL, json={}, params={"as_of": "yesterday"}), 422)
        on.tenant.companies = [company("NORD"), company("SUD", accounting_currency="CHF")]
        at_odds = await http.post(URL, json={})
        is_a_problem(at_odds, 409)
        assert [one["criterion"] for one in at_odds.json()["failures"]] == ["accounting_currency"]
        (on.folder / "dossier.toml").unlink()
        is_a_problem(await http.post(URL, json={}, params={"company": "NORD"}), 409)


async def test_one_preview_of_a_client_is_computed_at_a_time_in_whatever_process(on: Stage) -> None:
    # given a preview that is being computed
    await connect(on)
    held = Held()
    async with on.serving(held) as here, on.serving(carry_out) as elsewhere:
        first = asyncio.create_task(here.post(URL, json={}, headers=bearer(on.token())))
        await asyncio.wait_for(held.begun.wait(), 20)

        # then no other begins, here or elsewhere
        for http in (here, elsewhere):
            is_a_problem(await http.post(URL, json={}, headers=bearer(on.token())), 409)

        # until it has ended
        held.let_go.set()
        assert (await first).status_code == 200
        assert [order.explained for order in held.orders] == [False]
        assert (await elsewhere.post(URL, json={}, headers=bearer(on.token()))).status_code == 200


async def test_a_preview_is_stopped_when_whoever_asked_goes_away(on: Stage) -> None:
    # given a preview that is being computed for somebody at the other end of a real connection
    await connect(on)
    held = Held()
    app = create_app(on.settings, on.pool, on.bus(), compute=held)
    async with app.router.lifespan_context(app), serving(app) as address, httpx2.AsyncClient() as http:
        asking = asyncio.create_task(http.post(f"{address}{URL}", json={}, headers=bearer(on.token()), timeout=60))
        await asyncio.wait_for(held.begun.wait(), 20)

        # when they hang up
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

        # then it is computed no longer, and another one can be asked for
        await until(lambda: _holds(lambda: held.stopped == 1))
        held.let_go.set()

        async def answered() -> bool:
            return (await http.post(f"{address}{URL}", json={}, headers=bearer(on.token()))).status_code == 200

        await until(answered)


async def test_a_preview_that_takes_too_long_is_given_up_with_what_to_do(on: Stage) -> None:
    await connect(on)
    held = Held()
    surveys = Surveys(on.pool, on.asked, on.settings.folders_for_sources)
    preview = ParameterPreview(
        on.pool,
        on.asked,
        settings=ParameterSettings(on.pool, on.asked, surveys, utc_now),
        surveys=surveys,
        compute=held,
        clock=utc_now,
        time_zone="Europe/Paris",
        longest=0.5,
    )
    with pytest.raises(Conflict, match="fewer companies"):
        await preview.compare(on.client, on.token(), Request(Selection()), NOTHING_CHOSEN, None)
    assert held.stopped == 1


async def test_a_preview_is_stopped_with_the_process(on: Stage) -> None:
    await connect(on)
    held = Held()
    app = create_app(on.settings, on.pool, on.bus(), compute=held)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://extractor") as http,
    ):
        asking = asyncio.create_task(http.post(URL, json={}, headers=bearer(on.token())))
        await asyncio.wait_for(held.begun.wait(), 20)
        assert app.when_stopping is not None
        app.when_stopping()
        is_a_problem(await asyncio.wait_for(asking, 20), 409)
    assert held.stopped == 1


async def test_figures_of_a_preview_are_in_no_log(on: Stage) -> None:
    await connect(on)
    write_dossier(on.folder, sales_lines=(invoice("NORD", "2026-11-05", "48151.62"),))
    with capture_logs() as written:
        async with on.serving(carry_out) as http:
            answer = await http.post(URL, json={"currency": "reporting"}, params=ON_THE_DAY, headers=bearer(on.token()))
    assert "48151.62" in answer.text
    assert "parameters_previewed" in {entry["event"] for entry in written}
    assert "48151" not in str(written)


async def _holds(condition: Callable[[], bool]) -> bool:
    return condition()
