"""Importing from a source: code, name, currencies, years and members come from it; the rest is the directory's."""

from typing import Any

from services.auth.tests.world import Tenant, company, scope

from vigie_shared.events import DirectoryCompanySaved, DirectoryFamilySaved

IMPORT = "/auth/v1/admin/directory/import"


def imported(code: str, **changes: object) -> dict[str, Any]:
    form = {"code": code, **company(code), **changes}
    del form["to_extract"]
    return form


def source(*companies: dict[str, Any], families: list[dict[str, Any]] | None = None, **changes: object) -> Any:
    return {"dossier_kind": "single-base", "companies": list(companies), "families": families or [], **changes}


GROUP = {"code": "GROUPE", "name": "Groupe", "companies": ["NORD", "SUD"]}


async def test_an_import_makes_companies_and_families_with_their_codes_as_shortcuts(tenant: Tenant) -> None:
    north = imported("NORD")
    del north["shortcut_code"]

    done = await tenant.administrator.put(IMPORT, source(north, imported("SUD"), families=[GROUP]))

    assert done["created"] == [scope("company", "NORD"), scope("company", "SUD"), scope("family", "GROUPE")]
    assert done["changed"] == [
        {"kind": "dossier", "code": "dossier", "field": "kind", "before": None, "after": "single-base"}
    ]
    assert done["unchanged"] == 0
    directory = await tenant.administrator.get("/auth/v1/admin/directory")
    assert [(one["code"], one["shortcut_code"], one["to_extract"]) for one in directory["companies"]] == [
        ("NORD", "NORD", True),
        ("SUD", "SUD", True),
    ]
    assert directory["families"][0]["companies"] == ["NORD", "SUD"]
    said = [type(event) for event in await tenant.events()]
    assert said.count(DirectoryCompanySaved) == 2
    assert said.count(DirectoryFamilySaved) == 1


async def test_importing_the_same_again_changes_and_says_nothing(tenant: Tenant) -> None:
    form = source(imported("NORD"), imported("SUD"), families=[GROUP])
    await tenant.administrator.put(IMPORT, form)
    before = await tenant.events()

    again = await tenant.administrator.put(IMPORT, form)

    assert again == {"created": [], "changed": [], "unchanged": 3}
    assert await tenant.events() == before


async def test_shortcut_codes_ticks_and_rights_are_kept_and_the_rest_changes(world: Any, tenant: Tenant) -> None:
    await tenant.has_single_base("SUD")
    await tenant.has_company("NORD", shortcut_code="N1", to_extract=False)
    await tenant.has_user("demo", scopes=[scope("company", "NORD")])

    done = await tenant.administrator.put(IMPORT, source(imported("NORD", name="Nord SA", reporting_rate="1.10")))

    assert done["changed"] == [
        {"kind": "company", "code": "NORD", "field": "name", "before": "Nord", "after": "Nord SA"},
        {"kind": "company", "code": "NORD", "field": "reporting_rate", "before": "1.0825", "after": "1.1"},
    ]
    saved = await tenant.administrator.get("/auth/v1/admin/companies/NORD")
    assert (saved["shortcut_code"], saved["to_extract"], saved["name"]) == ("N1", False, "Nord SA")
    assert (await tenant.administrator.get("/auth/v1/admin/users/demo"))["scopes"] == [scope("company", "NORD")]
    await tenant.administrator.get("/auth/v1/admin/companies/SUD")


async def test_a_dry_run_says_the_same_and_does_nothing(tenant: Tenant) -> None:
    form = source(imported("NORD"), imported("SUD"), families=[GROUP])
    before = await tenant.events()

    told = await tenant.administrator.put(IMPORT, {**form, "dry_run": True})

    assert (await tenant.administrator.get("/auth/v1/admin/directory"))["companies"] == []
    assert await tenant.events() == before
    assert await tenant.administrator.put(IMPORT, form) == told


async def test_every_clash_is_named_and_nothing_is_imported(tenant: Tenant) -> None:
    await tenant.has_company("OUEST", shortcut_code="nord")
    unknown = {"code": "F", "name": "F", "companies": ["EST"]}

    refused = await tenant.administrator.put(IMPORT, source(imported("NORD"), families=[unknown]), expect=409)

    assert {finding["where"] for finding in refused["errors"]} == {"company NORD", "families.0.companies.0"}
    await tenant.administrator.get("/auth/v1/admin/companies/NORD", expect=404)


async def test_shortcut_codes_that_differ_by_case_alone_clash_within_a_source_and_with_the_directory(
    tenant: Tenant,
) -> None:
    await tenant.has_company("OUEST", shortcut_code="É")
    family = {"code": "F", "name": "F", "shortcut_code": "nord", "companies": ["NORD"]}
    decomposed = imported("EST", shortcut_code="e\u0301")

    refused = await tenant.administrator.put(
        IMPORT, source(imported("NORD"), decomposed, families=[family]), expect=409
    )

    assert [finding["where"] for finding in refused["errors"]] == ["company EST", "family F"]


async def test_r3_a_multi_base_source_does_not_come_over_families(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", family="GROUPE")

    refused = await tenant.administrator.put(IMPORT, source(imported("NORD"), dossier_kind="multi-base"), expect=409)

    assert "GROUPE" in refused["errors"][0]["what"]
    assert (await tenant.administrator.get("/auth/v1/admin/directory"))["dossier_kind"] == "single-base"


async def test_fiscal_years_that_overlap_are_refused_by_their_place(tenant: Tenant) -> None:
    years = [
        {"start": "2025-01-01", "end": "2025-12-31", "unit": "month"},
        {"start": "2025-06-01", "end": "2026-05-31", "unit": "month"},
    ]

    refused = await tenant.administrator.put(IMPORT, source(imported("NORD", fiscal_years=years)), expect=422)

    assert [finding["where"] for finding in refused["errors"]] == ["companies.0.fiscal_years.1.start"]
