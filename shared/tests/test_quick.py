"""Ready answers: sent from uvicorn's parser or before the framework, and never where the plain case is not given."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.types import Receive, Scope, Send
from tests.fakes.served import served

from vigie_shared.ready import Headers, ReadyAnswer, first_of
from vigie_shared.service import ServiceApp

READY = ReadyAnswer(200, [(b"x-from", b"memory"), (b"content-length", b"5")], b"ready")
UNCHANGED = ReadyAnswer(304, [(b"x-from", b"memory")], b"")


def at_once(path: str, headers: Headers) -> ReadyAnswer | None:
    if (b"authorization", b"good") not in headers:
        return None
    return {"/ready": READY, "/été": READY, "/unchanged": UNCHANGED}.get(path)


async def ordinary(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers what it was asked, once the whole request has come."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    asked = f"{scope['method']} {scope['path']} ".encode()
    while True:
        message = await receive()
        asked += message["body"]
        if not message["more_body"]:
            break
    headers = [(b"x-from", b"app"), (b"content-length", str(len(asked)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": asked})


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with served(ordinary, at_once=at_once) as address:
        yield address


async def exchanged(address: str, request: bytes) -> list[tuple[str, bytes]]:
    """Send bytes, the last request of which ends the connection, and return who answered what, in order."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    answers = []
    async with asyncio.timeout(20):
        while head := await _head(reader):
            if head.startswith(b"HTTP/1.1 100"):
                continue
            lines = head.decode().lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines[1:] if line)
            answers.append((headers["x-from"], await reader.readexactly(int(headers.get("content-length", 0)))))
    writer.close()
    await writer.wait_closed()
    return answers


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def get(path: str, more: str = "", *, version: str = "1.1") -> bytes:
    return f"GET {path} HTTP/{version}\r\nHost: x\r\nAuthorization: good\r\n{more}\r\n".encode()


LAST = get("/last", "Connection: close\r\n")


async def test_a_ready_answer_comes_from_memory_with_the_headers_of_the_server(address: str) -> None:
    async with httpx2.AsyncClient(base_url=address, headers={"Authorization": "good"}) as http:
        answers = [await http.get(path) for path in ("/ready", "/ready?query=1", "/%C3%A9t%C3%A9", "/unchanged")]
    assert [(one.status_code, one.content) for one in answers] == [(200, b"ready")] * 3 + [(304, b"")]
    for one in answers:
        assert one.headers["x-from"] == "memory"
        assert "date" in one.headers


async def test_what_is_not_ready_reaches_the_app(address: str) -> None:
    async with httpx2.AsyncClient(base_url=address) as http:
        unknown = await http.get("/ready")
        other = await http.get("/other", headers={"Authorization": "good"})
    assert (unknown.content, other.content) == (b"GET /ready ", b"GET /other ")


async def test_requests_in_one_write_are_answered_in_their_order(address: str) -> None:
    asked = get("/ready") + get("/other") + get("/ready") + get("/ready") + LAST
    assert [body for _, body in await exchanged(address, asked)] == [
        b"ready",
        b"GET /other ",
        b"GET /ready ",
        b"GET /ready ",
        b"GET /last ",
    ]


@pytest.mark.parametrize(
    "request_bytes",
    [
        get("/ready", version="1.0"),
        get("/ready", "Connection: close\r\n"),
        get("/ready")
        .replace(b"GET", b"POST")
        .replace(b"\r\n\r\n", b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        get("/ready", "Expect: 100-continue\r\nContent-Length: 1\r\n") + b"x" + get("/ready", "Connection: close\r\n"),
        get("http://x/ready", "Connection: close\r\n"),
    ],
    ids=["HTTP/1.0", "closing", "POST", "expecting", "absolute"],
)
async def test_anything_but_the_plain_case_is_left_to_the_app(address: str, request_bytes: bytes) -> None:
    assert {answered_by for answered_by, _ in await exchanged(address, request_bytes)} == {"app"}


async def test_a_body_that_a_ready_answer_does_not_need_is_not_taken_for_the_next_request(address: str) -> None:
    with_body = get("/ready", "Content-Length: 4\r\n") + b"GET "
    assert [who for who, _ in await exchanged(address, with_body + get("/ready") + LAST)] == ["memory", "memory", "app"]


async def test_a_connection_that_only_ready_answers_used_is_closed_when_the_server_stops() -> None:
    async with served(ordinary, at_once=at_once) as address:
        http = httpx2.AsyncClient(base_url=address, headers={"Authorization": "good"})
        assert (await http.get("/ready")).content == b"ready"
    with pytest.raises(httpx2.TransportError):
        await http.get("/ready")
    await http.aclose()


async def test_the_app_of_a_service_sends_a_ready_answer_on_any_server() -> None:
    app = ServiceApp()
    app.at_once = at_once
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as http:
        ready = await http.get("/ready", headers={"Authorization": "good"})
        missing = await http.get("/ready")
    assert (ready.content, ready.headers["x-from"], missing.status_code) == (b"ready", "memory", 404)


def test_the_first_that_has_an_answer_gives_it() -> None:
    both = first_of([lambda _path, _headers: None, at_once])
    assert both("/ready", [(b"authorization", b"good")]) is READY
    assert both("/ready", []) is None
    assert first_of([])("/ready", []) is None
