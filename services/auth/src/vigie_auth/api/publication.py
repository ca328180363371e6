"""The calls of an extractor that is about to publish."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from vigie_auth.api.callers import address_of, never_stored
from vigie_auth.api.directory_forms import DirectoryAnswer
from vigie_auth.api.forms import Answer, Request, Typed, TypedSecret, problems
from vigie_auth.handlers import publication
from vigie_auth.handlers.directory import SeenDirectory
from vigie_auth.handlers.sign_in import SignIn


class Credentials(Request):
    client_code: Typed
    password: TypedSecret


class GrantForm(Request):
    """`username` is whose rights to extract are asked."""

    client_code: Typed
    password: TypedSecret
    extraction_id: UUID
    username: Typed


class GrantAnswer(Answer):
    """`grant` is a signed token; `started_at` is the version of every snapshot of the extraction;
    `published_indicators` are those that the extraction may emit, null for all."""

    grant: str
    started_at: AwareDatetime
    directory: DirectoryAnswer
    published_indicators: list[str] | None


def routes(means: SignIn) -> APIRouter:
    """Whoever has a client's publication credentials."""
    router = APIRouter(tags=["publication"])

    @router.post("/publication-credentials/checks", status_code=204, responses=problems(422, 429))
    async def check(form: Credentials, address: Annotated[str, Depends(address_of)]) -> None:
        """Say whether publication credentials hold."""
        await publication.check_credentials(
            means, client=form.client_code, password=form.password.get_secret_value(), address=address
        )

    @router.post("/publication-grants", dependencies=[Depends(never_stored)], responses=problems(403, 422, 429))
    async def grant(form: GrantForm, address: Annotated[str, Depends(address_of)]) -> GrantAnswer:
        """Let one extraction publish; asked again, it has the same `started_at`."""
        granted = await publication.grant_publication(
            means,
            client=form.client_code,
            password=form.password.get_secret_value(),
            extraction_id=form.extraction_id,
            username=form.username,
            address=address,
        )
        return GrantAnswer(
            grant=granted.grant,
            started_at=granted.started_at,
            directory=DirectoryAnswer.of(SeenDirectory(granted.directory, granted.may_extract)),
            published_indicators=(
                list(granted.published_indicators) if granted.published_indicators is not None else None
            ),
        )

    return router
