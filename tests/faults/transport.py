"""The transport alone, as processes that can be killed: relays of an outbox, and consumers that note what they hear."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import asyncpg
from shared.tests.promises.platform import QUEUE, SERVICE, migrations, suspended

from tests.exactness.mutants.mutant import ROOT
from tests.faults.proxy import Proxy
from tests.faults.stage import COUNTS_ARE_OLD, through
from tests.stack.databases import as_role, fresh_database
from tests.stack.postgres import PostgresNode
from tests.stack.rabbitmq import RabbitNode
from tests.stack.waiting import until
from vigie_shared.database import ALL_CLIENTS, Pool, create_pool, schema_of, transaction
from vigie_shared.outbox import emit_all

End = Literal["relay", "consumer"]

SCHEMA = schema_of(SERVICE)
OUTBOX, EFFECTS = f"{SCHEMA}.outbox", f"{SCHEMA}.effects"


@dataclass
class Carrier:
    """One process of the transport, with a proxy of its own before the broker."""

    end: End
    link: Proxy
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    source: Path
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start the process and wait until it carries, with the source it is meant to have."""
        self._launch()

        def is_ready() -> bool:
            assert self.running is not None
            assert self.running.poll() is None, self.log.read_text()
            return f"ready with {self.source}" in self.log.read_text()

        await until(is_ready, 60)

    def _launch(self) -> None:
        with self.log.open("wb") as log:
            self.running = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """End the process at once. Fails where it had ended by itself."""
        assert self.running is not None
        assert self.running.poll() is None, self.log.read_text()
        self.running.send_signal(signal.SIGKILL)
        self.running.wait(30)
        self.running = None


@dataclass
class Transport:
    """An outbox, a queue and a table of effects, with the processes between them."""

    owner_url: str
    pool: Pool
    rabbit: RabbitNode
    prefix: str
    carriers: list[Carrier]
    emitted: list[UUID] = field(default_factory=list)

    def of(self, end: End) -> Carrier:
        return next(carrier for carrier in self.carriers if carrier.end == end)

    async def emit(self, count: int) -> None:
        """Say so many events, in one transaction."""
        said = [suspended() for _ in range(count)]
        async with transaction(self.pool, "ACME") as connection:
            await emit_all(connection, said)
        self.emitted += [event.id for event in said]

    async def asked(self, question: str) -> list[asyncpg.Record]:
        """What the database answers on behalf of all clients."""
        async with transaction(self.pool, ALL_CLIENTS) as connection:
            return list(await connection.fetch(question))

    async def waiting(self) -> int:
        """How many events are still in the outbox."""
        [row] = await self.asked(f"SELECT count(*) AS waiting FROM {OUTBOX}")
        return int(row["waiting"])

    async def noted(self) -> int:
        [row] = await self.asked(f"SELECT count(*) AS noted FROM {EFFECTS}")
        return int(row["noted"])

    def queued(self) -> int:
        """How many messages the queue holds, and its parked twin, delivered ones included."""
        listed = self.rabbit.control("list_queues", "--quiet", "--no-table-headers", "name", "messages")
        names = {self.prefix + QUEUE.name, self.prefix + QUEUE.parked}
        rows = [line.split("\t") for line in listed.splitlines() if "\t" in line]
        return sum(int(messages) for name, messages in rows if name in names)

    async def settled(self, seconds: float = 120) -> None:
        """Wait until nothing is under way any more, and see that nothing comes after it."""

        async def is_settled() -> bool:
            return await self.waiting() == 0 and self.queued() == 0

        await until(is_settled, seconds)
        await asyncio.sleep(COUNTS_ARE_OLD)
        await until(is_settled, seconds)

    async def difference(self) -> tuple[int, int]:
        """How many events are lost, and how many effects are there too often."""
        noted = Counter(row["event_id"] for row in await self.asked(f"SELECT event_id FROM {EFFECTS}"))
        lost = sum(1 for one in self.emitted if not noted[one])
        doubled = noted.total() - len(noted)
        assert set(noted) <= set(self.emitted)
        return lost, doubled


@asynccontextmanager
async def transporting(
    postgres: PostgresNode,
    rabbit: RabbitNode,
    folder: Path,
    *,
    ends: Sequence[End] = ("relay", "consumer"),
    source: Path = ROOT / "shared" / "src",
) -> AsyncIterator[Transport]:
    """Processes that run the `source` of vigie_shared; ended in the end, with what they left in the stores."""
    prefix = f"transport.{uuid4().hex[:8]}."
    async with AsyncExitStack() as stack:
        owner_url = await stack.enter_async_context(fresh_database(postgres.url(), migrations()))
        carriers = []
        for number, end in enumerate(ends):
            link = await stack.enter_async_context(Proxy(rabbit.port))
            command = [sys.executable, "-m", "tests.faults.carrying", end, as_role(owner_url, SERVICE)]
            command += [through(rabbit.url, link), prefix]
            environment = {**os.environ, "PYTHONPATH": f"{source}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
            carriers.append(Carrier(end, link, command, environment, folder / f"{end}-{number}.log", source))
        stack.callback(_end, carriers)
        # A queue is declared by who consumes it.
        for carrier in sorted(carriers, key=lambda one: one.end):
            await carrier.start()
        pool = await stack.enter_async_context(await create_pool(as_role(owner_url, SERVICE), SERVICE, size=2))
        yield Transport(owner_url, pool, rabbit, prefix, carriers)


def _end(carriers: Sequence[Carrier]) -> None:
    for carrier in carriers:
        if carrier.running is not None:
            carrier.kill()
