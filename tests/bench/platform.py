"""Services as whole processes (`vigie serve NAME`) on a PostgreSQL and a RabbitMQ of their own."""

import os
import secrets
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from tests.bench.children import VIGIE
from tests.bench.pinning import pinned
from tests.bench.results import NotMeasurable
from tests.stack.postgres import PostgresNode, find_postgres, postgres_directories
from tests.stack.process import NodeProcess, free_ports
from tests.stack.provision import DEBIAN_PACKAGES, Store
from tests.stack.rabbitmq import RabbitNode, find_rabbitmq, rabbitmq_directories

# A commit is on disk before it is answered, as it is for those who run Vigie.
_DURABLE = {"fsync": "on", "full_page_writes": "on"}

_START = 60.0
"""Seconds within which a process has to be ready."""


@dataclass(frozen=True)
class Running:
    """A server: where it answers, and the id of its process."""

    address: str
    pid: int


@dataclass(frozen=True)
class Platform:
    """Running services by name."""

    database_url: str
    amqp_url: str
    operator_password: str
    services: Mapping[str, Running]


@contextmanager
def running(names: Sequence[str], cores: Mapping[str, int | None]) -> Iterator[Platform]:
    """The named services until left; those in `cores` are held to one core."""
    with ExitStack() as endings:
        database_url, amqp_url = endings.enter_context(_postgres()).url(), endings.enter_context(_rabbit()).url
        folder = Path(endings.enter_context(TemporaryDirectory(prefix="vigie-bench-")))
        operator_password = secrets.token_urlsafe(16)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        settings = {
            "VIGIE_DATABASE_URL": database_url,
            "VIGIE_AMQP_URL": amqp_url,
            "VIGIE_DATA": str(folder),
            "VIGIE_OPERATOR_PASSWORD": operator_password,
            **{f"VIGIE_{name.upper().replace('-', '_')}_URL": _local(port) for name, port in ports.items()},
        }
        processes: dict[str, NodeProcess] = {}
        for name, port in ports.items():
            command = pinned(cores.get(name), [VIGIE, "serve", name])
            its = settings | {"VIGIE_PORT": str(port)}
            processes[name] = endings.enter_context(server(command, folder / f"{name}.log", its))
        for name, process in processes.items():
            process.wait_until_ready(partial(is_ready, _local(ports[name])), within=_START)
        services = {name: Running(_local(ports[name]), process.pid) for name, process in processes.items()}
        yield Platform(database_url, amqp_url, operator_password, services)


@contextmanager
def server(command: Sequence[str | Path], log: Path, settings: Mapping[str, str]) -> Iterator[NodeProcess]:
    """A process with these settings of Vigie and no others; it is asked to end, and waited for, when left."""
    process = NodeProcess(
        command,
        directory=Path.cwd(),
        log=log,
        environment={name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
        | dict(settings),
        account=None,
        at_our_death=signal.SIGKILL,
    )
    try:
        yield process
    finally:
        process.end(signal.SIGTERM)


def _local(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def is_ready(address: str) -> bool:
    """Whether the service or services at an address say that nothing is missing."""
    try:
        return httpx2.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


def _postgres() -> PostgresNode:
    binaries = find_postgres(postgres_directories())
    if binaries is None:
        raise NotMeasurable(f"needs PostgreSQL's own binaries: sudo apt-get install {DEBIAN_PACKAGES[Store.POSTGRES]}")
    return PostgresNode(binaries, _DURABLE)


def _rabbit() -> RabbitNode:
    binaries = find_rabbitmq(rabbitmq_directories())
    if binaries is None:
        raise NotMeasurable(f"needs RabbitMQ's own binaries: sudo apt-get install {DEBIAN_PACKAGES[Store.RABBITMQ]}")
    return RabbitNode(binaries)
