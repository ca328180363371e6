"""The skeleton of a service: an HTTP app with health, readiness, metrics and problem documents, and its loops.

A service is an app and some loops (its bus, the relay of its outbox, whatever else it does unasked). They live in one
task group: a loop that ends takes readiness down, and whoever runs the process is told to end it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx2
import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigie_shared import metrics, outbox
from vigie_shared.bus import Bus
from vigie_shared.database import UNAVAILABLE, Pool, answers
from vigie_shared.errors import BusUnavailable, Refusal, Unavailable, places_of
from vigie_shared.inbox import Consumer
from vigie_shared.pages import Pages
from vigie_shared.ready import AtOnce
from vigie_shared.settings import Settings, prefix_of
from vigie_shared.topology import Queue
from vigie_shared.tracing import tracing

log = structlog.get_logger()

_DEPTH = 8
"""Places in the code, from the innermost, that are logged of an error."""

_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds: worth a line only when they are not answered with 200."""

Loop = Callable[[], Awaitable[object]]


@dataclass
class Background:
    """The loops of a service while it runs."""

    loops: Mapping[str, Loop]
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a loop has ended although the service was not stopped: the process is to be ended and started anew."""
    failure: str | None = None
    leaving: bool = False
    """Whether the process is about to end: it still answers, and is not to be asked any more."""

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, loop in self.loops.items():
                    tasks.create_task(self._watched(name, loop), name=name)
        except* Exception:  # noqa: BLE001 - told by name in _watched; here readiness goes down
            self.ended.set()

    async def _watched(self, name: str, loop: Loop) -> None:
        try:
            await loop()
        except Exception as error:
            self.failure = f"{name} ended with {type(error).__name__}"
            log.error("loop_ended", loop=name, error=type(error).__name__, through=places_of(error)[-_DEPTH:])
            raise
        self.failure = f"{name} ended"
        raise RuntimeError(self.failure)


class ServiceApp(FastAPI):
    """The app of a service. What `at_once` has an answer to never reaches the framework, whose layers alone cost more
    than an answer from memory."""

    at_once: AtOnce | None = None
    when_stopping: Callable[[], None] | None = None
    """Called by whoever serves the app once it is to stop, before requests in hand are waited for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.at_once is not None and scope["type"] == "http" and scope["method"] == "GET":
            answer = self.at_once(scope["path"], scope["headers"])
            if answer is not None:
                # A list of its own: what wraps this app may add headers to it.
                await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers]})
                await send({"type": "http.response.body", "body": answer.body})
                return
        await super().__call__(scope, receive, send)


