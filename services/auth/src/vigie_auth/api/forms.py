"""The forms of what is sent and answered, and the problem documents that every call may answer with."""

import base64
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

from vigie_shared.conditional import etag_of
from vigie_shared.errors import Unprocessable
from vigie_shared.events import NamedScope


class Request(BaseModel):
    """What is sent; members that are not known are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("has only printable characters and no space at either end")
    return text


def _iso_date(value: object) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("is a date like 2026-01-31")
    return date.fromisoformat(value)


def _positive(text: str) -> str:
    if Decimal(text) <= 0:
        raise ValueError("is above zero")
    return text


Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[^/\x00-\x1f\x7f]+$"),
    AfterValidator(_printable),
]
"""A code of a company or family, a shortcut code, a user name: printable, without `/`."""

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"), AfterValidator(_printable)
]

Typed = Annotated[str, StringConstraints(max_length=256, pattern=r"^[^\x00]*$")]
"""What somebody typed to sign in: anything that can be compared."""

TypedSecret = Annotated[SecretStr, Field(max_length=1024)]

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217, for instance `EUR`."""

Rate = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,12})?$"), AfterValidator(_positive)]
"""A positive decimal number as text, for instance `1.0825`."""

IsoDate = Annotated[date, BeforeValidator(_iso_date)]

WRONG_CURSOR = "The cursor is not one that this list gave out. Start again without one."

T = TypeVar("T")


class Page(Answer, Generic[T]):
    """Part of a list; `next`, where it is not null, is the `cursor` of the next part."""

    items: list[T]
    next: str | None


def page(items: Sequence[T], codes: Sequence[str], limit: int) -> Page[T]:
    """At most `limit` of `items`, which were read with one more to see whether others follow; `codes` name them."""
    more = len(items) > limit
    return Page(items=list(items[:limit]), next=_cursor(codes[limit - 1]) if more else None)


D = TypeVar("D", bound=BaseModel)


def tagged(response: Response, document: D) -> D:
    """`document`, answered with its ETag."""
    response.headers["ETag"] = etag_of(document)
    return document


def _cursor(code: str) -> str:
    return base64.urlsafe_b64encode(code.encode()).decode().rstrip("=")


def after(cursor: str | None) -> str:
    """The code after which the asked part of a list begins. Raises Unprocessable for a cursor nobody gave out."""
    if cursor is None:
        return ""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        text = ""
    if not text or "\x00" in text:
        raise Unprocessable(WRONG_CURSOR)
    return text


class Tokens(Answer):
    """What a phone or the console is given. `scope` is what a phone opens on."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of the scheme (RFC 6750)
    expires_in: int = Field(description="Seconds for which the access token is good")
    scope: NamedScope | None = None


class OperatorToken(Answer):
    """What an operator of the platform is given."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of the scheme (RFC 6750)
    expires_in: int = Field(description="Seconds for which the access token is good")


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "A problem document (RFC 9457)",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "description": "`where` it is, and `what` is wrong"}},
    },
}

_TITLES = {
    401: "Nobody is signed in, or not any more",
    403: "Signed in without the right",
    404: "Not there, or not for the one who asks",
    409: "The state of things does not allow it",
    412: "It is not in the state any more that the request was made for; `ETag` says which it is in now",
    422: "Understood, but wrong",
    429: "Too many attempts; come back after `Retry-After` seconds",
    503: "Something that is needed does not answer now",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries for the problem documents that a call may answer with, beside 503, which each may."""
    schema = {"application/problem+json": {"schema": _PROBLEM}}
    documented: dict[int | str, dict[str, Any]] = {}
    for status in (*statuses, 503):
        documented[status] = {"description": _TITLES[status], "content": schema}
        if status == 429:
            documented[status]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return documented
