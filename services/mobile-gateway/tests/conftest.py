"""A gateway on a real database, as its own role, served over HTTP; auth and publisher are played by tests/fakes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser
from tests.fakes.auth import FakeAuth
from tests.fakes.bus import GappyBus
from tests.fakes.phone import FakePhone
from tests.fakes.phone_app import IPHONE, Firm, OpenPhone, PhoneApp
from tests.fakes.publisher import FakePublisher
from tests.fakes.served import served
from tests.stack.databases import as_role, fresh_database

from vigie_mobile_gateway.main import create_app
from vigie_mobile_gateway.settings import GatewaySettings
from vigie_shared import events, topology
from vigie_shared.bus import Confirmed, Done, Outgoing, Verdict
from vigie_shared.database import Pool, create_pool
from vigie_shared.events import Event
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.migrate import migrations_of, migrations_of_local_bus
from vigie_shared.service import ServiceApp


@pytest.fixture(scope="session")
async def gateway_database(postgres_url: str) -> AsyncIterator[str]:
    async with fresh_database(postgres_url, [migrations_of("mobile-gateway"), migrations_of_local_bus()]) as url:
        yield url


@pytest.fixture
async def pool(gateway_database: str) -> AsyncIterator[Pool]:
    pool = await create_pool(as_role(gateway_database, "mobile-gateway"), "mobile-gateway")
    yield pool
    await pool.close()


@pytest.fixture
def auth() -> FakeAuth:
    return FakeAuth()


@pytest.fixture
def publisher(auth: FakeAuth) -> FakePublisher:
    return FakePublisher(auth)


@pytest.fixture
async def settings(auth: FakeAuth, publisher: FakePublisher) -> AsyncIterator[GatewaySettings]:
    """Where the neighbours answer."""
    async with served(auth.app) as auth_url, served(publisher.app) as publisher_url:
        yield GatewaySettings(auth_url=auth_url, publisher_url=publisher_url, heartbeat=0.05)


@pytest.fixture
def elsewhere() -> list[Event]:
    """What the other services have heard, in order."""
    return []


@pytest.fixture
async def bus(gateway_database: str, elsewhere: list[Event]) -> AsyncIterator[GappyBus]:
    pool = await create_pool(as_role(gateway_database, LOCAL_BUS), LOCAL_BUS, size=2)
    bus = GappyBus(pool)

    async def hear(bodies: Sequence[bytes]) -> list[Verdict]:
        elsewhere.extend(map(events.parse, bodies))
        return [Done()] * len(bodies)

    for queue in topology.QUEUES:
        if queue.owner != "mobile-gateway":
            bus.consume(queue, hear)
    yield bus
    await pool.close()


@pytest.fixture
def app(settings: GatewaySettings, pool: Pool, bus: GappyBus) -> ServiceApp:
    return create_app(settings, pool, bus)


@pytest.fixture
async def gateway(app: ServiceApp) -> AsyncIterator[str]:
    """The address of the gateway."""
    async with served(app, at_once=app.at_once) as address:
        yield address


@pytest.fixture
async def phone(gateway: str) -> AsyncIterator[Callable[[str | None], FakePhone]]:
    """Makes phones that carry a token."""
    async with AsyncExitStack() as phones:

        def make(token: str | None) -> FakePhone:
            made = FakePhone(gateway, token)
            phones.push_async_callback(made.http.aclose)
            return made

        yield make


@pytest.fixture
def tell(bus: GappyBus, gateway: str) -> Callable[[Event], Awaitable[None]]:
    """Lets the gateway hear an event, as its service says it."""

    async def tell(event: Event) -> None:
        [outcome] = await bus.publish([Outgoing(event.id, event.routing_key, event.to_bytes())])
        assert outcome == Confirmed()

    return tell


@pytest.fixture
def client() -> str:
    """The code of a client that no other test uses."""
    return f"A{uuid4().hex[:12]}"


@pytest.fixture
def other_client() -> str:
    return f"B{uuid4().hex[:12]}"


@pytest.fixture
def firm(auth: FakeAuth, publisher: FakePublisher, client: str) -> Firm:
    firm = Firm(client, auth, publisher)
    firm.publish()
    return firm


@pytest.fixture
async def open_phone(browser: Browser, gateway: str, firm: Firm) -> AsyncIterator[OpenPhone]:
    """Opens the app on phones of their own; options are those of the browser's context. At the end no page may have
    broken a rule of its own or failed."""
    async with AsyncExitStack() as phones:
        opened: list[PhoneApp] = []

        async def open_phone(**options: Any) -> PhoneApp:
            context = await browser.new_context(**{**IPHONE, **options})
            phones.push_async_callback(context.close)
            context.set_default_timeout(10_000)
            page = await context.new_page()
            app = PhoneApp(page, gateway, firm, [])
            page.on("pageerror", lambda error: app.wrong.append(str(error)))
            page.on(
                "console",
                lambda said: app.wrong.append(said.text) if "Content Security Policy" in said.text else None,
            )
            await page.goto(gateway)
            opened.append(app)
            return app

        yield open_phone
        assert [wrong for app in opened for wrong in app.wrong] == []


@pytest.fixture
async def phone_app(open_phone: OpenPhone) -> PhoneApp:
    return await open_phone()
