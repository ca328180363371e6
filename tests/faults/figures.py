"""What must stand in the end: the figures of an undisturbed run, each published once."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tests.e2e.dossiers import AS_OF
from tests.e2e.firm import ENDED, Firm, all_scopes
from tests.faults.stage import Stage
from tests.stack.waiting import until
from vigie.cli import app

Figures = dict[tuple[str, str], Any]
"""The indicators of each scope, by kind and code."""


def undisturbed(dossier: Path) -> Figures:
    """What the command line prints for the dossier, computed without broker or database."""
    printed = CliRunner().invoke(app, ["extract", str(dossier), "--as-of", AS_OF.isoformat(), "--json"])
    assert printed.exit_code == 0, printed.output
    return {(scope["kind"], scope["code"]): scope["indicators"] for scope in json.loads(printed.stdout)["scopes"]}


async def published(firm: Firm, extraction: str, seconds: float = 120) -> None:
    """Wait until a run has ended; fails unless it was published."""

    async def ended() -> bool:
        return (await firm.run(extraction))["status"] in ENDED

    await until(ended, seconds)
    run = await firm.run(extraction)
    assert run["status"] == "published", run


async def stand_once(stage: Stage, firm: Firm, extractions: Iterable[str], figures: Figures) -> None:
    """Every scope has one history entry for each extraction, with the undisturbed figures, and shows the newest."""
    rows = await stage.asked(
        "SELECT scope_kind, scope_code, extraction_id::text AS extraction, indicators, started_at "
        "FROM vigie_publisher.publications WHERE client_code = $1 ORDER BY started_at",
        firm.code,
    )
    kept = Counter((row["scope_kind"], row["scope_code"], row["extraction"]) for row in rows)
    expected = Counter((kind, code, extraction) for kind, code in all_scopes() for extraction in extractions)
    assert kept == expected
    for row in rows:
        assert json.loads(row["indicators"]) == figures[row["scope_kind"], row["scope_code"]]
    newest = rows[-1]["extraction"]
    snapshots = await firm.snapshots()
    for scope in all_scopes():
        assert snapshots[scope]["extraction_id"] == newest
        assert snapshots[scope]["indicators"] == figures[scope]
