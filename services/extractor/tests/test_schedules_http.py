"""Schedules as a client of the HTTP interface meets them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from services.extractor.tests.stage import Stage
from tests.stack.waiting import until

PREFIX = "/extractor/v1/schedules"

MORNINGS: dict[str, Any] = {
    "name": "Mornings",
    "rule": {"kind": "working_days", "at": "06:30"},
    "time_zone": "Europe/Paris",
    "companies": ["SUD", "NORD"],
}


@pytest.fixture
def signed_in(on: Stage) -> dict[str, str]:
    return {"Authorization": f"Bearer {on.token()}"}


def is_a_problem(response: httpx2.Response, status: int, told: str = "") -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert told in response.text


async def test_a_schedule_from_its_creation_to_its_end(on: Stage, signed_in: dict[str, str]) -> None:
    async with on.serving() as http:
        http.headers.update(signed_in)

        # saved under a key, and once more
        answers = [await http.post(PREFIX, json=MORNINGS, headers={"Idempotency-Key": "k"}) for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201]
        saved = answers[0].json()
        assert answers[1].json()["id"] == saved["id"]
        url = answers[0].headers["location"]
        assert url == f"{PREFIX}/{saved['id']}"
        assert saved["companies"] == ["NORD", "SUD"]
        assert (saved["families"], saved["paused"], saved["missed"]) == (None, False, "run_once")
        assert saved["rule"] == MORNINGS["rule"]
        assert saved["saved_by"] == "admin"
        other = await http.post(PREFIX, json=MORNINGS | {"name": "Evenings"}, headers={"Idempotency-Key": "k"})
        is_a_problem(other, 422, "Idempotency-Key")

        # its next five dates, with the offset of its zone
        slots = [datetime.fromisoformat(one) for one in saved["next_runs"]]
        assert len(slots) == 5
        assert slots == sorted(slots)
        assert slots[0] > datetime.now(UTC)
        assert {one.strftime("%H:%M") for one in slots} == {"06:30"}
        assert {one.strftime("%a") for one in slots} <= {"Mon", "Tue", "Wed", "Thu", "Fri"}

        # read, changed while nobody else has, and paused
        read = await http.get(url)
        etag = read.headers["etag"]
        assert etag == answers[0].headers["etag"]
        changed = await http.patch(url, json={"name": "Early", "companies": None}, headers={"If-Match": etag})
        assert (changed.status_code, changed.json()["name"], changed.json()["companies"]) == (200, "Early", None)
        is_a_problem(await http.patch(url, json={"paused": True}, headers={"If-Match": etag}), 412)
        paused = await http.patch(url, json={"paused": True})
        assert (paused.json()["paused"], paused.json()["next_runs"]) == (True, [])
        resumed = await http.patch(url, json={"paused": False})
        assert len(resumed.json()["next_runs"]) == 5

        # run at once, which its history tells
        ran = [await http.post(f"{url}/run", headers={"Idempotency-Key": "now"}) for _ in range(2)]
        assert [one.status_code for one in ran] == [202, 202]
        run_id = ran[0].json()["id"]
        assert ran[1].json()["id"] == run_id
        assert ran[0].headers["location"] == f"/extractor/v1/extractions/{run_id}"
        [line] = (await http.get(f"{url}/runs")).json()["items"]
        assert (line["slot"], line["missed_since"], line["run"]["id"]) == (None, None, run_id)

        # and removed
        is_a_problem(await http.delete(url, headers={"If-Match": etag}), 412)
        assert (await http.delete(url)).status_code == 204
        is_a_problem(await http.get(url), 404)
        is_a_problem(await http.get(f"{url}/runs"), 404)
        assert (await http.get(f"/extractor/v1/extractions/{run_id}")).status_code == 200


async def test_schedules_are_listed_by_name_page_by_page(on: Stage, signed_in: dict[str, str]) -> None:
    async with on.serving() as http:
        http.headers.update(signed_in)
        for name in ("Été", "B", "A", "B", "C"):
            await http.post(PREFIX, json=MORNINGS | {"name": name})
        seen: list[str] = []
        page = (await http.get(PREFIX, params={"limit": 2})).json()
        while True:
            seen += [one["name"] for one in page["items"]]
            if page["next"] is None:
                break
            page = (await http.get(PREFIX, params={"limit": 2, "cursor": page["next"]})).json()
        assert sorted(seen) == ["A", "B", "B", "C", "Été"]
        assert seen[:4] == ["A", "B", "B", "C"]
        is_a_problem(await http.get(PREFIX, params={"cursor": "nonsense"}), 422)


async def test_a_rule_is_previewed_without_being_saved(on: Stage, signed_in: dict[str, str]) -> None:
    body = {
        "rule": {"kind": "every", "minutes": 30, "from": "08:00", "until": "09:00"},
        "time_zone": "America/New_York",
    }
    async with on.serving() as http:
        http.headers.update(signed_in)
        answer = await http.post(f"{PREFIX}/preview", json=body)
        assert (await http.get(PREFIX)).json() == {"items": [], "next": None}
    slots = [datetime.fromisoformat(one).strftime("%H:%M") for one in answer.json()["next_runs"]]
    assert len(slots) == 5
    assert set(slots) == {"08:00", "08:30", "09:00"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"time_zone": "Europe"}, "time zone"),
        ({"time_zone": "../etc/passwd"}, "time zone"),
        ({"rule": {"kind": "yearly"}}, "daily"),
        ({"rule": {"kind": "cron", "expression": "61 * * * *"}}, "Bad minute"),
        ({"name": "  "}, "at least 1"),
        ({"name": "a\u0000b"}, "pattern"),
        ({"companies": ["OUEST"]}, "OUEST"),
        ({"missed": "twice"}, "run_once"),
        ({"color": "red"}, "not permitted"),
    ],
)
async def test_what_is_wrong_with_a_schedule_is_told(
    on: Stage, signed_in: dict[str, str], changes: dict[str, Any], told: str
) -> None:
    async with on.serving() as http:
        http.headers.update(signed_in)
        is_a_problem(await http.post(PREFIX, json=MORNINGS | changes), 422, told)
        url = (await http.post(PREFIX, json=MORNINGS)).headers["location"]
        is_a_problem(await http.patch(url, json=changes), 422, told)
        is_a_problem(await http.patch(url, json={"rule": None}), 422, "null")


async def test_a_preparer_keeps_schedules_of_companies_that_the_preparer_may_extract(on: Stage) -> None:
    on.tenant.may_extract["paula"] = ["NORD"]
    paula = {"Authorization": f"Bearer {on.token('paula', 'preparer')}"}
    admin = {"Authorization": f"Bearer {on.token()}"}
    async with on.serving() as http:
        is_a_problem(await http.post(PREFIX, json=MORNINGS, headers=paula), 409, "access_rights")
        mine = await http.post(PREFIX, json=MORNINGS | {"companies": ["NORD"]}, headers=paula)
        other = await http.post(PREFIX, json=MORNINGS, headers=admin)
        assert (mine.status_code, other.status_code) == (201, 201)
        assert len((await http.get(PREFIX, headers=admin)).json()["items"]) == 2
        assert [one["id"] for one in (await http.get(PREFIX, headers=paula)).json()["items"]] == [mine.json()["id"]]
        is_a_problem(await http.get(other.headers["location"], headers=paula), 404)


async def test_a_running_service_takes_up_the_slots_that_come(on: Stage, signed_in: dict[str, str]) -> None:
    # given a service by whose clock it is just before the slot of a schedule
    await on.register()
    clock = [datetime(2026, 11, 25, 5, 29, 59, tzinfo=UTC)]
    async with on.serving(clock=lambda: clock[0]) as http:
        http.headers.update(signed_in)
        url = (await http.post(PREFIX, json=MORNINGS)).headers["location"]

        # when it comes
        clock[0] += timedelta(seconds=2)

        async def ran() -> bool:
            return bool((await http.get(f"{url}/runs")).json()["items"])

        await until(ran)

        # then its run is carried out, and says what started it
        [line] = (await http.get(f"{url}/runs")).json()["items"]
        assert line["slot"] == "2026-11-25T05:30:00Z"
        await on.reaches(UUID(line["run"]["id"]), "publishing")
        run = (await http.get(f"/extractor/v1/extractions/{line['run']['id']}")).json()
        assert run["origin"] == {"kind": "schedule", "schedule": url[-36:], "slot": line["slot"], "source": None}
        assert run["as_of"] == "2026-11-25"
