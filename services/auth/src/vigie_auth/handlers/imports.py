"""Importing the companies and families of a source into the directory: all of them, or none."""

from collections.abc import Sequence

import structlog

from vigie_auth.domain.directory import Company, DossierKind, Family, ScopeKey, fiscal_year_findings
from vigie_auth.domain.findings import Finding
from vigie_auth.domain.imports import Import, plan_import
from vigie_auth.handlers import announcements
from vigie_auth.handlers.directory import announce_saved, changing, refuse
from vigie_auth.handlers.sessions import Caller
from vigie_auth.storage import clients, directory
from vigie_shared.audit import Change, record_all
from vigie_shared.database import Pool
from vigie_shared.errors import Conflict
from vigie_shared.outbox import emit

log = structlog.get_logger()


async def import_directory(
    pool: Pool,
    caller: Caller,
    *,
    kind: DossierKind,
    companies: Sequence[Company],
    families: Sequence[Family],
    dry_run: bool,
) -> Import:
    """Bring companies and families in and say what that changes; with `dry_run` only say it. Raises Unprocessable for
    fiscal years that cannot be, Conflict naming every clash (R3, shortcut codes, members)."""
    refuse(
        [
            Finding(f"companies.{index}.{finding.where}", finding.what)
            for index, company in enumerate(companies)
            for finding in fiscal_year_findings(company.fiscal_years)
        ],
        "The import",
    )
    async with changing(pool, caller) as (connection, client):
        known = await directory.read_directory(connection, caller.client)
        planned = plan_import(known, kind, companies, families)
        if planned.conflicts:
            raise Conflict(
                f"Nothing was imported: {len(planned.conflicts)} thing(s) stand in the way.",
                errors=[{"where": one.where, "what": one.what} for one in planned.conflicts],
            )
        if dry_run:
            return planned
        if client.dossier_kind != kind:
            await clients.save_dossier_kind(connection, caller.client, kind)
            moment = await clients.next_moment(connection, caller.client)
            await emit(connection, announcements.dossier_changed(caller.client, kind, moment))
        await directory.save_companies(connection, caller.client, planned.companies)
        await directory.save_families(connection, caller.client, planned.families)
        before: dict[ScopeKey, Company | Family] = {}
        before.update({company.key: company for company in known.companies})
        before.update({family.key: family for family in known.families})
        saved: list[Company | Family] = [*planned.companies, *planned.families]
        counts = {
            "dossier_kind": kind,
            "created": len(planned.created),
            "changed": len(saved) - len(planned.created),
            "unchanged": planned.unchanged,
        }
        imported = Change("directory.imported", caller.client, {"dossier_kind": known.dossier_kind}, counts)
        await record_all(connection, caller.actor, client=caller.client, changes=[imported])
        await announce_saved(connection, caller, [(before.get(scope.key), scope) for scope in saved])
    log.info(
        "directory_imported",
        client=caller.client,
        created=len(planned.created),
        changed=len(planned.changed),
        unchanged=planned.unchanged,
    )
    return planned
