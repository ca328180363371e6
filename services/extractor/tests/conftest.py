"""A database for the tests of the extractor, and the stage on which each of them plays."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from services.extractor.tests.stage import Backstage, Stage, backstage
from tests.stack.databases import fresh_database

from vigie_shared.migrate import migrations_of, migrations_of_local_bus


@pytest.fixture(scope="session")
async def extractor_backstage(postgres_url: str) -> AsyncIterator[Backstage]:
    async with (
        fresh_database(postgres_url, [migrations_of("extractor"), migrations_of_local_bus()]) as url,
        backstage(url) as one,
    ):
        yield one


@pytest.fixture
async def on(extractor_backstage: Backstage, tmp_path: Path) -> Stage:
    """The extractor with nothing in it, and a client of the test's own."""
    return await extractor_backstage.set_up(tmp_path)
