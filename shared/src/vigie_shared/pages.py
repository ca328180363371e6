"""Serves the built pages of a web app: finished files, held in memory, compressed when they were built.

What a browser may do on these pages is said here once: scripts, styles and connections of the page's own address only,
nothing inline, no frame around it. Files whose name changes with their content are kept by browsers for a year; all
others are asked for again each time, by their entity tag.
"""

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from vigie_shared.conditional import holds
from vigie_shared.errors import Unavailable

HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        b"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
        b"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types vigie"
    ),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")

_NAMED_BY_CONTENT = "/assets/"
_FOREVER, _ASK_AGAIN = b"public, max-age=31536000, immutable", b"no-cache"
_ENCODINGS = ((b"br", ".br"), (b"gzip", ".gz"))
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
_TEXTS = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class _File:
    """One file, plain and in the encodings that the build made of it."""

    media_type: bytes
    etag: str
    cache_control: bytes
    bodies: tuple[tuple[bytes, bytes], ...]
    """By content coding, the best first; the plain one is last, as `identity`."""

    def body(self, accept_encoding: bytes) -> tuple[bytes, bytes]:
        accepted = {one.partition(b";")[0].strip() for one in accept_encoding.split(b",") if b"q=0" not in one}
        return next((coding, body) for coding, body in self.bodies if coding in accepted or coding == b"identity")


class Pages:
    """The pages that were built into `folder`, as an ASGI app to be mounted where they are to be found."""

    def __init__(self, folder: Path) -> None:
        self._files = {f"/{path.relative_to(folder).as_posix()}": _file(folder, path) for path in _originals(folder)}
        if index := self._files.get("/index.html"):
            self._files["/"] = index

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request. Raises HTTPException for what is not there, and Unavailable where nothing was built."""
        if scope["type"] != "http":
            raise HTTPException(404)
        if not self._files:
            raise Unavailable("the pages have not been built: run `make setup`")
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        file = self._files.get(path)
        if file is None:
            raise HTTPException(404)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        scope["route"] = self
        headers = dict(scope["headers"])
        coding, body = file.body(headers.get(b"accept-encoding", b""))
        known = headers.get(b"if-none-match")
        unchanged = known is not None and holds(known.decode("latin-1"), file.etag)
        answered = {
            **HEADERS,
            b"cache-control": file.cache_control,
            b"etag": file.etag.encode(),
            b"vary": b"Accept-Encoding",
        }
        if scope["scheme"] == "https":
            answered.update([_STRICT_TRANSPORT])
        if not unchanged:
            answered |= {b"content-type": file.media_type, b"content-length": str(len(body)).encode()}
            if coding != b"identity":
                answered[b"content-encoding"] = coding
        status = 304 if unchanged else 200
        await send({"type": "http.response.start", "status": status, "headers": list(answered.items())})
        await send({"type": "http.response.body", "body": b"" if unchanged or scope["method"] == "HEAD" else body})


def _originals(folder: Path) -> list[Path]:
    encoded = {suffix for _, suffix in _ENCODINGS}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in encoded]


def _file(folder: Path, path: Path) -> _File:
    plain = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type.startswith(_TEXTS):
        media_type += "; charset=utf-8"
    encoded = [(coding, path.with_name(path.name + suffix)) for coding, suffix in _ENCODINGS]
    return _File(
        media_type.encode(),
        f'W/"{sha256(plain).hexdigest()[:32]}"',
        _FOREVER if f"/{path.relative_to(folder).as_posix()}".startswith(_NAMED_BY_CONTENT) else _ASK_AGAIN,
        (*((coding, file.read_bytes()) for coding, file in encoded if file.exists()), (b"identity", plain)),
    )
