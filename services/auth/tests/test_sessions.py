"""Sessions: refreshing, the grace for a lost answer, reuse, and everything that ends a session."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
from services.auth.tests.world import PASSWORD, Caller, Tenant, World, scope, user

from vigie_auth.domain.refresh_tokens import RefreshToken
from vigie_shared.database import transaction
from vigie_shared.events import DirectoryUserRemoved, DirectoryUserSaved, SessionRevoked

REFRESH = "/auth/v1/sessions/refresh"


@pytest.fixture
async def phone(world: World, tenant: Tenant) -> Caller:
    """A phone that is signed in as `demo`."""
    await tenant.has_single_base("NORD", "SUD")
    await tenant.has_user("demo", scopes=[scope("company", "NORD"), scope("company", "SUD")])
    return await world.at().signs_in_on_phone(tenant.code, "demo")


async def refresh(world: World, token: str) -> httpx2.Response:
    return await world.at().request("POST", REFRESH, {"refresh_token": token})


async def revoked(tenant: Tenant) -> list[SessionRevoked]:
    return [event for event in await tenant.events() if isinstance(event, SessionRevoked)]


async def the_grace_is_over(world: World, tenant: Tenant) -> None:
    """As if the seconds had passed in which a lost answer may be asked again."""
    async with transaction(world.pool, tenant.code) as connection:
        await connection.execute("UPDATE refresh_tokens SET used_at = used_at - interval '11 seconds'")


async def test_refreshing_gives_a_new_pair_that_works_and_keeps_the_session(world: World, phone: Caller) -> None:
    response = await refresh(world, phone.tokens["refresh_token"])

    assert response.status_code == 200
    renewed = response.json()
    assert renewed["refresh_token"] != phone.tokens["refresh_token"]
    assert renewed["scope"] == phone.tokens["scope"]
    assert (await Caller(world.app, "10.0.0.1", renewed).get("/auth/v1/rights"))["scopes"]
    assert (await refresh(world, renewed["refresh_token"])).status_code == 200


async def test_only_hashes_of_refresh_tokens_are_kept(world: World, tenant: Tenant, phone: Caller) -> None:
    token = RefreshToken.read(phone.tokens["refresh_token"])
    assert token is not None
    renewed = (await refresh(world, token.text)).json()

    async with transaction(world.pool, tenant.code) as connection:
        rows = await connection.fetch("SELECT token_hash, sealed_successor FROM refresh_tokens")
        text = await connection.fetchval("SELECT string_agg(t::text || s::text, '') FROM refresh_tokens t, sessions s")

    assert token.token_hash in {row["token_hash"] for row in rows}
    for secret in (token.text, renewed["refresh_token"]):
        assert secret not in text
        assert secret.encode().hex() not in text


async def test_a_lost_answer_is_given_again_to_the_same_device(world: World, tenant: Tenant, phone: Caller) -> None:
    lost = (await refresh(world, phone.tokens["refresh_token"])).json()

    again = await refresh(world, phone.tokens["refresh_token"])

    assert again.status_code == 200
    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert (await refresh(world, lost["refresh_token"])).status_code == 200
    assert await revoked(tenant) == []


async def test_an_old_token_kills_the_whole_line_once_the_grace_is_over(
    world: World, tenant: Tenant, phone: Caller
) -> None:
    renewed = (await refresh(world, phone.tokens["refresh_token"])).json()
    await the_grace_is_over(world, tenant)

    assert (await refresh(world, phone.tokens["refresh_token"])).status_code == 401

    assert (await refresh(world, renewed["refresh_token"])).status_code == 401
    await Caller(world.app, "10.0.0.1", renewed).get("/auth/v1/rights", expect=401)
    assert [event.data.username for event in await revoked(tenant)] == ["demo"]


async def test_within_the_grace_an_old_token_kills_the_line_once_its_successor_was_used(
    world: World, tenant: Tenant, phone: Caller
) -> None:
    second = (await refresh(world, phone.tokens["refresh_token"])).json()
    third = (await refresh(world, second["refresh_token"])).json()

    assert (await refresh(world, phone.tokens["refresh_token"])).status_code == 401

    assert (await refresh(world, third["refresh_token"])).status_code == 401
    assert len(await revoked(tenant)) == 1


@pytest.mark.parametrize("race", range(3))
async def test_eight_refreshes_at_once_leave_one_effective_line(
    world: World, tenant: Tenant, phone: Caller, race: int
) -> None:
    token = phone.tokens["refresh_token"]

    answers = await asyncio.gather(*(refresh(world, token) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    async with transaction(world.pool, tenant.code) as connection:
        assert await connection.fetchval("SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL") == 2
    assert (await refresh(world, successors.pop())).status_code == 200
    assert await revoked(tenant) == []


@pytest.mark.parametrize(
    "forged", ["", "x", "a.b.c", "ACME.00000000000000000000000000000000.x", "é.é.é", "*..", "\x7f.."]
)
async def test_what_is_no_refresh_token_is_refused_and_ends_nothing(world: World, phone: Caller, forged: str) -> None:
    assert (await refresh(world, forged)).status_code == 401
    assert (await refresh(world, phone.tokens["refresh_token"])).status_code == 200


async def test_guessing_in_a_known_line_does_not_end_it(world: World, tenant: Tenant, phone: Caller) -> None:
    known = RefreshToken.read(phone.tokens["refresh_token"])
    assert known is not None

    guess = RefreshToken.new(tenant.code, known.session_id)

    assert (await refresh(world, guess.text)).status_code == 401
    assert (await refresh(world, known.text)).status_code == 200


async def test_r13_a_refresh_token_does_not_work_under_another_clients_code(
    world: World, tenant: Tenant, phone: Caller
) -> None:
    other = await world.new_client()
    moved = phone.tokens["refresh_token"].replace(tenant.code, other.code)

    assert (await refresh(world, moved)).status_code == 401


async def test_a_session_that_was_not_used_for_its_time_is_over(world: World, tenant: Tenant, phone: Caller) -> None:
    async with transaction(world.pool, tenant.code) as connection:
        lasts = await connection.fetchval("SELECT lasts_seconds FROM sessions WHERE role = 'mobile'")
        await connection.execute("UPDATE sessions SET expires_at = clock_timestamp()")

    assert lasts == 90 * 24 * 3600
    assert (await refresh(world, phone.tokens["refresh_token"])).status_code == 401
    await phone.get("/auth/v1/rights", expect=401)


async def test_using_a_session_makes_it_last_again(world: World, tenant: Tenant, phone: Caller) -> None:
    async with transaction(world.pool, tenant.code) as connection:
        await connection.execute("UPDATE sessions SET expires_at = clock_timestamp() + interval '1 minute'")

    await refresh(world, phone.tokens["refresh_token"])

    async with transaction(world.pool, tenant.code) as connection:
        left = await connection.fetchval(
            "SELECT extract(epoch FROM expires_at - clock_timestamp()) FROM sessions WHERE role = 'mobile'"
        )
    assert left > 89 * 24 * 3600


async def test_signing_out_ends_this_session_alone(world: World, tenant: Tenant, phone: Caller) -> None:
    other = await world.at().signs_in_on_phone(tenant.code, "demo")

    await phone.delete("/auth/v1/sessions/current")

    await phone.get("/auth/v1/rights", expect=401)
    assert (await refresh(world, phone.tokens["refresh_token"])).status_code == 401
    await other.get("/auth/v1/rights")
    [event] = await revoked(tenant)
    assert event.data.username == "demo"


async def deactivate(tenant: Tenant) -> None:
    await tenant.has_user("demo", active=False, password=None, scopes=[scope("company", "NORD")])


async def change_password(tenant: Tenant) -> None:
    await tenant.has_user("demo", password="another bicycle, blue", scopes=[scope("company", "NORD")])


async def change_role(tenant: Tenant) -> None:
    await tenant.has_user("demo", role="preparer", password=None)


async def remove(tenant: Tenant) -> None:
    await tenant.administrator.delete("/auth/v1/admin/users/demo")


@pytest.mark.parametrize("ending", [deactivate, change_password, change_role, remove])
async def test_what_puts_a_user_out_ends_all_sessions_and_says_so(
    world: World, tenant: Tenant, phone: Caller, ending: Callable[[Tenant], Awaitable[None]]
) -> None:
    second = await world.at().signs_in_on_phone(tenant.code, "demo")

    await ending(tenant)

    for device in (phone, second):
        await device.get("/auth/v1/rights", expect=401)
        assert (await refresh(world, device.tokens["refresh_token"])).status_code == 401
    assert len({event.data.session_id for event in await revoked(tenant)}) == 2
    assert isinstance((await tenant.events())[-1], DirectoryUserSaved | DirectoryUserRemoved)
    await tenant.administrator.get("/auth/v1/admin/users")


async def test_changing_rights_keeps_the_session_and_is_felt_at_once(
    world: World, tenant: Tenant, phone: Caller
) -> None:
    saved = await tenant.has_user(
        "demo", password=None, scopes=[scope("company", "SUD")], indicators=["treasury_position"]
    )

    rights = await phone.get("/auth/v1/rights")

    assert [one["code"] for one in rights["scopes"]] == ["SUD"]
    assert rights["indicators"] == ["treasury_position"]
    assert (await refresh(world, phone.tokens["refresh_token"])).json()["scope"]["code"] == "SUD"
    versions = [
        event.data.version
        for event in await tenant.events()
        if isinstance(event, DirectoryUserSaved) and event.data.username == "demo"
    ]
    assert versions == sorted(set(versions))
    assert versions[-1] == saved["version"]


async def test_suspending_a_client_ends_every_session_of_it_and_of_no_other(
    world: World, tenant: Tenant, phone: Caller
) -> None:
    other = await world.new_client()

    await tenant.operator.post(f"/auth/v1/operator/clients/{tenant.code}/suspend", expect=204)

    for caller in (phone, tenant.administrator):
        await caller.get("/auth/v1/rights", expect=401)
        assert (await refresh(world, caller.tokens["refresh_token"])).status_code == 401
    await tenant.administrator.put("/auth/v1/admin/users/new", user(), expect=401)
    await other.administrator.get("/auth/v1/rights")

    await tenant.operator.post(f"/auth/v1/operator/clients/{tenant.code}/resume", expect=204)
    await phone.get("/auth/v1/rights", expect=401)
    await world.at().signs_in_on_phone(tenant.code, "demo")


async def test_console_sessions_last_hours_rather_than_months(world: World, tenant: Tenant) -> None:
    async with transaction(world.pool, tenant.code) as connection:
        lasts = await connection.fetchval("SELECT lasts_seconds FROM sessions WHERE role = 'administrator'")
    renewed = await refresh(world, tenant.administrator.tokens["refresh_token"])

    assert lasts == 12 * 3600
    assert renewed.status_code == 200
    assert "scope" not in renewed.json()


async def test_a_sign_in_races_with_a_suspension_and_leaves_no_session(world: World, tenant: Tenant) -> None:
    callers = [world.at() for _ in range(4)]
    body = {"client_code": tenant.code, "username": "admin", "password": PASSWORD}

    async def sign_in(caller: Caller) -> Any:
        return await caller.request("POST", "/auth/v1/admin/sessions", body)

    answers = await asyncio.gather(
        *(sign_in(caller) for caller in callers),
        tenant.operator.request("POST", f"/auth/v1/operator/clients/{tenant.code}/suspend"),
    )

    for answer in answers[:-1]:
        if answer.status_code == 201:
            await Caller(world.app, "10.0.0.1", answer.json()).get("/auth/v1/rights", expect=401)
    async with transaction(world.pool, tenant.code) as connection:
        assert await connection.fetchval("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 0


async def test_sessions_that_ran_out_are_forgotten_at_later_sign_ins(
    world: World, tenant: Tenant, phone: Caller
) -> None:
    known = RefreshToken.read(phone.tokens["refresh_token"])
    assert known is not None
    async with transaction(world.pool, tenant.code) as connection:
        await connection.execute(
            "UPDATE sessions SET expires_at = clock_timestamp() - interval '1 day' WHERE session_id = $1",
            known.session_id,
        )

    await world.at().signs_in_on_phone(tenant.code, "demo")

    async with transaction(world.pool, tenant.code) as connection:
        left: list[UUID] = [row["session_id"] for row in await connection.fetch("SELECT session_id FROM sessions")]
        tokens = await connection.fetchval(
            "SELECT count(*) FROM refresh_tokens WHERE session_id = $1", known.session_id
        )
    assert known.session_id not in left
    assert tokens == 0
