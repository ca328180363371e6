"""A publisher on a real database, as its own role, with auth played by tests/fakes."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from services.publisher.tests.world import World
from tests.fakes.auth import FakeAuth
from tests.fakes.served import served
from tests.stack.databases import as_role, fresh_database

from vigie_shared.database import create_pool
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.migrate import migrations_of, migrations_of_local_bus


@pytest.fixture(scope="session")
async def publisher_database(postgres_url: str) -> AsyncIterator[str]:
    async with fresh_database(postgres_url, [migrations_of("publisher"), migrations_of_local_bus()]) as url:
        yield url


@pytest.fixture
async def world(publisher_database: str) -> AsyncIterator[World]:
    """A publisher and its neighbours; nothing of an earlier test's clients is met, for each test names its own."""
    auth = FakeAuth()
    pool = await create_pool(as_role(publisher_database, "publisher"), "publisher")
    bus_pool = await create_pool(as_role(publisher_database, LOCAL_BUS), LOCAL_BUS, size=2)
    try:
        async with served(auth.app) as auth_url:
            yield World(auth, auth_url, pool, bus_pool)
    finally:
        await pool.close()
        await bus_pool.close()


@pytest.fixture
def client() -> str:
    """The code of a client that no other test uses."""
    return f"A{uuid4().hex[:12]}"


@pytest.fixture
def other_client() -> str:
    return f"B{uuid4().hex[:12]}"
