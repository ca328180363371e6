"""An extraction killed at every named step ends as one that was not: gates hold the processes in the step."""

from dataclasses import dataclass

import pytest

from tests.e2e.firm import Firm
from tests.faults.figures import Figures, published, stand_once
from tests.faults.form import FORM
from tests.faults.gates import Write, gate
from tests.faults.stage import Stage

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Step:
    """Where a process is held: before a write of a row, which is not committed then."""

    name: str
    service: str
    table: str
    write: Write
    row: str = "true"

    def __str__(self) -> str:
        return self.name


def begun(step: str) -> str:
    """The row of a run whose report says that a step has begun: who is held there has just ended the one before."""
    return f'NEW.report->\'steps\' @> \'[{{"name": "{step}", "seconds": null}}]\''


STEPS = (
    Step("authorise", "extractor", "vigie_extractor.runs", "UPDATE", begun("verify")),
    Step("verify", "extractor", "vigie_extractor.runs", "UPDATE", "NEW.status = 'running'"),
    Step("compute", "extractor", "vigie_extractor.runs", "UPDATE", begun("emit")),
    Step("emit", "extractor", "vigie_extractor.outbox", "INSERT", "NEW.routing_key LIKE 'extraction.completed%'"),
    Step("send", "extractor", "vigie_extractor.outbox", "DELETE", "OLD.routing_key LIKE 'indicators.extracted%'"),
    Step("publish", "publisher", "vigie_publisher.snapshots", "INSERT"),
    Step("answer", "publisher", "vigie_publisher.outbox", "DELETE"),
    Step("announce", "mobile-gateway", "vigie_mobile_gateway.announcements", "INSERT"),
    Step("settle", "extractor", "vigie_extractor.runs", "UPDATE", "NEW.status = 'published'"),
)


AMONG_THEM = ("compute", "send", "publish")
"""The steps of the short form."""


async def test_an_extraction_killed_at_every_step_ends_as_one_that_was_not(
    stage: Stage, firm: Firm, figures: Figures
) -> None:
    extractions = []
    for step in (one for one in STEPS if FORM.long or one.name in AMONG_THEM):
        # given an extraction that has come as far as this step
        async with gate(stage.owner_url, step.table, step.write, row=step.row) as closed:
            extraction = await firm.extract()
            await closed.reached(60)

            # when the process that is in it is killed
            stage.process(step.service).kill()
        await stage.platform.restart(step.service)

        # then the extraction is published all the same
        await published(firm, extraction)
        extractions.append(extraction)
    await stage.drained(60)
    await stand_once(stage, firm, extractions, figures)
