"""Runs as those see them who may: the list and its filters, the report, the stream, and cancelling."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from services.extractor.tests.computing import Held, everything_asked_for
from services.extractor.tests.dossiers import invoice, write_dossier
from services.extractor.tests.stage import ADMINISTRATOR, EVERYTHING_SEEN, Stage, kinds, running
from tests.stack.waiting import until

from vigie_extractor.domain.report import Step
from vigie_extractor.domain.run import Request, RunStatus
from vigie_extractor.domain.selection import Selection
from vigie_extractor.orders import carry_out
from vigie_extractor.runner import Runner
from vigie_extractor.storage.work import Claim
from vigie_extractor.wakening import Wakening
from vigie_shared.events import NamedScope, SnapshotPublished, SnapshotPublishedData, derived_id

PREFIX = "/extractor/v1/extractions"


def as_user(on: Stage, username: str, role: Any = "preparer") -> dict[str, str]:
    return {"Authorization": f"Bearer {on.token(username, role)}"}


def is_a_problem(response: httpx2.Response, status: int, told: str = "") -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert told in response.text


def published(on: Stage, run_id: str, code: str) -> SnapshotPublished:
    now = datetime.now(UTC)
    return SnapshotPublished(
        id=derived_id(run_id, code),
        subject=code,
        time=now,
        clientcode=on.client,
        data=SnapshotPublishedData(
            extraction_id=UUID(run_id),
            scope=NamedScope(kind="company", code=code, name=code),
            as_of=now.date(),
            published_at=now,
            etag="1",
        ),
    )


@pytest.fixture
async def admin(on: Stage) -> dict[str, str]:
    await on.register()
    return as_user(on, "admin", "administrator")


async def test_r2_a_preparer_sees_the_runs_of_companies_that_the_preparer_may_extract(
    on: Stage, admin: dict[str, str]
) -> None:
    # given runs of different companies, and preparers who may extract one, both and none of them
    on.tenant.may_extract = {"nina": ["NORD"], "bob": ["NORD", "SUD"], "zoe": []}
    async with on.serving() as http:
        north = (await http.post(PREFIX, json={"companies": ["NORD"]}, headers=admin)).json()["id"]
        both = (await http.post(PREFIX, json={}, headers=admin)).json()["id"]
        for run_id in (north, both):
            await on.reaches(UUID(run_id), "publishing")
        seen = {"nina": {north}, "bob": {north, both}, "zoe": set(), "admin": {north, both}}
        for username, some in seen.items():
            who = admin if username == "admin" else as_user(on, username)

            # when they look, then each sees those alone, whatever the call
            listed = (await http.get(PREFIX, headers=who)).json()["items"]
            assert {one["id"] for one in listed} == some, username
            for run_id in (north, both):
                answer = await http.get(f"{PREFIX}/{run_id}", headers=who)
                if run_id in some:
                    assert answer.status_code == 200
                else:
                    is_a_problem(answer, 404)
                    is_a_problem(await http.get(f"{PREFIX}/{run_id}/events", headers=who), 404)
                    is_a_problem(await http.post(f"{PREFIX}/{run_id}/cancel", headers=who), 404)


async def test_whoever_asked_for_a_run_sees_it_while_nothing_was_read_and_learns_that_the_right_is_gone(
    on: Stage, admin: dict[str, str]
) -> None:
    async with on.serving(Held()) as http:
        blocking = await http.post(PREFIX, json={"companies": ["NORD"]}, headers=admin)
        mine = (await http.post(PREFIX, json={"companies": ["NORD"]}, headers=as_user(on, "nina"))).json()["id"]
        on.tenant.may_extract["nina"] = []
        await http.post(f"{PREFIX}/{blocking.json()['id']}/cancel", headers=admin)
        await on.reaches(UUID(mine), "failed")
        report = (await http.get(f"{PREFIX}/{mine}", headers=as_user(on, "nina"))).json()
    assert (report["status"], report["reason"]) == ("failed", "access_rights")
    assert [one["criterion"] for one in report["failures"]] == ["access_rights"]


async def test_runs_are_listed_by_status_company_and_time(on: Stage, admin: dict[str, str]) -> None:
    held = Held()
    async with on.serving(held) as http:
        http.headers.update(admin)
        north, south, all_of_it = [
            (await http.post(PREFIX, json=body)).json()["id"]
            for body in ({"companies": ["NORD"]}, {"companies": ["SUD"]}, {})
        ]
        await until(lambda: len(held.orders) == 2)
        await http.post(f"{PREFIX}/{south}/cancel")
        at = (await http.get(f"{PREFIX}/{south}")).json()["requested_at"]

        async def listed(**asked: Any) -> list[str]:
            return [one["id"] for one in (await http.get(PREFIX, params=asked)).json()["items"]]

        assert await listed(status="cancelled") == [south]
        assert await listed(status=["cancelled", "running"]) == [south, north]
        assert await listed(company="NORD") == [all_of_it, north]
        assert await listed(company="NORD", status="running") == [north]
        assert await listed(company="EST") == []
        assert await listed(since=at) == [all_of_it, south]
        is_a_problem(await http.get(PREFIX, params={"status": "lost"}), 422)
        is_a_problem(await http.get(PREFIX, params={"since": "2026-11-24T12:00:00"}), 422)


async def test_a_report_counts_what_was_read_refused_later_and_found(on: Stage, admin: dict[str, str]) -> None:
    sales = [invoice("NORD", "2026-11-05", "100.00"), invoice("SUD", "2026-11-06", "100.00")]
    later = [invoice("NORD", "2026-11-25", "1.00", 2), invoice("SUD", "2026-12-01", "1.00", 2)]
    write_dossier(on.folder, sales_lines=[*sales, *later, invoice("SUD", "", "1.00", 3)])
    async with on.serving(carry_out) as http:
        http.headers.update(admin)
        run_id = (await http.post(PREFIX, json={"as_of": "2026-11-24"})).json()["id"]
        await on.reaches(UUID(run_id), "publishing")
        report = (await http.get(f"{PREFIX}/{run_id}")).json()
    counts = report["counts"]
    assert (counts["rows_refused"], counts["rows_later"], counts["emitted"]) == (1, 2, 3)
    assert counts["rows_read"] + counts["rows_refused"] == sum(file["present"] for file in report["files"])
    assert report["anomaly_counts"]["document_after_system_date"] == 2
    assert report["anomaly_counts"]["bad_row"] == 1
    assert sum(report["anomaly_counts"].values()) == sum(one["count"] for one in report["anomalies"])
    assert all(step["seconds"] is not None for step in report["steps"][:4])
    assert report["origin"] == {"kind": "user", "schedule": None, "slot": None, "source": None}


async def test_a_run_that_waits_for_the_publisher_says_so_since_when_and_for_what(
    on: Stage, admin: dict[str, str]
) -> None:
    # given a run whose scopes were handed over, and a publisher that answers for one alone
    async with on.serving() as http:
        http.headers.update(admin)
        run_id = (await http.post(PREFIX, json={"companies": ["NORD", "SUD"]})).json()["id"]
        await on.reaches(UUID(run_id), "publishing")
        await on.hear(published(on, run_id, "NORD"))

        # then its report says what it waits for
        waiting = (await http.get(f"{PREFIX}/{run_id}")).json()["waiting"]
        assert waiting["scopes"] == [{"kind": "company", "code": "SUD"}]
        assert datetime.fromisoformat(waiting["since"]) <= datetime.now(UTC)
        is_a_problem(await http.post(f"{PREFIX}/{run_id}/cancel"), 409, "publishing")

        # and nothing any more once the other message was replayed
        await on.hear(published(on, run_id, "SUD"))
        report = (await http.get(f"{PREFIX}/{run_id}")).json()
        assert (report["status"], report["waiting"]) == ("published", None)
        is_a_problem(await http.post(f"{PREFIX}/{run_id}/cancel"), 409, "published")


async def test_a_stream_goes_on_where_it_was_left_and_tells_the_end_once(on: Stage, admin: dict[str, str]) -> None:
    held = Held()
    async with on.serving(held) as http:
        http.headers.update(admin)
        run_id = (await http.post(PREFIX, json={"companies": ["NORD"]})).json()["id"]
        await held.begun.wait()
        url = f"{PREFIX}/{run_id}/events"

        # given somebody who has seen the run as it is
        seen = (await http.get(f"{PREFIX}/{run_id}")).json()
        await http.post(f"{PREFIX}/{run_id}/cancel")
        whole = events_of((await http.get(url)).text)
        assert [one["status"] for one in whole.values()] == ["cancelled"]
        assert seen["status"] == "running"

        # when they come back after the end, then they are told nothing again, and to come back no more
        [end] = whole
        again = await http.get(url, headers={"Last-Event-ID": end})
        assert (again.status_code, again.content) == (204, b"")
        assert events_of((await http.get(url, headers={"Last-Event-ID": "another"})).text) == whole


def events_of(stream: str) -> dict[str, Any]:
    """The documents of a stream by the ids of their events."""
    blocks = [block.splitlines() for block in stream.split("\n\n") if block.startswith("id: ")]
    return {lines[0].removeprefix("id: "): json.loads(lines[2].removeprefix("data: ")) for lines in blocks}


@pytest.mark.parametrize("step", [Step.AUTHORISE, Step.VERIFY, Step.COMPUTE, Step.EMIT])
async def test_a_run_is_cancelled_at_any_step_before_it_is_handed_over_and_says_nothing_afterwards(
    on: Stage, step: Step
) -> None:
    # given a run that stands at a step
    await on.register()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def stand(_claim: Claim, begun: Step) -> None:
        if begun is step:
            reached.set()
            await go_on.wait()

    use = on.extractions()
    run_id = await use.request(on.client, ADMINISTRATOR, on.token(), Request(Selection()), None)
    async with running(Runner(on.pool, Wakening(on.pool), on.execution(everything_asked_for, stand)).run):
        await asyncio.wait_for(reached.wait(), 20)

        # when it is cancelled, once and again, and goes on
        for _ in range(2):
            await use.cancel(on.client, ADMINISTRATOR, EVERYTHING_SEEN, run_id)
        go_on.set()

        # then it is, for good, and nothing is published
        other = await use.request(on.client, ADMINISTRATOR, on.token(), Request(Selection()), None)
        await on.reaches(other, "publishing")
    followed = await on.follow(run_id)
    assert (followed.run.status, followed.outcomes) == (RunStatus.CANCELLED, {})
    assert followed.run.finished_at is not None
    said = [one for one in await on.said() if getattr(one.data, "extraction_id", None) == run_id]
    assert kinds(said)[-1] == "extraction.cancelled"
    assert not {"indicators.extracted", "extraction.completed"} & {*kinds(said)}
