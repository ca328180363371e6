"""The platform as processes, on a broker and a database of its own, with a proxy on every link between two of them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2

from tests.e2e.processes import OPERATOR_PASSWORD, SERVICES, Platform, VigieProcess
from tests.faults.proxy import Proxy
from tests.stack.databases import on_database
from tests.stack.postgres import PostgresNode
from tests.stack.process import free_ports
from tests.stack.rabbitmq import RabbitNode
from tests.stack.waiting import until
from vigie_shared import topology
from vigie_shared.database import schema_of

BROKER, DATABASE = "broker", "database"

CALLS = {
    "auth": (),
    "extractor": ("auth",),
    "publisher": ("auth",),
    "mobile-gateway": ("auth", "publisher"),
}
"""Which services each one calls over HTTP."""


@dataclass(frozen=True, order=True)
class Link:
    """From a service to what it calls: a store, or another service."""

    service: str
    to: str

    def __str__(self) -> str:
        return f"{self.service}-{self.to}"


COUNTS_ARE_OLD = 1.0
"""Seconds; longer than the broker's counts of messages are old."""

PATIENCE = 20.0
"""Seconds for which the extractor waits for the publisher's answers before it says everything again."""

LINKS = tuple(Link(service, to) for service in SERVICES for to in (BROKER, DATABASE, *CALLS[service]))


@dataclass(frozen=True)
class Stage:
    """What a fault test works on. Each leaves it whole: the stores answer, the processes run, links are mended."""

    postgres: PostgresNode
    rabbit: RabbitNode
    owner_url: str
    """The platform's database as its owner, past every proxy."""
    platform: Platform
    links: Mapping[Link, Proxy]
    log_folder: Path
    prefix: str = ""
    http: httpx2.AsyncClient = field(default_factory=httpx2.AsyncClient)

    def process(self, service: str) -> VigieProcess:
        return self.platform.processes[service]

    async def readiness(self, service: str) -> tuple[int, list[str]]:
        """What a service says of itself: the status of /readyz and what is missing; 0 where it does not answer."""
        try:
            answer = await self.http.get(f"{self.process(service).address}/readyz", timeout=5)
        except httpx2.TransportError:
            return 0, ["it does not answer"]
        return answer.status_code, list(answer.json()["missing"])

    async def all_ready(self) -> bool:
        return all([(await self.readiness(service))[0] == 200 for service in SERVICES])

    async def asked(self, question: str, *arguments: object) -> list[asyncpg.Record]:
        """What the database answers its owner, who sees all rows of all clients."""
        connection = await asyncpg.connect(self.owner_url, timeout=10)
        try:
            return list(await connection.fetch(question, *arguments))
        finally:
            await connection.close()

    async def outboxes(self) -> dict[str, int]:
        """How many events wait in each service's outbox."""
        found = {}
        for service in SERVICES:
            [row] = await self.asked(f"SELECT count(*) AS waiting FROM {schema_of(service)}.outbox")
            found[service] = row["waiting"]
        return found

    def queues(self) -> dict[str, int]:
        """How many messages each queue of the platform holds, delivered but not acknowledged ones included."""
        listed = self.rabbit.control("list_queues", "--quiet", "--no-table-headers", "name", "messages")
        found = {}
        for line in listed.splitlines():
            name, _, messages = line.partition("\t")
            if name.removeprefix(self.prefix) in _QUEUE_NAMES:
                found[name] = int(messages)
        return found

    def alarmed(self) -> bool:
        """Whether the broker says that it is short of memory."""
        return "memory" in self.rabbit.control("eval", "rabbit_alarm:get_alarms().")

    def log(self, service: str) -> str:
        """All that a service has logged so far."""
        return self.process(service).log.read_text()

    async def drained(self, seconds: float) -> None:
        """Wait until nothing is under way any more: outboxes and queues are empty, and nothing is parked."""

        async def is_empty() -> bool:
            return not any((await self.outboxes()).values())

        await until(is_empty, seconds)
        await until(lambda: not any(self.queues().values()), seconds)
        await asyncio.sleep(COUNTS_ARE_OLD)
        await until(is_empty, seconds)
        await until(lambda: not any(self.queues().values()), seconds)


_QUEUE_NAMES = {name for queue in topology.QUEUES for name in (queue.name, queue.parked)}


@asynccontextmanager
async def staged(postgres: PostgresNode, rabbit: RabbitNode, folder: Path) -> AsyncIterator[Stage]:
    """The four services, started and ready, on a database of theirs; ended in the end."""
    async with AsyncExitStack() as stack:
        owner_url = await _new_database(postgres.url())
        ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        targets = {BROKER: rabbit.port, DATABASE: postgres.port, **ports}
        links = {link: await stack.enter_async_context(Proxy(targets[link.to])) for link in LINKS}
        processes = {}
        for service in SERVICES:
            environment = {
                "VIGIE_DATA": str(folder / "data"),
                "VIGIE_OPERATOR_PASSWORD": OPERATOR_PASSWORD,
                "VIGIE_DATABASE_URL": through(owner_url, links[Link(service, DATABASE)]),
                "VIGIE_AMQP_URL": through(rabbit.url, links[Link(service, BROKER)]),
            }
            if service == "extractor":
                environment["VIGIE_ANSWER_MINUTES"] = str(PATIENCE / 60)
            for called in CALLS[service]:
                name = called.upper().replace("-", "_")
                environment[f"VIGIE_{name}_URL"] = f"http://127.0.0.1:{links[Link(service, called)].port}"
            processes[service] = VigieProcess((service,), environment, ports[service], folder / f"{service}.log")
        platform = Platform(processes)
        stack.callback(_end, platform)
        await platform.start()
        http = await stack.enter_async_context(httpx2.AsyncClient())
        yield Stage(postgres, rabbit, owner_url, platform, links, folder, http=http)


async def _new_database(server_url: str) -> str:
    """A database that goes with its server, which crashes too often for a connection that would drop it."""
    connection = await asyncpg.connect(server_url, timeout=10)
    try:
        await connection.execute("CREATE DATABASE vigie_under_faults")
    finally:
        await connection.close()
    return on_database(server_url, "vigie_under_faults")


def through(url: str, proxy: Proxy) -> str:
    """The same address, reached by way of a proxy."""
    parts = urlsplit(url)
    credentials = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{proxy.port}"))


def _end(platform: Platform) -> None:
    for process in platform.processes.values():
        if process.running is not None:
            process.kill()
