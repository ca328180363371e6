"""From a dossier to a phone, in both targets, undisturbed and with any process killed on the way."""

import csv
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from typer.testing import CliRunner

from tests.e2e.dossiers import AS_OF, write_dossier
from tests.e2e.firm import ENDED, Firm, all_scopes
from tests.e2e.processes import Platform, a_process_each, one_process
from tests.stack.amqp import forgetting
from tests.stack.databases import new_database
from tests.stack.folders import reachable
from tests.stack.waiting import until
from vigie.cli import app
from vigie_mobile_gateway.explanations import Explained, ExplanationDocument

pytestmark = pytest.mark.timeout(180)

Expected = dict[tuple[str, str], Any]

WAY = ("queued", "running", "publishing", *ENDED)
MOMENTS = ("queued", "running", "publishing")
AT_WORK = (("auth", "queued"), ("extractor", "running"), ("publisher", "publishing"), ("mobile-gateway", "publishing"))
"""Each process at the moment when the extraction is in its hands; every step of each is for tests/faults."""


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dossier(tmp_path_factory.mktemp("dossier"))


@pytest.fixture(scope="module")
def expected(dossier: Path) -> Expected:
    """The result document that the command line prints for the same dossier, by scope."""
    printed = CliRunner().invoke(app, ["extract", str(dossier), "--as-of", AS_OF.isoformat(), "--json"])
    assert printed.exit_code == 0, printed.output
    return {(scope["kind"], scope["code"]): scope["indicators"] for scope in json.loads(printed.stdout)["scopes"]}


@pytest.fixture(scope="module")
async def one() -> AsyncIterator[Platform]:
    """All services in one process, on the embedded PostgreSQL and the local bus."""
    with reachable() as folder, one_process(folder) as platform:
        await platform.start()
        yield platform


@pytest.fixture(scope="module")
async def four(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, amqp_url: str) -> AsyncIterator[Platform]:
    """A process for each service, on RabbitMQ and PostgreSQL."""
    prefix = f"e2e.{uuid4().hex[:8]}."
    async with new_database(postgres_url) as database_url, forgetting(amqp_url, prefix):
        with a_process_each(tmp_path_factory.mktemp("four"), database_url, amqp_url, prefix) as platform:
            await platform.start()
            yield platform


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient() as http:
        yield http


async def new_firm(platform: Platform, http: httpx2.AsyncClient, dossier: Path) -> Firm:
    firm = Firm(platform, f"F{uuid4().hex[:10]}", http)
    await firm.register(dossier)
    return firm


async def reached(firm: Firm, extraction: str, moment: str) -> None:
    """Wait until the run has come at least as far as `moment`."""

    async def is_there() -> bool:
        return WAY.index((await firm.run(extraction))["status"]) >= WAY.index(moment)

    await until(is_there, 60)


async def published(firm: Firm, extraction: str) -> None:
    async def ended() -> bool:
        return (await firm.run(extraction))["status"] in ENDED

    await until(ended, 60)
    run = await firm.run(extraction)
    assert run["status"] == "published", run


async def shows(firm: Firm, extraction: str, expected: Expected) -> None:
    """The phone shows exactly the expected figures, each published once by this extraction."""
    snapshots = await firm.snapshots()
    for scope in all_scopes():
        assert snapshots[scope]["extraction_id"] == extraction
        assert snapshots[scope]["indicators"] == expected[scope]
        assert [item["extraction_id"] for item in await firm.history(*scope)] == [extraction]


async def explains(firm: Firm, extraction: str, expected: Expected, dossier: Path) -> None:
    """R14: the phone reaches the lines of the ledger and of the sales that each figure is made of."""
    for scope in (("company", "S01"), ("family", "TOUT")):

        async def all_are_explained(scope: tuple[str, str] = scope) -> bool:
            return len(await firm.explanations(*scope, expected[scope])) == len(expected[scope])

        await until(all_are_explained, 30)
        explanations = await firm.explanations(*scope, expected[scope])
        for name, found in explanations.items():
            document = ExplanationDocument.model_validate(found)
            assert str(document.extraction_id) == extraction
            assert document.explanation.available is expected[scope][name]["available"]
            if isinstance(document.explanation, Explained):
                for one in document.explanation.breakdowns:
                    added = sum(Decimal(row.amount) for row in one.rows) + Decimal(one.rest.amount)
                    assert added + Decimal(one.rounding) == Decimal(one.amount), (name, one.of)
    revenue = await firm.explanations("company", "S01", ["accounting_revenue"])
    lines = rows_of(revenue["accounting_revenue"], of="year", by="entry")
    with (dossier / "entries.csv").open(encoding="utf-8") as entries:
        ledger = {
            (line["company"], line["account"], line["entry_date"], line["piece"], Decimal(line["credit"]))
            for line in csv.DictReader(entries)
        }
    assert lines
    assert {
        (row["company"], row["account"], row["date"], row["piece"], Decimal(row["amount"])) for row in lines
    } <= ledger


def rows_of(document: dict[str, Any], *, of: str, by: str) -> list[dict[str, Any]]:
    [found] = [one for one in document["explanation"]["breakdowns"] if (one["of"], one["by"]) == (of, by)]
    return list(found["rows"])


async def extracted_undisturbed(
    platform: Platform, http: httpx2.AsyncClient, dossier: Path, expected: Expected
) -> None:
    firm = await new_firm(platform, http, dossier)
    extraction = await firm.extract()
    await published(firm, extraction)
    await shows(firm, extraction, expected)
    await explains(firm, extraction, expected, dossier)


async def extracted_with_a_kill(
    platform: Platform, http: httpx2.AsyncClient, dossier: Path, expected: Expected, *, victim: str, moment: str
) -> None:
    firm = await new_firm(platform, http, dossier)
    extraction = await firm.extract()
    await reached(firm, extraction, moment)
    platform.processes[victim].kill()
    await platform.restart(victim)
    await published(firm, extraction)
    await shows(firm, extraction, expected)


async def test_in_one_process_an_extraction_reaches_the_phone_to_the_cent(
    one: Platform, http: httpx2.AsyncClient, dossier: Path, expected: Expected
) -> None:
    await extracted_undisturbed(one, http, dossier, expected)


async def test_in_four_processes_an_extraction_reaches_the_phone_to_the_cent(
    four: Platform, http: httpx2.AsyncClient, dossier: Path, expected: Expected
) -> None:
    await extracted_undisturbed(four, http, dossier, expected)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_one_process_killed_on_the_way_loses_and_doubles_nothing(
    one: Platform, http: httpx2.AsyncClient, dossier: Path, expected: Expected, moment: str
) -> None:
    await extracted_with_a_kill(one, http, dossier, expected, victim="auth", moment=moment)


@pytest.mark.parametrize(("victim", "moment"), AT_WORK)
async def test_any_of_four_processes_killed_on_the_way_loses_and_doubles_nothing(
    four: Platform, http: httpx2.AsyncClient, dossier: Path, expected: Expected, victim: str, moment: str
) -> None:
    await extracted_with_a_kill(four, http, dossier, expected, victim=victim, moment=moment)
