"""Sources: which folder holds which companies, what it holds, and bringing that into the directory."""

import asyncio
from pathlib import Path

import pytest
from services.extractor.tests.auth_double import company, family
from services.extractor.tests.dossiers import write_dossier
from services.extractor.tests.stage import ADMINISTRATOR, Stage
from services.extractor.tests.test_execution import extracted
from services.extractor.tests.test_http import bearer, is_a_problem

from vigie_extractor.clock import utc_now
from vigie_extractor.domain.source import Source, SourceKind
from vigie_extractor.handlers.sources import Sources
from vigie_shared.errors import Conflict, NotFound, Unprocessable
from vigie_shared.events import Scope


def sources(on: Stage) -> Sources:
    return Sources(on.pool, on.asked, on.settings.folders_for_sources, utc_now)


def dossier(folder: Path, *companies: str, name: str = "books", kind: SourceKind = SourceKind.DOSSIER) -> Source:
    return Source(name, kind, str(folder), companies or None)


async def test_a_source_is_added_changed_shown_and_removed(on: Stage) -> None:
    use, source = sources(on), dossier(on.folder)
    assert await use.save(on.client, ADMINISTRATOR, source) is True
    changed = dossier(on.folder, "NORD")
    assert await use.save(on.client, ADMINISTRATOR, changed) is False
    assert await use.show(on.client, "books") == changed
    assert await use.all(on.client) == [changed]
    await use.remove(on.client, ADMINISTRATOR, on.token(), "books", even_if_used=True)
    with pytest.raises(NotFound):
        await use.show(on.client, "books")
    with pytest.raises(NotFound):
        await use.remove(on.client, ADMINISTRATOR, on.token(), "books", even_if_used=True)


async def test_a_company_has_one_source(on: Stage) -> None:
    use = sources(on)
    await use.save(on.client, ADMINISTRATOR, dossier(on.folder, "NORD", name="north"))
    await use.save(on.client, ADMINISTRATOR, dossier(on.folder, "SUD", "EST", name="south"))
    for companies in (("SUD",), ("OUEST", "NORD"), ()):
        with pytest.raises(Conflict):
            await use.save(on.client, ADMINISTRATOR, dossier(on.folder, *companies, name="third"))


async def test_sources_saved_at_once_never_share_a_company(on: Stage) -> None:
    use = sources(on)
    outcomes = await asyncio.gather(
        *(use.save(on.client, ADMINISTRATOR, dossier(on.folder, "NORD", name=f"s{index}")) for index in range(10)),
        return_exceptions=True,
    )
    assert outcomes.count(True) == 1
    assert len(await use.all(on.client)) == 1


async def test_a_folder_that_is_not_there_or_lies_outside_is_refused(on: Stage) -> None:
    for location in (on.folder / "nowhere", Path("/etc")):
        with pytest.raises(Unprocessable):
            await sources(on).save(on.client, ADMINISTRATOR, dossier(location))


async def test_what_a_dossier_holds_is_listed_and_brought_into_the_directory(on: Stage) -> None:
    # given a dossier with a company that the directory does not have
    write_dossier(on.folder, companies=("NORD", "SUD", "EST"))
    use = sources(on)
    await use.save(on.client, ADMINISTRATOR, dossier(on.folder))

    # when it is looked at and imported
    structure = await use.structure(on.client, "books")
    result = await use.bring_into_directory(on.client, ADMINISTRATOR, on.token(), "books", dry_run=True)

    # then auth was told everything the dossier says, in the client's name
    assert [company.code for company in structure.companies] == ["NORD", "SUD", "EST"]
    assert (result.created, result.unchanged) == ((Scope(kind="company", code="EST"),), 2)
    [told] = on.auth.imports
    assert (told["client"], told["dossier_kind"], told["dry_run"]) == (on.client, "single-base", True)
    assert told["companies"][0] == {
        "code": "NORD",
        "shortcut_code": "NORD",
        "name": "Nord",
        "accounting_currency": "EUR",
        "reporting_currency": "EUR",
        "reporting_rate": "1",
        "fiscal_years": [
            {"start": "2025-01-01", "end": "2025-12-31", "unit": "month"},
            {"start": "2026-01-01", "end": "2026-12-31", "unit": "month"},
        ],
    }
    assert told["families"] == [
        {"code": "GROUPE", "shortcut_code": "GROUPE", "name": "Groupe", "companies": ["NORD", "SUD"]}
    ]


