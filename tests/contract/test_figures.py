"""The shapes that the phone's API promises are those that an extraction yields."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from vigie.cli import app
from vigie_extractor.indicators.result import IndicatorId
from vigie_mobile_gateway.figures import Indicators
from vigie_shared.events import Indicator

AS_OF = "2026-11-24"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shapes") / "dossier"
    written = CliRunner().invoke(app, ["demo", str(folder), "--as-of", AS_OF])
    assert written.exit_code == 0, written.output
    return folder


def extracted(folder: Path) -> list[dict[str, Any]]:
    printed = CliRunner().invoke(app, ["extract", str(folder), "--as-of", AS_OF, "--json"])
    assert printed.exit_code == 0, printed.output
    return [scope["indicators"] for scope in json.loads(printed.stdout)["scopes"]]


def test_the_phone_knows_the_17_indicators() -> None:
    assert list(get_args(Indicator)) == [one.value for one in IndicatorId] == list(Indicators.__annotations__)


def test_every_figure_has_the_shape_that_the_phone_is_promised(demonstration: Path) -> None:
    shapes: TypeAdapter[Indicators] = TypeAdapter(Indicators)
    for indicators in extracted(demonstration):
        read = shapes.validate_python(indicators, strict=False)
        assert shapes.dump_python(read, mode="json", exclude_unset=True) == indicators


def test_what_is_not_available_has_its_shape_too(demonstration: Path) -> None:
    (demonstration / "sales_lines.csv").rename(demonstration / "kept.csv")
    try:
        indicators = extracted(demonstration)
    finally:
        (demonstration / "kept.csv").rename(demonstration / "sales_lines.csv")
    for one in indicators:
        assert not one["commercial_revenue"]["available"]
        TypeAdapter(Indicators).validate_python(one)
