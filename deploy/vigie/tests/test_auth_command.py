"""`vigie auth rotate-key` as an operator meets it."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.stack.databases import as_role, fresh_database

from vigie_auth.handlers.signing import list_signing_keys, prepare_keys
from vigie_shared.database import Pool, create_pool, transaction
from vigie_shared.migrate import migrations_of
from vigie_shared.sealing import SealingKeys

pytestmark = pytest.mark.slow

VIGIE = str(Path(sys.executable).parent / "vigie")


@dataclass
class Platform:
    """The database of a platform whose keys are sealed with `sealing_key`."""

    owner_url: str
    pool: Pool
    sealing_key: str

    async def rotates(self, *options: str, sealing_key: str | None = None) -> tuple[int, str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
        command = await asyncio.create_subprocess_exec(
            VIGIE,
            "auth",
            "rotate-key",
            *options,
            env={
                **outside,
                "VIGIE_DATABASE_URL": self.owner_url,
                "VIGIE_SEALING_KEY": sealing_key or self.sealing_key,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await command.communicate()
        return command.returncode or 0, output.decode(), errors.decode()


@pytest.fixture
async def platform(postgres_url: str) -> AsyncIterator[Platform]:
    async with fresh_database(postgres_url, [migrations_of("auth")]) as owner_url:
        pool = await create_pool(as_role(owner_url, "auth"), "auth", size=2)
        sealing_key = secrets.token_hex(32)
        await prepare_keys(pool, SealingKeys(bytes.fromhex(sealing_key)))
        yield Platform(owner_url, pool, sealing_key)
        await pool.close()


async def test_a_new_key_is_made_and_written_down(platform: Platform) -> None:
    status, output, _ = await platform.rotates()

    latest, _ = await list_signing_keys(platform.pool)
    assert status == 0
    assert output.startswith(f"{latest.key_id} signs from ")
    async with transaction(platform.pool, "") as connection:
        row = await connection.fetchrow("SELECT actor_kind, actor, action, subject FROM audit")
    assert tuple(row or ()) == ("service", "vigie auth rotate-key", "signing-key.rotated", latest.key_id)


async def test_with_another_sealing_key_than_that_of_auth_nothing_is_made_unless_it_was_lost(
    platform: Platform,
) -> None:
    other = secrets.token_hex(32)

    status, output, errors = await platform.rotates(sealing_key=other)

    assert (status, output) == (1, "")
    assert "VIGIE_SEALING_KEYS" in errors
    assert other not in errors
    assert len(await list_signing_keys(platform.pool)) == 1
    assert (await platform.rotates("--sealing-key-lost", sealing_key=other))[0] == 0
    assert len(await list_signing_keys(platform.pool)) == 2
