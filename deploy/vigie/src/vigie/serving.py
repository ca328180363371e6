"""Runs services in this process: all of them on an embedded PostgreSQL and the local bus, or some on real servers.

Nothing but the Bus object and the database's address differs between the two targets.
"""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path

import asyncpg
import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from vigie.embedded import EmbeddedDatabase
from vigie.front import create_front
from vigie.listening import Listener, listeners
from vigie.services import Service, services
from vigie_shared.bus import Bus, RabbitBus
from vigie_shared.database import UNAVAILABLE, create_pool
from vigie_shared.errors import VigieError
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.local_bus import LocalBus
from vigie_shared.migrate import migrate, migrations_of, migrations_of_local_bus
from vigie_shared.quick import quick_protocol
from vigie_shared.ready import Headers, ReadyAnswer, first_of
from vigie_shared.service import ServiceApp
from vigie_shared.settings import Settings, SettingsError, load

log = structlog.get_logger()

GRACE_SECONDS = 5
"""How long requests in hand may take to finish once the process is asked to stop."""

FAREWELL_SECONDS = 1.0
"""How long a process that is asked to stop goes on answering first, each time saying that the connection ends."""

DATABASE_FOLDER = "postgresql"


class LoopEndedError(VigieError):
    """A loop of a service ended by itself; the process ends so that whoever runs it starts it anew."""


async def serve(
    names: Sequence[str],
    *,
    when_ready: Callable[[], Awaitable[None]] | None = None,
    authority: Path | None = None,
) -> None:
    """Serve the named services, or all in one process where none is named, until asked to stop.

    `when_ready` runs once the address answers; when it raises, serving ends with its error. `authority`, where given,
    is the certificate that phones can fetch, to trust this address.
    """
    chosen = services(names) if names else services()
    settings = {service.name: load(service.settings) for service in chosen}
    one = next(iter(settings.values()))
    async with AsyncExitStack() as stack:
        listening = listeners(one, all_services=not names)
        for listener in listening:
            stack.enter_context(closing(listener))
        if names:
            apps = await _on_servers(stack, chosen, settings, one)
        else:
            apps = await _in_one_process(stack, chosen, settings, one)
        app: ASGIApp = create_front(apps, authority) if len(apps) > 1 else next(iter(apps.values()))
        await _serve_until_stopped(app, apps, one, listening, when_ready)


async def _in_one_process(
    stack: AsyncExitStack, chosen: Sequence[Service], settings: Mapping[str, Settings], one: Settings
) -> dict[str, FastAPI]:
    if one.database_url is not None:
        owner_url = one.database_url.get_secret_value()
        await wait_for_database(owner_url)
    else:
        owner_url = await stack.enter_async_context(_embedded(one))
    await migrate(owner_url, [*map(migrations_of, (service.name for service in chosen)), migrations_of_local_bus()])
    bus_pool = await create_pool(owner_url, LOCAL_BUS, size=2)
    stack.push_async_callback(bus_pool.close)
    bus = LocalBus(bus_pool)
    return {service.name: await _app(stack, service, settings[service.name], owner_url, bus) for service in chosen}


async def _on_servers(
    stack: AsyncExitStack, chosen: Sequence[Service], settings: Mapping[str, Settings], one: Settings
) -> dict[str, FastAPI]:
    if one.database_url is None or one.amqp_url is None:
        raise SettingsError(
            "Services started by name need servers: set VIGIE_DATABASE_URL (for example "
            "postgresql://postgres@127.0.0.1:5432/vigie) and VIGIE_AMQP_URL (for example "
            "amqp://guest:guest@127.0.0.1:5672/). `vigie serve` without a name brings its own."
        )
    owner_url = one.database_url.get_secret_value()
    await wait_for_database(owner_url)
    await migrate(owner_url, [migrations_of(service.name) for service in chosen])
    amqp_url = one.amqp_url.get_secret_value()
    return {
        service.name: await _app(
            stack,
            service,
            settings[service.name],
            owner_url,
            RabbitBus(amqp_url, service=service.name, prefix=one.bus_prefix),
        )
        for service in chosen
    }


async def _app(stack: AsyncExitStack, service: Service, settings: Settings, owner_url: str, bus: Bus) -> FastAPI:
    pool = await create_pool(owner_url, service.name)
    stack.push_async_callback(pool.close)
    return service.create_app(settings, pool, bus)


def required_database(settings: Settings) -> str:
    """The owner's address of the database. Raises SettingsError where none is set."""
    if settings.database_url is None:
        raise SettingsError(
            "VIGIE_DATABASE_URL: is missing. Example: VIGIE_DATABASE_URL=postgresql://postgres@127.0.0.1:5432/vigie"
        )
    return settings.database_url.get_secret_value()


