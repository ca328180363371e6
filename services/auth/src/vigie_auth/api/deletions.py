"""The call of an administrator who is about to delete what the client published (R11)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from vigie_auth.api.callers import caller, never_stored
from vigie_auth.api.forms import Answer, problems
from vigie_auth.handlers import deletions
from vigie_auth.handlers.sessions import Caller
from vigie_shared.access import Verifier
from vigie_shared.database import Pool
from vigie_shared.sealing import SealingKeys


class Permission(Answer):
    """`permission` is a signed token: what was published by extractions that started up to `at` may go."""

    permission: str
    at: AwareDatetime


def routes(pool: Pool, verifier: Verifier, sealing: SealingKeys) -> APIRouter:
    """For administrators only."""
    router = APIRouter(tags=["publication"])
    administrator = Annotated[Caller, Depends(caller(verifier, "administrator"))]

    @router.post(
        "/deletion-permissions", status_code=201, dependencies=[Depends(never_stored)], responses=problems(401, 403)
    )
    async def permit(who: administrator) -> Permission:
        """Let the publisher delete what the client published up to now; nothing is deleted by this call."""
        permitted = await deletions.permit_deletion(pool, who, sealing)
        return Permission(permission=permitted.permission, at=permitted.at)

    return router
