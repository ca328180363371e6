"""Processes that start together bring the database up to date one after the other, and say what they wait for."""

import asyncio

import asyncpg
from structlog.testing import capture_logs
from tests.stack.databases import new_database
from tests.stack.waiting import until

from vigie_shared.migrate import _LOCK, migrate, migrations_of_local_bus


async def test_who_finds_a_migration_under_way_says_so_and_waits_for_its_end(postgres_url: str) -> None:
    async with new_database(postgres_url) as url:
        # given somebody who migrates this database
        other = await asyncpg.connect(url)
        await other.execute("SELECT pg_advisory_lock($1)", _LOCK)

        # when another process starts
        with capture_logs() as logs:
            waiting = asyncio.create_task(migrate(url, [migrations_of_local_bus()]))
            await until(lambda: any(one["event"] == "waiting_for_migration" for one in logs))
            assert await other.fetchval("SELECT to_regnamespace('vigie_local_bus') IS NULL")

            # then it goes on once the first has ended
            await other.close()
            await waiting
        assert [one["event"] for one in logs if one["log_level"] == "info"] == ["database_up_to_date"]


async def test_processes_that_start_together_apply_every_migration_once(postgres_url: str) -> None:
    async with new_database(postgres_url) as url:
        await asyncio.gather(*(migrate(url, [migrations_of_local_bus()]) for _ in range(4)))
        connection = await asyncpg.connect(url)
        applied = await connection.fetch("SELECT version FROM vigie_local_bus.schema_migrations")
        await connection.close()
    assert len(applied) == len({row["version"] for row in applied}) > 0
