"""Brings a database up to date: one schema and one role per service, plain SQL files run by dbmate.

Runs as the owner of the database. Several processes that start together wait for each other under an advisory lock.
"""

import asyncio
import os
import shutil
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg
import structlog

from vigie_shared.database import schema_of
from vigie_shared.errors import VigieError
from vigie_shared.local_bus import SERVICE as LOCAL_BUS

log = structlog.get_logger()

_LOCK = 0x56494749
"""`VIGI`: the advisory lock under which a database is migrated."""


class MigrationError(VigieError):
    """The database could not be brought up to date."""


@dataclass(frozen=True)
class Migrations:
    """The SQL files of one service, and those of the shared tables (messages, audit) that it holds in its schema."""

    service: str
    folders: tuple[tuple[str, Path], ...]
    """(name of the table that records what was applied, folder of the files), in the order of application."""


def migrations_of(service: str) -> Migrations:
    """The migrations of a service: the shared tables of messages and of the audit first, then its own."""
    own = Path(str(files(schema_of(service)))) / "migrations"
    shared = Path(__file__).parent / "migrations"
    return Migrations(
        service,
        (
            ("schema_migrations_messages", shared / "messages"),
            ("schema_migrations_audit", shared / "audit"),
            ("schema_migrations", own),
        ),
    )


def migrations_of_local_bus() -> Migrations:
    """The migrations of the in-process bus, which keeps its parked messages in a schema of its own."""
    return Migrations(LOCAL_BUS, (("schema_migrations", Path(__file__).parent / "migrations" / "local_bus"),))


async def migrate(owner_url: str, all_migrations: Iterable[Migrations]) -> None:
    """Create what is missing (schemas, roles, tables) for each service. Does nothing where nothing is missing.

    Where the user of `owner_url` is a service's own role rather than the owner, nothing is changed: `vigie migrate`
    is then run beforehand by the owner. Raises MigrationError with what dbmate said.
    """
    connection = await asyncpg.connect(owner_url, timeout=10)
    try:
        user = await connection.fetchval("SELECT current_user")
        await _alone(connection)
        for migrations in all_migrations:
            if user != schema_of(migrations.service):
                await _migrate_one(connection, owner_url, migrations)
    finally:
        await connection.close()


async def _alone(connection: asyncpg.Connection) -> None:
    """Wait until nobody else migrates the database, for as long as this connection lasts, and say so while waiting."""
    pause = 0.1
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        log.warning("waiting_for_migration", reason="another process brings the database up to date")
        await asyncio.sleep(pause)
        pause = min(pause * 2, 2.0)


async def create_roles(owner_url: str, services: Iterable[str]) -> None:
    """Create the roles of services that are missing, and nothing else."""
    connection = await asyncpg.connect(owner_url, timeout=10)
    try:
        for service in services:
            await _create_role(connection, schema_of(service))
    finally:
        await connection.close()


async def _migrate_one(connection: asyncpg.Connection, owner_url: str, migrations: Migrations) -> None:
    schema = schema_of(migrations.service)
    await _create_role(connection, schema)
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    await connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {schema}")
    await connection.execute(
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {schema}"
    )
    for table, folder in migrations.folders:
        await _run_dbmate(_dbmate_url(owner_url, schema), f"{schema}.{table}", folder)
        await connection.execute(f"REVOKE ALL ON {schema}.{table} FROM {schema}")
    log.info("database_up_to_date", schema=schema)


async def _create_role(connection: asyncpg.Connection, role: str) -> None:
    """The role a service acts as: it owns nothing and may do nothing but read and write its tables' rows."""
    exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    if not exists:
        try:
            await connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            return  # roles are shared by all databases of a server: another one was just being migrated


async def _run_dbmate(url: str, table: str, folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        _dbmate(),
        "--env",
        "VIGIE_DBMATE_URL",
        "--migrations-dir",
        str(folder),
        "--migrations-table",
        table,
        "--no-dump-schema",
        "migrate",
        env={**os.environ, "VIGIE_DBMATE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise MigrationError(f"{table}: {output.decode(errors='replace').strip()}")


def _dbmate() -> str:
    """The program that comes with its wheel, wherever the environment keeps its scripts."""
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    found = shutil.which("dbmate", path=path)
    if found is None:
        raise MigrationError("the program dbmate is missing; `make setup` installs it")
    return found


def _dbmate_url(url: str, schema: str) -> str:
    """The same database in the words of dbmate's driver, with new objects going to `schema`."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = parts.hostname or ""
    socket = query.pop("host", None)
    if socket is not None:
        query["host"] = socket
    if "sslmode" not in query:
        query["sslmode"] = "disable" if socket or host in {"", "localhost", "127.0.0.1", "::1"} else "require"
    query["search_path"] = schema
    return urlunsplit(("postgres", parts.netloc, parts.path, urlencode(query, quote_via=quote), ""))
