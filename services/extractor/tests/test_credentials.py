"""Publication credentials: kept only once auth has accepted them, and never readable from the database (R1)."""

import pytest
from pydantic import SecretStr
from services.extractor.tests.auth_double import PASSWORD
from services.extractor.tests.computing import everything_asked_for
from services.extractor.tests.stage import ADMINISTRATOR, Stage, kinds, running
from services.extractor.tests.test_http import bearer
from services.extractor.tests.test_runner import asked, runner

from vigie_extractor.clock import utc_now
from vigie_extractor.domain.report import Reason
from vigie_extractor.domain.run import RunStatus
from vigie_extractor.handlers.credentials import Credentials, Seal
from vigie_shared.database import transaction
from vigie_shared.errors import Conflict, ServiceUnavailable, TooManyRequests, Unprocessable
from vigie_shared.sealing import SealBroken, SealingKeys


def credentials(on: Stage) -> Credentials:
    return Credentials(on.pool, on.asked, on.sealing, utc_now)


async def test_credentials_that_auth_accepts_are_registered_and_their_check_is_told(on: Stage) -> None:
    assert await credentials(on).show(on.client) is None
    await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr(PASSWORD))
    registration = await credentials(on).show(on.client)
    assert registration is not None
    assert registration.check_outcome == "accepted"
    assert registration.checked_at == registration.registered_at


async def test_the_password_is_sealed_for_its_client_alone(on: Stage) -> None:
    await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr(PASSWORD))
    async with transaction(on.pool, on.client) as connection:
        sealed = await connection.fetchval("SELECT sealed_password FROM publication_credentials")
    assert PASSWORD.encode() not in sealed
    assert on.sealing.open(on.client, sealed).password.get_secret_value() == PASSWORD
    with pytest.raises(SealBroken):
        on.sealing.open("OTHER", sealed)
    with pytest.raises(SealBroken):
        Seal(SealingKeys(b"0" * 32)).open(on.client, sealed)


async def test_r1_credentials_that_auth_refuses_change_nothing(on: Stage) -> None:
    await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr(PASSWORD))
    before = await credentials(on).show(on.client)
    with pytest.raises(Unprocessable, match="refuses"):
        await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr("wrong"))
    assert await credentials(on).show(on.client) == before


async def test_r13_the_credentials_of_another_client_are_refused_without_a_word_to_auth(on: Stage) -> None:
    with pytest.raises(Unprocessable, match=on.client):
        await credentials(on).register(on.client, ADMINISTRATOR, "OTHER", SecretStr(PASSWORD))
    assert on.auth.calls == []


async def test_while_auth_is_away_nothing_is_registered(on: Stage) -> None:
    on.auth.away = True
    with pytest.raises(ServiceUnavailable):
        await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr(PASSWORD))
    assert await credentials(on).show(on.client) is None


async def test_too_many_guesses_are_told_to_slow_down(on: Stage) -> None:
    on.auth.throttled = True
    with pytest.raises(TooManyRequests) as refusal:
        await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr("guess"))
    assert refusal.value.retry_after == 7


@pytest.mark.parametrize("why", ["client_suspended", "credentials_refused", "credentials_missing"])
async def test_r1_without_good_credentials_nothing_is_read_or_published_and_the_report_says_why(
    on: Stage, why: str
) -> None:
    # given a client that may not publish
    if why != "credentials_missing":
        await on.register()
    on.tenant.suspended = why == "client_suspended"
    on.tenant.password = "rotated" if why == "credentials_refused" else on.tenant.password

    # when an extraction runs
    run_id = await asked(on)
    async with running(runner(on, everything_asked_for).run):
        run = await on.reaches(run_id, "failed")

    # then it ends there, and the last check is remembered
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason(why))
    assert kinds(await on.said()) == ["extraction.requested", "extraction.failed"]
    registration = await credentials(on).show(on.client)
    assert (registration.check_outcome if registration else "credentials_missing") == why


