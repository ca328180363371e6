"""The errors that services answer with, and how they look on the wire (RFC 9457 problem details).

    VigieError
    |-- Refusal                    a request that is answered with a problem document
    |   |-- Unauthenticated  401   nobody is signed in, or not any more
    |   |-- Forbidden        403   signed in, but without the right
    |   |-- NotFound         404   not there, or not for the one who asks (R13: never told apart)
    |   |-- Conflict         409   the state of things does not allow it
    |   |-- PreconditionFailed 412 it is not in the state any more that the request was made for
    |   |-- Unprocessable    422   understood, but wrong
    |   `-- TooManyRequests  429   slow down (R10); carries when to come back
    |-- Unavailable          503   something this service needs does not answer; trying again later may help
    `-- Rejected                   a message that will never be handled as it is: it is parked at once

A bug is none of these: it is answered with 500 and a problem document that says nothing of the inside.
"""

import traceback
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class VigieError(Exception):
    """What Vigie raises on purpose. The message is written for whoever reads it and holds no secret and no amount."""


class Refusal(VigieError):
    """A request that cannot be granted, as it is told to the one who asked.

    `detail` says what is wrong and what to do about it; `errors` lists single findings (for instance one per
    failing criterion of R8); `extra` are further members of the problem document.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad request"

    def __init__(
        self, detail: str, *, errors: Sequence[Mapping[str, Any]] = (), extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.extra = dict(extra or {})

    @property
    def headers(self) -> dict[str, str]:
        """Response headers that go with the refusal."""
        return {}


class Unauthenticated(Refusal):
    status = 401
    title = "Not signed in"

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(Refusal):
    status = 403
    title = "Not allowed"


class NotFound(Refusal):
    status = 404
    title = "Not found"


class Conflict(Refusal):
    status = 409
    title = "Conflict"


class PreconditionFailed(Refusal):
    """`etag` names the state that the thing is in now; none where there is nothing."""

    status = 412
    title = "Changed meanwhile"

    def __init__(self, detail: str, *, etag: str | None) -> None:
        super().__init__(detail, extra={"etag": etag})
        self.etag = etag

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.etag} if self.etag else {}


class Unprocessable(Refusal):
    status = 422
    title = "Unprocessable"


class TooManyRequests(Refusal):
    """Slow down: `retry_after` is the number of whole seconds to wait."""

    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class Unavailable(VigieError):
    """Something that is needed does not answer now; what asked for it may try again and loses nothing by waiting.

    A consumer that raises it is retried without the failure being counted against the message.
    """


class ServiceUnavailable(Unavailable):
    """Another service of Vigie does not answer."""


class BusUnavailable(Unavailable):
    """The broker does not answer; what was to be published stays in the outbox."""


class Rejected(VigieError):
    """A message that no further attempt would make right, for instance one whose token is not good.

    A consumer that raises it has the message parked at once, with the error's text as the reason.
    """


def places_of(error: BaseException) -> list[str]:
    """The places in the code that an error went through, the innermost last, each as `file:line function`: what a log
    may say of an error whose text may hold what must not be written down."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def place_of(error: BaseException) -> str:
    """The innermost place in the code that an error comes from."""
    return next(reversed(places_of(error)), "")
