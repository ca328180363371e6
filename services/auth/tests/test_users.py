"""Users: R9 (passwords), R2 (rights), and what is refused."""

from typing import Any

import pytest
from services.auth.tests.world import PASSWORD, Tenant, World, scope, user

from vigie_shared.database import transaction
from vigie_shared.events import DirectoryUserSaved

USERS = "/auth/v1/admin/users"


async def test_a_user_is_read_as_saved_without_any_password(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", "SUD", family="GROUPE")
    scopes = [scope("company", "SUD"), scope("family", "GROUPE")]

    saved = await tenant.has_user("demo", scopes=scopes, indicators=["treasury_position"])

    assert await tenant.administrator.get(f"{USERS}/demo") == saved
    assert saved == {
        "username": "demo",
        "active": True,
        "role": "mobile",
        "has_password": True,
        "scopes": scopes,
        "may_extract": [],
        "indicators": ["treasury_position"],
        "version": saved["version"],
    }
    said = [event for event in await tenant.events() if isinstance(event, DirectoryUserSaved)][-1]
    assert said.data.indicators == ("treasury_position",)
    assert b"argon2" not in said.to_bytes()
    assert PASSWORD.encode() not in said.to_bytes()


async def test_r9_a_user_without_a_password_cannot_be_active(tenant: Tenant) -> None:
    refused = await tenant.has_user("demo", password=None, expect=422)
    inactive = await tenant.has_user("demo", password=None, active=False)
    still_refused = await tenant.has_user("demo", password=None, active=True, expect=422)

    assert [finding["where"] for finding in refused["errors"]] == ["active"]
    assert inactive["has_password"] is False
    assert [finding["where"] for finding in still_refused["errors"]] == ["active"]


async def test_r9_a_change_without_a_password_keeps_the_old_one(world: World, tenant: Tenant) -> None:
    await tenant.has_single_base("NORD")
    await tenant.has_user("demo", scopes=[scope("company", "NORD")])

    changed = user(scopes=[scope("company", "NORD")], indicators=[])
    del changed["password"]
    await tenant.administrator.put(f"{USERS}/demo", changed)

    await world.at().signs_in_on_phone(tenant.code, "demo")


@pytest.mark.parametrize("password", ["short", "7 chars", "motdepasse123456", "aaaaaaaaaaaaa", "x" * 129])
async def test_r9_passwords_are_long_and_not_common(tenant: Tenant, password: str) -> None:
    refused = await tenant.has_user("demo", password=password, expect=422)

    assert [finding["where"] for finding in refused["errors"]] == ["password"]
    assert password not in str(refused)


@pytest.mark.parametrize("password", ["douze lettres", "é" * 6 + "à" * 6, "x1" * 3 + "correct horse" + "y" * 109])
async def test_r9_no_composition_is_asked_of_a_password(tenant: Tenant, password: str) -> None:
    await tenant.has_user("demo", password=password)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"scopes": [scope("company", "EST")]}, "scopes.0"),
        ({"scopes": [scope("family", "NORD")]}, "scopes.0"),
        ({"scopes": [scope("company", "NORD"), scope("company", "NORD")]}, "scopes.1"),
        ({"scopes": [{"kind": "planet", "code": "NORD"}]}, "scopes.0.kind"),
        ({"may_extract": ["NORD"]}, "may_extract"),
        ({"role": "preparer", "may_extract": ["EST"]}, "may_extract.0"),
        ({"indicators": ["profit"]}, "indicators.0"),
        ({"role": "operator"}, "role"),
    ],
)
async def test_rights_that_cannot_be_are_refused_by_their_place(
    tenant: Tenant, changes: dict[str, Any], where: str
) -> None:
    await tenant.has_single_base("NORD")

    refused = await tenant.has_user("demo", expect=422, **changes)

    assert [finding["where"].removeprefix("body.") for finding in refused["errors"]] == [where]


async def test_names_do_not_differ_by_case_alone(tenant: Tenant) -> None:
    await tenant.has_user("demo")

    refused = await tenant.has_user("Demo", expect=409)

    assert "demo" in refused["detail"]
    await tenant.administrator.get(f"{USERS}/Demo", expect=404)
    await tenant.administrator.delete(f"{USERS}/Demo", expect=404)


async def test_versions_grow_even_when_a_user_is_removed_and_added_again(tenant: Tenant) -> None:
    first = await tenant.has_user("demo")
    await tenant.administrator.delete(f"{USERS}/demo")

    again = await tenant.has_user("demo")

    assert again["version"] > first["version"]
    await tenant.administrator.delete(f"{USERS}/demo")
    await tenant.administrator.delete(f"{USERS}/demo", expect=404)


async def test_users_are_listed_by_name_in_parts(tenant: Tenant) -> None:
    for name in ("zoe", "bob"):
        await tenant.has_user(name)

    first = await tenant.administrator.get(f"{USERS}?limit=2")
    rest = await tenant.administrator.get(f"{USERS}?limit=2&cursor={first['next']}")

    assert [one["username"] for one in first["items"] + rest["items"]] == ["admin", "bob", "zoe"]
    assert rest["next"] is None


async def test_r2_administrators_see_and_extract_all_preparers_what_is_theirs(world: World, tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", "SUD", family="GROUPE")
    await tenant.has_user("prep", "preparer", scopes=[scope("company", "SUD")], may_extract=["SUD", "NORD"])
    preparer = await world.at().signs_in_to_console(tenant.code, "prep")

    all_rights = await tenant.administrator.get("/auth/v1/rights")
    rights = await preparer.get("/auth/v1/rights")

    assert [one["code"] for one in all_rights["scopes"]] == ["NORD", "SUD", "GROUPE"]
    assert all_rights["may_extract"] == ["NORD", "SUD"]
    assert [one["code"] for one in rights["scopes"]] == ["SUD"]
    assert rights["may_extract"] == ["NORD", "SUD"]


async def test_passwords_are_kept_as_argon2id_of_the_chosen_cost(world: World, tenant: Tenant) -> None:
    await tenant.has_user("demo")

    async with transaction(world.pool, tenant.code) as connection:
        kept = await connection.fetchval("SELECT password_hash FROM users WHERE username = 'demo'")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
