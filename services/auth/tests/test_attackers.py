"""R10 seen by somebody who wants in: ways around the counting, and what answers might give away."""

from collections.abc import Callable
from typing import Any

import pytest
from services.auth.tests.world import PASSWORD, Caller, Tenant, World, scope

from vigie_shared.database import transaction

WRONG = "certainly not this one"


@pytest.fixture
async def demo(tenant: Tenant) -> Tenant:
    await tenant.has_single_base("NORD")
    await tenant.has_user("Zoé", scopes=[scope("company", "NORD")])
    return tenant


async def guesses(caller: Caller, demo: Tenant, door: str, username: str, password: str = WRONG) -> int:
    typed = {"client_code": demo.code, "username": username, "password": password}
    if door == "phone":
        return (await caller.request("POST", "/auth/v1/sessions", typed | {"shortcut_code": "NORD"})).status_code
    return (await caller.request("POST", "/auth/v1/admin/sessions", typed)).status_code


@pytest.mark.parametrize(
    "ways",
    [
        [("phone", name) for name in ("Zoé", "zoé", "ZOÉ", "Zoe\u0301", "zOE\u0301", "Zoé")],
        [("phone", "Zoé"), ("console", "Zoé")] * 3,
    ],
    ids=["other spellings of one name", "both doors by turns"],
)
async def test_r10_one_name_is_counted_once_however_it_is_tried(
    world: World, demo: Tenant, ways: list[tuple[str, str]]
) -> None:
    stranger = world.at()

    statuses = [await guesses(stranger, demo, door, name) for door, name in ways]

    assert statuses == [401] * 5 + [429]


async def test_r10_other_shortcut_codes_and_client_spellings_are_no_fresh_start(world: World, demo: Tenant) -> None:
    stranger = world.at()
    statuses = []
    for number in range(6):
        code = demo.code.lower() if number % 2 else demo.code
        typed = {"client_code": code, "shortcut_code": f"S{number}", "username": "Zoé", "password": WRONG}
        statuses.append((await stranger.request("POST", "/auth/v1/sessions", typed)).status_code)

    assert statuses == [401] * 5 + [429]


async def test_r10_a_name_that_has_to_wait_does_not_learn_whether_the_password_was_right(
    world: World, demo: Tenant
) -> None:
    stranger = world.at()
    for _ in range(5):
        await guesses(stranger, demo, "phone", "Zoé")
    before = await world.verifications()

    statuses = [await guesses(stranger, demo, "phone", "Zoé", password) for password in (PASSWORD, WRONG)]

    assert statuses == [429, 429]
    assert await world.verifications() == before


async def test_r10_the_right_password_of_somebody_out_of_service_tells_nothing(world: World, demo: Tenant) -> None:
    """Neither that it was right, nor by being taken back from the counters."""
    await demo.has_user("away", active=False, scopes=[scope("company", "NORD")])
    stranger = world.at()

    statuses = [await guesses(stranger, demo, "phone", "away", PASSWORD) for _ in range(6)]

    assert statuses == [401] * 5 + [429]


async def test_r10_signing_in_with_ones_own_name_washes_no_guesses_at_others(world: World, demo: Tenant) -> None:
    await demo.has_user("insider", scopes=[scope("company", "NORD")])
    stranger = world.at()
    statuses = []
    for number in range(31):
        if number % 10 == 9:
            assert await guesses(stranger, demo, "phone", "insider", PASSWORD) == 201
        statuses.append(await guesses(stranger, demo, "phone", f"name {number}"))

    assert statuses == [401] * 30 + [429]


async def test_r10_what_is_too_long_to_be_a_password_is_refused_before_it_costs_anything(
    world: World, demo: Tenant
) -> None:
    before = await world.verifications()

    typed: dict[str, Any] = {"client_code": demo.code, "shortcut_code": "NORD", "username": "Zoé"}
    answer = await world.at().request("POST", "/auth/v1/sessions", typed | {"password": "p" * 1025})

    assert answer.status_code == 422
    assert "ppp" not in answer.text
    assert await world.verifications() == before


CHANGES: dict[str, Callable[[Tenant], Any]] = {
    "another password": lambda demo: demo.has_user("Zoé", password="another long password"),
    "out of service": lambda demo: demo.has_user("Zoé", active=False),
    "another role": lambda demo: demo.has_user("Zoé", "preparer"),
    "removed": lambda demo: demo.administrator.delete("/auth/v1/admin/users/Zo%C3%A9"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_r10_no_old_token_outlives_what_puts_its_user_out(world: World, demo: Tenant, change: str) -> None:
    """Neither the access token nor the refresh token, nor a refresh token that was used and may be asked again."""
    phone = await world.at().signs_in_on_phone(demo.code, "Zoé")
    first = {"refresh_token": phone.tokens["refresh_token"]}
    renewed = Caller(world.app, phone.address, await phone.post("/auth/v1/sessions/refresh", first))

    await CHANGES[change](demo)

    await renewed.get("/auth/v1/rights", expect=401)
    for token in (first, {"refresh_token": renewed.tokens["refresh_token"]}):
        await world.at().post("/auth/v1/sessions/refresh", token, expect=401)


async def test_r10_a_stolen_refresh_token_is_told_of_in_the_audit(world: World, demo: Tenant) -> None:
    phone, thief = await world.at().signs_in_on_phone(demo.code, "Zoé"), world.at()
    stolen = {"refresh_token": phone.tokens["refresh_token"]}
    renewed = await phone.post("/auth/v1/sessions/refresh", stolen)
    await phone.post("/auth/v1/sessions/refresh", {"refresh_token": renewed["refresh_token"]})

    await thief.post("/auth/v1/sessions/refresh", stolen, expect=401)

    [item] = (await demo.administrator.get("/auth/v1/admin/audit?action=session.ended-by-reuse"))["items"]
    assert (item["subject"], item["actor"]["kind"], item["actor"]["address"]) == ("Zoé", "service", thief.address)
    async with transaction(world.pool, demo.code) as connection:
        text = await connection.fetchval("SELECT string_agg(a::text, '') FROM audit a")
    assert stolen["refresh_token"] not in text
