"""The calls about the users of a client."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from vigie_auth.api.callers import caller
from vigie_auth.api.directory import Cursor, InPath, Limit, Search
from vigie_auth.api.forms import Code, Page, Request, TypedSecret, after, page, problems, tagged
from vigie_auth.domain.directory import Kind, ScopeKey
from vigie_auth.domain.users import ClientRole, UserChange
from vigie_auth.handlers import users
from vigie_auth.handlers.documents import UserDocument
from vigie_auth.handlers.sessions import Caller
from vigie_shared.access import Verifier
from vigie_shared.database import Pool
from vigie_shared.passwords import Passwords
from vigie_shared.preconditions import Expected


class ScopeForm(Request):
    kind: Kind
    code: Code


class UserForm(Request):
    """A user as saved. Without a password the old one is kept; `indicators` null means all."""

    password: TypedSecret | None = None
    active: bool = True
    role: ClientRole
    scopes: Annotated[tuple[ScopeForm, ...], Field(max_length=10_000)] = ()
    may_extract: Annotated[tuple[Code, ...], Field(max_length=10_000)] = ()
    indicators: Annotated[tuple[Code, ...], Field(max_length=17)] | None = None

    def change(self) -> UserChange:
        return UserChange(
            role=self.role,
            active=self.active,
            scopes=tuple(ScopeKey(scope.kind, scope.code) for scope in self.scopes),
            indicators=self.indicators,
            may_extract=self.may_extract,
        )


def routes(pool: Pool, passwords: Passwords, verifier: Verifier) -> APIRouter:
    """For administrators only."""
    router = APIRouter(prefix="/admin/users", tags=["users"])
    administrator = Annotated[Caller, Depends(caller(verifier, "administrator"))]

    @router.get("", responses=problems(401, 403, 422))
    async def list_users(
        who: administrator, cursor: Cursor = None, limit: Limit = 100, q: Search = ""
    ) -> Page[UserDocument]:
        """Users by name."""
        found = await users.list_users(pool, who, after=after(cursor), limit=limit + 1, search=q)
        return page([UserDocument.of(one) for one in found], [one.username for one in found], limit)

    @router.get("/{username}", responses=problems(401, 403, 404, 422))
    async def get_user(who: administrator, username: InPath, response: Response) -> UserDocument:
        """One user."""
        return tagged(response, UserDocument.of(await users.find_user(pool, who, username)))

    @router.put("/{username}", responses=problems(401, 403, 409, 412, 422, 429))
    async def put_user(
        who: administrator, username: InPath, form: UserForm, expected: Expected, response: Response
    ) -> UserDocument:
        """Add a user, or replace rights and, where one is given, the password."""
        password = form.password.get_secret_value() if form.password else None
        saved = await users.save_user(
            pool, passwords, who, username, change=form.change(), password=password, expected=expected
        )
        return tagged(response, UserDocument.of(saved))

    @router.delete("/{username}", status_code=204, responses=problems(401, 403, 404, 412, 422))
    async def delete_user(who: administrator, username: InPath, expected: Expected) -> None:
        """Remove a user, who is signed out everywhere."""
        await users.remove_user(pool, who, username, expected=expected)

    return router
