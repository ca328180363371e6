"""`vigie extract` on a large dossier against DuckDB's bare sums over the same files, each as a process of its own."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.children import VIGIE, Cost, cost_of
from tests.bench.conditions import by_turns
from tests.bench.dossiers import AS_OF
from tests.bench.peers import scan
from vigie_extractor.engine import THREADS

# What a process costs before its work begins: Python, and the import of what does the work.
_OUR_START = [sys.executable, "-c", "import vigie.cli, vigie.extracting"]
_THEIR_START = [sys.executable, "-c", "import duckdb"]


@dataclass(frozen=True)
class Sides:
    """What every round cost, start-up and work together, and what start-up alone costs each of them."""

    ours: tuple[Cost, ...]
    theirs: tuple[Cost, ...]
    our_starts: tuple[Cost, ...]
    their_starts: tuple[Cost, ...]

    def net(self, part: Callable[[Cost], float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """A part of the cost of both without that of start-up, round by round."""
        return _less(self.ours, self.our_starts, part), _less(self.theirs, self.their_starts, part)

    def starts(self, part: Callable[[Cost], float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """A part of the cost of the start-up of both, round by round."""
        return tuple(map(part, self.our_starts)), tuple(map(part, self.their_starts))


def extract_and_scan(dossier: Path, statements: Sequence[str], rounds: int) -> Sides:
    """Both measured by turns, after a round that does not count and leaves the files in the system's cache."""
    return extract_beside(dossier, [sys.executable, scan.__file__, str(THREADS), *statements], _THEIR_START, rounds)


def extract_beside(dossier: Path, work: Sequence[str | Path], start: Sequence[str], rounds: int) -> Sides:
    """The same with any other `work` as the peer, whose start-up alone is the command `start`."""
    extracting: list[str | Path] = [VIGIE, "extract", dossier, "--as-of", AS_OF.isoformat(), "--json"]

    def round_of(start: Sequence[str], work: Sequence[str | Path]) -> tuple[Cost, Cost]:
        return cost_of(start), cost_of(work)

    by_turns(1, lambda: cost_of(extracting), lambda: cost_of(work))
    ours, theirs = by_turns(rounds, lambda: round_of(_OUR_START, extracting), lambda: round_of(start, work))
    return Sides(
        ours=tuple(work for _, work in ours),
        theirs=tuple(work for _, work in theirs),
        our_starts=tuple(start for start, _ in ours),
        their_starts=tuple(start for start, _ in theirs),
    )


def _less(whole: Sequence[Cost], starts: Sequence[Cost], part: Callable[[Cost], float]) -> tuple[float, ...]:
    return tuple(part(work) - part(start) for work, start in zip(whole, starts, strict=True))
