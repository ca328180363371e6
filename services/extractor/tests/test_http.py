"""The HTTP interface: who may call what, and what is answered when it may not be."""

import asyncio
import json
import re
import time
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from services.extractor.tests.auth_double import PASSWORD, company
from services.extractor.tests.computing import Held
from services.extractor.tests.dossiers import write_dossier
from services.extractor.tests.stage import Stage

PREFIX = "/extractor/v1"

ADMINISTRATOR, EXTRACTING, OPERATOR = {"administrator"}, {"administrator", "preparer"}, {"operator"}

CALLS: dict[tuple[str, str], tuple[set[str], Any]] = {
    ("PUT", "/admin/publication-credentials"): (ADMINISTRATOR, {"client_code": "C", "password": PASSWORD}),
    ("GET", "/admin/publication-credentials"): (ADMINISTRATOR, None),
    ("POST", "/admin/publication-credentials/test"): (ADMINISTRATOR, None),
    ("GET", "/admin/sources"): (ADMINISTRATOR, None),
    ("PUT", "/admin/sources/{name}"): (ADMINISTRATOR, {"kind": "dossier", "location": "/"}),
    ("GET", "/admin/sources/{name}"): (ADMINISTRATOR, None),
    ("DELETE", "/admin/sources/{name}"): (ADMINISTRATOR, None),
    ("GET", "/admin/sources/{name}/watch"): (ADMINISTRATOR, None),
    ("GET", "/admin/sources/{name}/companies"): (ADMINISTRATOR, None),
    ("POST", "/admin/sources/{name}/import"): (ADMINISTRATOR, {"dry_run": True}),
    ("POST", "/extractions/preview"): (EXTRACTING, {}),
    ("POST", "/extractions"): (EXTRACTING, {}),
    ("GET", "/extractions"): (EXTRACTING, None),
    ("GET", "/extractions/{run_id}"): (EXTRACTING, None),
    ("GET", "/extractions/{run_id}/events"): (EXTRACTING, None),
    ("POST", "/extractions/{run_id}/cancel"): (EXTRACTING, None),
    ("GET", "/admin/parameters"): (ADMINISTRATOR, None),
    ("PUT", "/admin/parameters"): (ADMINISTRATOR, {"currency": "reporting"}),
    ("POST", "/admin/parameters/preview"): (ADMINISTRATOR, {}),
    ("GET", "/admin/cash-accounts"): (ADMINISTRATOR, None),
    ("PUT", "/admin/cash-accounts"): (ADMINISTRATOR, []),
    ("POST", "/schedules/preview"): (EXTRACTING, {"rule": {"kind": "daily", "at": "06:30"}}),
    ("POST", "/schedules"): (EXTRACTING, {"name": "Mornings", "rule": {"kind": "daily", "at": "06:30"}}),
    ("GET", "/schedules"): (EXTRACTING, None),
    ("GET", "/schedules/{schedule_id}"): (EXTRACTING, None),
    ("PATCH", "/schedules/{schedule_id}"): (EXTRACTING, {"paused": True}),
    ("DELETE", "/schedules/{schedule_id}"): (EXTRACTING, None),
    ("POST", "/schedules/{schedule_id}/run"): (EXTRACTING, None),
    ("GET", "/schedules/{schedule_id}/runs"): (EXTRACTING, None),
    ("GET", "/admin/audit"): (ADMINISTRATOR, None),
    ("GET", "/operator/audit"): (OPERATOR, None),
    ("GET", "/operator/parked"): (OPERATOR, None),
    ("GET", "/operator/parked/{queue}/{message_id}"): (OPERATOR, None),
    ("POST", "/operator/parked/replay"): (OPERATOR, {"queue": "extractor.requests"}),
    ("POST", "/operator/parked/drop"): (OPERATOR, {"queue": "extractor.requests"}),
}
"""Every call, the roles it is for, and a body in its form."""

ROLES = ("administrator", "preparer", "mobile", "operator")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token_of(on: Stage, role: Any) -> str:
    return on.auth.token(None if role == "operator" else on.client, role, role)


def described(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path.removeprefix(PREFIX)): call
        for path, calls in document["paths"].items()
        for method, call in calls.items()
    }


def is_a_problem(response: httpx2.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "errors"} <= response.json().keys()


async def test_every_call_answers_the_roles_it_is_for_and_nobody_else(on: Stage) -> None:
    async with on.serving() as http:
        calls = described((await http.get(f"{PREFIX}/openapi.json")).json())

        # an unlisted call fails here: say whom it is for
        assert calls.keys() == CALLS.keys()

        for (method, path), (roles, body) in CALLS.items():
            url = PREFIX + re.sub(r"{\w+_id}", str(uuid4()), path.replace("{name}", "books"))
            is_a_problem(await http.request(method, url, json=body), 401)
            is_a_problem(await http.request(method, url, json=body, headers=bearer("not.a.token")), 401)
            for role in ROLES:
                answer = await http.request(method, url, json=body, headers=bearer(token_of(on, role)))
                if role not in roles:
                    is_a_problem(answer, 403)
                else:
                    assert answer.status_code not in {401, 403}, (method, path, role, answer.text)
                    assert str(answer.status_code) in calls[method, path]["responses"], (method, path, answer.text)


