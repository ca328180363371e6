"""The devices on which a user is signed in: auth knows them, and the phone shows them and signs a lost one out."""

from typing import Annotated, Literal
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from vigie_mobile_gateway.api import of_phone, passed_back
from vigie_mobile_gateway.live import Phones
from vigie_mobile_gateway.sessions import Sessions
from vigie_shared.access import bearer_token, call
from vigie_shared.service import problems

Token = Annotated[str, Depends(bearer_token)]


class Device(BaseModel):
    """A session of the user. `address` and `device` (as it names itself) are those of its latest tokens; `current` is
    the one that asks."""

    id: UUID
    role: Literal["mobile", "preparer", "administrator"]
    signed_in_at: AwareDatetime
    last_used_at: AwareDatetime
    expires_at: AwareDatetime
    address: str | None
    device: str | None
    current: bool


class DeviceList(BaseModel):
    """The latest first; `next`, where there is more, is the `cursor` of the next part."""

    items: list[Device]
    next: str | None


def devices_router(http: httpx2.AsyncClient, auth_address: str, sessions: Sessions, phones: Phones) -> APIRouter:
    """Where the user is signed in."""
    routes = APIRouter()
    base = f"{auth_address}/auth/v1/sessions"

    @routes.get("/sessions", response_model=DeviceList, responses=problems(401, 403, 422))
    async def list_devices(
        token: Token,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Where the user is signed in: since when, and when and from where it was last used."""
        query = httpx2.QueryParams({"limit": limit} | ({"cursor": cursor} if cursor is not None else {}))
        return passed_back(await call(http, "GET", f"{base}?{query}", token=token))

    @routes.delete(
        "/sessions/{session_id}", status_code=204, response_model=None, responses=problems(401, 403, 404, 422)
    )
    async def sign_device_out(request: Request, token: Token, session_id: UUID) -> Response:
        """End a session of the user, here at once and everywhere else as soon as it is heard."""
        answer = await call(http, "DELETE", f"{base}/{session_id}", token=token, headers=of_phone(request))
        asking = await sessions.session_of(token)
        if answer.is_success and asking is not None:
            client, _ = asking
            sessions.forget_session(client, session_id)
            phones.end_session(client, session_id)
        return passed_back(answer)

    return routes
