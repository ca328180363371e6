"""Sessions that are open: their owners and the client's administrators see them and end them."""

from typing import Any
from uuid import uuid4

import pytest
from services.auth.tests.world import PASSWORD, Caller, Tenant, World, scope

from vigie_shared.events import SessionRevoked

OWN = "/auth/v1/sessions"
OF_DEMO = "/auth/v1/admin/users/demo/sessions"


@pytest.fixture
async def firm(tenant: Tenant) -> Tenant:
    await tenant.has_single_base("NORD")
    await tenant.has_user("demo", scopes=[scope("company", "NORD")])
    return tenant


async def phone(world: World, firm: Tenant, device: str) -> Caller:
    """A phone that names itself and is signed in as `demo`."""
    nobody = world.at()
    body = {"client_code": firm.code, "shortcut_code": "NORD", "username": "demo", "password": PASSWORD}
    answer = await nobody.request("POST", OWN, body, headers={"User-Agent": device})
    assert answer.status_code == 201
    return Caller(world.app, nobody.address, answer.json())


async def sessions(caller: Caller, path: str = OWN) -> list[dict[str, Any]]:
    return list((await caller.get(path))["items"])


async def revoked(firm: Tenant) -> list[str]:
    return [str(event.data.session_id) for event in await firm.events() if isinstance(event, SessionRevoked)]


async def test_everybody_sees_where_they_are_signed_in(world: World, firm: Tenant) -> None:
    first, second = await phone(world, firm, "iPhone of Anne"), await phone(world, firm, "old\tiPhone")

    [latest, earlier] = await sessions(second)

    assert (latest["device"], latest["address"], latest["current"]) == ("oldiPhone", second.address, True)
    assert (earlier["device"], earlier["address"], earlier["current"]) == ("iPhone of Anne", first.address, False)
    assert latest["signed_in_at"] == latest["last_used_at"] > earlier["signed_in_at"]
    assert latest["expires_at"] > latest["signed_in_at"]
    assert [one["current"] for one in await sessions(first)] == [False, True]


async def test_a_refresh_says_when_and_from_where_a_session_was_last_used(world: World, firm: Tenant) -> None:
    mobile = await phone(world, firm, "iPhone")
    [before] = await sessions(mobile)
    elsewhere = world.at()
    token = {"refresh_token": mobile.tokens["refresh_token"]}
    answer = await elsewhere.request("POST", f"{OWN}/refresh", token, headers={"User-Agent": "iPhone, updated"})

    [after] = await sessions(Caller(world.app, elsewhere.address, answer.json()))

    assert (after["id"], after["signed_in_at"]) == (before["id"], before["signed_in_at"])
    assert (after["address"], after["device"]) == (elsewhere.address, "iPhone, updated")
    assert after["last_used_at"] > before["last_used_at"]


async def test_a_lost_phone_is_signed_out_from_another_one(world: World, firm: Tenant) -> None:
    mine, lost = await phone(world, firm, "mine"), await phone(world, firm, "lost")
    [of_lost, _] = await sessions(mine)

    await mine.delete(f"{OWN}/{of_lost['id']}")

    await lost.get("/auth/v1/rights", expect=401)
    assert (await world.at().request("POST", f"{OWN}/refresh", lost.tokens)).status_code in {401, 422}
    refresh = {"refresh_token": lost.tokens["refresh_token"]}
    await world.at().post(f"{OWN}/refresh", refresh, expect=401)
    assert [one["device"] for one in await sessions(mine)] == ["mine"]
    assert await revoked(firm) == [of_lost["id"]]
    await mine.delete(f"{OWN}/{of_lost['id']}", expect=404)


async def test_an_administrator_ends_one_session_of_a_user_or_all(world: World, firm: Tenant) -> None:
    phones = [await phone(world, firm, f"phone {number}") for number in range(3)]
    seen = await sessions(firm.administrator, OF_DEMO)
    assert [one["device"] for one in seen] == ["phone 2", "phone 1", "phone 0"]
    assert not any(one["current"] for one in seen)

    await firm.administrator.delete(f"{OF_DEMO}/{seen[1]['id']}")
    assert [(await one.request("GET", "/auth/v1/rights")).status_code for one in phones] == [200, 401, 200]
    await firm.administrator.delete(OF_DEMO)
    assert [(await one.request("GET", "/auth/v1/rights")).status_code for one in phones] == [401, 401, 401]

    assert await sessions(firm.administrator, OF_DEMO) == []
    assert sorted(await revoked(firm)) == sorted(one["id"] for one in seen)
    await firm.administrator.delete(OF_DEMO)
    audit = (await firm.administrator.get("/auth/v1/admin/audit?subject=demo"))["items"]
    assert [(item["action"], item["before"], item["after"]) for item in audit[:2]] == [
        ("sessions.revoked", None, {"ended": 2}),
        ("session.revoked", {"session": seen[1]["id"]}, None),
    ]


async def test_r13_nobody_ends_the_session_of_somebody_else(world: World, firm: Tenant) -> None:
    await firm.has_user("other", scopes=[scope("company", "NORD")])
    mobile, other = await phone(world, firm, "mine"), await world.at().signs_in_on_phone(firm.code, "other")
    [of_mine] = await sessions(mobile)
    stranger = await world.new_client()
    await stranger.has_user("demo")

    await other.delete(f"{OWN}/{of_mine['id']}", expect=404)
    await stranger.administrator.delete(f"{OF_DEMO}/{of_mine['id']}", expect=404)
    await stranger.administrator.delete(OF_DEMO)
    await firm.administrator.delete(f"/auth/v1/admin/users/other/sessions/{of_mine['id']}", expect=404)
    await firm.administrator.delete(f"{OF_DEMO}/{uuid4()}", expect=404)
    for path in ("/auth/v1/admin/users/nobody/sessions", "/auth/v1/admin/users/Demo/sessions"):
        await firm.administrator.get(path, expect=404)
        await firm.administrator.delete(path, expect=404)

    assert len(await sessions(mobile)) == 1
    assert await sessions(stranger.administrator, OF_DEMO) == []


async def test_sessions_are_listed_in_parts(world: World, firm: Tenant) -> None:
    mobile, *_ = [await phone(world, firm, str(number)) for number in range(3)]

    first = await mobile.get(f"{OWN}?limit=2")
    rest = await mobile.get(f"{OWN}?limit=2&cursor={first['next']}")

    assert [one["device"] for one in first["items"] + rest["items"]] == ["2", "1", "0"]
    assert rest["next"] is None
    for cursor in ("x", "bm90IGEgbW9tZW50", "MjAyNi0wMS0wMVQwMDowMDowMCBub3BlIQ"):
        await mobile.get(f"{OWN}?cursor={cursor}", expect=422)


async def test_sign_ins_of_administrators_and_operators_are_in_the_audit(world: World, firm: Tenant) -> None:
    await phone(world, firm, "not in the audit")
    await world.at().tries_phone(firm.code, "admin")

    of_client = (await firm.administrator.get("/auth/v1/admin/audit?action=console.signed-in"))["items"]
    operators = (await firm.operator.get("/auth/v1/operator/audit?action=operator.signed-in&limit=1"))["items"]

    assert [(item["subject"], item["actor"]["address"]) for item in of_client] == [
        ("admin", firm.administrator.address)
    ]
    assert [(item["subject"], item["client"], item["actor"]["kind"]) for item in operators] == [
        ("operator", None, "operator")
    ]
