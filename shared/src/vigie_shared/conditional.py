"""Conditional requests (RFC 9110, section 13): whether the one who asks already holds what would be answered, and
whether what is to be changed is still what was read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from vigie_shared.errors import PreconditionFailed


def holds(if_none_match: str | None, etag: str) -> bool:
    """Whether the header `If-None-Match` names `etag` (weak comparison), or anything at all by `*`."""
    if if_none_match is None:
        return False
    wanted = etag.removeprefix("W/")
    return any(tag == "*" or tag.removeprefix("W/") == wanted for tag in _tags(if_none_match))


def etag_of(document: BaseModel) -> str:
    """A strong ETag: the digest of a document as it is answered, the same for the same content."""
    return f'"{hashlib.sha256(document.model_dump_json().encode()).hexdigest()[:32]}"'


def expect(if_match: str | None, if_none_match: str | None, current: str | None) -> None:
    """Raises PreconditionFailed where a change was asked for another state than the `current` one, which is none where
    there is nothing. To be called inside the transaction that holds the thing; without headers everything goes."""
    if if_match is not None and (current is None or not any(tag in {"*", current} for tag in _tags(if_match))):
        raise _failed("It was changed since you read it" if current else "There is nothing here any more", current)
    if current is not None and holds(if_none_match, current):
        raise _failed("There is one already", current)


@dataclass(frozen=True)
class Precondition:
    """What a request says of the state that it is meant for, by its headers `If-Match` and `If-None-Match`."""

    if_match: str | None = None
    if_none_match: str | None = None

    def expect(self, current: BaseModel | None) -> None:
        """As `expect`, for the document that would be answered now; none where there is nothing."""
        if self.if_match is not None or self.if_none_match is not None:
            expect(self.if_match, self.if_none_match, etag_of(current) if current is not None else None)


ANY_STATE = Precondition()
"""The change goes whatever is there: last write wins."""


def _failed(why: str, current: str | None) -> PreconditionFailed:
    now = f"it is {current} now" if current else "nothing is here now"
    return PreconditionFailed(
        f"{why}, so nothing was changed: {now}. Fetch it, look at what differs, and send the change again.",
        etag=current,
    )


def _tags(header: str) -> Iterator[str]:
    return (tag.strip() for tag in header.split(","))
