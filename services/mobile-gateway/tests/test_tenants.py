"""R13: the database holds clients apart even where a statement forgets to. And no figure is kept there."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from tests.fakes.publisher import FakePublisher

from vigie_shared.database import Pool, transaction
from vigie_shared.events import Event, NamedScope

Tell = Callable[[Event], Awaitable[None]]

ACME = NamedScope(kind="company", code="ACME", name="Acme")


async def test_r13_every_table_with_a_client_is_held_apart_by_the_database(gateway_database: str) -> None:
    connection = await asyncpg.connect(gateway_database)
    try:
        rows = await connection.fetch(
            """
            SELECT relname, relrowsecurity AND relforcerowsecurity AS forced, relowner::regrole::text AS owner,
                   (SELECT count(*) FROM pg_policy WHERE polrelid = pg_class.oid) AS policies
            FROM pg_class
            JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'client_code'
            WHERE relnamespace = 'vigie_mobile_gateway'::regnamespace AND relkind = 'r'
            """
        )
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = 'vigie_mobile_gateway'")
    finally:
        await connection.close()
    assert {row["relname"] for row in rows} == {
        "announcements",
        "clients",
        "outbox",
        "inbox",
        "inbox_failures",
        "audit",
    }
    assert all(row["forced"] and row["owner"] != "vigie_mobile_gateway" and row["policies"] == 1 for row in rows)
    assert role is not None
    assert (role["rolsuper"], role["rolbypassrls"]) == (False, False)


async def test_r13_a_statement_that_forgets_its_filter_reaches_its_own_client_only(
    publisher: FakePublisher, tell: Tell, pool: Pool, client: str, other_client: str
) -> None:
    for one in (client, other_client):
        await tell(publisher.publish(one, ACME))
    async with transaction(pool, client) as connection:
        seen = {row["client_code"] for row in await connection.fetch("SELECT client_code FROM announcements")}
        await connection.execute("DELETE FROM announcements")
    async with transaction(pool, other_client) as connection:
        left = await connection.fetchval("SELECT count(*) FROM announcements")
    assert (seen, left) == ({client}, 1)


async def test_r13_a_row_of_another_client_cannot_be_written(pool: Pool, client: str, other_client: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(pool, client) as connection:
            await connection.execute(
                "INSERT INTO announcements VALUES ($1, gen_random_uuid(), 'company', 'A', 'A', '2026-01-01', now())",
                other_client,
            )


async def test_no_figure_is_kept_on_disk(
    publisher: FakePublisher, tell: Tell, gateway_database: str, client: str
) -> None:
    await tell(publisher.publish(client, ACME, treasury_position="7391.55"))
    connection = await asyncpg.connect(gateway_database)
    try:
        tables = await connection.fetch(
            "SELECT quote_ident(relname) AS name FROM pg_class "
            "WHERE relnamespace = 'vigie_mobile_gateway'::regnamespace AND relkind = 'r'"
        )
        held = [
            await connection.fetchval(f"SELECT string_agg(t::text, '') FROM vigie_mobile_gateway.{table['name']} AS t")
            for table in tables
        ]
    finally:
        await connection.close()
    assert any(client in text for text in held if text)
    assert not any("7391.55" in text for text in held if text)
