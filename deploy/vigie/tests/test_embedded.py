"""The embedded PostgreSQL keeps its data through a clean stop and through being killed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from tests.stack.waiting import until

from vigie.embedded import EmbeddedDatabase, EmbeddedDatabaseError

pytestmark = pytest.mark.slow


@pytest.fixture
async def database(reachable_folder: Path) -> AsyncIterator[EmbeddedDatabase]:
    database = EmbeddedDatabase(reachable_folder / "postgresql")
    yield database
    await database.stop()


async def test_it_finds_its_data_again_after_a_stop(database: EmbeddedDatabase) -> None:
    await keep(await database.start(), 42)
    await database.stop()
    assert await kept(await database.start()) == [42]


async def test_it_finds_its_data_again_after_all_its_processes_were_killed(
    database: EmbeddedDatabase, reachable_folder: Path
) -> None:
    await keep(await database.start(), 43)
    for process in of_server(reachable_folder / "postgresql"):
        process.kill()
    await until(lambda: not database.running)
    assert await kept(await EmbeddedDatabase(reachable_folder / "postgresql").start()) == [43]


async def test_a_server_that_is_killed_while_it_is_needed_is_started_again_where_it_was(
    database: EmbeddedDatabase, reachable_folder: Path
) -> None:
    # given a server that somebody needs
    address = await database.start()
    await keep(address, 44)
    keeping = asyncio.create_task(database.keep_running())

    # when all its processes are killed
    for process in of_server(reachable_folder / "postgresql"):
        process.kill()

    # then it answers again at the same address, with what it held
    await until(lambda: answers(address))
    assert await kept(address) == [44]

    # and a stop is a stop
    keeping.cancel()
    await asyncio.wait({keeping})
    await database.stop()
    assert not database.running


async def answers(address: str) -> bool:
    try:
        await kept(address)
    except (OSError, asyncpg.PostgresError):
        return False
    return True


async def test_a_second_start_finds_the_running_server(database: EmbeddedDatabase, reachable_folder: Path) -> None:
    address = await database.start()
    assert await EmbeddedDatabase(reachable_folder / "postgresql").start() == address


async def test_a_folder_that_holds_something_else_is_refused_with_words(reachable_folder: Path) -> None:
    folder = reachable_folder / "postgresql"
    folder.mkdir()
    (folder / "letter.txt").write_text("not a database")
    with pytest.raises(EmbeddedDatabaseError, match="does not start"):
        await EmbeddedDatabase(folder).start()


def of_server(folder: Path) -> list[psutil.Process]:
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().split("\n", 1)[0]))
    return [postmaster, *postmaster.children()]


async def keep(address: str, number: int) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE TABLE kept (number integer)")
    await connection.execute("INSERT INTO kept VALUES ($1)", number)
    await connection.close()


async def kept(address: str) -> list[int]:
    connection = await asyncpg.connect(address)
    rows = await connection.fetch("SELECT number FROM kept")
    await connection.close()
    return [row["number"] for row in rows]
