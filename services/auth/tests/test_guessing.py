"""R10 on a real store: guesses slow down and lock, wherever they come from, and lock nobody else out."""

import asyncio
from typing import Any

import httpx2
import pytest
from services.auth.tests.world import Caller, Tenant, World, scope

from vigie_shared.database import Pool, transaction
from vigie_shared.errors import TooManyRequests
from vigie_shared.sealing import SealingKeys
from vigie_shared.throttling import Throttle
from vigie_shared.throttling.rules import CountedBy

WRONG = "certainly not this one"


@pytest.fixture
async def demo(tenant: Tenant) -> Tenant:
    """A client with the user `demo`."""
    await tenant.has_single_base("NORD")
    await tenant.has_user("demo", scopes=[scope("company", "NORD")])
    return tenant


async def guess(caller: Caller, tenant: Tenant, times: int, username: str = "demo") -> list[httpx2.Response]:
    return [await caller.tries_phone(tenant.code, username, password=WRONG) for _ in range(times)]


async def time_passes(pool: Pool, interval: str) -> None:
    """As if everything counted had been counted so much earlier."""
    async with transaction(pool, "") as connection:
        await connection.execute(
            "UPDATE throttle_counters SET last_failure_at = last_failure_at - $1::text::interval", interval
        )


async def test_r10_the_sixth_guess_in_a_row_has_to_wait(world: World, demo: Tenant) -> None:
    caller = world.at()

    statuses = [response.status_code for response in await guess(caller, demo, 6)]
    right = await caller.tries_phone(demo.code, "demo")

    assert statuses == [401] * 5 + [429]
    assert right.status_code == 429
    assert 1 <= int(right.headers["retry-after"]) <= 2
    assert right.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("username", ["demo", "nobody"])
async def test_r10_known_and_unknown_names_are_locked_alike(world: World, demo: Tenant, username: str) -> None:
    caller = world.at()
    statuses = []
    for _ in range(10):
        statuses.append((await guess(caller, demo, 1, username))[0].status_code)
        await time_passes(world.pool, "31 seconds")

    [locked] = await guess(caller, demo, 1, username)

    assert statuses == [401] * 10
    assert locked.status_code == 429
    assert 800 <= int(locked.headers["retry-after"]) <= 900


async def test_r10_a_lock_looks_at_no_password(world: World, demo: Tenant) -> None:
    caller = world.at()
    await guess(caller, demo, 5)
    before = await world.verifications()

    await guess(caller, demo, 3)

    assert await world.verifications() == before


async def test_r10_strangers_elsewhere_do_not_lock_the_user_where_the_user_is_known(world: World, demo: Tenant) -> None:
    home = world.at()
    await home.signs_in_on_phone(demo.code, "demo")
    for _ in range(5):
        await guess(world.at(), demo, 4)

    elsewhere = await world.at().tries_phone(demo.code, "demo")
    at_home = await home.tries_phone(demo.code, "demo")

    assert elsewhere.status_code == 429
    assert at_home.status_code == 201


async def test_r10_a_stranger_does_not_put_out_a_device_that_is_signed_in(world: World, demo: Tenant) -> None:
    phone = await world.at().signs_in_on_phone(demo.code, "demo")
    await guess(phone, demo, 6)

    refreshed = await phone.request(
        "POST", "/auth/v1/sessions/refresh", {"refresh_token": phone.tokens["refresh_token"]}
    )

    assert refreshed.status_code == 200
    await phone.get("/auth/v1/rights")


async def test_r10_one_password_tried_on_many_names_is_slowed_by_its_address(world: World, demo: Tenant) -> None:
    caller = world.at()
    for number in range(30):
        assert (await guess(caller, demo, 1, f"somebody{number}"))[0].status_code == 401

    assert (await guess(caller, demo, 1, "another"))[0].status_code == 429
    assert (await world.at().tries_phone(demo.code, "demo")).status_code == 201


