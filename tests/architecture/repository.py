"""The files of this repository: what is committed, and what is about to be."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

SERVICES = sorted(path for path in (ROOT / "services").iterdir() if (path / "pyproject.toml").exists())


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file, relative to the root, that git knows or would add."""
    answer = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (Path(name) for name in answer.stdout.split("\0") if name)
    return tuple(path for path in paths if (ROOT / path).is_file())
