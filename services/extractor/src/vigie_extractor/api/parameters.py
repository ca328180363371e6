"""Extraction parameters and cash accounts: what an administrator sets about the computation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from vigie_extractor.api.asker import Asker, asking
from vigie_extractor.api.gone import while_asked_for
from vigie_extractor.api.parameter_documents import (
    CashAccountsBody,
    ParametersBody,
    ParametersPreviewDocument,
    PreviewedScopes,
)
from vigie_extractor.api.problems import problems
from vigie_extractor.api.tags import tagged
from vigie_extractor.handlers.answers import CashAccountList, ParametersDocument
from vigie_extractor.handlers.cash_accounts import CashAccounts
from vigie_extractor.handlers.parameter_preview import ParameterPreview
from vigie_extractor.handlers.parameters import ParameterSettings
from vigie_extractor.wakening import Wakening
from vigie_shared.access import Verifier
from vigie_shared.preconditions import Expected


def parameters(
    verifier: Verifier,
    settings: ParameterSettings,
    preview: ParameterPreview,
    cash_accounts: CashAccounts,
    wakening: Wakening,
) -> APIRouter:
    """The routes of an administrator."""
    router = APIRouter(prefix="/admin", tags=["parameters"])
    Administrator = Annotated[Asker, Depends(asking(verifier, "administrator"))]  # noqa: N806 - a type

    @router.get("/parameters", responses=problems())
    async def show_parameters(who: Administrator, response: Response) -> ParametersDocument:
        """What is set over the parameters of the sources, and what holds with it for each source."""
        return tagged(response, await settings.show(who.client, who.token))

    @router.put("/parameters", responses=problems(409, 412, 422))
    async def save_parameters(
        who: Administrator, body: ParametersBody, expected: Expected, response: Response
    ) -> ParametersDocument:
        """Set all parameters anew. What names nothing in the data of the sources is refused."""
        return tagged(
            response,
            await settings.save(who.client, who.token, who.actor, body.chosen(), body.published(), expected),
        )

    @router.post("/parameters/preview", responses=problems(409, 422, criteria=True))
    async def preview_parameters(
        who: Administrator, body: ParametersBody, wanted: Annotated[PreviewedScopes, Query()], request: Request
    ) -> ParametersPreviewDocument:
        """What each figure is now, and what it would become with these parameters. Nothing is saved or published; what
        is computed is given up when whoever asks goes away."""
        comparing = preview.compare(who.client, who.token, wanted.request(), body.chosen(), body.published())
        return ParametersPreviewDocument.of(await while_asked_for(request, wakening, comparing))

    @router.get("/cash-accounts", responses=problems(409))
    async def show_cash_accounts(who: Administrator, request: Request, response: Response) -> CashAccountList:
        """The 53 accounts that the sources hold now, and whether each counts as a cash account."""
        reading = cash_accounts.show(who.client, who.token)
        return tagged(response, await while_asked_for(request, wakening, reading))

    @router.put("/cash-accounts", responses=problems(409, 412, 422))
    async def save_cash_accounts(
        who: Administrator, body: CashAccountsBody, expected: Expected, response: Response
    ) -> CashAccountList:
        """Set all options anew; the treasury of the next extraction follows."""
        return tagged(
            response,
            await cash_accounts.save(who.client, who.token, who.actor, body.options(), body.mentioned(), expected),
        )

    return router