async def test_success_takes_back_its_own_failures_and_nobody_elses(world: World, demo: Tenant) -> None:
    caller = world.at()
    await guess(caller, demo, 4)
    for number in range(20):
        await guess(caller, demo, 1, f"somebody{number}")

    await caller.signs_in_on_phone(demo.code, "demo")
    again = [response.status_code for response in await guess(caller, demo, 5)]

    assert again == [401] * 5
    statuses = [(await guess(caller, demo, 1, f"other{number}"))[0].status_code for number in range(6)]
    assert statuses == [401] * 5 + [429]


async def test_addresses_of_one_ipv6_household_count_together(world: World, demo: Tenant) -> None:
    for number in range(5):
        await guess(world.at(f"2001:db8:1:{demo.code[1:4]}::{number}"), demo, 1)

    next_door = world.at(f"2001:db8:2:{demo.code[1:4]}::1")

    assert (await guess(world.at(f"2001:db8:1:{demo.code[1:4]}::99"), demo, 1))[0].status_code == 429
    assert (await guess(next_door, demo, 1))[0].status_code == 401


async def test_a_thousand_guesses_at_once_over_two_replicas_stay_within_the_limit(world: World) -> None:
    replicas = [Throttle(world.pool, SealingKeys(b"k" * 32)), Throttle(world.pool, SealingKeys(b"k" * 32))]
    client = (await world.new_client()).code

    async def attempt(number: int) -> bool:
        try:
            await replicas[number % 2].count("user", client, "demo", address=f"172.16.{number // 200}.{number % 200}")
        except TooManyRequests:
            return False
        return True

    looked_at = sum(await asyncio.gather(*(attempt(number) for number in range(1000))))

    assert 20 <= looked_at < 40


async def test_r10_publication_passwords_and_operators_are_guessed_no_faster(world: World, tenant: Tenant) -> None:
    extractor, stranger = world.at(), world.at()
    check = {"client_code": tenant.code, "password": "wrong"}
    operator = {"username": "operator", "password": "wrong"}

    for path, body, refused in (
        ("/auth/v1/publication-credentials/checks", check, 422),
        ("/auth/v1/operator/sessions", operator, 401),
        ("/auth/v1/admin/sessions", {**check, "username": "admin"}, 401),
    ):
        caller: Any = world.at()
        statuses = [(await caller.request("POST", path, body)).status_code for _ in range(6)]
        assert statuses == [refused] * 5 + [429]
    right = {"client_code": tenant.code, "password": tenant.publication_password}
    await extractor.post("/auth/v1/publication-credentials/checks", right, expect=204)
    await stranger.post("/auth/v1/publication-credentials/checks", right, expect=204)


async def test_counters_hold_nothing_that_was_typed(world: World, demo: Tenant) -> None:
    caller = world.at("192.0.2.77")
    await guess(caller, demo, 1, "somebody-typed-this")

    async with transaction(world.pool, "") as connection:
        text = await connection.fetchval(
            "SELECT string_agg(c::text || encode(subject, 'escape'), '') FROM throttle_counters c"
        )

    for typed in ("somebody-typed-this", demo.code, "192.0.2.77", WRONG):
        assert typed not in text


async def test_counters_that_no_limit_looks_at_are_forgotten(world: World, demo: Tenant) -> None:
    throttle = Throttle(world.pool, SealingKeys(b"z" * 32))
    old = await throttle.count("user", "long", "ago", address="198.51.100.1")
    async with transaction(world.pool, "") as connection:
        await connection.execute(
            "UPDATE throttle_counters SET last_failure_at = '2000-01-01' WHERE subject = ANY($1::bytea[])",
            list(old.subjects.values()),
        )

    await throttle.count("user", "now", "here", address="198.51.100.2")

    async with transaction(world.pool, "") as connection:
        left = await connection.fetchval(
            "SELECT count(*) FROM throttle_counters WHERE subject = $1", old.subjects[CountedBy.TYPED]
        )
    assert left == 0
