"""One address for several services in one process: each answers under its own prefix, as behind a reverse proxy."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from vigie_shared.metrics import CONTENT_TYPE, exposition

AUTHORITY_PATH = "/vigie.crt"
"""Where a phone fetches the certificate that it has to trust, if there is one."""

FALLBACK = "mobile-gateway"
"""What no prefix claims belongs to the phone."""


def prefix_of(service: str) -> str:
    """The first segment of a service's paths, for instance `/mobile`."""
    return f"/{service.removesuffix('-gateway')}/"


def create_front(apps: Mapping[str, FastAPI], authority: Path | None = None) -> Starlette:
    """An app that passes each request to the service it is for. Its lifespan is that of all of them.

    `authority`, where given, is a certificate that phones can fetch, to trust this address.
    """

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"services": list(apps), "status": "alive"})

    async def readyz(_request: Request) -> Response:
        answers = dict(zip(apps, await asyncio.gather(*map(_readiness, apps.values())), strict=True))
        missing = [f"{name}: {what}" for name, lacks in answers.items() for what in lacks]
        return JSONResponse({"services": list(apps), "ready": not missing, "missing": missing}, 503 if missing else 200)

    async def metrics(_request: Request) -> Response:
        await asyncio.gather(*(app.state.measure() for app in apps.values()))
        return Response(exposition([app.state.metrics.registry for app in apps.values()]), media_type=CONTENT_TYPE)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for name, app in apps.items():
            if path.startswith(prefix_of(name)):
                await app(scope, receive, send)
                return
        await apps.get(FALLBACK, next(iter(apps.values())))(scope, receive, send)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *([] if authority is None else [Route(AUTHORITY_PATH, _certificate(authority))]),
            Mount("/", dispatch),
        ],
        lifespan=lifespan,
    )


def _certificate(authority: Path) -> Callable[[Request], Awaitable[Response]]:
    async def certificate(_request: Request) -> Response:
        return FileResponse(authority, media_type="application/x-x509-ca-cert", filename="vigie.crt")

    return certificate


async def _readiness(app: FastAPI) -> list[str]:
    """What a service says it is missing, asked as an operator would ask it."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service") as http:
        return list((await http.get("/readyz")).json()["missing"])
