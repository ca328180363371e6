"""`python -m tests.exactness.mutants [NAME ...]`: tries the mutants that are named, or all.

Exit status 1 where one survives, stops, or can no longer be made, or where the product itself differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .catalogue import MUTANTS
from .mutant import Mutant, stale
from .pool import write_pool
from .trial import Convicted, Survived, tried

DOSSIERS = 300


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.exactness.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the mutants to try; none: all")
    parser.add_argument("--dossiers", type=int, default=DOSSIERS, help=f"how many to try them on, {DOSSIERS} by itself")
    asked = parser.parse_args(words)
    unknown = set(asked.names) - {one.name for one in MUTANTS}
    if unknown:
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}")
    return asked


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def try_all(mutants: Sequence[Mutant], dossiers: int) -> bool:
    """Whether the product as it is passes and every mutant is convicted."""
    gone = stale(mutants)
    for name, why in gone.items():
        _say(f"{name}: CANNOT BE MADE, mend the list: {why}")
    with tempfile.TemporaryDirectory(prefix="vigie-mutants-") as folder:
        pool = Path(folder) / "dossiers"
        write_pool(pool, dossiers)
        unchanged = tried(None, pool)
        if not isinstance(unchanged, Survived):
            _say(f"the product as it is: {unchanged}")
            return False
        _say(f"the product as it is: no difference in {unchanged.dossiers} dossiers")
        afters = []
        for one in mutants:
            if one.name in gone:
                continue
            outcome = tried(one, pool)
            _say(f"{one.name}: {outcome}")
            if isinstance(outcome, Convicted):
                afters.append(outcome.after)
            else:
                _say(f"  the rule it breaks: {one.rule}")
    latest = f", the last of them by dossier {max(afters)}" if afters else ""
    _say(f"{len(afters)} of {len(mutants)} mutants convicted{latest}")
    return len(afters) == len(mutants)


if __name__ == "__main__":
    wanted = _arguments(sys.argv[1:])
    chosen = [one for one in MUTANTS if one.name in wanted.names or not wanted.names]
    sys.exit(not try_all(chosen, wanted.dossiers))
