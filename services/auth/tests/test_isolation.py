"""R13: no request of one client ever reads or changes another's data, even when a statement forgets its filter."""

from typing import Any

import asyncpg
import pytest
from services.auth.tests.world import Tenant, World, company, scope, user
from tests.stack.databases import as_role

from vigie_shared.database import transaction

_TENANT_TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner) AS owner,
       array(SELECT pg_get_expr(p.polqual, p.polrelid) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'vigie_auth' AND c.relkind = 'r'
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'client_code' AND NOT a.attisdropped)
ORDER BY c.relname
"""

_OTHER_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'vigie_auth' AND c.relkind = 'r' AND c.relname NOT LIKE 'schema_migrations%'
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'client_code')
"""

SHARED = {"inbox", "inbox_failures", "outbox", "audit"}
"""Tables that every service holds; what is promised of them is tested with what is shared."""


@pytest.fixture
async def two(world: World) -> tuple[Tenant, Tenant]:
    """Two clients with the same companies, family and people, who have signed in and were granted a publication."""
    made = []
    for _ in range(2):
        tenant = await world.new_client()
        await tenant.has_single_base("NORD", "SUD", family="GROUPE")
        await tenant.has_user("demo", scopes=[scope("company", "NORD")])
        await tenant.has_user("prep", "preparer", may_extract=["NORD"])
        await world.at().signs_in_on_phone(tenant.code, "demo")
        grant = {
            "client_code": tenant.code,
            "password": tenant.publication_password,
            "extraction_id": "00000000-0000-4000-8000-000000000001",
            "username": "admin",
        }
        await world.at().post("/auth/v1/publication-grants", grant)
        made.append(tenant)
    return made[0], made[1]


async def tenant_tables(world: World) -> list[asyncpg.Record]:
    return list(await world.pool.fetch(_TENANT_TABLES))


async def test_r13_row_level_security_is_forced_on_every_table_with_a_client(world: World) -> None:
    tables = await tenant_tables(world)

    assert {row["relname"] for row in tables} > {"clients", "scopes", "users", "sessions", *SHARED}
    for row in tables:
        assert row["relrowsecurity"], row["relname"]
        assert row["relforcerowsecurity"], row["relname"]
        assert row["owner"] != "vigie_auth", row["relname"]
        assert len(row["policies"]) == 1, row["relname"]
        assert ("'*'" in row["policies"][0]) == (row["relname"] in SHARED), row["relname"]


async def test_every_table_without_a_client_is_known_to_be_the_platforms(world: World) -> None:
    assert {row["relname"] for row in await world.pool.fetch(_OTHER_TABLES)} == {
        "operators",
        "signing_keys",
        "throttle_counters",
        "idempotent_calls",
    }


async def test_the_tests_act_as_a_role_that_row_level_security_binds(world: World) -> None:
    [row] = await world.pool.fetch("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")

    assert tuple(row) == ("vigie_auth", False, False)


async def test_r13_statements_without_a_filter_see_and_change_one_client_only(
    world: World, two: tuple[Tenant, Tenant]
) -> None:
    ours, theirs = two
    for table in [row["relname"] for row in await tenant_tables(world) if row["relname"] not in SHARED]:
        async with transaction(world.pool, theirs.code) as connection:
            before = await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1")
        assert before, table

        async with transaction(world.pool, ours.code) as connection:
            seen = await connection.fetch(f"SELECT DISTINCT client_code FROM {table}")
            assert [row["client_code"] for row in seen] == [ours.code], table
            await connection.execute(f"UPDATE {table} SET client_code = client_code")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(f"UPDATE {table} SET client_code = $1", theirs.code)

        async with transaction(world.pool, theirs.code) as connection:
            assert await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") == before, table


async def test_r13_a_connection_of_the_pool_carries_no_client_into_the_next_request(
    world: World, two: tuple[Tenant, Tenant]
) -> None:
    for _ in range(12):
        async with world.pool.acquire() as connection:
            assert await connection.fetchval("SELECT count(*) FROM users") == 0


async def test_r13_all_clients_at_once_is_no_client_here(world: World, two: tuple[Tenant, Tenant]) -> None:
    async with transaction(world.pool, "*") as connection:
        assert await connection.fetchval("SELECT count(*) FROM users") == 0
        assert await connection.fetchval("SELECT count(*) FROM clients") == 0


async def test_r13_the_role_signed_in_directly_is_bound_as_well(world: World, two: tuple[Tenant, Tenant]) -> None:
    connection = await asyncpg.connect(as_role(world.owner_url, "auth"))
    try:
        assert await connection.fetchval("SELECT count(*) FROM vigie_auth.clients") == 0
    finally:
        await connection.close()


async def test_r13_an_administrator_sees_and_changes_nothing_of_another_client(
    world: World, two: tuple[Tenant, Tenant]
) -> None:
    ours, theirs = two
    directory: Any = await theirs.administrator.get("/auth/v1/admin/directory")
    users = await theirs.administrator.get("/auth/v1/admin/users")
    said = await theirs.events()

    await ours.has_company("NORD", name="Changed by us", shortcut_code="N")
    await ours.has_user("demo", active=False)
    await ours.administrator.delete("/auth/v1/admin/users/prep")
    await ours.administrator.put("/auth/v1/admin/companies/ONLY", company("ONLY"))
    await ours.administrator.put("/auth/v1/admin/users/only", user())

    assert await theirs.administrator.get("/auth/v1/admin/directory") == directory
    assert await theirs.administrator.get("/auth/v1/admin/users") == users
    assert await theirs.events() == said
    await theirs.administrator.get("/auth/v1/admin/companies/ONLY", expect=404)
    await theirs.administrator.get("/auth/v1/admin/users/only", expect=404)
