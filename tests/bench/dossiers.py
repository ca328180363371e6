"""The dossiers that are measured: made once by `vigie demo`, and found again while they would come out the same."""

import hashlib
import shutil
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path

from tests.bench.children import VIGIE, cost_of

AS_OF = date(2026, 11, 24)
"""The system date of every dossier."""

COMPANIES, FAMILIES = 20, 4
_SALES = ("sales_lines", "customers", "items", "sales_reps")


def demonstration(data: Path) -> Path:
    """The demonstration dossier."""
    return _kept(data, "demonstration", ["--as-of", AS_OF.isoformat()])


def large(data: Path, lines: int) -> Path:
    """A dossier of `lines` sales lines, and about half as many entries or more, in Parquet."""
    return _kept(data, f"large-{lines}", _large(lines, "entries"))


def large_books(data: Path, lines: int) -> Path:
    """Nothing but the books of such a dossier, as FEC files."""
    return _kept(data, f"books-{lines}", _large(lines, "fec"), without=_SALES)


def _large(lines: int, books: str) -> list[str]:
    options = {
        "--size": "large",
        "--lines": str(lines),
        "--companies": str(COMPANIES),
        "--families": str(FAMILIES),
        "--format": "parquet",
        "--books": books,
        "--as-of": AS_OF.isoformat(),
    }
    return [word for option in options.items() for word in option]


def _kept(data: Path, name: str, options: Iterable[str], *, without: Iterable[str] = ()) -> Path:
    folder = data / f"{name}-{_generator()}"
    if not folder.exists():
        data.mkdir(parents=True, exist_ok=True)
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        cost_of([VIGIE, "demo", draft, *options])
        for table in without:
            (draft / f"{table}.parquet").unlink()
        draft.rename(folder)
    return folder


def _generator() -> str:
    """Names the generator: another one makes another dossier."""
    package = Path(str(files("vigie.demo")))
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]
