"""One service on each of the two buses."""

from collections.abc import AsyncIterator

import pytest
from shared.tests.promises.platform import Platform, empty, local_platform, migrations, rabbit_platform
from tests.stack.databases import fresh_database


@pytest.fixture(scope="module")
async def owner_url(postgres_url: str) -> AsyncIterator[str]:
    async with fresh_database(postgres_url, migrations()) as url:
        yield url


@pytest.fixture(params=["local", "rabbit"])
async def platform(request: pytest.FixtureRequest, owner_url: str, amqp_url: str) -> AsyncIterator[Platform]:
    await empty(owner_url)
    if request.param == "local":
        async with local_platform(owner_url) as platform:
            yield platform
    else:
        async with rabbit_platform(owner_url, amqp_url) as platform:
            yield platform
