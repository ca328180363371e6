"""A backup holds the platform, restores as it was on another server, and never overwrites anything."""

import tarfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from tests.stack.databases import as_role, fresh_database, new_database, on_database

from vigie.backup import BackupError, back_up, restore
from vigie.embedded import EmbeddedDatabase
from vigie.services import NAMES
from vigie_shared.migrate import migrations_of, migrations_of_local_bus
from vigie_shared.settings import Settings

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname LIKE 'vigie\\_%' ORDER BY name
"""
_GRANTS = """
SELECT table_schema, table_name, grantee, privilege_type FROM information_schema.role_table_grants
WHERE table_schema LIKE 'vigie\\_%' AND grantee LIKE 'vigie\\_%' ORDER BY 1, 2, 3, 4
"""
_POLICIES = """
SELECT tablename, policyname, qual, with_check FROM pg_policies WHERE schemaname LIKE 'vigie\\_%' ORDER BY 1, 2
"""
_FORCED = """
SELECT oid::regclass::text AS name, relrowsecurity, relforcerowsecurity FROM pg_class
WHERE relnamespace::regnamespace::text LIKE 'vigie\\_%' AND relkind = 'r' ORDER BY 1
"""
_FIGURES = """
INSERT INTO vigie_publisher.clients (client_code) VALUES ('ACME'), ('NORD');
INSERT INTO vigie_publisher.publications
SELECT client, 'company', 'C' || number, '2026-11-24 18:00+00', md5(client || number)::uuid, clock_timestamp(),
       'Société "' || number || E'"\\n', 'EUR', '2026-11-24', '{}', '{"amount": "1200.10", "€": "\\u0000"}'
