"""Stores and a platform of the fault tests' own, shared by all of them: each test leaves them whole."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.dossiers import write_dossier
from tests.e2e.firm import Firm
from tests.faults.figures import Figures, undisturbed
from tests.faults.stage import Stage, staged
from tests.stack.own_nodes import own_postgres_node, own_rabbit_node
from tests.stack.postgres import PostgresNode
from tests.stack.rabbitmq import RabbitNode


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[PostgresNode]:
    """A PostgreSQL server that fault tests may crash."""
    with own_postgres_node() as node:
        yield node


@pytest.fixture(scope="session")
def own_rabbit() -> Iterator[RabbitNode]:
    """A RabbitMQ node that fault tests may kill and starve."""
    with own_rabbit_node() as node:
        yield node


@pytest.fixture(scope="session")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, own_postgres: PostgresNode, own_rabbit: RabbitNode
) -> AsyncIterator[Stage]:
    """The platform as processes, with a proxy on every link."""
    async with staged(own_postgres, own_rabbit, tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture(scope="session")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dossier(tmp_path_factory.mktemp("dossier"))


@pytest.fixture(scope="session")
def figures(dossier: Path) -> Figures:
    """What an undisturbed extraction of the dossier publishes, by scope."""
    return undisturbed(dossier)


@pytest.fixture
async def firm(stage: Stage, dossier: Path) -> Firm:
    """A client of the test's own, whose figures can be extracted."""
    firm = Firm(stage.platform, f"F{uuid4().hex[:10]}", stage.http)
    await firm.register(dossier)
    return firm
