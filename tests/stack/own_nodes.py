"""Stores of a test's own, to stop, kill and restart. Where their programs are missing the test is skipped."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.stack.postgres import PostgresNode, find_postgres, postgres_directories
from tests.stack.provision import DEBIAN_PACKAGES, Store
from tests.stack.rabbitmq import RabbitNode, find_rabbitmq, rabbitmq_directories


@contextmanager
def own_postgres_node() -> Iterator[PostgresNode]:
    binaries = find_postgres(postgres_directories())
    if binaries is None:
        pytest.skip(f"needs PostgreSQL's own binaries: apt-get install {DEBIAN_PACKAGES[Store.POSTGRES]}")
    with PostgresNode(binaries) as node:
        yield node


@contextmanager
def own_rabbit_node() -> Iterator[RabbitNode]:
    binaries = find_rabbitmq(rabbitmq_directories())
    if binaries is None:
        pytest.skip(f"needs RabbitMQ's own binaries: apt-get install {DEBIAN_PACKAGES[Store.RABBITMQ]}")
    with RabbitNode(binaries) as node:
        yield node
