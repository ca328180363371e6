"""Refresh tokens: what becomes of one that is presented.

A session is one line of tokens, held by one device from sign-in to sign-out. Using a token replaces it. A used one that
comes back was either stolen, or its answer was lost on the way: within a few seconds, and as long as the replacement
was not used, the answer is given again; otherwise the line ends, for thief and owner alike.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from vigie_auth.domain.directory import ScopeKey
from vigie_auth.domain.users import ClientRole

Outcome = Literal["rotate", "repeat", "end the line", "refuse"]


@dataclass(frozen=True)
class Line:
    """A session as it stands; `opens` is the company or family that a phone was signed in with."""

    username: str
    role: ClientRole
    opens: ScopeKey | None
    expires_at: datetime
    revoked: bool


@dataclass(frozen=True)
class Place:
    """Where somebody is: an address, and the device as it names itself."""

    address: str
    device: str | None


@dataclass(frozen=True)
class OpenSession:
    """A session as people see it, to recognise a device by."""

    session_id: UUID
    role: ClientRole
    signed_in_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    device: str | None


@dataclass(frozen=True)
class Presented:
    """A refresh token of the line, as it is known. `successor_used` is whether its replacement was used in turn."""

    used_at: datetime | None
    successor_used: bool


def on_refresh(line: Line, token: Presented, *, now: datetime, grace: timedelta) -> Outcome:
    """What to do with a token that was presented `now`."""
    if line.revoked or now >= line.expires_at:
        return "refuse"
    if token.used_at is None:
        return "rotate"
    if not token.successor_used and now - token.used_at <= grace:
        return "repeat"
    return "end the line"
