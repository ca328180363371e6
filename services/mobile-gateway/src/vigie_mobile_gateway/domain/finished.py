"""Documents as finished bytes: made once, sent to many."""

import gzip
from dataclasses import dataclass
from functools import lru_cache

from vigie_shared.conditional import holds
from vigie_shared.ready import ReadyAnswer

_OVERHEAD = 1500
"""About how many bytes the headers and objects around the bodies take."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A JSON document in the three forms in which it can be answered."""

    etag: str
    etag_bytes: bytes
    plain: ReadyAnswer
    packed: ReadyAnswer
    not_modified: ReadyAnswer

    @property
    def size(self) -> int:
        """About how much memory it takes, in bytes."""
        return len(self.plain.body) + len(self.packed.body) + _OVERHEAD

    def to(self, accept_encoding: bytes | None, if_none_match: bytes | None) -> ReadyAnswer:
        """The form for one who sends these headers: not modified, compressed, or plain."""
        if if_none_match is not None and (
            if_none_match == self.etag_bytes or holds(if_none_match.decode("latin-1"), self.etag)
        ):
            return self.not_modified
        return self.packed if accept_encoding is not None and accepts_gzip(accept_encoding) else self.plain


def finish(body: bytes, etag: str) -> Finished:
    """Make a document ready to be sent."""
    packed = gzip.compress(body, mtime=0)
    shared = (
        (b"etag", etag.encode("latin-1")),
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"Accept-Encoding, Authorization"),
    )
    content = (*shared, (b"content-type", b"application/json"))
    return Finished(
        etag,
        etag.encode("latin-1"),
        ReadyAnswer(200, (*content, (b"content-length", str(len(body)).encode())), body),
        ReadyAnswer(
            200,
            (*content, (b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())),
            packed,
        ),
        ReadyAnswer(304, shared, b""),
    )


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether the header `Accept-Encoding` lets an answer be compressed (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.decode("latin-1").lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            weights[coding.strip()] = float(value) if name == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0
