"""Two administrators at once: a change that was made for what somebody else has changed meanwhile has no effect."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from services.auth.tests.world import Tenant, company, scope, user
from tests.stack.waiting import until

from vigie_auth.storage import clients
from vigie_shared.database import transaction

THINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/auth/v1/admin/companies/NORD": (company("NORD", name="First"), company("NORD", name="Second")),
    "/auth/v1/admin/families/GROUPE": (
        {"name": "First", "shortcut_code": "GROUPE", "companies": ["SUD"]},
        {"name": "Second", "shortcut_code": "GROUPE", "companies": ["SUD"]},
    ),
    "/auth/v1/admin/users/demo": (
        user(password=None, active=False),
        user(password=None, role="preparer", active=False),
    ),
    "/auth/v1/admin/published-indicators": ({"indicators": []}, {"indicators": ["treasury_position"]}),
}


async def sends(
    tenant: Tenant, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    return await tenant.administrator.request(method, path, body, headers=headers)


@pytest.fixture
async def firm(tenant: Tenant) -> Tenant:
    """A client with a company on its own and one that a family is made of."""
    await tenant.has_single_base("SUD")
    return tenant


@pytest.mark.parametrize("path", THINGS)
async def test_a_change_for_another_state_is_refused_with_the_present_one(firm: Tenant, path: str) -> None:
    first, second = THINGS[path]
    saved = await sends(firm, "PUT", path, first)
    read = await sends(firm, "GET", path)
    assert saved.headers["etag"] == read.headers["etag"]

    changed = await sends(firm, "PUT", path, second, {"If-Match": read.headers["etag"]})
    late = await sends(firm, "PUT", path, first, {"If-Match": read.headers["etag"]})

    assert (changed.status_code, late.status_code) == (200, 412)
    assert late.headers["content-type"] == "application/problem+json"
    assert late.headers["etag"] == late.json()["etag"] == changed.headers["etag"] != read.headers["etag"]
    assert (await sends(firm, "GET", path)).json() == changed.json()


@pytest.mark.parametrize("path", THINGS)
async def test_of_twenty_changes_of_one_state_at_once_exactly_one_has_an_effect(firm: Tenant, path: str) -> None:
    first, second = THINGS[path]
    seen = (await sends(firm, "PUT", path, first)).headers["etag"]
    said = len(await firm.events())

    answers = await asyncio.gather(*(sends(firm, "PUT", path, second, {"If-Match": seen}) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    assert len(await firm.events()) == said + 1


@pytest.mark.parametrize("path", [path for path in THINGS if not path.endswith("indicators")])
async def test_what_is_to_be_added_only_is_added_once_and_removed_as_it_was_read(firm: Tenant, path: str) -> None:
    first, second = THINGS[path]
    added, again = [await sends(firm, "PUT", path, body, {"If-None-Match": "*"}) for body in (first, second)]
    other_state = await sends(firm, "DELETE", path, None, {"If-Match": '"of another state"'})
    removed = await sends(firm, "DELETE", path, None, {"If-Match": added.headers["etag"]})
    on_nothing = await sends(firm, "PUT", path, first, {"If-Match": added.headers["etag"]})

    statuses = [answer.status_code for answer in (added, again, other_state, removed, on_nothing)]
    assert statuses == [200, 412, 412, 204, 412]
    assert (await sends(firm, "GET", path)).status_code == 404


async def test_the_dossier_is_changed_as_it_was_read(tenant: Tenant) -> None:
    path = "/auth/v1/admin/dossier"
    unsaid = await sends(tenant, "GET", path)
    assert unsaid.json() == {"kind": None}

    first = await sends(tenant, "PUT", path, {"kind": "single-base"}, {"If-Match": unsaid.headers["etag"]})
    late = await sends(tenant, "PUT", path, {"kind": "multi-base"}, {"If-Match": unsaid.headers["etag"]})

    assert (first.status_code, late.status_code) == (200, 412)
    assert (await sends(tenant, "GET", path)).headers["etag"] == first.headers["etag"]


async def test_without_a_condition_the_last_write_wins(firm: Tenant) -> None:
    first, second = THINGS["/auth/v1/admin/companies/NORD"]
    for body in (first, second):
        assert (await sends(firm, "PUT", "/auth/v1/admin/companies/NORD", body)).status_code == 200

    assert (await sends(firm, "GET", "/auth/v1/admin/companies/NORD")).json()["name"] == "Second"


async def test_saving_a_user_as_it_is_says_nothing_and_keeps_the_state(firm: Tenant) -> None:
    saved = await firm.has_user("demo", scopes=[scope("company", "SUD")])
    said = await firm.events()

    again = await firm.has_user("demo", password=None, scopes=[scope("company", "SUD")])

    assert again == saved
    assert await firm.events() == said


async def test_an_administrator_who_lost_the_right_while_waiting_changes_nothing(tenant: Tenant) -> None:
    """The lock of the client orders the two: who comes second is looked at again."""
    async with transaction(tenant.world.pool, tenant.code) as connection:

        async def somebody_waits() -> bool:
            waiting = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pg_backend_pid() = ANY"
                "(pg_blocking_pids(pid))"
            )
            return bool(waiting)

        await clients.lock_client(connection, tenant.code)
        waiting = asyncio.create_task(sends(tenant, "PUT", "/auth/v1/admin/companies/NORD", company("NORD")))
        await until(somebody_waits)
        await connection.execute("UPDATE sessions SET revoked_at = clock_timestamp()")

    assert (await waiting).status_code == 401
    async with transaction(tenant.world.pool, tenant.code) as connection:
        assert await connection.fetchval("SELECT count(*) FROM scopes") == 0
