"""What operators ask over HTTP about parked messages, and who else may not."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from shared.tests.promises.platform import QUEUE, SERVICE, Platform, empty, local_platform, suspended
from shared.tests.test_service import PromisesSettings
from tests.fakes.auth import FakeAuth
from tests.fakes.served import served
from tests.stack.waiting import until

from vigie_shared.access import Auth, Verifier
from vigie_shared.bus import Outgoing
from vigie_shared.events import Role
from vigie_shared.parked_routes import parked_routes
from vigie_shared.service import create_service

PARKED = f"/{SERVICE}/v1/operator/parked"
UNREADABLE = b'{"type":"vigie.none.v1","data":{"grant":"a.signed.grant"}}'


class Asked:
    """A service with a platform's queue, and how somebody with a role asks it."""

    def __init__(self, platform: Platform, auth: FakeAuth, http: httpx2.AsyncClient) -> None:
        self.platform = platform
        self._auth = auth
        self._http = http

    async def __call__(
        self, path: str = "", *, role: Role | None = "operator", body: dict[str, str] | None = None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._auth.token('ACME', 'somebody', role=role)}"} if role else {}
        method = "POST" if body is not None else "GET"
        return await self._http.request(method, PARKED + path, json=body, headers=headers)

    async def metrics(self) -> str:
        return (await self._http.get("/metrics")).text

    async def park(self, *clients: str) -> None:
        """Have a message of each client parked, which nobody can read."""
        events = [suspended(client) for client in clients]
        await self.platform.bus.publish([Outgoing(event.id, event.routing_key, UNREADABLE) for event in events])

        async def there() -> bool:
            return len(await self.platform.parked()) == len(clients)

        await until(there)


@pytest.fixture
async def ask(owner_url: str) -> AsyncIterator[Asked]:
    await empty(owner_url)
    auth = FakeAuth()
    async with (
        local_platform(owner_url) as platform,
        platform.running(),
        served(auth.app) as auth_url,
        httpx2.AsyncClient() as asking,
    ):
        routes = parked_routes(platform.parked_messages, Verifier(Auth(asking, auth_url).keys))
        app = create_service(
            PromisesSettings(), platform.pool, platform.bus, routers=[routes], consumers=[platform.consumer]
        )
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://promises") as http:
            yield Asked(platform, auth, http)


@pytest.mark.parametrize("role", ["mobile", "preparer", "administrator", None])
async def test_nobody_but_an_operator_sees_or_touches_parked_messages(ask: Asked, role: Role | None) -> None:
    await ask.park("ACME")
    choice = {"queue": QUEUE.name}
    some_id = suspended().id
    answers = [
        await ask(role=role),
        await ask(f"/{QUEUE.name}/{some_id}", role=role),
        await ask("/replay", role=role, body=choice),
        await ask("/drop", role=role, body=choice),
    ]
    assert {answer.status_code for answer in answers} == {401 if role is None else 403}
    assert len(await ask.platform.parked()) == 1


async def test_an_operator_lists_by_pages_shows_and_drops(ask: Asked) -> None:
    await ask.park("ACME", "NORD", "NORD")
    page = (await ask("?limit=2")).json()
    rest = (await ask(f"?limit=2&cursor={page['next']}")).json()
    of_nord = (await ask("?client=NORD")).json()["items"]
    assert (len(page["items"]), len(rest["items"]), rest["next"], len(of_nord)) == (2, 1, None, 2)
    first = of_nord[0]
    shown = (await ask(f"/{QUEUE.name}/{first['id']}")).json()
    assert shown["message"] == first
    assert "signed" not in shown["body"]
    assert (await ask("/drop", body={"queue": QUEUE.name, "id": first["id"]})).json() == {"messages": 1}
    assert (await ask("/drop", body={"queue": QUEUE.name, "id": first["id"]})).status_code == 404
    assert (await ask("/replay", body={"queue": "nobody.knows"})).status_code == 404
    assert (await ask("?cursor=none")).status_code == 422


async def test_parked_messages_are_measured(ask: Asked) -> None:
    await ask.park("ACME", "NORD")
    sample = f'vigie_parked_messages{{queue="{QUEUE.name}",service="{SERVICE}"}}'
    assert f"{sample} 2.0" in await ask.metrics()
    await ask("/drop", body={"queue": QUEUE.name})
    assert f"{sample} 0.0" in await ask.metrics()
