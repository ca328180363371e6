"""The ready answers: snapshots and lists of scopes as bytes, in memory only and never on disk.

A snapshot is shared by all who may see the same indicators of it, a list of scopes by all who have the same rights.
"""

from datetime import datetime
from hashlib import sha256

from pydantic import BaseModel

from vigie_mobile_gateway.domain.finished import Finished, finish
from vigie_mobile_gateway.memory import Memory, Read
from vigie_mobile_gateway.publications import Publications
from vigie_mobile_gateway.sessions import SCOPES_PATH, SignedIn, snapshot_path
from vigie_shared.errors import NotFound
from vigie_shared.events import NamedScope, Scope, ScopeKind

Key = tuple[str, str, str]
"""Client, name of the rights, path."""


class ScopeItem(NamedScope):
    """A scope that the user may see; the rest is null while nothing is published of it."""

    as_of: str | None
    published_at: datetime | None
    etag: str | None


class ScopeList(BaseModel):
    """Companies one by one, then families."""

    scopes: list[ScopeItem]


class Snapshots:
    """The ready answers, at most `limit` bytes of them; each is filled by one read from the publisher at a time."""

    def __init__(self, publications: Publications, limit: int) -> None:
        self._publications = publications
        self._memory: Memory[Key, Finished] = Memory(limit, lambda finished: finished.size)

    def remembered(self, signed_in: SignedIn, path: str) -> Finished | None:
        """The answer to `GET path`, if the user may have it and it is ready."""
        if path in signed_in.paths:
            return self._memory.kept((signed_in.client, signed_in.cut, path))
        if path == SCOPES_PATH:
            return self._memory.kept((signed_in.client, signed_in.view, path))
        return None

    async def snapshot(self, signed_in: SignedIn, token: str, kind: ScopeKind, code: str) -> Finished:
        """The snapshot of a scope. Raises NotFound, as for an unknown one, where it is not the user's (R13)."""
        path = snapshot_path(kind, code)
        if path not in signed_in.paths:
            raise NotFound(f"Nothing is published here for {kind} {code!r}, or it is not for you.")

        async def read() -> Read[Finished]:
            document = await self._publications.snapshot(token, kind, code)
            # Cut to other rights than those remembered here: a change of this user's rights is on its way.
            return Read(finish(document.body, document.etag), mine=document.cut != signed_in.cut)

        return await self._memory.get(signed_in.client, (signed_in.client, signed_in.cut, path), read)

    async def scopes(self, signed_in: SignedIn, token: str) -> Finished:
        """All that the user may see, with what is published of it."""

        async def read() -> Read[Finished]:
            heads, view = await self._publications.heads(token)
            known = {(head.kind, head.code): head for head in heads}
            items = []
            for scope in signed_in.rights.scopes:
                head = known.get((scope.kind, scope.code))
                items.append(
                    ScopeItem(
                        **scope.model_dump(),
                        as_of=head.as_of if head else None,
                        published_at=head.published_at if head else None,
                        etag=head.etag if head else None,
                    )
                )
            body = ScopeList(scopes=items).model_dump_json().encode()
            etag = f'W/"{sha256(body).hexdigest()[:32]}"'
            return Read(finish(body, etag), mine=view != signed_in.view)

        return await self._memory.get(signed_in.client, (signed_in.client, signed_in.view, SCOPES_PATH), read)

    def forget(self, client: str, scope: Scope) -> None:
        """A scope has a new snapshot: drop its bytes, and the lists that name it."""
        outdated = {snapshot_path(scope.kind, scope.code), SCOPES_PATH}
        self._memory.forget(client, lambda key, _: key[2] in outdated)

    def forget_client(self, client: str) -> None:
        """Everything of a client was deleted: drop all its bytes."""
        self._memory.forget(client)

    def forget_all(self) -> None:
        self._memory.forget_all()
