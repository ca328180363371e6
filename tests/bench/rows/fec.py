"""The accounting indicators from FEC text, every row accounted for, against DuckDB that reads it and sums."""

from collections.abc import Sequence
from operator import attrgetter

from tests.bench.conditions import Conditions
from tests.bench.dossiers import large_books
from tests.bench.results import AtMost, Compared, Demand, Figure, Measured
from tests.bench.whole_process import extract_and_scan

_DEMAND = Demand(AtMost(1.6), aim=AtMost(1.2))


def measure(conditions: Conditions) -> Sequence[Figure]:
    """Wall-clock time without start-up, which the demand is on; the peak of memory."""
    dossier = large_books(conditions.data, conditions.lines)
    sides = extract_and_scan(dossier, [_sums(f"{dossier / 'fec'}/*.txt")], conditions.rounds)
    mebibytes = sum(file.stat().st_size for file in (dossier / "fec").iterdir()) / 2**20
    what = f"{mebibytes:.0f} MiB of FEC"
    return [
        Compared(what, "s", "read_csv by DuckDB", *sides.net(attrgetter("wall")), _DEMAND),
        Measured(f"{what}, peak memory", "MiB", tuple(cost.peak for cost in sides.ours)),
    ]


def _sums(files: str) -> str:
    """Every column read as text, both amounts cast and summed."""
    return f"""
        SELECT sum(replace("Debit", ',', '.')::DECIMAL(18, 2)), sum(replace("Credit", ',', '.')::DECIMAL(18, 2))
        FROM read_csv('{files}', all_varchar = true, delim = '\t', quote = '', header = true)
        """