async def test_a_source_bound_to_some_companies_shows_these_alone(on: Stage) -> None:
    write_dossier(on.folder, companies=("NORD", "SUD", "EST"))
    await sources(on).save(on.client, ADMINISTRATOR, dossier(on.folder, "NORD", "EST"))
    structure = await sources(on).structure(on.client, "books")
    assert [company.code for company in structure.companies] == ["NORD", "EST"]
    assert structure.families == ()


async def test_a_folder_that_is_no_dossier_says_what_is_missing(on: Stage) -> None:
    await sources(on).save(on.client, ADMINISTRATOR, dossier(on.folder))
    with pytest.raises(Unprocessable, match=r"dossier\.toml"):
        await sources(on).structure(on.client, "books")


async def test_bare_fec_files_carry_no_companies(on: Stage) -> None:
    await sources(on).save(on.client, ADMINISTRATOR, dossier(on.folder, kind=SourceKind.FEC))
    with pytest.raises(Conflict, match="typed in"):
        await sources(on).structure(on.client, "books")


async def test_r13_another_client_has_no_such_source(on: Stage) -> None:
    await sources(on).save(on.client, ADMINISTRATOR, dossier(on.folder))
    with pytest.raises(NotFound):
        await sources(on).show("OTHER", "books")
    assert await sources(on).all("OTHER") == []


async def test_a_source_that_is_in_use_goes_only_once_all_that_depends_on_it_was_named(on: Stage) -> None:
    # given a source of companies of which one is not to be extracted
    on.tenant.companies = [company("NORD"), company("SUD", to_extract=False), company("EST")]
    await sources(on).save(on.client, ADMINISTRATOR, dossier(on.folder, "NORD", "SUD"))
    url = "/extractor/v1/admin/sources/books"
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))

        # when it is to go, then what would be extracted no longer is named, and it stays
        refused = await http.delete(url)
        is_a_problem(refused, 409)
        assert [one["where"] for one in refused.json()["errors"]] == ["companies.NORD", "families.GROUPE"]
        assert (await http.get(url)).status_code == 200

        # unless that is wanted, or nothing depends on it any more
        assert (await http.delete(url, params={"even_if_used": True})).status_code == 204
        await http.put(url, json={"kind": "dossier", "location": str(on.folder), "companies": ["SUD"]})
        on.tenant.families = []
        assert (await http.delete(url)).status_code == 204
        is_a_problem(await http.delete(url), 404)


async def test_the_schedules_that_extract_from_a_source_are_named_before_it_goes(on: Stage) -> None:
    # given schedules about a company of the source, about a family of it, about everything, and about another company
    on.tenant.companies = [company(code, to_extract=False) for code in ("NORD", "SUD", "EST")]
    on.tenant.families = [family("GROUPE", "NORD", "SUD", to_extract=False)]
    await sources(on).save(on.client, ADMINISTRATOR, dossier(on.folder, "NORD"))
    daily = {"rule": {"kind": "working_days", "at": "06:30"}, "time_zone": "Europe/Paris"}
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        ids = {}
        for name, about in (
            ("company", {"companies": ["NORD"]}),
            ("family", {"families": ["GROUPE"]}),
            ("everything", {}),
            ("other", {"companies": ["EST"]}),
        ):
            made = await http.post("/extractor/v1/schedules", json={"name": name, **daily, **about})
            ids[made.json()["id"]] = name

        async def named() -> list[str]:
            refused = await http.delete("/extractor/v1/admin/sources/books")
            is_a_problem(refused, 409)
            return [ids.get(one["where"].removeprefix("schedules."), one["where"]) for one in refused.json()["errors"]]

        # when the source is to go, then those that would extract nothing more from it are named
        assert await named() == ["company", "family"]

        # and the one about everything only while something of the source is ticked
        on.tenant.companies[0] = company("NORD")
        assert await named() == ["companies.NORD", "company", "everything", "family"]