def create_service(
    settings: Settings,
    pool: Pool,
    bus: Bus,
    *,
    routers: Sequence[APIRouter],
    consumers: Sequence[Consumer] = (),
    loops: Mapping[str, Loop] | None = None,
    http: httpx2.AsyncClient | None = None,
    prepare: Callable[[], Awaitable[None]] | None = None,
    when_stopping: Callable[[], None] | None = None,
    pages: Mapping[str, Pages] | None = None,
) -> ServiceApp:
    """The app of the service `settings.service`, under the prefix `/<service>/v1`; its loops run while it is served.

    `prepare`, where given, is done before the first request is answered; the service does not start when it fails.
    `http`, where given, is closed when the app is. `when_stopping`, where given, ends the answers that would last until
    the one who asked goes away. `pages` are web apps by the path at which each is found; every other path comes first.
    """
    name = settings.service
    prefix = prefix_of(name)
    measured = metrics.Metrics(name)
    for consumer in consumers:
        bus.consume(consumer.queue, consumer.deliver)
    queues = [consumer.queue for consumer in consumers]
    background = Background(
        {"bus": bus.run, "outbox": lambda: outbox.relay(pool, bus), **(loops or {})},
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if prepare is not None:
            await prepare()
        task = asyncio.create_task(background.run(), name=f"{name} loops")
        log.info("service_started", service=name)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if http is not None:
                await http.aclose()
            log.info("service_stopped", service=name)

    app = ServiceApp(
        title=f"Vigie {name}",
        version="1",
        lifespan=lifespan,
        openapi_url=f"{prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        # Vigie measures and traces itself; FastAPI would look for OpenTelemetry's providers at each request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.when_stopping = when_stopping
    app.state.background = background
    app.state.metrics = measured
    app.state.measure = partial(_measure, measured, pool, bus, queues)
    for router in routers:
        app.include_router(router, prefix=prefix)
    app.include_router(_health(name, pool, bus, background, app))
    for path, built in (pages or {}).items():
        app.mount(path, built)
    _answer_problems(app)
    app.add_middleware(_Observed, metrics=measured)
    return app


async def missing(pool: Pool, bus: Bus, background: Background) -> list[str]:
    """What this service lacks to do its work, in words; nothing when it is ready."""
    lacks = [background.failure] if background.failure else []
    if background.leaving:
        lacks.append("it is being stopped")
    if not bus.ready:
        lacks.append("the broker does not answer")
    if not await answers(pool, 2):
        lacks.append("the database does not answer")
    return lacks


async def _measure(measured: metrics.Metrics, pool: Pool, bus: Bus, queues: Sequence[Queue]) -> None:
    """Look at what is not measured as it happens: the outbox and the parked messages."""
    try:
        measured.outbox(*await outbox.pending(pool))
        for queue, messages in (await bus.count_parked(queues)).items() if queues else ():
            measured.parked(queue.name, messages)
    except UNAVAILABLE:
        log.warning("database_unavailable", reason="metrics of messages are missing")
    except BusUnavailable as error:
        log.warning("bus_unavailable", reason=f"metrics of parked messages are missing: {error}")


def _health(name: str, pool: Pool, bus: Bus, background: Background, app: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"service": name, "status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        lacks = await missing(pool, bus, background)
        return JSONResponse({"service": name, "ready": not lacks, "missing": lacks}, 503 if lacks else 200)

    @router.get("/metrics")
    async def show_metrics() -> Response:
        await app.state.measure()
        return Response(metrics.exposition([app.state.metrics.registry]), media_type=metrics.CONTENT_TYPE)

    return router


class Problem(BaseModel):
    """A problem document (RFC 9457), as OpenAPI shows it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can answer with these statuses, beside those that every route can."""
    shown = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": shown} for status in sorted({*statuses, 500, 503})
    }


def problem(status: int, title: str, detail: str, **members: Any) -> JSONResponse:
    """A problem document (RFC 9457)."""
    headers = members.pop("headers", None)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": [], **members}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    async def on_refusal(_request: Request, error: Refusal) -> Response:
        return problem(
            error.status, error.title, error.detail, errors=error.errors, headers=error.headers, **error.extra
        )

    @app.exception_handler(Unavailable)
    async def on_unavailable(_request: Request, error: Unavailable) -> Response:
        log.warning("answered_unavailable", reason=str(error))
        return problem(503, "Unavailable", "Something that is needed does not answer. Try again in a moment.")

    for kind in UNAVAILABLE:
        app.add_exception_handler(kind, _on_database_away)  # type: ignore[arg-type]  # Starlette asks for Exception

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, error: RequestValidationError) -> Response:
        findings = [
            {"where": ".".join(str(part) for part in one["loc"]), "what": str(one["msg"])} for one in error.errors()
        ]
        return problem(422, "Unprocessable", "The request does not have the form this call takes.", errors=findings)

    @app.exception_handler(HTTPException)
    async def on_http(_request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), str(error.detail), headers=error.headers)


async def _on_database_away(_request: Request, error: Exception) -> Response:
    log.warning("database_unavailable", reason=type(error).__name__)
    return problem(503, "Unavailable", "The database does not answer. Try again in a moment.")


class _Observed:
    """Around every request: its trace, one log line, its metrics, and a problem document where the code fails."""

    def __init__(self, app: ASGIApp, metrics: metrics.Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        traceparent = dict(scope["headers"]).get(b"traceparent")
        with tracing(traceparent.decode("latin-1") if traceparent else None):
            try:
                await self._app(scope, receive, observed_send)
            except Exception as error:
                log.error(
                    "request_failed",
                    method=scope["method"],
                    route=_route(scope),
                    error=type(error).__name__,
                    through=places_of(error)[-_DEPTH:],
                )
                if status:
                    raise
                response = problem(500, "Internal error", "Vigie failed to answer. The failure is in its log.")
                await response(scope, receive, observed_send)
            finally:
                seconds = time.perf_counter() - started
                route = _route(scope)
                self._metrics.answered(route, status, seconds)
                if status != 200 or route not in _PROBES:
                    log.info("request", method=scope["method"], route=route, status=status, seconds=round(seconds, 4))


def _route(scope: Scope) -> str:
    """The pattern of the path, for instance `/mobile/v1/snapshots/{kind}/{code}`: the path with its values left out."""
    if "route" not in scope:
        return "unknown"
    left = {str(value): name for name, value in scope.get("path_params", {}).items()}
    segments = scope["path"].split("/")
    for position in reversed(range(len(segments))):
        name = left.pop(segments[position], None)
        if name is not None:
            segments[position] = f"{{{name}}}"
    return "/".join(segments)
