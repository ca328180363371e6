"""The dossiers on which every mutant is tried: drawn once, at random from a fixed seed, and written to a folder.

`python -m tests.exactness.mutants.pool FOLDER SIZE` draws them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from ..reference import answer
from ..strategies import GeneratedDossier, dossiers
from .mutant import ROOT

SEED = 20


def write_pool(folder: Path, size: int) -> None:
    """`size` dossiers, each in a folder named by its place and its system date; those that no sentence decides are left
    out. As hypothesis draws them, none is made smaller or repeated.

    They are drawn in a process of their own: hypothesis also draws the constants of every module that is loaded, so
    that elsewhere the same seed gives other dossiers.
    """
    subprocess.run([sys.executable, "-m", __name__, str(folder), str(size)], cwd=ROOT, check=True)


def _draw(folder: Path, size: int) -> None:

    @seed(SEED)
    @settings(
        max_examples=size,
        database=None,
        deadline=None,
        derandomize=False,  # else hypothesis draws by another seed than ours wherever the environment says CI
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(dossiers())
    def draw(dossier: GeneratedDossier) -> None:
        place = folder / f"{len(list(folder.iterdir())) + 1:04}_{dossier.as_of}"
        dossier.write(place)
        if answer(place, dossier.as_of).undecided:
            shutil.rmtree(place)

    folder.mkdir()
    draw()


def pooled(folder: Path) -> Iterator[tuple[Path, date]]:
    """The dossiers in the order in which they were drawn, with their system dates."""
    for place in sorted(folder.iterdir()):
        yield place, date.fromisoformat(place.name.partition("_")[2])


if __name__ == "__main__":
    _draw(Path(sys.argv[1]), int(sys.argv[2]))