async def test_a_change_meant_for_another_state_of_a_source_is_refused(on: Stage) -> None:
    url, body = "/extractor/v1/admin/sources/books", {"kind": "dossier", "location": str(on.folder)}
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        made = await http.put(url, json=body, headers={"If-None-Match": "*"})
        assert (made.status_code, made.headers["etag"]) == (201, (await http.get(url)).headers["etag"])
        is_a_problem(await http.put(url, json=body, headers={"If-None-Match": "*"}), 412)

        changed = await http.put(url, json={**body, "companies": ["SUD"]}, headers={"If-Match": made.headers["etag"]})
        assert changed.status_code == 200
        late = {"If-Match": made.headers["etag"]}
        is_a_problem(await http.put(url, json=body, headers=late), 412)
        is_a_problem(await http.delete(url, params={"even_if_used": True}, headers=late), 412)
        now = {"If-Match": changed.headers["etag"]}
        assert (await http.delete(url, params={"even_if_used": True}, headers=now)).status_code == 204


async def test_what_is_done_with_sources_is_in_the_audit(on: Stage) -> None:
    write_dossier(on.folder, companies=("NORD", "SUD", "EST"))
    url = "/extractor/v1/admin/sources/books"
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        await http.put(url, json={"kind": "dossier", "location": str(on.folder)})
        await http.post(f"{url}/import", json={"dry_run": True})
        await http.post(f"{url}/import", json={})
        await http.delete(url, params={"even_if_used": True})
        items = (await http.get("/extractor/v1/admin/audit")).json()["items"]
    assert [(one["action"], one["subject"], one["actor"]["name"]) for one in items] == [
        ("source.removed", "source/books", "admin"),
        ("source.imported", "source/books", "admin"),
        ("source.saved", "source/books", "admin"),
    ]
    assert items[0]["before"] == items[2]["after"]
    assert items[1]["after"] == {"created": 1, "changed": 0, "unchanged": 2}


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("companies", "Nord,", "Le Nord,", "company NORD: name is Nord in the directory and Le Nord in the source"),
        ("companies", "Nord,EUR,", "Nord,CHF,", "company NORD: accounting currency is EUR in the directory and CHF"),
        ("companies", "Nord,EUR,EUR,", "Nord,EUR,USD,", "company NORD: reporting currency is EUR in the directory and"),
        (
            "companies",
            "Nord,EUR,EUR,",
            "Nord,EUR,EUR,1.5",
            "company NORD: reporting rate is 1 in the directory and 1.5",
        ),
        ("companies", "NORD,NORD,", "WEST,WEST,", "company NORD is in the directory and not in the source"),
        ("companies", "NORD,NORD,", "WEST,WEST,", "the source has companies that the directory has not: WEST"),
        ("fiscal_years", "NORD,2026-01-01,2026-12-31,month", "NORD,2026-01-01,2026-12-31,quarter", "12-31 quarter"),
        (
            "fiscal_years",
            "NORD,2026-01-01,2026-12-31",
            "NORD,2026-01-01,2027-03-31",
            "2026-01-01/2027-03-31 month in the",
        ),
        ("families", "Groupe,", "Le Groupe,", "family GROUPE: name is Groupe in the directory and Le Groupe"),
        ("families", "NORD;SUD", "SUD", "family GROUPE: companies is NORD, SUD in the directory and SUD in the source"),
        ("families", "GROUPE,GROUPE,", "TOUT,TOUT,", "family GROUPE is in the directory and not in the source"),
        ("families", "GROUPE,GROUPE,", "TOUT,TOUT,", "the source has families that the directory has not: TOUT"),
        ("dossier", "single-base", "multi-base", "the dossier: kind is single-base in the directory and multi-base"),
    ],
)
async def test_whatever_a_source_says_otherwise_than_the_directory_is_told_with_both_values(
    on: Stage, file: str, before: str, after: str, told: str
) -> None:
    # given a source that has changed since it was imported
    await on.register()
    write_dossier(on.folder)
    path = on.folder / ("dossier.toml" if file == "dossier" else f"{file}.csv")
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))
    if file == "dossier":
        (on.folder / "families.csv").unlink()

    # when it is extracted
    run = await extracted(on)

    # then the difference is in the report
    details = [one["detail"] for one in run.report.anomalies if one["code"] == "directory_mismatch"]
    assert [detail for detail in details if told in detail], details
