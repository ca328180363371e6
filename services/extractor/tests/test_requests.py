"""Asking for an extraction: the verdict before anything runs, and one run however often the same thing is asked."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from services.extractor.tests.auth_double import company, family
from services.extractor.tests.stage import ADMINISTRATOR, EVERYTHING_SEEN, Stage, kinds, user

from vigie_extractor.domain.run import Request, RunStatus
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.calls import FORGOTTEN_AFTER
from vigie_extractor.storage import calls
from vigie_shared.bus import Done, Park, RetryAfter
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.errors import Conflict, NotFound, ServiceUnavailable, Unauthenticated, Unprocessable
from vigie_shared.events import CompanyData, ExtractionRequested, ExtractionRequestedData, FiscalYearData, derived_id

ALL = Request(Selection())

AT_ODDS = company(
    "SUD",
    accounting_currency="CHF",
    reporting_currency="USD",
    fiscal_years=(FiscalYearData(start=date(2026, 4, 1), end=date(2027, 3, 31), unit="quarter"),),
)


async def ask(on: Stage, request: Request = ALL, key: str | None = None, username: str = "admin") -> UUID:
    return await on.extractions().request(on.client, user(username), on.token(username), request, key)


async def runs_of(on: Stage) -> int:
    return len(await on.extractions().latest(on.client, EVERYTHING_SEEN, 100))


async def test_a_request_saves_a_queued_run_and_says_so_in_one_commit(on: Stage) -> None:
    run_id = await ask(on)
    run = await on.run(run_id)
    [event] = await on.said()
    assert isinstance(event, ExtractionRequested)
    assert (run.status, event.data.extraction_id, event.data.requested_by) == (RunStatus.QUEUED, run_id, "admin")
    assert event.data.token is None


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 23, 0, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
async def test_the_system_date_is_today_in_paris_where_none_is_given(on: Stage, now: datetime, day: date) -> None:
    run_id = await on.extractions(lambda: now).request(on.client, ADMINISTRATOR, on.token(), ALL, None)
    assert (await on.run(run_id)).as_of == day


async def test_r8_every_failing_criterion_is_listed_with_the_companies_and_values_at_odds(on: Stage) -> None:
    # given companies at odds in everything, and a preparer who may extract one of them
    on.tenant.companies = [company("NORD"), AT_ODDS]
    on.tenant.may_extract["paula"] = ["NORD"]

    # when the preparer asks for both
    with pytest.raises(Conflict) as refusal:
        await ask(on, username="paula")

    # then all five criteria are in the answer, and nothing was saved or said
    failures = {one["criterion"]: (one["companies"], one["values"]) for one in refusal.value.extra["failures"]}
    assert failures == {
        "access_rights": (["SUD"], ["no access"]),
        "fiscal_periods": (
            ["NORD", "SUD"],
            ["2025-01-01/2025-12-31, 2026-01-01/2026-12-31", "2026-04-01/2027-03-31"],
        ),
        "time_unit": (["NORD", "SUD"], ["month", "quarter"]),
        "accounting_currency": (["NORD", "SUD"], ["EUR", "CHF"]),
        "reporting_currency": (["NORD", "SUD"], ["EUR", "USD"]),
    }
    assert await runs_of(on) == 0
    assert await on.said() == []


async def test_r8_the_members_of_a_family_count_like_companies(on: Stage) -> None:
    on.tenant.companies = [company("NORD"), AT_ODDS]
    with pytest.raises(Conflict) as refusal:
        await ask(on, Request(Selection(None, ("GROUPE",))))
    assert {tuple(one["companies"]) for one in refusal.value.extra["failures"]} == {("NORD", "SUD")}


async def test_r8_one_company_alone_and_a_multi_base_dossier_are_not_compared(on: Stage) -> None:
    on.tenant.companies = [company("NORD"), AT_ODDS]
    await ask(on, Request(Selection(("SUD",))))
    on.tenant.dossier_kind, on.tenant.families = "multi-base", []
    await ask(on)
    assert await runs_of(on) == 2


async def test_r3_families_are_refused_in_a_multi_base_dossier(on: Stage) -> None:
    on.tenant.dossier_kind = "multi-base"
    with pytest.raises(Conflict, match="single-base"):
        await ask(on, Request(Selection(None, ("GROUPE",))))


async def test_only_what_is_ticked_is_extracted_where_nothing_is_named(on: Stage) -> None:
    on.tenant.companies = [company("NORD"), company("SUD", to_extract=False)]
    on.tenant.families = [family("GROUPE", "NORD", "SUD", to_extract=False)]
    preview = await on.extractions().preview(on.token(), ALL)
    assert [one.code for one in preview.judged.scopes.companies] == ["NORD"]
    assert preview.judged.scopes.families == ()


@pytest.mark.parametrize(
    ("selection", "named"), [(Selection(("NORD", "OUEST")), "OUEST"), (Selection(None, ("RIEN",)), "RIEN")]
)
async def test_what_the_directory_does_not_know_is_refused_by_name(on: Stage, selection: Selection, named: str) -> None:
    with pytest.raises(Unprocessable, match=named):
        await ask(on, Request(selection))


@pytest.mark.parametrize("companies", [[], [company("NORD", to_extract=False)]])
async def test_a_request_for_nothing_is_refused(on: Stage, companies: list[CompanyData]) -> None:
    on.tenant.companies, on.tenant.families = companies, []
    with pytest.raises(Conflict, match="Nothing is to be extracted"):
        await ask(on)


async def test_while_auth_is_away_a_preview_is_not_had_and_a_request_is_queued(on: Stage) -> None:
    on.auth.away = True
    with pytest.raises(ServiceUnavailable):
        await on.extractions().preview(on.token(), ALL)
    run_id = await ask(on)
    assert (await on.run(run_id)).status is RunStatus.QUEUED


async def test_fifty_requests_at_once_under_one_key_make_one_run(on: Stage) -> None:
    outcomes = await asyncio.gather(*(ask(on, key="monday") for _ in range(50)), return_exceptions=True)
    assert {type(one) for one in outcomes} <= {UUID, Conflict}
    assert {one for one in outcomes if isinstance(one, UUID)} == {await ask(on, key="monday")}
    assert await runs_of(on) == 1
    assert kinds(await on.said()) == ["extraction.requested"]


async def test_a_request_whose_key_is_under_way_is_told_so_until_that_one_is_answered_or_forgotten(on: Stage) -> None:
    # given a call that was under way when its process died
    run_id = derived_id("extraction", on.client, "monday")
    async with transaction(on.pool, on.client) as connection:
        await calls.begin(connection, on.client, run_id, FORGOTTEN_AFTER)
    with pytest.raises(Conflict, match="under way"):
        await ask(on, key="monday")

    # when it was so long ago that it cannot live any more
    async with transaction(on.pool, on.client) as connection:
        await connection.execute("UPDATE calls_under_way SET begun_at = begun_at - $1::interval", FORGOTTEN_AFTER)

    # then the call is made anew
    assert await ask(on, key="monday") == run_id


async def test_a_refused_request_leaves_its_key_free(on: Stage) -> None:
    on.tenant.companies = [company("NORD"), AT_ODDS]
    with pytest.raises(Conflict, match="criterion"):
        await ask(on, key="monday")
    on.tenant.companies = [company("NORD")]
    on.tenant.families = []
    await ask(on, key="monday")


async def test_a_key_used_for_another_request_is_refused(on: Stage) -> None:
    await ask(on, key="monday")
    with pytest.raises(Unprocessable, match="Idempotency-Key"):
        await ask(on, Request(Selection(("NORD",))), key="monday")


async def test_r13_the_same_key_of_another_client_makes_another_run(on: Stage) -> None:
    first = await ask(on, key="monday")
    other = f"X{uuid4().hex[:8]}"
    on.auth.tenants[other] = on.tenant
    second = await on.extractions().request(other, ADMINISTRATOR, on.auth.token(other), ALL, "monday")
    assert first != second


async def test_r13_another_client_finds_no_such_run_and_cannot_cancel_it(on: Stage) -> None:
    run_id = await ask(on)
    with pytest.raises(NotFound):
        await on.extractions().show("OTHER", EVERYTHING_SEEN, run_id)
    with pytest.raises(NotFound):
        await on.extractions().cancel("OTHER", ADMINISTRATOR, EVERYTHING_SEEN, run_id)
    assert (await on.run(run_id)).status is RunStatus.QUEUED


async def test_r13_the_database_gives_nothing_of_another_client_even_without_a_filter(on: Stage) -> None:
    await on.register()
    await ask(on)
    async with transaction(on.pool, on.client) as connection:
        await connection.execute(
            "INSERT INTO publications VALUES ($1, $2, 'company', 'NORD', true, NULL)", on.client, uuid4()
        )
    for table in ("publication_credentials", "sources", "runs", "publications"):
        for bound in ("OTHER", ALL_CLIENTS, ""):
            async with transaction(on.pool, bound) as connection:
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, (table, bound)
        async with transaction(on.pool, on.client) as connection:
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1, table
    async with transaction(on.pool, "OTHER") as connection:
        assert await connection.fetchval("SELECT count(*) FROM work") == 0


async def test_r13_every_table_with_a_client_has_row_level_security_forced(on: Stage) -> None:
    async with transaction(on.pool, on.client) as connection:
        tables = await connection.fetch(
            """
            SELECT relname, relrowsecurity AND relforcerowsecurity AS forced
            FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
            WHERE relnamespace = 'vigie_extractor'::regnamespace AND relkind = 'r' AND attname = 'client_code'
            """
        )
        role = await connection.fetchrow("SELECT rolsuper OR rolbypassrls AS above FROM pg_roles WHERE rolname = user")
    assert {table["relname"] for table in tables} >= {"publication_credentials", "sources", "runs", "work", "outbox"}
    assert all(table["forced"] for table in tables)
    assert role is not None
    assert role["above"] is False


async def test_cancelling_twice_is_as_good_as_once_and_an_ended_run_is_past_it(on: Stage) -> None:
    run_id = await ask(on)
    await on.extractions().cancel(on.client, ADMINISTRATOR, EVERYTHING_SEEN, run_id)
    await on.extractions().cancel(on.client, ADMINISTRATOR, EVERYTHING_SEEN, run_id)
    assert kinds(await on.said()) == ["extraction.requested", "extraction.cancelled"]
    async with transaction(on.pool, on.client) as connection:
        await connection.execute("UPDATE runs SET status = 'published'")
    with pytest.raises(Conflict, match="published"):
        await on.extractions().cancel(on.client, ADMINISTRATOR, EVERYTHING_SEEN, run_id)


async def test_a_session_that_has_ended_asks_for_nothing(on: Stage) -> None:
    on.auth.ended.add("gone")
    with pytest.raises(Unauthenticated):
        await on.extractions().request(on.client, user("gone"), on.token("gone"), ALL, None)


# --- messages -----------------------------------------------------------------------------------------------------


def message(on: Stage, token: str | None, extraction_id: UUID | None = None) -> ExtractionRequested:
    return ExtractionRequested(
        id=uuid4(),
        subject="outside",
        time=datetime(2026, 11, 24, tzinfo=UTC),
        clientcode=on.client,
        data=ExtractionRequestedData(
            extraction_id=extraction_id or uuid4(), companies=("SUD", "NORD"), requested_by="whoever", token=token
        ),
    )


async def test_a_message_with_the_token_of_a_preparer_makes_a_run_in_the_name_of_that_user(on: Stage) -> None:
    asked = message(on, on.token("paula", "preparer"))
    assert await on.hear(asked) == [Done()]
    run = await on.run(asked.data.extraction_id)
    assert (run.requested_by, run.request.selection.companies) == ("paula", ("NORD", "SUD"))


async def test_a_message_that_comes_again_makes_no_second_run(on: Stage) -> None:
    asked = message(on, on.token())
    again = message(on, on.token(), asked.data.extraction_id)
    assert await on.hear(asked, asked, again) == [Done(), Done(), Done()]
    assert await on.hear(asked) == [Done()]
    assert await runs_of(on) == 1


async def test_the_service_s_own_message_needs_no_token_and_changes_nothing(on: Stage) -> None:
    run_id = await ask(on)
    before = await on.run(run_id)
    assert await on.hear(*await on.said()) == [Done()]
    assert await on.run(run_id) == before


@pytest.mark.parametrize("kind", ["none", "mobile", "another client's", "run out", "forged"])
async def test_a_message_without_a_good_token_is_parked_at_once_and_makes_no_run(on: Stage, kind: str) -> None:
    token = {
        "none": None,
        "mobile": on.token("max", "mobile"),
        "another client's": on.auth.token("OTHER"),
        "run out": on.auth.token(on.client, exp=1),
        "forged": on.token()[:-4] + "AAAA",
    }[kind]
    [verdict] = await on.hear(message(on, token))
    assert isinstance(verdict, Park)
    assert await runs_of(on) == 0


async def test_a_message_with_a_system_date_that_cannot_be_computed_is_parked(on: Stage) -> None:
    asked = message(on, on.token())
    data = asked.data.model_copy(update={"as_of": date(1, 1, 1)})
    [verdict] = await on.hear(asked.model_copy(update={"data": data}))
    assert isinstance(verdict, Park)


async def test_a_message_waits_while_auth_cannot_be_asked_for_its_keys(on: Stage) -> None:
    on.auth.away = True
    asked = message(on, on.token())
    [verdict] = await on.hear(asked)
    assert isinstance(verdict, RetryAfter)
    on.auth.away = False
    assert await on.hear(asked) == [Done()]


async def test_a_request_is_carried_out_by_a_running_service(on: Stage) -> None:
    await on.register()
    async with on.serving():
        await on.reaches(await ask(on), "publishing")
