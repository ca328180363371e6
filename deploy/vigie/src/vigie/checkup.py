"""What `vigie doctor` looks at: each check says what it found and, where that is wrong, the command that mends it."""

import os
import shutil
import socket
import sys
import sysconfig
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from vigie.services import services
from vigie.settings_list import problems
from vigie_shared.bus import broker_version
from vigie_shared.errors import Unavailable
from vigie_shared.settings import Settings

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 15


@dataclass(frozen=True)
class Fine:
    """Nothing to do."""

    subject: str
    found: str


@dataclass(frozen=True)
class Wrong:
    """Something stands in the way; `mend` is a command, or what to change."""

    subject: str
    found: str
    mend: str


Finding = Fine | Wrong


async def checkup() -> AsyncIterator[Finding]:
    """All findings, one by one as they are made."""
    yield _python()
    yield _program("dbmate", "make setup")
    wrong = problems(services())
    if wrong:
        yield Wrong("settings", "; ".join(wrong), "vigie settings")
        return
    settings = Settings()
    yield Fine("settings", "every VIGIE_... variable is valid")
    yield _data_folder(settings)
    yield _port(settings)
    yield await _database(settings)
    yield await _broker(settings)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Wrong("Python", found, "make setup PYTHON=python3.11")
    return Fine("Python", found)


def _program(name: str, mend: str) -> Finding:
    found = shutil.which(name, path=os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", ""))))
    return Fine(name, found) if found else Wrong(name, "is missing", mend)


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data.resolve()
    existing = folder
    while not existing.exists():
        existing = existing.parent
    if not os.access(existing, os.W_OK):
        return Wrong("data folder", f"{existing} cannot be written", "VIGIE_DATA=<a folder of yours> vigie serve")
    return Fine("data folder", str(folder))


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return Wrong("port", f"{settings.host}:{settings.port}: {error.strerror}", "VIGIE_PORT=8080 vigie serve")
    return Fine("port", f"{settings.host}:{settings.port} is free")


async def _database(settings: Settings) -> Finding:
    if settings.database_url is None:
        return Fine("PostgreSQL", "the embedded one (VIGIE_DATABASE_URL is not set)")
    try:
        connection = await asyncpg.connect(settings.database_url.get_secret_value(), timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Wrong(
            "PostgreSQL", f"VIGIE_DATABASE_URL does not answer ({type(error).__name__})", "psql $VIGIE_DATABASE_URL"
        )
    try:
        version = connection.get_server_version().major
    finally:
        await connection.close()
    if version < OLDEST_POSTGRESQL:
        return Wrong("PostgreSQL", f"version {version}", f"use PostgreSQL {OLDEST_POSTGRESQL} or newer")
    return Fine("PostgreSQL", f"version {version} answers")


async def _broker(settings: Settings) -> Finding:
    if settings.amqp_url is None:
        return Fine("RabbitMQ", "the bus of one process (VIGIE_AMQP_URL is not set)")
    try:
        version = await broker_version(settings.amqp_url.get_secret_value())
    except Unavailable as error:
        return Wrong("RabbitMQ", f"VIGIE_AMQP_URL: {error}", "rabbitmq-diagnostics status")
    return Fine("RabbitMQ", f"version {version} answers")
