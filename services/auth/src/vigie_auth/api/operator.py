"""The calls of the platform's operators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path

from vigie_auth.api.callers import never_stored, operator
from vigie_auth.api.forms import Code, Name, Page, Request, TypedSecret, problems
from vigie_auth.handlers import clients, signing
from vigie_auth.handlers.clients import Administrator, PublicationCredentials
from vigie_auth.handlers.signing import KeyDocument
from vigie_shared.access import Verifier
from vigie_shared.answers import CreatingCall
from vigie_shared.audit import Actor
from vigie_shared.database import Pool
from vigie_shared.events import ClientCode
from vigie_shared.passwords import Passwords
from vigie_shared.sealing import SealingKeys

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,255}$",
        description="The same call again under the same key, within 24 hours, has the same answer and no effect",
    ),
]
InPath = Annotated[ClientCode, Path()]


class ClientForm(Request):
    code: ClientCode
    name: Name


class AdministratorForm(Request):
    username: Code
    password: TypedSecret


def key_routes(pool: Pool, sealing: SealingKeys, verifier: Verifier) -> APIRouter:
    """The signing keys of the platform, for its operators only."""
    router = APIRouter(prefix="/operator/signing-keys", tags=["operator"])
    platform_operator = Annotated[Actor, Depends(operator(verifier))]

    @router.get("", responses=problems(401, 403))
    async def list_keys(_who: platform_operator) -> Page[KeyDocument]:
        """The signing keys, the latest first."""
        return Page(items=await signing.list_signing_keys(pool), next=None)

    @router.post("", status_code=201, responses=problems(401, 403, 409, 422))
    async def rotate_key(who: platform_operator, key: IdempotencyKey = None) -> KeyDocument:
        """Make a new signing key. It signs half a minute later; what earlier ones signed still verifies."""
        return await signing.rotate_key(pool, sealing, CreatingCall(who, key, b"POST signing-keys"))

    return router


def routes(pool: Pool, passwords: Passwords, sealing: SealingKeys, verifier: Verifier) -> APIRouter:
    """For operators of the platform only."""
    router = APIRouter(prefix="/operator/clients", tags=["operator"])
    platform_operator = Annotated[Actor, Depends(operator(verifier))]
    secret = [Depends(never_stored)]

    @router.post("", status_code=201, dependencies=secret, responses=problems(401, 403, 409, 422, 429))
    async def add_client(
        who: platform_operator, form: ClientForm, key: IdempotencyKey = None
    ) -> PublicationCredentials:
        """Make a client; its publication password is shown here and never again."""
        call = CreatingCall(who, key, b"POST clients " + form.model_dump_json().encode())
        return await clients.register_client(pool, passwords, sealing, call, code=form.code, name=form.name)

    @router.post("/{code}/suspend", status_code=204, responses=problems(401, 403, 404, 422))
    async def suspend(who: platform_operator, code: InPath) -> None:
        """Take a client out of service: nobody signs in or publishes; what was published stays."""
        await clients.suspend_client(pool, code, by=who)

    @router.post("/{code}/resume", status_code=204, responses=problems(401, 403, 404, 422))
    async def resume(who: platform_operator, code: InPath) -> None:
        """Put a client back in service."""
        await clients.resume_client(pool, code, by=who)

    @router.post("/{code}/rotate-password", dependencies=secret, responses=problems(401, 403, 404, 422, 429))
    async def rotate_password(who: platform_operator, code: InPath) -> PublicationCredentials:
        """Replace the publication password, which is shown here and never again."""
        return await clients.rotate_publication_password(pool, passwords, code, by=who)

    @router.post("/{code}/administrators", status_code=201, responses=problems(401, 403, 404, 409, 422, 429))
    async def add_administrator(
        who: platform_operator, code: InPath, form: AdministratorForm, key: IdempotencyKey = None
    ) -> Administrator:
        """Make an administrator of a client."""
        password = form.password.get_secret_value()
        request = "\x00".join(("POST administrators", code, form.username, password)).encode()
        return await clients.add_administrator(
            pool,
            passwords,
            sealing,
            CreatingCall(who, key, request),
            code=code,
            username=form.username,
            password=password,
        )

    return router
