"""The skeleton of a service: what it answers when all is well, when it refuses, and when something is away."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NoReturn

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from shared.tests.promises.platform import SERVICE, migrations
from tests.stack.databases import as_role, fresh_database
from tests.stack.waiting import until

from vigie_shared.bus import Confirmation, Decide, Deliver, Gap, Hear, Outgoing
from vigie_shared.database import Pool, create_pool
from vigie_shared.errors import Conflict, NotFound, TooManyRequests, Unavailable
from vigie_shared.service import create_service
from vigie_shared.settings import Settings
from vigie_shared.topology import Broadcast, Queue

SECRET = "hunter2-very-secret"


class SilentBus:
    """A bus that carries nothing, and is ready when a test says so."""

    def __init__(self) -> None:
        self.ready = True

    async def publish(self, messages: Sequence[Outgoing]) -> Sequence[Confirmation]:
        raise AssertionError(f"nothing is said in these tests, and yet {messages}")

    def consume(self, queue: Queue, deliver: Deliver) -> None: ...

    def listen(self, broadcast: Broadcast, hear: Hear, gap: Gap) -> None: ...

    async def settle_parked(self, queue: Queue, decide: Decide) -> None:
        raise AssertionError(f"nothing is parked of {queue} for {decide}")

    async def count_parked(self, queues: Sequence[Queue]) -> Mapping[Queue, int]:
        return dict.fromkeys(queues, 0)

    async def run(self) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError


class PromisesSettings(Settings):
    service = SERVICE


class Order(BaseModel):
    quantity: int


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/refused")
    async def refused() -> None:
        raise Conflict("Two companies differ.", errors=[{"criterion": "time_unit"}], extra={"failures": [1]})

    @router.get("/slow")
    async def slow() -> None:
        raise TooManyRequests("Wait.", retry_after=7)

    @router.get("/companies/{code}")
    async def missing(code: str) -> None:
        raise NotFound("There is no such company.")

    @router.get("/away")
    async def away() -> None:
        raise Unavailable(f"broker {SECRET} is away")

    @router.get("/bug")
    async def bug() -> None:
        raise ValueError(SECRET)

    @router.post("/orders")
    async def order(order: Order) -> int:
        return order.quantity

    return router


@pytest.fixture(scope="module")
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    async with fresh_database(postgres_url, migrations()) as owner_url:
        pool = await create_pool(as_role(owner_url, SERVICE), SERVICE)
        yield pool
        await pool.close()


@pytest.fixture
def bus() -> SilentBus:
    return SilentBus()


@pytest.fixture
def app(pool: Pool, bus: SilentBus) -> FastAPI:
    return create_service(PromisesSettings(), pool, bus, routers=[routes()])


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://promises") as http:
        yield http


async def problem(http: httpx2.AsyncClient, path: str, status: int) -> httpx2.Response:
    answer = await http.get(f"/promises/v1{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "errors"} <= answer.json().keys()
    assert answer.json()["status"] == status
    assert SECRET not in answer.text
    return answer


async def test_a_refusal_is_a_problem_document_with_its_findings(http: httpx2.AsyncClient) -> None:
    answer = (await problem(http, "/refused", 409)).json()
    assert (answer["detail"], answer["errors"]) == ("Two companies differ.", [{"criterion": "time_unit"}])
    assert answer["failures"] == [1]


async def test_slowing_down_says_for_how_long(http: httpx2.AsyncClient) -> None:
    assert (await problem(http, "/slow", 429)).headers["retry-after"] == "7"


@pytest.mark.parametrize(("path", "status"), [("/companies/X", 404), ("/nowhere", 404), ("/away", 503), ("/bug", 500)])
async def test_what_goes_wrong_is_told_without_the_inside(http: httpx2.AsyncClient, path: str, status: int) -> None:
    await problem(http, path, status)


async def test_an_error_is_logged_by_its_kind_and_places_and_not_by_its_text(
    http: httpx2.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    await problem(http, "/bug", 500)
    logged = "".join(capfd.readouterr())
    assert "ValueError" in logged
    assert "test_service.py" in logged
    assert SECRET not in logged


async def test_a_body_of_another_form_is_told_where_it_differs(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/promises/v1/orders", json={"quantity": "many"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["where"] for one in answer.json()["errors"]] == ["body.quantity"]


async def test_a_service_that_lacks_nothing_is_ready(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"service": SERVICE, "ready": True, "missing": []})


async def test_readiness_names_what_is_missing(http: httpx2.AsyncClient, bus: SilentBus) -> None:
    bus.ready = False
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["the broker does not answer"])
    assert (await http.get("/healthz")).status_code == 200


async def test_a_loop_that_ends_takes_readiness_down_and_says_which(pool: Pool, bus: SilentBus) -> None:
    async def broken() -> None:
        raise ValueError(SECRET)

    app = create_service(PromisesSettings(), pool, bus, routers=[], loops={"schedules": broken})
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://promises") as http,
    ):

        async def is_down() -> bool:
            return (await http.get("/readyz")).status_code == 503

        await until(is_down)
        assert (await http.get("/readyz")).json()["missing"] == ["schedules ended with ValueError"]
        assert app.state.background.ended.is_set()


async def test_answers_are_counted_by_route_and_never_by_path(http: httpx2.AsyncClient) -> None:
    await http.get("/promises/v1/companies/companies")
    await http.get("/promises/v1/no-such-path-4711")
    metrics = (await http.get("/metrics")).text
    labels = 'route="/promises/v1/companies/{code}",service="promises",status="404"'
    assert f"vigie_http_requests_total{{{labels}}} 1.0" in metrics
    assert "4711" not in metrics
    assert 'vigie_outbox_events{service="promises"} 0.0' in metrics
