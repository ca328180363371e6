"""Commands as whole processes, with what each of them cost."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.results import NotMeasurable

_LAUNCHER = Path(__file__).with_name("launcher.py")
VIGIE = Path(sys.executable).with_name("vigie")
"""The command that a person types."""

MIB = 2**20


class CommandFailed(NotMeasurable):
    """A command that was to be measured did not do its work; the message ends with what it said."""


@dataclass(frozen=True)
class Cost:
    """Seconds of wall clock, seconds of processor (user and system, all threads), and the peak of resident memory in
    MiB, of a process from its start to its end."""

    wall: float
    cpu: float
    peak: float


def cost_of(
    command: Sequence[str | Path], *, output: Path = Path("/dev/null"), environment: Mapping[str, str] | None = None
) -> Cost:
    """Run `command` to its end, its standard output in the file `output`. Raises CommandFailed where it fails."""
    answer = subprocess.run(
        [sys.executable, "-I", "-S", str(_LAUNCHER), str(output), *map(str, command)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    cost = json.loads(answer.stdout)
    if cost["status"] != 0:
        said = "\n".join(answer.stderr.splitlines()[-20:])
        raise CommandFailed(f"{' '.join(map(str, command))} ended with status {cost['status']}:\n{said}")
    return Cost(cost["wall"], cost["cpu"], cost["peak"] / MIB)
