"""A PostgreSQL of the tests' own keeps what was committed, whatever happens to it."""

import asyncpg
import pytest

from tests.stack.databases import fresh_database
from tests.stack.postgres import PostgresNode


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def _values(url: str) -> list[int]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("select value from kept order by value")
    await connection.close()
    return [row["value"] for row in rows]


async def test_a_restarted_server_has_its_data_on_the_same_url(postgres_node: PostgresNode) -> None:
    await _execute(postgres_node.url(), "create table kept (value int); insert into kept values (1)")

    postgres_node.restart()

    assert await _values(postgres_node.url()) == [1]


async def test_a_stopped_server_refuses_connections(postgres_node: PostgresNode) -> None:
    postgres_node.stop()

    assert not postgres_node.running
    with pytest.raises(ConnectionRefusedError):
        await asyncpg.connect(postgres_node.url())


async def test_a_crashed_server_comes_back_with_what_was_committed_and_nothing_else(
    postgres_node: PostgresNode,
) -> None:
    await _execute(postgres_node.url(), "create table kept (value int); insert into kept values (1)")
    undecided = await asyncpg.connect(postgres_node.url())
    await undecided.execute("begin; insert into kept values (2)")

    postgres_node.crash()
    undecided.terminate()
    postgres_node.start()

    assert await _values(postgres_node.url()) == [1]


async def test_nobody_becomes_superuser_without_the_password(postgres_node: PostgresNode) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{postgres_node.port}/postgres")


async def test_a_role_made_by_the_owner_signs_in_without_a_password(postgres_node: PostgresNode) -> None:
    await _execute(
        postgres_node.url(), "create role reader login; create table kept (value int); grant select on kept to reader"
    )

    assert await _values(f"postgresql://reader@127.0.0.1:{postgres_node.port}/postgres") == []


async def test_a_database_of_ones_own_is_gone_after_use_even_with_a_connection_left_open(postgres_url: str) -> None:
    async with fresh_database(postgres_url, []) as url:
        left_open = await asyncpg.connect(url)

    left_open.terminate()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)
