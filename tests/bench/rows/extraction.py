"""All indicators of 20 companies and 4 families, from Parquet, against DuckDB's bare sum of the same amounts."""

from collections.abc import Sequence
from operator import attrgetter

from tests.bench.conditions import Conditions
from tests.bench.dossiers import large
from tests.bench.results import AtMost, Compared, Demand, Figure, Measured
from tests.bench.whole_process import extract_and_scan

_PEER = "bare sums by DuckDB"
_TIME = Demand(AtMost(6), aim=AtMost(3))
_MEMORY = Demand(AtMost(256))


def measure(conditions: Conditions) -> Sequence[Figure]:
    """Processor time without start-up, which the demand is on; start-up; the peak of memory."""
    dossier = large(conditions.data, conditions.lines)
    statements = [
        f"SELECT sum(net_amount), sum(open_amount) FROM '{dossier / 'sales_lines.parquet'}'",
        f"SELECT sum(debit), sum(credit) FROM '{dossier / 'entries.parquet'}'",
    ]
    sides = extract_and_scan(dossier, statements, conditions.rounds)
    cpu, peak = attrgetter("cpu"), attrgetter("peak")
    what = f"{conditions.lines:,} sales lines".replace(",", " ")
    return [
        Compared(f"{what}, processor time", "s", _PEER, *sides.net(cpu), _TIME),
        Compared("start-up, processor time", "s", "import duckdb", *sides.starts(cpu)),
        Measured(f"{what}, peak memory", "MiB", tuple(map(peak, sides.ours)), _MEMORY),
        Measured("peak memory of the bare sums", "MiB", tuple(map(peak, sides.theirs))),
    ]
