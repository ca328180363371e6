"""The directory: what administrators save, what is refused and why, and what is said of it (R3, shortcut codes)."""

from typing import Any

import pytest
from services.auth.tests.world import Tenant, World, company, scope

from vigie_shared.events import (
    DirectoryCompanyRemoved,
    DirectoryCompanySaved,
    DirectoryDossierChanged,
    DirectoryFamilySaved,
)

COMPANIES = "/auth/v1/admin/companies"
FAMILIES = "/auth/v1/admin/families"


def family(*companies: str, **changes: object) -> dict[str, Any]:
    return {"name": "Group", "shortcut_code": "GRP", "companies": list(companies), "to_extract": False, **changes}


async def test_a_company_is_read_as_it_was_saved_and_said_once(tenant: Tenant) -> None:
    saved = await tenant.has_company("NORD", to_extract=False)

    assert (
        await tenant.administrator.get(f"{COMPANIES}/NORD")
        == saved
        == {"code": "NORD", **company("NORD")} | {"to_extract": False}
    )
    await tenant.has_company("NORD", to_extract=False)
    said = [event for event in await tenant.events() if isinstance(event, DirectoryCompanySaved)]
    assert [event.data.model_dump(mode="json") for event in said] == [saved]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"accounting_currency": "euro"}, "accounting_currency"),
        ({"reporting_currency": "EU"}, "reporting_currency"),
        ({"reporting_rate": "0"}, "reporting_rate"),
        ({"reporting_rate": "-1"}, "reporting_rate"),
        ({"reporting_rate": "1e3"}, "reporting_rate"),
        ({"reporting_rate": 1.5}, "reporting_rate"),
        ({"name": "two\nlines"}, "name"),
        ({"name": ""}, "name"),
        ({"shortcut_code": "with/slash"}, "shortcut_code"),
        ({"unknown": 1}, "unknown"),
        ({"fiscal_years": [{"start": "01/01/2026", "end": "2026-12-31", "unit": "month"}]}, "fiscal_years.0.start"),
        ({"fiscal_years": [{"start": "2026-02-30", "end": "2026-12-31", "unit": "month"}]}, "fiscal_years.0.start"),
        ({"fiscal_years": [{"start": "2026-12-31", "end": "2026-01-01", "unit": "month"}]}, "fiscal_years.0.end"),
        (
            {
                "fiscal_years": [
                    {"start": "2025-01-01", "end": "2025-12-31", "unit": "month"},
                    {"start": "2025-12-31", "end": "2026-12-30", "unit": "month"},
                ]
            },
            "fiscal_years.1.start",
        ),
    ],
)
async def test_what_is_wrong_with_a_company_is_said_by_its_place(
    tenant: Tenant, changes: dict[str, Any], where: str
) -> None:
    refused = await tenant.administrator.put(f"{COMPANIES}/NORD", company("NORD", **changes), expect=422)

    assert [finding["where"].removeprefix("body.") for finding in refused["errors"]] == [where]
    assert refused["errors"][0]["what"]
    await tenant.administrator.get(f"{COMPANIES}/NORD", expect=404)


@pytest.mark.parametrize("code", ["A B", "É", "a.b", "x" * 64, "%2E"])
async def test_company_codes_may_be_any_printable_text(tenant: Tenant, code: str) -> None:
    saved = await tenant.administrator.put(f"{COMPANIES}/{code}", company("X", shortcut_code=code[:8]))

    assert await tenant.administrator.get(f"{COMPANIES}/{code}") == saved


@pytest.mark.parametrize("code", ["x" * 65, "tab%09", "%20edge"])
async def test_company_codes_that_cannot_be_are_refused(tenant: Tenant, code: str) -> None:
    await tenant.administrator.put(f"{COMPANIES}/{code}", company("X"), expect=422)


async def test_lists_come_in_parts_by_code(tenant: Tenant) -> None:
    for code in ("c", "B", "a"):
        await tenant.has_company(code)

    first = await tenant.administrator.get(f"{COMPANIES}?limit=2")
    rest = await tenant.administrator.get(f"{COMPANIES}?limit=2&cursor={first['next']}")

    assert [one["code"] for one in first["items"]] == ["B", "a"]
    assert [one["code"] for one in rest["items"]] == ["c"]
    assert rest["next"] is None
    await tenant.administrator.get(f"{COMPANIES}?cursor=@@", expect=422)


