"""The product as it is run by hand: the only place of these tests that knows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from vigie.cli import app


@dataclass(frozen=True)
class Extraction:
    """What `vigie extract` answered: exit status, the result document (None for status 2), and standard error."""

    status: int
    document: dict[str, object] | None
    errors: str


def extract(folder: Path, as_of: date) -> Extraction:
    """Run `vigie extract FOLDER --as-of DAY --json` in this process. What it raises is raised here."""
    arguments = ["extract", str(folder), "--as-of", as_of.isoformat(), "--json"]
    run = CliRunner().invoke(app, arguments)
    if run.exception is not None and not isinstance(run.exception, SystemExit):
        raise run.exception
    return Extraction(run.exit_code, json.loads(run.stdout) if run.exit_code in {0, 1} else None, run.stderr)