async def test_every_problem_is_described_as_a_problem_document(on: Stage) -> None:
    async with on.serving() as http:
        calls = described((await http.get(f"{PREFIX}/openapi.json")).json())
    for call, description in calls.items():
        errors = {status: one for status, one in description["responses"].items() if status >= "400"}
        assert {"401", "403", "503"} <= errors.keys(), call
        for status, one in errors.items():
            assert list(one["content"]) == ["application/problem+json"], (call, status)


async def test_the_failing_criteria_of_r8_are_members_of_the_problem_document(on: Stage) -> None:
    on.tenant.companies = [company("NORD"), company("SUD", accounting_currency="CHF")]
    async with on.serving() as http:
        answer = await http.post(f"{PREFIX}/extractions", json={}, headers=bearer(on.token()))
        preview = await http.post(f"{PREFIX}/extractions/preview", json={}, headers=bearer(on.token()))
    is_a_problem(answer, 409)
    failures = [{"criterion": "accounting_currency", "companies": ["NORD", "SUD"], "values": ["EUR", "CHF"]}]
    assert answer.json()["failures"] == failures
    assert preview.json()["verdict"] == {"ok": False, "failures": failures}


async def test_a_preview_tells_periods_scopes_and_verdict(on: Stage) -> None:
    async with on.serving() as http:
        answer = await http.post(
            f"{PREFIX}/extractions/preview", json={"as_of": "2026-11-24"}, headers=bearer(on.token())
        )
    assert answer.json() == {
        "as_of": "2026-11-24",
        "periods": {
            "month": ["2026-11-01", "2026-11-24"],
            "month_previous_year": ["2025-11-01", "2025-11-24"],
            "year": ["2026-01-01", "2026-11-24"],
            "year_previous": ["2025-01-01", "2025-11-24"],
        },
        "companies": [{"code": "NORD", "name": "Nord"}, {"code": "SUD", "name": "Sud"}],
        "families": [{"code": "GROUPE", "name": "Groupe"}],
        "verdict": {"ok": True, "failures": []},
    }


async def test_an_extraction_asked_for_under_a_key_has_one_place_however_often_it_is_asked_for(on: Stage) -> None:
    headers = bearer(on.token()) | {"Idempotency-Key": "monday"}
    url, body = f"{PREFIX}/extractions", {"companies": ["SUD", "NORD"]}
    async with on.serving() as http:
        answers = await asyncio.gather(*(http.post(url, json=body, headers=headers) for _ in range(20)))
        other = await http.post(url, json={"companies": ["NORD"]}, headers=headers)
    # whoever comes while the first is under way is told so
    assert {answer.status_code for answer in answers} <= {202, 409}
    accepted = [answer for answer in answers if answer.status_code == 202]
    [run_id] = {answer.json()["id"] for answer in accepted}
    assert {answer.headers["location"] for answer in accepted} == {f"{url}/{run_id}"}
    assert all("under way" in answer.json()["detail"] for answer in answers if answer.status_code == 409)
    is_a_problem(other, 422)


async def test_r13_the_run_of_another_client_is_not_there(on: Stage) -> None:
    on.auth.tenants["OTHER"] = on.tenant
    async with on.serving() as http:
        run_id = (await http.post(f"{PREFIX}/extractions", json={}, headers=bearer(on.token()))).json()["id"]
        for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
            foreign = await http.request(
                method, f"{PREFIX}/extractions/{run_id}{path}", headers=bearer(on.auth.token("OTHER"))
            )
            is_a_problem(foreign, 404)
        listed = await http.get(f"{PREFIX}/extractions", headers=bearer(on.auth.token("OTHER")))
        assert listed.json() == {"items": [], "next": None}


async def test_extractions_are_listed_page_by_page_the_latest_first(on: Stage) -> None:
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        asked = [(await http.post(f"{PREFIX}/extractions", json={})).json()["id"] for _ in range(5)]
        seen: list[str] = []
        page = (await http.get(f"{PREFIX}/extractions", params={"limit": 2})).json()
        while True:
            seen += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            page = (await http.get(f"{PREFIX}/extractions", params={"limit": 2, "cursor": page["next"]})).json()
        assert seen == asked[::-1]
        is_a_problem(await http.get(f"{PREFIX}/extractions", params={"cursor": "nonsense"}), 422)


