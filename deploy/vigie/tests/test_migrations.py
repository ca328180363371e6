"""Every migration can be taken back, and applied again after that."""

from pathlib import Path

import asyncpg
import pytest
from tests.stack.databases import fresh_database

from vigie.services import NAMES
from vigie_shared.database import schema_of
from vigie_shared.migrate import Migrations, migrations_of, migrations_of_local_bus

ALL = {name: migrations_of(name) for name in NAMES} | {"local bus": migrations_of_local_bus()}

_SHAPE = """
SELECT c.relname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity,
       array(
           SELECT format('%s %s %s', a.attname, a.atttypid::regtype, a.attnotnull) FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname
       ) AS columns,
       array(
           SELECT grantee || ' ' || privilege_type FROM information_schema.role_table_grants g
           WHERE g.table_schema = $1 AND g.table_name = c.relname ORDER BY 1
       ) AS privileges
FROM pg_class c
WHERE c.relnamespace = $1::regnamespace AND c.relname NOT LIKE 'schema_migrations%'
ORDER BY c.relname
"""


def steps(migrations: Migrations) -> list[tuple[str, str, str]]:
    """Name, up and down of each file, in the order of application."""
    files = [file for _, folder in migrations.folders for file in sorted(folder.glob("*.sql"))]
    return [(file.name, *_up_and_down(file)) for file in files]


def _up_and_down(file: Path) -> tuple[str, str]:
    _, _, rest = file.read_text(encoding="utf-8").partition("-- migrate:up")
    up, _, down = rest.partition("-- migrate:down")
    return up, down


@pytest.mark.parametrize("name", ALL)
async def test_every_migration_can_be_taken_back_and_applied_again(postgres_url: str, name: str) -> None:
    migrations = ALL[name]
    schema = schema_of(migrations.service)
    async with fresh_database(postgres_url, [migrations]) as owner_url:
        owner = await asyncpg.connect(owner_url, server_settings={"search_path": schema})
        try:
            applied = await owner.fetch(_SHAPE, schema)

            for _, _, down in reversed(steps(migrations)):
                await owner.execute(down)
            left = await owner.fetch(_SHAPE, schema)
            for _, up, _ in steps(migrations):
                await owner.execute(up)

            assert left == []
            assert await owner.fetch(_SHAPE, schema) == applied
        finally:
            await owner.close()
