"""R13: the database holds clients apart even where a statement forgets to."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from services.publisher.tests.world import World

from vigie_shared.database import ALL_CLIENTS, transaction

T = datetime(2026, 11, 24, 18, tzinfo=UTC)
TABLES = ("clients", "publications", "snapshots", "explanations", "deletions", "deletion_parts")


async def test_r13_every_table_with_a_client_is_held_apart_by_the_database(publisher_database: str) -> None:
    connection = await asyncpg.connect(publisher_database)
    try:
        rows = await connection.fetch(
            """
            SELECT relname, relrowsecurity AND relforcerowsecurity AS forced, relowner::regrole::text AS owner,
                   (SELECT array_agg(pg_get_expr(polqual, polrelid)) FROM pg_policy WHERE polrelid = pg_class.oid)
                       AS policies
            FROM pg_class
            JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'client_code'
            WHERE relnamespace = 'vigie_publisher'::regnamespace AND relkind = 'r'
            """
        )
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = 'vigie_publisher'")
    finally:
        await connection.close()
    assert {row["relname"] for row in rows} == {*TABLES, "outbox", "inbox", "inbox_failures", "audit"}
    assert all(row["forced"] and row["owner"] != "vigie_publisher" and len(row["policies"]) == 1 for row in rows)
    assert role is not None
    assert (role["rolsuper"], role["rolbypassrls"]) == (False, False)


@pytest.mark.parametrize("table", TABLES)
async def test_r13_a_statement_that_forgets_its_filter_sees_its_own_client_only(
    world: World, client: str, other_client: str, table: str
) -> None:
    for one in (client, other_client):
        await world.delete(one, T)
        run = world.run(one, T + timedelta(minutes=1))
        await world.feed(run.extracted(), run.explained())
    async with transaction(world.pool, client) as connection:
        seen = {row["client_code"] for row in await connection.fetch(f"SELECT client_code FROM {table}")}
    async with transaction(world.pool, ALL_CLIENTS) as connection:
        unbound = await connection.fetchval(f"SELECT count(*) FROM {table}")
    assert seen == {client}
    assert unbound == 0


@pytest.mark.parametrize("table", ["publications", "snapshots", "explanations"])
async def test_r13_a_statement_that_forgets_its_filter_changes_its_own_client_only(
    world: World, client: str, other_client: str, table: str
) -> None:
    run = world.run(other_client, T)
    await world.feed(run.extracted(), world.run(client, T).extracted())
    async with transaction(world.pool, client) as connection:
        await connection.execute("DELETE FROM snapshots")
        await connection.execute(f"DELETE FROM {table}")
    assert await world.shown(other_client) == run.id


async def test_r13_a_row_of_another_client_cannot_be_written(world: World, client: str, other_client: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(world.pool, client) as connection:
            await connection.execute("INSERT INTO clients (client_code) VALUES ($1)", other_client)