async def test_an_open_stream_tells_each_step_until_the_end(on: Stage) -> None:
    await on.register()
    held = Held()
    async with on.serving(held) as http:
        http.headers.update(bearer(on.token()))
        run_id = (await http.post(f"{PREFIX}/extractions", json={})).json()["id"]
        await held.begun.wait()
        following = asyncio.create_task(http.get(f"{PREFIX}/extractions/{run_id}/events"))
        await http.post(f"{PREFIX}/extractions/{run_id}/cancel")
        stream = await asyncio.wait_for(following, 20)
        assert stream.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(line.removeprefix("data: ")) for line in stream.text.splitlines() if line.startswith("data")]
        assert told[-1] == (await http.get(f"{PREFIX}/extractions/{run_id}")).json()
    assert told[-1]["status"] == "cancelled"
    assert [step["name"] for step in told[-1]["steps"]] == ["authorise", "verify", "compute"]


async def test_a_stream_ends_with_the_access_token_whatever_the_run_does(on: Stage) -> None:
    # given a run that goes on, and a token that soon runs out
    await on.register()
    token = on.auth.token(on.client, exp=int(time.time()) + 3)
    async with on.serving(Held()) as http:
        http.headers.update(bearer(token))
        run_id = (await http.post(f"{PREFIX}/extractions", json={})).json()["id"]

        # when the run is followed, then the stream ends nevertheless
        stream = await asyncio.wait_for(http.get(f"{PREFIX}/extractions/{run_id}/events"), 20)
        assert stream.status_code == 200
        assert not (await on.run(UUID(run_id))).status.ended


async def test_a_source_is_created_with_201_and_changed_with_200(on: Stage) -> None:
    write_dossier(on.folder)
    body = {"kind": "dossier", "location": str(on.folder), "companies": ["SUD", "NORD"]}
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        created = await http.put(f"{PREFIX}/admin/sources/books", json=body)
        changed = await http.put(f"{PREFIX}/admin/sources/books", json=body)
        held = await http.get(f"{PREFIX}/admin/sources/books/companies")
        imported = await http.post(f"{PREFIX}/admin/sources/books/import", json={"dry_run": True})
    assert (created.status_code, changed.status_code) == (201, 200)
    assert created.json() == {**body, "name": "books", "companies": ["NORD", "SUD"], "watch": False}
    assert [one["code"] for one in held.json()["items"]] == ["NORD", "SUD"]
    assert imported.json() == {"created": [], "changed": [], "unchanged": 2}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"kind": "sql", "location": "/"}, "dossier and fec"),
        ({"kind": "dossier"}, "location"),
        ({"kind": "dossier", "location": "/", "colour": "red"}, "colour"),
        ({"kind": "dossier", "location": "/", "companies": ["A/B"]}, "companies"),
    ],
)
async def test_a_source_in_the_wrong_form_is_refused_with_what_is_wrong(on: Stage, body: Any, told: str) -> None:
    async with on.serving() as http:
        answer = await http.put(f"{PREFIX}/admin/sources/books", json=body, headers=bearer(on.token()))
    is_a_problem(answer, 422)
    assert told in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"as_of": "0001-01-01"},
        {"as_of": "yesterday"},
        {"companies": "NORD"},
        {"companies": [""]},
        {"families": ["\u0000"]},
        {"scopes": []},
        [],
    ],
)
async def test_a_request_in_the_wrong_form_is_refused_with_what_is_wrong(on: Stage, body: Any) -> None:
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        is_a_problem(await http.post(f"{PREFIX}/extractions", json=body), 422)
        is_a_problem(await http.post(f"{PREFIX}/extractions/preview", json=body), 422)
        unkeyed = await http.post(f"{PREFIX}/extractions", json={}, headers={"Idempotency-Key": "k" * 256})
    is_a_problem(unkeyed, 422)


async def test_credentials_are_told_of_but_never_shown(on: Stage) -> None:
    url = f"{PREFIX}/admin/publication-credentials"
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        assert (await http.get(url)).json() == {"registered": False, "registered_at": None, "last_check": None}
        right = await http.put(url, json={"client_code": on.client, "password": PASSWORD})
        wrong = await http.put(url, json={"client_code": on.client, "password": "guess"})
        shown = await http.get(url)
    assert right.status_code == 204
    is_a_problem(wrong, 422)
    assert "guess" not in wrong.text
    assert shown.json()["last_check"]["outcome"] == "accepted"
    assert PASSWORD not in shown.text


async def test_while_auth_is_away_calls_that_need_it_answer_503(on: Stage) -> None:
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        await http.get(f"{PREFIX}/extractions")  # auth's keys are known from here on
        on.auth.away = True
        is_a_problem(await http.post(f"{PREFIX}/extractions/preview", json={}), 503)
        assert (await http.post(f"{PREFIX}/extractions", json={})).status_code == 202
