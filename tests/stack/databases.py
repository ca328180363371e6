"""Databases of a test's own: created on the server of the run, migrated as the owner, used as the services' roles."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from vigie_shared.database import schema_of
from vigie_shared.migrate import Migrations, migrate


@asynccontextmanager
async def new_database(postgres_url: str) -> AsyncIterator[str]:
    """A new, empty database; yields its address as the owner, and drops it in the end."""
    name = f"vigie_test_{uuid4().hex[:16]}"
    server = await asyncpg.connect(postgres_url)
    try:
        await server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield on_database(postgres_url, name)
        finally:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


@asynccontextmanager
async def fresh_database(postgres_url: str, migrations: Sequence[Migrations]) -> AsyncIterator[str]:
    """A new, migrated database; yields its address as the owner, and drops it in the end."""
    async with new_database(postgres_url) as owner_url:
        await migrate(owner_url, migrations)
        yield owner_url


def on_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def as_role(owner_url: str, service: str) -> str:
    """The same database, signed in as the role of `service` itself: what tests use, never the owner."""
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{schema_of(service)}@{place}"))