async def wait_for_database(url: str) -> None:
    """Wait until the database answers. A refusal that waiting does not mend (password, name) is raised at once."""
    pause = 0.1
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except UNAVAILABLE as error:
            log.warning("waiting_for_database", reason=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
        else:
            await connection.close()
            return


@asynccontextmanager
async def _embedded(settings: Settings) -> AsyncIterator[str]:
    database = EmbeddedDatabase(settings.data / DATABASE_FOLDER)
    try:
        address = await database.start()
        keeping = asyncio.create_task(database.keep_running())
        try:
            yield address
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})
    finally:
        await database.stop()


async def _serve_until_stopped(
    app: ASGIApp,
    apps: Mapping[str, FastAPI],
    settings: Settings,
    listening: Sequence[Listener],
    when_ready: Callable[[], Awaitable[None]] | None,
) -> None:
    service_apps = [served for served in apps.values() if isinstance(served, ServiceApp)]
    ready_answers = first_of([served.at_once for served in service_apps if served.at_once])

    def at_once(path: str, headers: Headers) -> ReadyAnswer | None:
        return None if any(one.should_exit for one in servers) else ready_answers(path, headers)

    servers = [
        _Server(
            uvicorn.Config(
                app,
                http=quick_protocol(at_once),
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off" if position else "on",
                forwarded_allow_ips=settings.trusted_proxies,
                timeout_graceful_shutdown=GRACE_SECONDS,
                ssl_certfile=listener.tls.certificate if listener.tls else None,
                ssl_keyfile=listener.tls.key if listener.tls else None,
            ),
            service_apps,
            listener.bound,
        )
        for position, listener in enumerate(listening)
    ]
    server, beside = servers[0], servers[1:]

    def stop(farewell: float = 0.0) -> None:
        for one in beside or servers:
            one.stop(farewell)

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop, FAREWELL_SECONDS)
    serving = asyncio.create_task(_serve_together(server, beside))
    ended = [asyncio.create_task(served.state.background.ended.wait()) for served in apps.values()]
    ready = asyncio.create_task(_run_when_started(server, when_ready)) if when_ready else None
    watched: set[asyncio.Task[object]] = {serving, *ended, *([ready] if ready else [])}
    try:
        while not serving.done():
            done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if ready is not None and ready in done and ready.exception() is not None:
                break
            if any(task in done for task in ended):
                break
    finally:
        for one in beside or servers:
            one.should_exit = True
        await serving
        for task in (*ended, *([ready] if ready else [])):
            task.cancel()
    if ready is not None and ready.done() and not ready.cancelled():
        ready.result()
    failures = [app.state.background.failure for app in apps.values() if app.state.background.failure]
    if failures:
        raise LoopEndedError("; ".join(failures))


class _Server(uvicorn.Server):
    """A server that ends when it is asked to and returns, so that what it stands on can be ended after it. uvicorn's
    own answer to a signal is to raise it again once it has stopped, which would end the process on the spot.

    The end comes in this order, so that nobody's request fails: readiness goes down and open streams end; for a moment
    requests are still answered, each answer ending its connection, so that a proxy in front sends no more of them; then
    nothing more is taken, and what is in hand is finished."""

    def __init__(self, config: uvicorn.Config, apps: Sequence[ServiceApp], bound: socket.socket) -> None:
        super().__init__(config)
        self._apps = apps
        self._bound = bound
        self._farewell = 0.0

    async def serve_bound(self) -> None:
        """Serve on the socket that was bound for it."""
        await self.serve(sockets=[self._bound])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        for served in self._apps:
            served.state.background.leaving = True
            if served.when_stopping is not None:
                served.when_stopping()
        over = time.monotonic() + self._farewell
        while self.server_state.connections and time.monotonic() < over:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self, farewell: float = 0.0) -> None:
        """End; whoever still has a connection is answered for at most `farewell` seconds before."""
        self._farewell = farewell
        self.should_exit = True


async def _serve_together(first: _Server, beside: Sequence[_Server]) -> None:
    """Serve on every address. The apps live as long as the first server; the others begin after it and end before."""
    serving = asyncio.create_task(first.serve_bound())
    while not first.started and not serving.done():
        await asyncio.sleep(0.02)
    others = [asyncio.create_task(other.serve_bound()) for other in beside if first.started]
    try:
        if others:
            await asyncio.wait({serving, *others}, return_when=asyncio.FIRST_COMPLETED)
            for other in beside:
                other.should_exit = True
            await asyncio.gather(*others)
            first.stop()
    finally:
        await serving


async def _run_when_started(server: uvicorn.Server, when_ready: Callable[[], Awaitable[None]]) -> None:
    while not server.started:
        await asyncio.sleep(0.02)
    await when_ready()
