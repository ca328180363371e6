"""Built pages are served as they are, compressed where the browser takes it, and with what keeps a browser safe."""

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from vigie_shared.errors import Unavailable
from vigie_shared.pages import Pages

HTML = b"<!doctype html><title>Vigie</title>"
SCRIPT = b"console.log('a figure');" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(HTML)
    (tmp_path / "assets/app-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "assets/app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "assets/app-1a2b.js.br").write_bytes(b"as brotli made it")
    return tmp_path


def browser(folder: Path, mounted: str = "", scheme: str = "http") -> httpx2.AsyncClient:
    app = Starlette(routes=[Mount(mounted or "/", Pages(folder))])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=f"{scheme}://vigie")


@pytest.mark.parametrize("mounted", ["", "/console"])
async def test_the_address_of_an_app_answers_its_page(folder: Path, mounted: str) -> None:
    async with browser(folder, mounted) as http:
        answer = await http.get(f"{mounted}/")

    assert (answer.status_code, answer.content) == (200, HTML)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "br"), ("gzip;q=1.0", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)],
)
async def test_a_file_travels_in_the_best_coding_that_is_accepted(
    folder: Path, accepted: str, coding: str | None
) -> None:
    async with (
        browser(folder) as http,
        http.stream("GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": accepted}) as answer,
    ):
        raw = b"".join([piece async for piece in answer.aiter_raw()])

    assert answer.headers.get("content-encoding") == coding
    suffix = {"br": ".br", "gzip": ".gz", None: ""}[coding]
    assert raw == (folder / f"assets/app-1a2b.js{suffix}").read_bytes()
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_a_file_named_by_its_content_is_kept_and_any_other_asked_for_again(folder: Path) -> None:
    async with browser(folder) as http:
        named = await http.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip"})
        page = await http.get("/")
        again = await http.get("/", headers={"If-None-Match": page.headers["etag"]})

    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == page.headers["etag"]


async def test_a_page_may_run_no_script_but_its_own_and_be_framed_by_nobody(folder: Path) -> None:
    async with browser(folder) as http:
        headers = (await http.get("/")).headers

    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("scheme", "promised"), [("https", True), ("http", False)])
async def test_only_over_tls_is_tls_promised_for_later(folder: Path, scheme: str, *, promised: bool) -> None:
    async with browser(folder, scheme=scheme) as http:
        assert ("strict-transport-security" in (await http.get("/")).headers) is promised


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/assets/", 404),
        ("GET", "/assets/app-1a2b.js.gz", 404),
        ("GET", "/../secret", 404),
        ("GET", "/%2e%2e/secret", 404),
        ("POST", "/", 405),
        ("HEAD", "/", 200),
    ],
)
async def test_nothing_else_is_served(folder: Path, method: str, path: str, status: int) -> None:
    (folder.parent / "secret").write_text("not for the world")
    async with browser(folder) as http:
        answer = await http.request(method, path)

    assert answer.status_code == status
    assert b"not for the world" not in answer.content


async def test_where_nothing_was_built_that_is_what_is_said(tmp_path: Path) -> None:
    async with browser(tmp_path) as http:
        with pytest.raises(Unavailable, match="make setup"):
            await http.get("/")
