"""What a run reads, publishes and reports, on dossiers that the tests write."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from services.extractor.tests.auth_double import PASSWORD, company, family
from services.extractor.tests.dossiers import invoice, write_dossier, write_fec
from services.extractor.tests.stage import ADMINISTRATOR, EVERYTHING_SEEN, Stage, kinds, user

from vigie_extractor.clock import utc_now
from vigie_extractor.domain.report import Reason
from vigie_extractor.domain.run import Request, Run, RunStatus
from vigie_extractor.domain.selection import Selection
from vigie_extractor.domain.source import Source, SourceKind
from vigie_extractor.handlers.execution import Compute
from vigie_extractor.handlers.sources import Sources
from vigie_extractor.orders import carry_out
from vigie_extractor.storage import work
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.events import (
    ExtractionCompleted,
    ExtractionFailed,
    FiscalYearData,
    IndicatorsExplained,
    IndicatorsExtracted,
)

AS_OF = date(2026, 11, 24)

SALES = (
    invoice("NORD", "2026-11-05", "1200.00"),
    invoice("NORD", "2026-11-25", "99999.99", 2),
    invoice("SUD", "2026-11-06", "300.50"),
)


async def asked(on: Stage, *, companies: Sequence[str] | None = None, username: str = "admin") -> UUID:
    request = Request(Selection(None if companies is None else tuple(companies), None), AS_OF)
    return await on.extractions().request(on.client, user(username), on.token(username), request, None)


async def executed(on: Stage, run_id: UUID, compute: Compute = carry_out) -> Run:
    async with transaction(on.pool, ALL_CLIENTS) as connection:
        claim = await work.claim(connection, timedelta(seconds=30))
    assert claim is not None
    assert claim.run_id == run_id
    await on.execution(compute)(claim)
    return await on.run(run_id)


async def extracted(on: Stage, **selection: Any) -> Run:
    return await executed(on, await asked(on, **selection))


async def publishing(on: Stage, **selection: Any) -> Run:
    """A run carried out by the service itself, as far as it gets without a publisher."""
    return await on.reaches(await asked(on, **selection), "publishing")


async def messages(on: Stage) -> dict[str, IndicatorsExtracted]:
    """The message of each scope, by its code."""
    found = [event for event in await on.said() if isinstance(event, IndicatorsExtracted)]
    assert len({event.data.scope.code for event in found}) == len(found)
    return {event.data.scope.code: event for event in found}


def codes(run: Run) -> list[str]:
    return [one["code"] for one in run.report.anomalies]


async def test_r5_each_company_is_published_by_itself_and_r4_a_family_as_their_sum(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder, sales_lines=SALES)
    run = await extracted(on)
    said = await messages(on)
    months = {code: event.data.indicators["commercial_revenue"]["month"] for code, event in said.items()}
    assert months == {"NORD": "1200.00", "SUD": "300.50", "GROUPE": "1500.50"}
    assert Decimal(months["GROUPE"]) == Decimal(months["NORD"]) + Decimal(months["SUD"])
    assert run.status is RunStatus.PUBLISHING


async def test_a_message_carries_all_seventeen_indicators_the_periods_and_the_grant(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder, sales_lines=SALES)
    run = await extracted(on)
    data = (await messages(on))["NORD"].data
    assert len(data.indicators) == 17
    assert data.indicators["treasury_position"]["available"] is False
    assert data.periods == {"month": (date(2026, 11, 1), AS_OF), "year": (date(2026, 1, 1), AS_OF)}
    assert (data.as_of, data.currency, data.extraction_id) == (AS_OF, "EUR", run.id)
    assert data.grant.count(".") == 2


async def test_the_manifest_names_every_scope_for_which_a_message_was_emitted(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder, sales_lines=SALES)
    await extracted(on)
    [manifest] = [event.data for event in await on.said() if isinstance(event, ExtractionCompleted)]
    assert {(scope.kind, scope.code) for scope in manifest.scopes} == {
        ("company", "NORD"),
        ("company", "SUD"),
        ("family", "GROUPE"),
    }


async def test_r6_the_report_accounts_for_every_row_and_tells_what_is_later_or_wrong(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder, sales_lines=[*SALES, invoice("NOBODY", "2026-11-05", "1.00"), invoice("SUD", "", "1.00")])
    report = (await extracted(on)).report
    by_file = {one.file: one for one in report.files}
    sales = by_file["sales_lines.csv"]
    assert (sales.present, sales.read, sales.refused) == (5, 3, 2)
    assert all(one.read + one.refused == one.present for one in report.files)
    counted = {one["code"]: one["count"] for one in report.anomalies}
    assert counted["document_after_system_date"] == 1
    assert counted["unknown_company"] == 1
    assert counted["bad_row"] == 1
    assert {part.name for line in report.steps for part in line.parts} >= {"structure", "sales"}


async def test_a_scope_that_cannot_be_computed_is_left_out_with_its_families_and_the_rest_goes_on(on: Stage) -> None:
    # given companies of a multi-base dossier, one of which has no fiscal year at the system date
    on.tenant.dossier_kind, on.tenant.families = "multi-base", []
    await on.register()
    write_dossier(on.folder, kind="multi-base", families=(), sales_lines=SALES)
    years = on.folder / "fiscal_years.csv"
    years.write_text(years.read_text().replace("SUD,2026-01-01,2026-12-31,month\n", ""))
    run = await extracted(on)
    assert list(await messages(on)) == ["NORD"]
    assert [(one.kind, one.code) for one in run.report.left_out] == [("company", "SUD")]
    assert "no_fiscal_year" in codes(run)


async def test_a_run_that_can_extract_nothing_has_failed_with_its_report(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder, companies=("NORD",), families=())
    (on.folder / "fiscal_years.csv").unlink()
    run = await extracted(on, companies=["NORD"])
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason.NOTHING_EXTRACTED)
    assert [one.code for one in run.report.left_out] == ["NORD"]
    assert "no_fiscal_year" in codes(run)
    last = (await on.said())[-1]
    assert isinstance(last, ExtractionFailed)
    assert last.data.reason == "nothing_extracted"


async def test_r8_is_judged_when_the_run_starts_where_it_could_not_be_when_it_was_asked_for(on: Stage) -> None:
    # given a run asked for while auth was away, of companies at odds
    await on.register()
    on.auth.away = True
    run_id = await asked(on)
    on.auth.away = False
    on.tenant.companies = [company("NORD"), company("SUD", accounting_currency="CHF")]

    # when it is executed, then nothing is extracted and every failing criterion is in the report
    run = await executed(on, run_id)
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason.CRITERIA_NOT_MET)
    assert [(one.criterion, one.values) for one in run.report.failures] == [("accounting_currency", ("EUR", "CHF"))]
    assert codes(run) == ["criteria_not_met"]
    assert kinds(await on.said()) == ["extraction.requested", "extraction.failed"]


async def test_r8_a_user_who_has_lost_the_right_since_extracts_nothing(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder)
    run_id = await asked(on, username="paula")
    on.tenant.may_extract["paula"] = []
    run = await executed(on, run_id)
    assert run.report.reason is Reason.ACCESS_RIGHTS
    assert [one.criterion for one in run.report.failures] == ["access_rights"]


async def test_r8_companies_at_odds_by_the_word_of_their_source_are_not_extracted_either(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder, sales_lines=SALES)
    companies = on.folder / "companies.csv"
    companies.write_text(companies.read_text().replace("Sud,EUR", "Sud,CHF"))
    run = await extracted(on)
    assert run.report.reason is Reason.CRITERIA_NOT_MET
    assert [one.criterion for one in run.report.failures] == ["accounting_currency"]
    assert await messages(on) == {}


async def test_what_source_and_directory_say_differently_is_told_with_both_values(on: Stage) -> None:
    await on.register()
    on.tenant.companies = [company("NORD", name="Le Nord"), company("SUD"), company("EST")]
    on.tenant.families = [family("GROUPE", "NORD", "SUD"), family("AUTRE", "SUD")]
    write_dossier(on.folder, sales_lines=SALES)
    run = await extracted(on)
    told = [one["detail"] for one in run.report.anomalies if one["code"] == "directory_mismatch"]
    assert told == [
        "company NORD: name is Le Nord in the directory and Nord in the source; import the source again",
        "company EST is in the directory and not in the source; import the source again",
        "family AUTRE is in the directory and not in the source; import the source again",
    ]
    assert [(one.kind, one.code) for one in run.report.left_out] == [("company", "EST"), ("family", "AUTRE")]
    assert sorted(await messages(on)) == ["GROUPE", "NORD", "SUD"]


async def test_companies_come_each_from_its_own_source_and_a_family_only_from_one(on: Stage, tmp_path: Path) -> None:
    await on.register()
    use = Sources(on.pool, on.asked, on.settings.folders_for_sources, utc_now)
    await use.remove(on.client, ADMINISTRATOR, on.token(), "books", even_if_used=True)
    for code in ("NORD", "SUD"):
        folder = write_dossier(tmp_path / code, companies=(code,), families=(), sales_lines=SALES[:1] + SALES[2:])
        await use.save(on.client, ADMINISTRATOR, Source(code.lower(), SourceKind.DOSSIER, str(folder), (code,)))
    on.tenant.companies.append(company("EST"))
    run = await extracted(on)
    said = await messages(on)
    months = {code: event.data.indicators["commercial_revenue"]["month"] for code, event in said.items()}
    assert months == {"NORD": "1200.00", "SUD": "300.50"}
    assert [one.code for one in run.report.left_out] == ["EST", "GROUPE"]
    assert "family_incomplete" in codes(run)


async def test_bare_fec_files_give_the_accounting_of_the_companies_of_the_directory(on: Stage, tmp_path: Path) -> None:
    # given a folder with the FEC of one company and nothing else
    await on.register()
    use = Sources(on.pool, on.asked, on.settings.folders_for_sources, utc_now)
    folder = tmp_path / "fec"
    folder.mkdir()
    await use.save(on.client, ADMINISTRATOR, Source("books", SourceKind.FEC, str(folder)))
    write_fec(
        folder / "NORDFEC20261231.txt",
        [("1", "20261105", "411000", "1200,00", "0,00"), ("1", "20261105", "701000", "0,00", "1200,00")],
    )

    # when that company is extracted
    run = await extracted(on, companies=["NORD"])

    # then its accounting is there, and what no FEC holds is not available
    assert run.status is RunStatus.PUBLISHING
    indicators = (await messages(on))["NORD"].data.indicators
    assert indicators["accounting_revenue"]["month"] == "1200.00"
    assert indicators["commercial_revenue"] == {"available": False, "reason": "the source holds accounting files only"}
    assert [(one.file, one.read) for one in run.report.files] == [("NORDFEC20261231.txt", 2)]


@pytest.mark.parametrize(
    ("breakage", "reason"),
    [
        ("no source", Reason.NO_SOURCE),
        ("no dossier", Reason.SOURCE_UNREADABLE),
        ("a link that leads out", Reason.SOURCE_UNREADABLE),
        ("a company that is gone", Reason.UNKNOWN_SCOPE),
        ("families in a dossier become multi-base", Reason.UNKNOWN_SCOPE),
    ],
)
async def test_a_run_that_cannot_be_carried_out_says_why(on: Stage, breakage: str, reason: Reason) -> None:
    await on.register()
    run_id = await asked(on, companies=["NORD"])
    use = Sources(on.pool, on.asked, on.settings.folders_for_sources, utc_now)
    match breakage:
        case "no source":
            await use.remove(on.client, ADMINISTRATOR, on.token(), "books", even_if_used=True)
        case "a link that leads out":
            (on.folder / "linked").mkdir()
            await use.save(on.client, ADMINISTRATOR, Source("books", SourceKind.DOSSIER, str(on.folder / "linked")))
            (on.folder / "linked").rmdir()
            (on.folder / "linked").symlink_to("/etc")
        case "a company that is gone":
            on.tenant.companies = [company("SUD")]
        case "families in a dossier become multi-base":
            await on.extractions().cancel(on.client, ADMINISTRATOR, EVERYTHING_SEEN, run_id)
            request = Request(Selection(None, ("GROUPE",)), AS_OF)
            run_id = await on.extractions().request(on.client, ADMINISTRATOR, on.token(), request, None)
            on.tenant.dossier_kind = "multi-base"
    run = await executed(on, run_id)
    assert (run.status, run.report.reason) == (RunStatus.FAILED, reason)
    assert run.report.detail
    assert kinds(await on.said())[-1] == "extraction.failed"


async def test_a_run_that_is_told_to_slow_down_waits(on: Stage) -> None:
    await on.register()
    run_id = await asked(on)
    on.auth.throttled = True
    run = await executed(on, run_id)
    assert run.status is RunStatus.QUEUED


async def test_amounts_passwords_and_grants_never_reach_a_log(on: Stage) -> None:
    with structlog.testing.capture_logs() as logs:
        await on.register()
        write_dossier(on.folder, sales_lines=[invoice("NORD", "2026-11-05", "48151.62"), invoice("SUD", "x", "34.2x")])
        await extracted(on)
    event = (await messages(on))["NORD"]
    assert event.data.indicators["commercial_revenue"]["month"] == "48151.62"
    written = repr(logs)
    assert "extraction_emitted" in written
    for secret in ("48151", "34.2x", PASSWORD, event.data.grant):
        assert secret not in written


async def test_the_years_of_the_directory_and_the_source_are_compared_whole(on: Stage) -> None:
    await on.register()
    years = (FiscalYearData(start=date(2026, 1, 1), end=date(2026, 12, 31), unit="month"),)
    on.tenant.companies = [company("NORD", fiscal_years=years), company("SUD", fiscal_years=years)]
    write_dossier(on.folder, sales_lines=SALES)
    run = await extracted(on)
    told = [one["detail"] for one in run.report.anomalies if one["code"] == "directory_mismatch"]
    assert len(told) == 2
    assert "2025-01-01/2025-12-31 month" in told[0]


async def explained(on: Stage) -> dict[str, IndicatorsExplained]:
    """What the figures of each scope are said to be made of, by its code."""
    return {event.data.scope.code: event for event in await on.said() if isinstance(event, IndicatorsExplained)}


async def test_r14_a_message_beside_the_figures_of_a_scope_says_what_they_are_made_of(on: Stage) -> None:
    await on.register()
    write_dossier(on.folder, sales_lines=SALES)
    await extracted(on)
    figures, made_of = await messages(on), await explained(on)
    assert made_of.keys() == figures.keys() == {"NORD", "SUD", "GROUPE"}
    for code, event in made_of.items():
        assert event.data.grant == figures[code].data.grant
        assert event.data.explanations.keys() == figures[code].data.indicators.keys()
    revenue = made_of["GROUPE"].data.explanations["commercial_revenue"]
    month = next(one for one in revenue["breakdowns"] if one["of"] == "month")
    assert [(row["company"], row["amount"]) for row in month["rows"]] == [("NORD", "1200.00"), ("SUD", "300.50")]
    assert made_of["NORD"].data.explanations["treasury_position"]["available"] is False


async def test_r2_what_is_not_published_is_not_explained_either(on: Stage) -> None:
    on.tenant.published_indicators = ["commercial_revenue"]
    await on.register()
    write_dossier(on.folder, sales_lines=SALES)
    await extracted(on)
    assert list((await explained(on))["NORD"].data.explanations) == ["commercial_revenue"]
