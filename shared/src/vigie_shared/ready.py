"""Ready answers: finished bytes that are sent without asking the app.

What can be answered at once never needs the framework, nor a task of its own. `ServiceApp` sends such answers before
FastAPI is entered, on any server; `quick_protocol` has uvicorn send them from its parser, before there is a task, which
costs a fraction of what the barest ASGI app does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """One HTTP answer. `head` is the status line and the headers as they go over the wire."""

    status: int
    headers: Headers
    body: bytes
    head: bytes = field(init=False)

    def __post_init__(self) -> None:
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n".encode()]
        lines += [b"%b: %b\r\n" % header for header in self.headers]
        object.__setattr__(self, "head", b"".join(lines))


AtOnce = Callable[[str, Headers], ReadyAnswer | None]
"""The answer to `GET` of a path (decoded, without its query) with these headers (names in lower case), where there is
one at once. Whatever it answers it counts."""


def first_of(all_at_once: Sequence[AtOnce]) -> AtOnce:
    """The first answer that any of them has."""

    def at_once(path: str, headers: Headers) -> ReadyAnswer | None:
        for one in all_at_once:
            answer = one(path, headers)
            if answer is not None:
                return answer
        return None

    return at_once
