"""The calls about sessions that are open: one's own, and for administrators those of the client's users."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from vigie_auth.api.callers import caller
from vigie_auth.api.directory import Cursor, InPath, Limit
from vigie_auth.api.forms import WRONG_CURSOR, Answer, Page, after, page, problems
from vigie_auth.domain.sessions import OpenSession
from vigie_auth.domain.users import ClientRole
from vigie_auth.handlers import open_sessions
from vigie_auth.handlers.open_sessions import Before
from vigie_auth.handlers.sessions import Caller
from vigie_shared.access import Verifier
from vigie_shared.database import Pool
from vigie_shared.errors import Unprocessable
from vigie_shared.events import utc_text


class SessionAnswer(Answer):
    """A device that is signed in. `address` and `device` are those that its latest tokens were given to; `current` is
    the session that asks."""

    id: UUID
    role: ClientRole
    signed_in_at: AwareDatetime
    last_used_at: AwareDatetime
    expires_at: AwareDatetime
    address: str | None
    device: str | None
    current: bool


def routes(pool: Pool, verifier: Verifier) -> APIRouter:
    """Everybody looks at their own; administrators at all of their client."""
    router = APIRouter(tags=["sessions"])
    anybody = Annotated[Caller, Depends(caller(verifier, "mobile", "preparer", "administrator"))]
    administrator = Annotated[Caller, Depends(caller(verifier, "administrator"))]

    @router.get("/sessions", responses=problems(401, 403, 422))
    async def list_own(who: anybody, cursor: Cursor = None, limit: Limit = 100) -> Page[SessionAnswer]:
        """Where the bearer is signed in, the latest first."""
        found = await open_sessions.list_own(pool, who, before=_before(cursor), limit=limit + 1)
        return _page(found, who, limit)

    @router.delete("/sessions/{session_id}", status_code=204, responses=problems(401, 403, 404, 422))
    async def end_own(who: anybody, session_id: UUID) -> None:
        """Sign one of the bearer's devices out."""
        await open_sessions.end_own(pool, who, session_id)

    @router.get("/admin/users/{username}/sessions", responses=problems(401, 403, 404, 422))
    async def list_of_user(
        who: administrator, username: InPath, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[SessionAnswer]:
        """Where a user is signed in, the latest first."""
        found = await open_sessions.list_of_user(pool, who, username, before=_before(cursor), limit=limit + 1)
        return _page(found, who, limit)

    @router.delete("/admin/users/{username}/sessions", status_code=204, responses=problems(401, 403, 404, 422))
    async def end_all_of_user(who: administrator, username: InPath) -> None:
        """Sign a user out everywhere."""
        await open_sessions.end_all_of_user(pool, who, username)

    @router.delete(
        "/admin/users/{username}/sessions/{session_id}", status_code=204, responses=problems(401, 403, 404, 422)
    )
    async def end_of_user(who: administrator, username: InPath, session_id: UUID) -> None:
        """Sign one device of a user out."""
        await open_sessions.end_of_user(pool, who, username, session_id)

    return router


def _page(found: list[OpenSession], who: Caller, limit: int) -> Page[SessionAnswer]:
    answers = [
        SessionAnswer(
            id=one.session_id,
            role=one.role,
            signed_in_at=one.signed_in_at,
            last_used_at=one.last_used_at,
            expires_at=one.expires_at,
            address=one.address,
            device=one.device,
            current=one.session_id == who.session_id,
        )
        for one in found
    ]
    return page(answers, [f"{utc_text(one.signed_in_at)} {one.session_id}" for one in found], limit)


def _before(cursor: str | None) -> Before | None:
    if cursor is None:
        return None
    moment, _, session_id = after(cursor).partition(" ")
    try:
        place = Before(datetime.fromisoformat(moment), UUID(session_id))
    except ValueError:
        raise Unprocessable(WRONG_CURSOR) from None
    if place.signed_in_at.tzinfo is None:
        raise Unprocessable(WRONG_CURSOR)
    return place
