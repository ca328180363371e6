"""Auth on a database of its own, once for all tests; each test takes a client of its own."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from services.auth.tests.world import OPERATOR_PASSWORD, AbsentBus, Tenant, World
from tests.stack.databases import as_role, fresh_database

from vigie_auth.main import create_app
from vigie_auth.settings import AuthSettings
from vigie_shared import logs
from vigie_shared.database import create_pool
from vigie_shared.migrate import migrations_of


@pytest.fixture(scope="session")
async def auth_database(postgres_url: str) -> AsyncIterator[str]:
    """The owner's address of a database with the tables of auth."""
    async with fresh_database(postgres_url, [migrations_of("auth")]) as owner_url:
        yield owner_url


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> AuthSettings:
    """The settings of the auth under test."""
    data: Path = tmp_path_factory.mktemp("auth")
    return AuthSettings(
        data=data, sealing_key=SecretStr(secrets.token_hex(32)), operator_password=SecretStr(OPERATOR_PASSWORD)
    )


@pytest.fixture(scope="session")
async def world(auth_database: str, settings: AuthSettings) -> AsyncIterator[World]:
    """Auth as it runs, with a broker that is away."""
    logs.configure(readable=True)
    pool = await create_pool(as_role(auth_database, "auth"), "auth")
    app = create_app(settings, pool, AbsentBus())
    async with app.router.lifespan_context(app):
        yield World(app, pool, auth_database)
    await pool.close()


@pytest.fixture
async def tenant(world: World) -> Tenant:
    """A client of the test's own."""
    return await world.new_client()
