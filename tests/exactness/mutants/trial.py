"""One mutant before the comparison: convicted, or not, and why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .comparing import Seen
from .mutant import ROOT, Mutant, copy_source


@dataclass(frozen=True)
class Convicted:
    """The comparison noticed the mutant in the dossier number `after`, first by this difference."""

    after: int
    difference: str

    def __str__(self) -> str:
        return f"convicted by dossier {self.after}: {self.difference}"


@dataclass(frozen=True)
class Survived:
    """Nothing differed in any of the dossiers."""

    dossiers: int

    def __str__(self) -> str:
        return f"SURVIVED {self.dossiers} dossiers"


@dataclass(frozen=True)
class Stopped:
    """The product raised: the edit makes no wrong figure but a broken program, and proves nothing."""

    after: int
    error: str

    def __str__(self) -> str:
        return f"STOPPED at dossier {self.after}: {self.error}"


Outcome = Convicted | Survived | Stopped


def tried(mutant: Mutant | None, pool: Path) -> Outcome:
    """What the comparison says of a mutant, or of the product as it is. Raises StaleMutant."""
    with tempfile.TemporaryDirectory(prefix="vigie-mutant-") as folder:
        source = Path(folder) / "src"
        copy_source(source, mutant)
        found = subprocess.run(
            [sys.executable, "-m", f"{__package__}.comparing", str(source), str(pool)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    seen = Seen(**json.loads(found.stdout))
    if seen.stopped:
        return Stopped(seen.compared, seen.difference)
    return Convicted(seen.compared, seen.difference) if seen.difference else Survived(seen.compared)
