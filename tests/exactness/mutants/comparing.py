"""`python -m tests.exactness.mutants.comparing SOURCE POOL`: compares the product in SOURCE with the reference on the
dossiers of POOL up to the first figure that differs, and prints what was seen as JSON. An anomaly convicts nobody: the
figures must.

A process of its own for each mutant, with SOURCE first in PYTHONPATH: what is imported once stays.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import vigie_extractor

from ..judgement import figure_problems
from ..product import extract
from ..reference import answer
from .pool import pooled


@dataclass(frozen=True)
class Seen:
    """`compared` dossiers, of which the last one made a difference unless it is empty. `stopped` says that there the
    product raised instead of answering."""

    compared: int
    difference: str = ""
    stopped: bool = False


def compare(pool: Path) -> Seen:
    compared = 0
    for folder, as_of in pooled(pool):
        compared += 1
        try:
            found = figure_problems(extract(folder, as_of), answer(folder, as_of))
        except Exception as raised:  # noqa: BLE001 (whatever a mutant raises is the answer)
            return Seen(compared, f"{type(raised).__name__}: {raised}", stopped=True)
        if found:
            return Seen(compared, found[0].partition("\n")[0])
    return Seen(compared)


if __name__ == "__main__":
    source, pool_folder = map(Path, sys.argv[1:])
    if not Path(vigie_extractor.__file__ or "").is_relative_to(source):
        sys.exit(f"{vigie_extractor.__file__} was imported instead of the product in {source}")
    json.dump(asdict(compare(pool_folder)), sys.stdout)
