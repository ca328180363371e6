"""What every test may ask for: real stores, shared by the run or of its own, and a name that nobody else uses.

Stores start when the first test asks for one, and never in a run that selects none of those (`-m "not stores"`).
"""

import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser

from tests.stack.browser import CHROMIUM_PACKAGE, chromium, find_chromium
from tests.stack.folders import reachable
from tests.stack.own_nodes import own_postgres_node, own_rabbit_node
from tests.stack.postgres import PostgresNode
from tests.stack.provision import Store, choose, look_around
from tests.stack.rabbitmq import RabbitNode
from tests.stack.stores import SharedStores

_SHARED = {"postgres_url": Store.POSTGRES, "amqp_url": Store.RABBITMQ}
_OWN = {"postgres_node", "rabbit_node"}

_SLOW = ("tests/e2e", "tests/exactness", "tests/faults", "tests/security")
"""Folders whose tests take seconds by what they are about."""


def pytest_configure(config: pytest.Config) -> None:
    """Let a termination end the run as Ctrl-C does: with the fixtures' endings, so that no server is left."""
    config.addinivalue_line("markers", "stores: asks for PostgreSQL or RabbitMQ (set by itself, from the fixtures)")
    config.addinivalue_line("markers", "slow: takes seconds, store or not (set by itself in tests/e2e and the like)")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # An example may take long on a busy machine: what is promised is what is true of it, not how soon.
    settings.register_profile("vigie", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("vigie")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for a store, directly or by another fixture, and those of the slow folders."""
    for item in items:
        if any(item.path.is_relative_to(item.config.rootpath / folder) for folder in _SLOW):
            item.add_marker("slow")
        if _fixtures(item) & (_SHARED.keys() | _OWN):
            item.add_marker("stores")


@pytest.fixture(scope="session")
def shared_stores(request: pytest.FixtureRequest) -> Iterator[SharedStores]:
    """All stores that the selected tests need, starting side by side."""
    asked = set[str]().union(*map(_fixtures, request.session.items))
    machine = look_around()
    with SharedStores((store, choose(store, machine)) for name, store in _SHARED.items() if name in asked) as stores:
        yield stores


@pytest.fixture(scope="session")
def postgres_url(shared_stores: SharedStores) -> str:
    """The superuser's URL of a PostgreSQL server shared by the run; see databases.py for a database of one's own."""
    return shared_stores.url(Store.POSTGRES)


@pytest.fixture(scope="session")
def amqp_url(shared_stores: SharedStores) -> str:
    """The URL of a RabbitMQ node shared by the run. Exchanges and queues bear a `bus_prefix`; delete them after use."""
    return shared_stores.url(Store.RABBITMQ)


@pytest.fixture
def bus_prefix() -> str:
    """What the names of a test's exchange and queues begin with, so that tests and runs can share a broker."""
    return f"test.{secrets.token_hex(6)}."


@pytest.fixture
def postgres_node() -> Iterator[PostgresNode]:
    """A PostgreSQL server of the test's own, to stop, crash and restart."""
    with own_postgres_node() as node:
        yield node


@pytest.fixture
def rabbit_node() -> Iterator[RabbitNode]:
    """A RabbitMQ node of the test's own, to stop, kill and restart."""
    with own_rabbit_node() as node:
        yield node


@pytest.fixture
def reachable_folder() -> Iterator[Path]:
    """A folder that other users can enter, as a database must that root starts; pytest's own are closed to them."""
    with reachable() as folder:
        yield folder


@pytest.fixture(autouse=True)
def logs_of_its_own() -> Iterator[None]:
    """What a test has said of logs ends with it: it names a stream that is that test's, and nobody reads it after."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip(f"needs a browser: apt-get install {CHROMIUM_PACKAGE}")
    async with chromium(program) as browser:
        yield browser


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))
