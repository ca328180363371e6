"""What administrators do with the dossier, its companies and its families. One client's changes come one by one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from vigie_auth.domain.clients import Client
from vigie_auth.domain.directory import (
    Company,
    Directory,
    DossierKind,
    Family,
    fiscal_year_findings,
    member_findings,
    shortcut_clash,
    why_no_family,
    why_not_multi_base,
)
from vigie_auth.domain.findings import Finding
from vigie_auth.domain.users import extractable
from vigie_auth.handlers import announcements
from vigie_auth.handlers.announcements import company_data, family_data
from vigie_auth.handlers.documents import DossierDocument
from vigie_auth.handlers.sessions import ENDED, Caller, current_user, signed_in
from vigie_auth.storage import clients, directory, sessions
from vigie_auth.storage.directory import Part
from vigie_shared.audit import Change, record_all
from vigie_shared.conditional import Precondition
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import Conflict, NotFound, Unauthenticated, Unprocessable
from vigie_shared.events import CompanyData, FamilyData
from vigie_shared.outbox import emit, emit_all
from vigie_shared.words import search_patterns

log = structlog.get_logger()

Saved = tuple[Company | Family | None, Company | Family]
"""What a company or family was before, none where it is new, and as what it was saved."""


@dataclass(frozen=True)
class SeenDirectory:
    """The directory, and which companies the one who asks may extract."""

    directory: Directory
    may_extract: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """Which part of a list by code somebody asks for: at most `limit` after the code `after`, of those in which every
    word of `search` is and, where `to_extract` is given, that have that tick."""

    after: str
    limit: int
    search: str
    to_extract: bool | None


@asynccontextmanager
async def changing(pool: Pool, caller: Caller) -> AsyncIterator[tuple[Connection, Client]]:
    """A transaction in which nobody else changes this client's directory or takes the caller's rights away. Raises
    Unauthenticated."""
    async with transaction(pool, caller.client) as connection:
        client = await clients.lock_client(connection, caller.client)
        if client is None or not await sessions.alive(connection, caller.client, caller.session_id):
            raise Unauthenticated(ENDED)
        yield connection, client


async def read(pool: Pool, caller: Caller) -> SeenDirectory:
    """All of the directory."""
    async with signed_in(pool, caller) as connection:
        user = await current_user(connection, caller)
        everything = await directory.read_directory(connection, caller.client)
        return SeenDirectory(everything, extractable(user, (company.code for company in everything.companies)))


async def read_dossier(pool: Pool, caller: Caller) -> DossierDocument:
    async with signed_in(pool, caller) as connection:
        client = await clients.find_client(connection, caller.client)
    return DossierDocument(kind=client.dossier_kind if client else None)


async def set_dossier(pool: Pool, caller: Caller, kind: DossierKind, *, expected: Precondition) -> None:
    """Say what kind of dossier it is. Raises Conflict for multi-base while families exist (R3), PreconditionFailed."""
    async with changing(pool, caller) as (connection, client):
        before = DossierDocument(kind=client.dossier_kind)
        expected.expect(before)
        if client.dossier_kind == kind:
            return
        if kind == "multi-base":
            families = await directory.list_families(connection, caller.client)
            refused = why_not_multi_base(family.code for family in families)
            if refused is not None:
                raise Conflict(refused, errors=[{"where": "families", "what": family.code} for family in families])
        await clients.save_dossier_kind(connection, caller.client, kind)
        moment = await clients.next_moment(connection, caller.client)
        await emit(connection, announcements.dossier_changed(caller.client, kind, moment))
        change = Change("dossier.changed", caller.client, before.model_dump(), {"kind": kind})
        await record_all(connection, caller.actor, client=caller.client, changes=[change])
    log.info("dossier_changed", client=caller.client, kind=kind)


async def list_companies(pool: Pool, caller: Caller, wanted: Wanted) -> list[Company]:
    async with signed_in(pool, caller) as connection:
        return await directory.list_companies(connection, caller.client, _part(wanted))


async def find_company(pool: Pool, caller: Caller, code: str) -> Company:
    """Raises NotFound."""
    async with signed_in(pool, caller) as connection:
        company = await directory.find_company(connection, caller.client, code)
    if company is None:
        raise NotFound(f"There is no company {code}.")
    return company


async def save_company(pool: Pool, caller: Caller, company: Company, *, expected: Precondition) -> None:
    """Add a company, or replace the one with its code. Raises Unprocessable, Conflict for a shortcut code in use,
    PreconditionFailed."""
    refuse(fiscal_year_findings(company.fiscal_years), f"The company {company.code}")
    async with changing(pool, caller) as (connection, _):
        before = await directory.find_company(connection, caller.client, company.code)
        expected.expect(scope_document(before))
        await _check_shortcut_code(connection, caller.client, company)
        if before != company:
            await directory.save_companies(connection, caller.client, [company])
            await announce_saved(connection, caller, [(before, company)])
            log.info("scope_saved", client=caller.client, kind="company", code=company.code)


async def remove_company(pool: Pool, caller: Caller, code: str, *, expected: Precondition) -> None:
    """Remove a company. Raises NotFound, PreconditionFailed, and Conflict naming the families and users that hold on to
    it."""
    async with changing(pool, caller) as (connection, _):
        company = await directory.find_company(connection, caller.client, code)
        if company is None:
            raise NotFound(f"There is no company {code}.")
        expected.expect(scope_document(company))
        key = company.key
        holders = [("families", name) for name in await directory.families_with(connection, caller.client, code)]
        seeing = await directory.users_seeing(connection, caller.client, key)
        extracting = await directory.users_extracting(connection, caller.client, code)
        holders += [("users", name) for name in sorted({*seeing, *extracting})]
        await _remove(connection, caller, company, holders)


async def list_families(pool: Pool, caller: Caller, wanted: Wanted) -> list[Family]:
    async with signed_in(pool, caller) as connection:
        return await directory.list_families(connection, caller.client, _part(wanted))


async def find_family(pool: Pool, caller: Caller, code: str) -> Family:
    """Raises NotFound; Conflict in a dossier without families (R3)."""
    async with signed_in(pool, caller) as connection:
        family = await directory.find_family(connection, caller.client, code)
        client = await clients.find_client(connection, caller.client)
    if family is None:
        _refuse_families(client.dossier_kind if client else None)
        raise NotFound(f"There is no family {code}.")
    return family


async def save_family(pool: Pool, caller: Caller, family: Family, *, expected: Precondition) -> Family:
    """Add a family, or replace the one with its code, and answer it as saved. Raises Conflict in a dossier that is not
    single-base (R3) and for a shortcut code in use, Unprocessable for companies that do not exist,
    PreconditionFailed."""
    async with changing(pool, caller) as (connection, client):
        _refuse_families(client.dossier_kind)
        before = await directory.find_family(connection, caller.client, family.code)
        expected.expect(scope_document(before))
        known = {key.code for key in await directory.scope_keys(connection, caller.client) if key.kind == "company"}
        refuse(member_findings(family.companies, frozenset(known)), f"The family {family.code}")
        await _check_shortcut_code(connection, caller.client, family)
        saved = family.in_order()
        if before != saved:
            await directory.save_families(connection, caller.client, [saved])
            await announce_saved(connection, caller, [(before, saved)])
            log.info("scope_saved", client=caller.client, kind="family", code=saved.code)
    return saved


async def remove_family(pool: Pool, caller: Caller, code: str, *, expected: Precondition) -> None:
    """Remove a family. Raises NotFound, PreconditionFailed, and Conflict naming the users that hold on to it."""
    async with changing(pool, caller) as (connection, client):
        family = await directory.find_family(connection, caller.client, code)
        if family is None:
            _refuse_families(client.dossier_kind)
            raise NotFound(f"There is no family {code}.")
        expected.expect(scope_document(family))
        holders = [("users", name) for name in await directory.users_seeing(connection, caller.client, family.key)]
        await _remove(connection, caller, family, holders)


async def announce_saved(connection: Connection, caller: Caller, scopes: Sequence[Saved]) -> None:
    """Say what was saved, and write it down."""
    moment = await clients.next_moment(connection, caller.client)
    await emit_all(connection, (announcements.scope_saved(caller.client, scope, moment) for _, scope in scopes))
    changes = [Change(f"{scope.key.kind}.saved", scope.code, _shown(before), _shown(scope)) for before, scope in scopes]
    await record_all(connection, caller.actor, client=caller.client, changes=changes)


def _part(wanted: Wanted) -> Part:
    return Part(wanted.after, wanted.limit, search_patterns(wanted.search), wanted.to_extract)


def scope_document(scope: Company | Family | None) -> CompanyData | FamilyData | None:
    """A company or family as a reader is answered it."""
    if scope is None:
        return None
    return company_data(scope) if isinstance(scope, Company) else family_data(scope)


def _shown(scope: Company | Family | None) -> Mapping[str, Any] | None:
    document = scope_document(scope)
    return document.model_dump(mode="json") if document is not None else None


def refuse(findings: Sequence[Finding], what: str) -> None:
    """Raises Unprocessable when there are findings, with each of them."""
    if findings:
        raise Unprocessable(
            f"{what} was not saved: {len(findings)} thing(s) to put right.",
            errors=[{"where": one.where, "what": one.what} for one in findings],
        )


def _refuse_families(kind: DossierKind | None) -> None:
    refused = why_no_family(kind)
    if refused is not None:
        raise Conflict(refused)


async def _check_shortcut_code(connection: Connection, client: str, scope: Company | Family) -> None:
    holder = shortcut_clash(await directory.shortcut_codes(connection, client), scope.key, scope.shortcut_code)
    if holder is not None:
        raise Conflict(
            f"The shortcut code {scope.shortcut_code} is that of the {holder} already; each names one of them.",
            errors=[{"where": "shortcut_code", "what": f"used by {holder}"}],
        )


async def _remove(
    connection: Connection, caller: Caller, scope: Company | Family, holders: Sequence[tuple[str, str]]
) -> None:
    client, key = caller.client, scope.key
    if holders:
        named = ", ".join(f"{name} ({where})" for where, name in holders)
        raise Conflict(
            f"The {key} is still used by {named}. Take it out there first.",
            errors=[{"where": where, "what": name} for where, name in holders],
        )
    await directory.remove_scope(connection, client, key)
    moment = await clients.next_moment(connection, client)
    await emit(connection, announcements.scope_removed(client, key, moment))
    change = Change(f"{key.kind}.removed", key.code, _shown(scope))
    await record_all(connection, caller.actor, client=client, changes=[change])
    log.info("scope_removed", client=client, kind=key.kind, code=key.code)
