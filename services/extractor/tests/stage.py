"""The extractor on a real database, as its own role, with an auth of the test's own at the end of a real HTTP link."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import uvicorn
from pydantic import SecretStr
from services.extractor.tests.auth_double import PASSWORD, AuthDouble, Tenant
from services.extractor.tests.computing import everything_asked_for
from starlette.types import Receive, Scope, Send
from tests.stack.databases import as_role
from tests.stack.waiting import until

from vigie_extractor.auth import Auth
from vigie_extractor.clock import Clock, utc_now
from vigie_extractor.consumers import deletions_consumer, publications_consumer, requests_consumer
from vigie_extractor.domain.run import Run, Viewer
from vigie_extractor.domain.source import Source, SourceKind
from vigie_extractor.handlers.credentials import Credentials, Seal
from vigie_extractor.handlers.execution import Compute, Execution
from vigie_extractor.handlers.extractions import Extractions, FollowedRun
from vigie_extractor.handlers.progress import Observe, log_step
from vigie_extractor.handlers.sources import Sources
from vigie_extractor.main import create_app
from vigie_extractor.settings import ExtractorSettings
from vigie_shared import access, events
from vigie_shared.access import Verifier
from vigie_shared.audit import Actor
from vigie_shared.bus import Verdict
from vigie_shared.database import Pool, create_pool, transaction
from vigie_shared.events import AnyEvent, Event, Role
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.local_bus import LocalBus
from vigie_shared.parked import ParkedMessages

ADMINISTRATOR = Actor("user", "admin", None)
"""Who changes things in these tests, as the audit names them."""


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """An ASGI app on a free port of loopback; yields its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


EVERYTHING_SEEN = Viewer("admin", None)


def user(name: str) -> Actor:
    """Somebody of the client, as the audit names them."""
    return Actor("user", name, None)


@dataclass
class Stage:
    """Everything a test of this service needs. `client` is a client of the test's own, unknown to other tests."""

    pool: Pool
    bus_pool: Pool
    auth: AuthDouble
    http: httpx2.AsyncClient
    settings: ExtractorSettings
    folder: Path
    client: str = field(default_factory=lambda: f"C{uuid4().hex[:10]}")

    def __post_init__(self) -> None:
        self.auth.tenants[self.client] = Tenant()
        self.sealing = Seal(self.settings.sealing())
        self.asked = Auth(self.http, self.settings.address_of("auth"))

    @property
    def tenant(self) -> Tenant:
        return self.auth.tenants[self.client]

    def token(self, username: str = "admin", role: Role = "administrator") -> str:
        return self.auth.token(self.client, username, role)

    def extractions(self, clock: Clock = utc_now) -> Extractions:
        return Extractions(self.pool, self.asked, clock, "Europe/Paris")

    def execution(
        self, compute: Compute, observe: Observe = log_step, patience: timedelta = timedelta(minutes=15)
    ) -> Execution:
        return Execution(
            self.pool,
            self.asked,
            sealing=self.sealing,
            roots=self.settings.folders_for_sources,
            compute=compute,
            clock=utc_now,
            observe=observe,
            patience=patience,
        )

    async def register(self) -> None:
        """Credentials that auth accepts, and the folder of the test as the one source."""
        await Credentials(self.pool, self.asked, self.sealing, utc_now).register(
            self.client, ADMINISTRATOR, self.client, SecretStr(PASSWORD)
        )
        roots = self.settings.folders_for_sources
        await Sources(self.pool, self.asked, roots, utc_now).save(
            self.client, ADMINISTRATOR, Source("books", SourceKind.DOSSIER, str(self.folder))
        )

    async def follow(self, run_id: UUID) -> FollowedRun:
        return await self.extractions().show(self.client, EVERYTHING_SEEN, run_id)

    async def run(self, run_id: UUID) -> Run:
        return (await self.follow(run_id)).run

    async def reaches(self, run_id: UUID, *statuses: str) -> Run:
        """Wait until the run has one of these statuses."""

        async def reached() -> bool:
            return (await self.run(run_id)).status.value in statuses

        await until(reached)
        return await self.run(run_id)

    async def said(self) -> list[AnyEvent]:
        """The events of this client that wait in the outbox, in order."""
        async with transaction(self.pool, self.client) as connection:
            rows = await connection.fetch("SELECT body FROM outbox ORDER BY position")
        return [events.parse(row["body"]) for row in rows]

    def bus(self) -> LocalBus:
        return LocalBus(self.bus_pool)

    async def hear(self, *heard: Event) -> list[Verdict]:
        """Hand messages to the consumer they are for, as a bus does; one verdict each."""
        verifier = Verifier(access.Auth(self.http, self.settings.address_of("auth")).keys)
        following = publications_consumer(self.pool, utc_now)
        consumers = (
            requests_consumer(self.pool, self.extractions(), verifier),
            following,
            deletions_consumer(self.pool, utc_now, ParkedMessages(self.pool, self.bus(), [following]).forget),
        )
        [consumer] = [one for one in consumers if type(heard[0]) in one.queue.hears]
        return await consumer.deliver([event.to_bytes() for event in heard])

    @asynccontextmanager
    async def serving(
        self, compute: Compute = everything_asked_for, clock: Clock = utc_now
    ) -> AsyncIterator[httpx2.AsyncClient]:
        """The whole service with its loops; yields a client of its HTTP interface, which is not signed in."""
        app = create_app(self.settings, self.pool, self.bus(), compute=compute, clock=clock)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://extractor") as client,
        ):
            yield client


@asynccontextmanager
async def running(*loops: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """These loops, until the end of the block, as a process would run them until it is stopped."""
    tasks = [asyncio.ensure_future(loop()) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


_TABLES = (
    "publication_credentials",
    "sources",
    "parameters",
    "cash_accounts",
    "schedules",
    "runs",
    "calls_under_way",
    "publications",
    "deletions",
    "outbox",
    "inbox",
    "inbox_failures",
)
"""What a test leaves behind; the work goes with its runs, slots and history with their schedules."""


class Backstage:
    """What the tests of a run share: connections to the database, and an address at which each test's auth answers."""

    def __init__(self, owner: asyncpg.Connection, pool: Pool, bus_pool: Pool, http: httpx2.AsyncClient) -> None:
        self.owner = owner
        self.pool = pool
        self.bus_pool = bus_pool
        self.http = http
        self.address = ""
        self.auth = AuthDouble()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.auth(scope, receive, send)

    async def set_up(self, folder: Path) -> Stage:
        """The extractor with nothing in it, and an auth that has just begun."""
        for table in _TABLES:
            await self.owner.execute(f"DELETE FROM vigie_extractor.{table}")
        self.auth = AuthDouble()
        settings = ExtractorSettings(auth_url=self.address, data=folder / "kept", source_roots=(folder,))
        return Stage(self.pool, self.bus_pool, self.auth, self.http, settings, folder)


@asynccontextmanager
async def backstage(owner_url: str) -> AsyncIterator[Backstage]:
    owner = await asyncpg.connect(owner_url)
    pool = await create_pool(as_role(owner_url, "extractor"), "extractor", size=20)
    bus_pool = await create_pool(as_role(owner_url, LOCAL_BUS), LOCAL_BUS, size=2)
    async with httpx2.AsyncClient(timeout=10) as http:
        one = Backstage(owner, pool, bus_pool, http)
        async with serving(one) as one.address:
            yield one
    await pool.close()
    await bus_pool.close()
    await owner.close()


def kinds(said: Sequence[AnyEvent]) -> list[str]:
    """What was said, as `extraction.started` and the like."""
    return [event.routing_stem().removesuffix(".v1") for event in said]
