"""All services in the test's own process, on its PostgreSQL and either bus, so that a test can hold a run back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from tests.e2e.processes import OPERATOR_PASSWORD, free_port
from tests.stack.databases import as_role, new_database
from tests.stack.waiting import until
from vigie.front import create_front
from vigie.services import NAMES, services
from vigie_extractor.main import create_app as create_extractor
from vigie_extractor.orders import Computed, Order, carry_out
from vigie_shared.bus import Bus
from vigie_shared.database import Pool, create_pool
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.local_bus import LocalBus
from vigie_shared.migrate import migrate, migrations_of, migrations_of_local_bus


class Gate:
    """Computes as the extractor does; while it is shut, what was computed goes no further."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self.waiting = 0

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def held(self) -> None:
        """Wait until a run stands before the gate."""

        async def stands() -> bool:
            return self.waiting > 0

        await until(stands, 60)

    async def __call__(self, order: Order) -> Computed:
        computed = await carry_out(order)
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1
        return computed


@dataclass(frozen=True)
class Together:
    """The platform at one address, with the gate that its runs pass, its database's owner and each service's bus."""

    address: str
    gate: Gate
    owner_url: str
    buses: Mapping[str, Bus]

    def url(self, path: str) -> str:
        return self.address + path


@asynccontextmanager
async def together(
    postgres_url: str, folder: Path, *, new_bus: Callable[[str, LocalBus], Bus] = lambda _, local: local
) -> AsyncIterator[Together]:
    """Every service, served on a port of loopback until the end of the block. `new_bus` makes the bus of a service,
    from the local bus if it likes, which is what it is by itself."""
    gate, port = Gate(), free_port()
    async with AsyncExitStack() as stack:
        owner_url = await stack.enter_async_context(new_database(postgres_url))
        await migrate(owner_url, [*map(migrations_of, NAMES), migrations_of_local_bus()])
        bus_pool = await create_pool(as_role(owner_url, LOCAL_BUS), LOCAL_BUS, size=2)
        stack.push_async_callback(bus_pool.close)
        local = LocalBus(bus_pool)
        buses = {name: new_bus(name, local) for name in NAMES}
        makers: dict[str, Callable[[Any, Pool, Bus], FastAPI]] = {one.name: one.create_app for one in services()}
        makers["extractor"] = partial(create_extractor, compute=gate)
        apps = {}
        for service in services():
            values = {"port": port, "data": folder, "operator_password": OPERATOR_PASSWORD}
            pool = await create_pool(as_role(owner_url, service.name), service.name, size=5)
            stack.push_async_callback(pool.close)
            settings = service.settings.model_validate(values)
            apps[service.name] = makers[service.name](settings, pool, buses[service.name])
        await stack.enter_async_context(
            _served(uvicorn.Config(create_front(apps), log_config=None, lifespan="on"), port)
        )
        yield Together(f"http://127.0.0.1:{port}", gate, owner_url, buses)


@asynccontextmanager
async def _served(config: uvicorn.Config, port: int) -> AsyncIterator[None]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", port))
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))

        async def started() -> bool:
            assert not serving.done(), serving.exception()
            return server.started

        try:
            await until(started)
            yield
        finally:
            server.should_exit = True
            await serving
