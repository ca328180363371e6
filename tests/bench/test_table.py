"""The table, as text and as JSON, and the command that prints it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bench.__main__ import main, measure_rows
from tests.bench.conditions import Conditions
from tests.bench.machine import Machine
from tests.bench.results import (
    AtLeast,
    AtMost,
    Compared,
    Demand,
    Figure,
    Found,
    Measured,
    NotMeasurable,
    NotMeasured,
)
from tests.bench.table import as_json, as_text

MACHINE = Machine(
    measured_at=datetime(2026, 11, 24, 21, 30, tzinfo=UTC),
    processor="A processor",
    cores=2,
    memory_gib=23.54,
    load=0.5,
    system="Linux 6",
    versions={"Python": "3.11.7", "duckdb": "2.0.1"},
)
SLOW = Compared("reads", "/s", "bare", (600.0, 610.0, 590.0), (1000.0,) * 3, Demand(AtLeast(0.9), aim=AtLeast(1.2)))
SMALL = Measured("memory", "MiB", (104.0, 105.0, 103.0), Demand(AtMost(350)))
FOUND = [Found("gateway", SLOW), Found("idle", SMALL), Found("fec", NotMeasured("needs a\nthing"))]
CONDITIONS = Conditions(rounds=3, lines=1000, data=Path("nowhere"), seconds=1)


def cells(text: str, row: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(f"| {row} ")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_line_shows_both_sides_their_ratio_and_an_unmet_demand() -> None:
    assert cells(as_text(MACHINE, FOUND), "gateway") == [
        "gateway",
        "reads",
        "600 /s (590 to 610)",
        "1 000 /s (1 000 to 1 000), bare",
        "0.600 × (0.590 to 0.610)",
        "≥ 0.9 ×",
        "≥ 1.2 ×",
        "not met: 0.600 < 0.9 ×",
    ]


def test_a_line_without_a_peer_is_judged_in_its_own_unit() -> None:
    expected = ["idle", "memory", "104 MiB (103 to 105)", "", "", "≤ 350 MiB", "", "met"]
    assert cells(as_text(MACHINE, FOUND), "idle") == expected


def test_a_row_that_was_not_measured_says_why_on_one_line() -> None:
    assert cells(as_text(MACHINE, FOUND), "fec")[-1] == "not measured: needs a thing"


def test_the_machine_the_date_and_the_versions_stand_above_the_table() -> None:
    head, _, _ = as_text(MACHINE, FOUND).partition("\n\n")
    for said in ("2026-11-24T21:30+00:00", "A processor", "2 cores", "23.5 GiB", "Linux 6", "duckdb 2.0.1"):
        assert said in head


def test_the_json_holds_every_round_and_the_same_verdicts() -> None:
    document = json.loads(json.dumps(as_json(MACHINE, FOUND)))
    gateway, idle, fec = document["figures"]
    assert gateway["vigie"] == {"median": 600.0, "min": 590.0, "max": 610.0, "values": [600.0, 610.0, 590.0]}
    assert gateway["ratio"] == {"median": 0.6, "min": 0.59, "max": 0.61}
    assert (gateway["demand"], gateway["aim"], gateway["verdict"]) == ("≥ 0.9 ×", "≥ 1.2 ×", "not met")
    assert (idle["demand"], idle["verdict"]) == ("≤ 350 MiB", "met")
    assert fec == {"row": "fec", "not_measured": "needs a\nthing"}
    assert (document["machine"]["cores"], document["versions"]["duckdb"]) == (2, "2.0.1")


def test_a_row_that_cannot_be_measured_here_does_not_keep_the_others_from_it() -> None:
    def impossible(_: Conditions) -> Sequence[Figure]:
        raise NotMeasurable("needs a thing: install it")

    def possible(_: Conditions) -> Sequence[Figure]:
        return [SMALL]

    found = measure_rows({"one": impossible, "two": possible}, ["one", "two"], CONDITIONS)
    assert found == [Found("one", NotMeasured("needs a thing: install it")), Found("two", SMALL)]


@pytest.mark.parametrize("words", [["no-such-row"], ["--rounds", "2"], ["--lines", "x"]])
def test_an_argument_that_does_not_fit_ends_with_status_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
