"""What operators of the platform do, and creating calls that are sent twice."""

import asyncio
import secrets

import httpx2
import pytest
from services.auth.tests.world import PASSWORD, Caller, Tenant, World

from vigie_auth.handlers.clients import Administrator
from vigie_auth.handlers.operators import save_operator
from vigie_shared.answers import CreatingCall, answer_once
from vigie_shared.audit import Actor
from vigie_shared.database import transaction
from vigie_shared.errors import Unprocessable
from vigie_shared.events import ClientRegistered
from vigie_shared.passwords import Passwords
from vigie_shared.sealing import SealingKeys

CLIENTS = "/auth/v1/operator/clients"
COMMAND = Actor("service", "vigie operator add", None)


async def creates(caller: Caller, path: str, body: object, key: str) -> httpx2.Response:
    return await caller.request("POST", path, body, headers={"Idempotency-Key": key})


def fresh_code() -> str:
    return f"K{secrets.token_hex(5)}"


async def test_a_client_is_made_once_and_said(world: World, tenant: Tenant) -> None:
    again = await tenant.operator.post(CLIENTS, {"code": tenant.code, "name": "Again"}, expect=409)

    assert tenant.code in again["detail"]
    said = [event for event in await tenant.events() if isinstance(event, ClientRegistered)]
    assert [event.data.name for event in said] == [f"Client {tenant.code}"]


@pytest.mark.parametrize("code", ["", "*", "-A", "A.B", "A B", "É", "x" * 33])
async def test_codes_that_cannot_be_a_clients_are_refused(world: World, code: str) -> None:
    operator = await world.operator()

    await operator.post(CLIENTS, {"code": code, "name": "Name"}, expect=422)


@pytest.mark.parametrize("action", ["suspend", "resume", "rotate-password", "administrators"])
async def test_what_is_done_to_an_unknown_client_is_not_found(world: World, action: str) -> None:
    body = {"username": "admin", "password": PASSWORD} if action == "administrators" else None

    await (await world.operator()).post(f"{CLIENTS}/UNKNOWN/{action}", body, expect=404)


async def test_an_administrator_is_made_once_with_a_password_that_does(tenant: Tenant) -> None:
    path = f"{CLIENTS}/{tenant.code}/administrators"

    await tenant.operator.post(path, {"username": "Admin", "password": PASSWORD}, expect=409)
    await tenant.operator.post(path, {"username": "second", "password": "short"}, expect=422)
    made = await tenant.operator.post(path, {"username": "second", "password": PASSWORD}, expect=201)

    assert made == {"username": "second", "role": "administrator", "active": True}


async def test_the_same_call_again_has_the_same_answer_and_no_effect(world: World) -> None:
    operator, key, body = await world.operator(), secrets.token_hex(8), {"code": fresh_code(), "name": "Twice"}

    first = await creates(operator, CLIENTS, body, key)
    second = await creates(operator, CLIENTS, body, key)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len([event for event in await world.events(body["code"]) if isinstance(event, ClientRegistered)]) == 1
    form = {"client_code": body["code"], "password": second.json()["password"]}
    await world.at().post("/auth/v1/publication-credentials/checks", form, expect=204)


async def test_the_remembered_answer_is_sealed(world: World) -> None:
    operator, key = await world.operator(), secrets.token_hex(8)
    made = (await creates(operator, CLIENTS, {"code": fresh_code(), "name": "Sealed"}, key)).json()

    async with transaction(world.pool, "") as connection:
        answer = await connection.fetchval("SELECT sealed_answer FROM idempotent_calls WHERE idempotency_key = $1", key)

    assert made["password"].encode() not in answer


async def test_a_key_that_was_used_for_another_request_is_refused(world: World, tenant: Tenant) -> None:
    key, path = secrets.token_hex(8), f"{CLIENTS}/{tenant.code}/administrators"
    await creates(tenant.operator, path, {"username": "second", "password": PASSWORD}, key)

    other_body = await creates(tenant.operator, path, {"username": "second", "password": PASSWORD + "!"}, key)
    other_call = await creates(tenant.operator, CLIENTS, {"code": fresh_code(), "name": "Other"}, key)

    assert (other_body.status_code, other_call.status_code) == (422, 422)


async def test_an_answer_is_given_again_after_the_sealing_key_was_replaced(world: World) -> None:
    name, old, new = Actor("operator", secrets.token_hex(4), None), secrets.token_bytes(32), secrets.token_bytes(32)
    call, other = CreatingCall(name, "key", b"asked"), CreatingCall(name, "key", b"asked otherwise")

    async def answer(sealing: SealingKeys, call: CreatingCall) -> str:
        async def act() -> Administrator:
            return Administrator(username=secrets.token_hex(4))

        async with transaction(world.pool, "") as connection:
            return (await answer_once(connection, sealing, call, Administrator, act)).username

    first = await answer(SealingKeys(old), call)

    assert await answer(SealingKeys(new, (old,)), call) == first
    with pytest.raises(Unprocessable):
        await answer(SealingKeys(new, (old,)), other)


async def test_fifty_calls_at_once_with_one_key_make_one_client(world: World) -> None:
    operator, key, body = await world.operator(), secrets.token_hex(8), {"code": fresh_code(), "name": "Fifty"}

    answers = await asyncio.gather(*(creates(operator, CLIENTS, body, key) for _ in range(50)))

    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409, 429}
    assert len(made) >= 1
    assert all(one == made[0] for one in made)
    assert (await creates(operator, CLIENTS, body, key)).json() == made[0]
    assert len([event for event in await world.events(body["code"]) if isinstance(event, ClientRegistered)]) == 1


async def test_a_call_under_way_under_the_same_key_is_a_conflict(world: World) -> None:
    operator, key = await world.operator(), secrets.token_hex(8)

    async with transaction(world.pool, "") as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"idempotent operator {key}")
        meanwhile = await creates(operator, CLIENTS, {"code": fresh_code(), "name": "Later"}, key)
    afterwards = await creates(operator, CLIENTS, {"code": fresh_code(), "name": "Later"}, key)

    assert (meanwhile.status_code, afterwards.status_code) == (409, 201)


async def test_an_operator_added_by_hand_signs_in_until_the_password_is_changed(world: World) -> None:
    passwords, name = Passwords("auth"), f"op-{secrets.token_hex(4)}"
    await save_operator(world.pool, passwords, name, PASSWORD, by=COMMAND)

    await world.at().signs_in_as_operator(name.upper(), PASSWORD)
    await save_operator(world.pool, passwords, name, "another long password", by=COMMAND)

    body = {"username": name, "password": PASSWORD}
    assert (await world.at().request("POST", "/auth/v1/operator/sessions", body)).status_code == 401
    await world.at().signs_in_as_operator(name, "another long password")
    await save_operator(world.pool, passwords, name, "another long password", by=COMMAND)
    audit = await (await world.operator()).get(f"/auth/v1/operator/audit?action=operator.saved&subject={name}")
    assert [item["actor"]["name"] for item in audit["items"]] == ["vigie operator add"] * 2


@pytest.mark.parametrize(("name", "password"), [("op", "short"), ("", PASSWORD), ("o\np", PASSWORD)])
async def test_an_operator_without_a_good_name_and_password_is_not_made(world: World, name: str, password: str) -> None:
    with pytest.raises(Unprocessable):
        await save_operator(world.pool, Passwords("auth"), name, password, by=COMMAND)