async def test_a_run_whose_credentials_were_sealed_with_another_key_says_so(on: Stage) -> None:
    await on.register()
    on.sealing = Seal(SealingKeys(b"1" * 32))
    run_id = await asked(on)
    async with running(runner(on, everything_asked_for).run):
        run = await on.reaches(run_id, "failed")
    assert run.report.reason is Reason.CREDENTIALS_MISSING
    assert "VIGIE_SEALING_KEY" in (run.report.detail or "")


async def test_the_registered_credentials_are_tested_whenever_somebody_asks(on: Stage) -> None:
    await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr(PASSWORD))
    assert (await credentials(on).test(on.client, ADMINISTRATOR)).check_outcome == "accepted"

    on.tenant.suspended = True
    assert (await credentials(on).test(on.client, ADMINISTRATOR)).check_outcome == "client_suspended"

    on.tenant.suspended, on.tenant.password = False, "rotated"
    tested = await credentials(on).test(on.client, ADMINISTRATOR)
    assert tested.check_outcome == "credentials_refused"
    assert tested.checked_at > tested.registered_at
    assert await credentials(on).show(on.client) == tested


async def test_there_is_nothing_to_test_where_nothing_is_registered(on: Stage) -> None:
    with pytest.raises(Conflict, match="Register them"):
        await credentials(on).test(on.client, ADMINISTRATOR)


async def test_a_test_while_auth_is_away_leaves_its_last_word(on: Stage) -> None:
    await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr(PASSWORD))
    before = await credentials(on).show(on.client)
    on.auth.away = True
    with pytest.raises(ServiceUnavailable):
        await credentials(on).test(on.client, ADMINISTRATOR)
    assert await credentials(on).show(on.client) == before


async def test_a_suspended_client_is_told_apart_from_a_wrong_password(on: Stage) -> None:
    on.tenant.suspended = True
    with pytest.raises(Unprocessable, match="suspended"):
        await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr(PASSWORD))
    with pytest.raises(Unprocessable, match="password is wrong"):
        await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr("guess"))


async def test_once_the_new_password_is_registered_extractions_publish_again(on: Stage) -> None:
    # given a password that the operator has replaced, and an extraction that failed for it
    await on.register()
    on.tenant.password = "rotated"
    failed = await asked(on)
    async with running(runner(on, everything_asked_for).run):
        await on.reaches(failed, "failed")

        # when the new one is registered
        await credentials(on).register(on.client, ADMINISTRATOR, on.client, SecretStr("rotated"))

        # then the next extraction is handed to the publisher
        await on.reaches(await asked(on), "publishing")


@pytest.mark.parametrize("use", ["a test", "an extraction"])
async def test_a_password_sealed_with_an_earlier_key_opens_and_is_sealed_again_as_it_is_used(
    on: Stage, use: str
) -> None:
    # given credentials that were registered before the sealing key was replaced
    await on.register()
    new = SealingKeys(b"n" * 32, on.sealing.keys.every)
    on.sealing = Seal(new)

    # when they are used
    if use == "a test":
        assert (await credentials(on).test(on.client, ADMINISTRATOR)).check_outcome == "accepted"
    else:
        run_id = await asked(on)
        async with running(runner(on, everything_asked_for).run):
            await on.reaches(run_id, "publishing")

    # then they open with the new key alone
    on.sealing = Seal(SealingKeys(new.current))
    assert (await credentials(on).test(on.client, ADMINISTRATOR)).check_outcome == "accepted"


async def test_what_is_done_with_credentials_is_in_the_audit_and_the_password_is_not(on: Stage) -> None:
    async with on.serving() as http:
        http.headers.update(bearer(on.token()))
        url = "/extractor/v1/admin/publication-credentials"
        await http.put(url, json={"client_code": on.client, "password": PASSWORD})
        tested = await http.post(f"{url}/test")
        audit = await http.get("/extractor/v1/admin/audit")
    assert tested.json()["last_check"]["outcome"] == "accepted"
    assert [one["action"] for one in audit.json()["items"]] == [
        "publication-credentials.tested",
        "publication-credentials.registered",
    ]
    assert PASSWORD not in audit.text
