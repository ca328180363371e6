"""What phones are told while they listen: that a scope of theirs has a new snapshot, or that everything is gone."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from vigie_shared.events import NamedScope

ScopeKey = tuple[str, str]
"""Kind and code of a scope."""


@dataclass(frozen=True)
class Announcement:
    """A publication, as phones are told of it. `event_id` is that of its `snapshot.published`, and `started_at` its
    version, none where it was announced before versions were."""

    event_id: UUID
    scope: NamedScope
    as_of: date
    published_at: datetime
    started_at: datetime | None = None

    @property
    def key(self) -> ScopeKey:
        return self.scope.kind, self.scope.code

    def server_sent(self) -> bytes:
        """The server-sent event, whose id lets a phone resume after it."""
        data = {
            "scope": self.scope.model_dump(),
            "as_of": self.as_of.isoformat(),
            "published_at": self.published_at.isoformat(),
        }
        return _server_sent("snapshot.published", data, self.event_id)


@dataclass(frozen=True)
class Deletion:
    """A deletion of all that a client published by extractions that started up to `until` (R11). `event_id` is that of
    its `data.deleted`, `deleted_at` when it was made."""

    event_id: UUID
    until: datetime
    deleted_at: datetime

    def takes(self, announcement: Announcement) -> bool:
        """Whether what was announced is gone by it."""
        return is_deleted(announcement.started_at, self.until)


@dataclass(frozen=True)
class DeletionNotice:
    """A deletion as one phone is told of it: for each of its user's scopes."""

    deletion: Deletion
    scopes: Sequence[NamedScope]

    @property
    def event_id(self) -> UUID:
        return self.deletion.event_id

    def server_sent(self) -> bytes:
        """A server-sent event per scope. Only the last has the id: who lost the stream before is told all again."""
        last = len(self.scopes) - 1
        return b"".join(
            _server_sent(
                "data.deleted",
                {"scope": scope.model_dump(), "deleted_at": self.deletion.deleted_at.isoformat()},
                self.event_id if position == last else None,
            )
            for position, scope in enumerate(self.scopes)
        )


Notice = Announcement | DeletionNotice


def is_deleted(started_at: datetime | None, until: datetime | None) -> bool:
    """Whether a publication of that version is gone by a deletion up to `until`. One without is older than both."""
    return until is not None and (started_at is None or started_at <= until)


def _server_sent(event: str, data: dict[str, Any], event_id: UUID | None) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    named = f"id: {event_id}\n" if event_id is not None else ""
    return f"{named}event: {event}\ndata: {text}\n\n".encode()


def newest(announcements: Iterable[Announcement]) -> dict[ScopeKey, Announcement]:
    """The newest announcement of each scope: it says all that older ones said."""
    found: dict[ScopeKey, Announcement] = {}
    for one in announcements:
        known = found.get(one.key)
        if known is None or known.published_at <= one.published_at:
            found[one.key] = one
    return found
