"""`python -m tests.bench [ROW ...]`: measures the rows that are named, or all, and prints the table."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.conditions import Conditions
from tests.bench.machine import this_machine
from tests.bench.results import Figure, Found, NotMeasurable, NotMeasured
from tests.bench.rows import extraction, fec, gateway, idle, live, postgres, publications
from tests.bench.table import as_json, as_text
from tests.stack.process import NodeError

Measure = Callable[[Conditions], Sequence[Figure]]

ROWS: Mapping[str, Measure] = {
    "extraction": extraction.measure,
    "fec": fec.measure,
    "postgres": postgres.measure,
    "gateway": gateway.measure,
    "publications": publications.measure,
    "live": live.measure,
    "idle": idle.measure,
}


def measure_rows(rows: Mapping[str, Measure], names: Iterable[str], conditions: Conditions) -> list[Found]:
    """The lines of the named rows, in order. A row that cannot be measured here says why."""
    found: list[Found] = []
    for name in names:
        sys.stderr.write(f"{name} ...\n")
        try:
            found += [Found(name, figure) for figure in rows[name](conditions)]
        except (NotMeasurable, NodeError) as why:
            found.append(Found(name, NotMeasured(str(why))))
    return found


def main(words: Sequence[str]) -> None:
    """Exit status: 0, also where a demand is not met: the table says so; 2 when an argument does not fit."""
    asked = _arguments().parse_args(words)
    data = Path(os.environ.get("VIGIE_DATA", ".vigie")) / "bench"
    conditions = Conditions(asked.rounds, asked.lines, data, asked.seconds)
    machine = this_machine(datetime.now(UTC).astimezone())
    found = measure_rows(ROWS, asked.rows or ROWS, conditions)
    if asked.json:
        json.dump(as_json(machine, found), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(as_text(machine, found))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", type=_row, help=f"{', '.join(ROWS)}; none: all")
    parser.add_argument("--rounds", type=_at_least(3), default=3, help="how often everything is measured; 3 at least")
    parser.add_argument("--lines", type=_at_least(1000), default=1_000_000, help="sales lines of the large dossiers")
    parser.add_argument("--seconds", type=_at_least(1), default=5, help="how long a server is put under load each time")
    parser.add_argument("--json", action="store_true", help="print the table as JSON, every round's value included")
    return parser


def _row(name: str) -> str:
    if name not in ROWS:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(ROWS)}")
    return name


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is less than {least}")
        return value

    return number


if __name__ == "__main__":
    main(sys.argv[1:])