async def test_shortcut_codes_are_unique_across_companies_and_families_in_any_case(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", "SUD", family="GROUPE")

    by_company = await tenant.administrator.put(
        f"{COMPANIES}/OUEST", company("OUEST", shortcut_code="Groupe"), expect=409
    )
    by_family = await tenant.administrator.put(f"{FAMILIES}/F", family("NORD", shortcut_code="nord"), expect=409)

    assert "family GROUPE" in by_company["detail"]
    assert "company NORD" in by_family["detail"]


async def test_a_shortcut_code_may_be_used_by_two_clients(world: World, tenant: Tenant) -> None:
    other = await world.new_client()
    await tenant.has_company("NORD")

    await other.has_company("NORD")


async def test_r3_a_family_exists_in_a_single_base_dossier_only(tenant: Tenant) -> None:
    await tenant.has_company("NORD")
    unset = await tenant.administrator.put(f"{FAMILIES}/F", family("NORD"), expect=409)
    await tenant.administrator.put("/auth/v1/admin/dossier", {"kind": "multi-base"})

    refused = await tenant.administrator.put(f"{FAMILIES}/F", family("NORD"), expect=409)
    await tenant.administrator.get(f"{FAMILIES}/F", expect=409)
    await tenant.administrator.delete(f"{FAMILIES}/F", expect=409)

    assert "single-base" in unset["detail"]
    assert "multi-base" in refused["detail"]
    await tenant.administrator.put("/auth/v1/admin/dossier", {"kind": "single-base"})
    await tenant.administrator.put(f"{FAMILIES}/F", family("NORD"))


async def test_r3_a_dossier_with_families_does_not_become_multi_base(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", family="GROUPE")

    refused = await tenant.administrator.put("/auth/v1/admin/dossier", {"kind": "multi-base"}, expect=409)

    assert "GROUPE" in refused["detail"]
    assert (await tenant.administrator.get("/auth/v1/admin/directory"))["dossier_kind"] == "single-base"
    changed = [event for event in await tenant.events() if isinstance(event, DirectoryDossierChanged)]
    assert [event.data.kind for event in changed] == ["single-base"]


async def test_a_family_is_made_of_companies_that_exist_each_once(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", "SUD")

    refused = await tenant.administrator.put(f"{FAMILIES}/F", family("NORD", "EST", "NORD"), expect=422)
    saved = await tenant.administrator.put(f"{FAMILIES}/F", family("SUD", "NORD"))

    assert {finding["where"] for finding in refused["errors"]} == {"companies.1", "companies.2"}
    assert saved["companies"] == ["NORD", "SUD"]
    [said] = [event for event in await tenant.events() if isinstance(event, DirectoryFamilySaved)]
    assert said.data.model_dump(mode="json") == saved


async def test_what_depends_on_a_company_is_named_and_keeps_it(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", "SUD", family="GROUPE")
    await tenant.has_user("demo", scopes=[scope("company", "NORD"), scope("family", "GROUPE")])
    await tenant.has_user("prep", "preparer", may_extract=["NORD"])

    by_company = await tenant.administrator.delete(f"{COMPANIES}/NORD", expect=409)
    by_family = await tenant.administrator.delete(f"{FAMILIES}/GROUPE", expect=409)

    assert [(one["where"], one["what"]) for one in by_company["errors"]] == [
        ("families", "GROUPE"),
        ("users", "demo"),
        ("users", "prep"),
    ]
    assert [(one["where"], one["what"]) for one in by_family["errors"]] == [("users", "demo")]


async def test_what_nothing_depends_on_is_removed_and_its_shortcut_code_is_free(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", "SUD", family="GROUPE")

    await tenant.administrator.delete(f"{FAMILIES}/GROUPE")
    await tenant.administrator.delete(f"{COMPANIES}/NORD")

    await tenant.administrator.delete(f"{COMPANIES}/NORD", expect=404)
    await tenant.has_company("OUEST", shortcut_code="GROUPE")
    removed = [event for event in await tenant.events() if isinstance(event, DirectoryCompanyRemoved)]
    assert [event.data.code for event in removed] == ["NORD"]


async def test_a_preparer_reads_the_directory_and_changes_nothing(world: World, tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", "SUD")
    await tenant.has_user("prep", "preparer", may_extract=["SUD"])
    preparer = await world.at().signs_in_to_console(tenant.code, "prep")

    directory = await preparer.get("/auth/v1/admin/directory")

    assert directory["may_extract"] == ["SUD"]
    assert [one["code"] for one in directory["companies"]] == ["NORD", "SUD"]
    await preparer.put(f"{COMPANIES}/NORD", company("NORD"), expect=403)


async def test_an_event_is_not_said_when_its_change_is_refused(tenant: Tenant) -> None:
    await tenant.has_company("NORD")
    before = await tenant.events()

    await tenant.administrator.put(f"{COMPANIES}/SUD", company("SUD", shortcut_code="nord"), expect=409)

    assert await tenant.events() == before