FROM unnest(ARRAY['ACME', 'NORD']) AS client, generate_series(1, 20) AS number;
INSERT INTO vigie_publisher.snapshots
SELECT client_code, scope_kind, scope_code, started_at, extraction_id FROM vigie_publisher.publications;
INSERT INTO vigie_extractor.outbox (event_id, client_code, routing_key, body)
VALUES (md5('x')::uuid, 'ACME', 'extraction.started.v1.ACME', '\\x007f80ff');
"""


@pytest.fixture
async def platform(postgres_url: str) -> AsyncIterator[str]:
    """A database with figures of two clients, as its owner."""
    async with fresh_database(postgres_url, [*map(migrations_of, NAMES), migrations_of_local_bus()]) as url:
        connection = await asyncpg.connect(url)
        await connection.execute(_FIGURES)
        await connection.close()
        yield url


def settings(folder: Path, url: str | None = None) -> Settings:
    return Settings(data=folder, database_url=SecretStr(url) if url else None)


async def contents(url: str) -> Mapping[str, Any]:
    """Every row of every table, who may do what, and what rows each may see."""
    connection = await asyncpg.connect(url)
    try:
        found: dict[str, Any] = {
            question: [tuple(row) for row in await connection.fetch(question)]
            for question in (_GRANTS, _POLICIES, _FORCED)
        }
        for [name] in await connection.fetch(_TABLES):
            found[name] = [row[0] for row in await connection.fetch(f"SELECT t::text FROM {name} AS t ORDER BY 1")]
        return found
    finally:
        await connection.close()


async def test_a_restored_platform_is_the_same_to_the_last_row_right_and_policy(
    platform: str, postgres_url: str, tmp_path: Path
) -> None:
    settings(tmp_path / "old", platform).sealing()
    key = (tmp_path / "old" / "sealing.key").read_text()
    await back_up(settings(tmp_path / "old", platform), tmp_path / "vigie.backup")
    before = await contents(platform)
    async with new_database(postgres_url) as other:
        await restore(settings(tmp_path / "new", other), tmp_path / "vigie.backup")
        after = await contents(other)
    assert len(before["vigie_publisher.publications"]) == 40
    assert after == before
    assert (tmp_path / "new" / "sealing.key").read_text() == key
    assert (tmp_path / "new" / "sealing.key").stat().st_mode & 0o777 == 0o600


async def test_a_backup_is_for_its_owners_eyes_and_one_that_breaks_off_is_none(platform: str, tmp_path: Path) -> None:
    file = tmp_path / "vigie.backup"
    settings(tmp_path, platform).sealing()
    await back_up(settings(tmp_path, platform), file)
    assert file.stat().st_mode & 0o777 == 0o600
    whole = file.read_bytes()
    with pytest.raises(BackupError, match="does not answer"):
        await back_up(settings(tmp_path, on_database(platform, "not_there")), file)
    assert file.read_bytes() == whole
    assert not file.with_name(f"{file.name}.partial").exists()


@pytest.mark.slow
async def test_the_embedded_database_is_backed_up_while_it_runs_and_restored_like_any_other(
    platform: str, tmp_path: Path, reachable_folder: Path
) -> None:
    # given a backup of a server, restored where PostgreSQL is newer
    settings(tmp_path / "old", platform).sealing()
    await back_up(settings(tmp_path / "old", platform), tmp_path / "first")
    await restore(settings(reachable_folder / "one"), tmp_path / "first")

    # when that one is backed up while it runs, and restored beside it
    one = EmbeddedDatabase(reachable_folder / "one" / "postgresql")
    two = EmbeddedDatabase(reachable_folder / "two" / "postgresql")
    address = await one.start()
    await back_up(settings(reachable_folder / "one"), tmp_path / "second")
    assert one.running
    await restore(settings(reachable_folder / "two"), tmp_path / "second")
    assert not two.running

    # then both hold the same
    assert await contents(await two.start()) == await contents(address)
    assert len((await contents(address))["vigie_publisher.publications"]) == 40
    await one.stop()
    await two.stop()


async def test_a_backup_of_a_newer_server_is_refused_before_anything_is_changed(
    platform: str, postgres_url: str, tmp_path: Path
) -> None:
    settings(tmp_path, platform).sealing()
    made = await back_up(settings(tmp_path, platform), tmp_path / "vigie.backup")
    newer = rewritten(tmp_path / "vigie.backup", made.server, "99.1")
    async with new_database(postgres_url) as other:
        with pytest.raises(BackupError, match="PostgreSQL 99 or newer"):
            await restore(settings(tmp_path, other), newer)
        assert await contents(other) == {question: [] for question in (_GRANTS, _POLICIES, _FORCED)}


def rewritten(file: Path, old: str, new: str) -> Path:
    """The same backup with other words about it."""
    folder = file.with_name("unpacked")
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    about = folder / "backup.json"
    about.write_text(about.read_text().replace(old, new))
    other = file.with_name("rewritten")
    with tarfile.open(other, "w") as archive:
        for one in folder.iterdir():
            archive.add(one, one.name)
    return other


async def test_nothing_is_ever_overwritten(platform: str, postgres_url: str, tmp_path: Path) -> None:
    settings(tmp_path / "old", platform).sealing()
    await back_up(settings(tmp_path / "old", platform), tmp_path / "vigie.backup")
    before = await contents(platform)
    with pytest.raises(BackupError, match="already holds Vigie"):
        await restore(settings(tmp_path / "old", platform), tmp_path / "vigie.backup")
    assert await contents(platform) == before
    settings(tmp_path / "another").sealing()
    key = (tmp_path / "another" / "sealing.key").read_text()
    async with new_database(postgres_url) as other:
        with pytest.raises(BackupError, match="not the key of this backup"):
            await restore(settings(tmp_path / "another", other), tmp_path / "vigie.backup")
        assert await contents(other) == {question: [] for question in (_GRANTS, _POLICIES, _FORCED)}
    assert (tmp_path / "another" / "sealing.key").read_text() == key


async def test_who_does_not_see_all_rows_makes_no_backup(platform: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="BYPASSRLS"):
        await back_up(settings(tmp_path, as_role(platform, "publisher")), tmp_path / "vigie.backup")
    assert not (tmp_path / "vigie.backup").exists()


@pytest.mark.parametrize("content", [b"", b"not a backup", None])
async def test_what_is_no_backup_is_told(postgres_url: str, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "file"
    if content is None:
        with tarfile.open(file, "w") as archive:
            archive.add(Path(__file__), "something.else")
    else:
        file.write_bytes(content)
    with pytest.raises(BackupError, match="is not a backup of Vigie"):
        await restore(settings(tmp_path, postgres_url), file)
