"""What the one process with all services takes while nothing happens, and how soon it is there again."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.bench.children import MIB, VIGIE
from tests.bench.conditions import Conditions
from tests.bench.platform import is_ready, server
from tests.bench.results import AtMost, Demand, Figure, Measured
from tests.stack.process import free_ports

_MEMORY = Demand(AtMost(350))
_START = Demand(AtMost(5), aim=AtMost(2))

_REST = 3.0
"""Seconds for which the process is left alone before its memory is read."""


@dataclass(frozen=True)
class _Start:
    """Seconds from the command to ready, then the resident memory of the process and of its PostgreSQL in MiB."""

    seconds: float
    process: float
    database: float


def measure(conditions: Conditions) -> Sequence[Figure]:
    """The starts after the first, which makes the database."""
    with TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL, which does not run as root, enters it too
        _start(folder)
        starts = [_start(folder) for _ in range(conditions.rounds)]
    return [
        Measured("one process idle, memory", "MiB", tuple(start.process for start in starts), _MEMORY),
        Measured("its PostgreSQL idle, memory", "MiB", tuple(start.database for start in starts)),
        Measured("start of vigie serve to ready", "s", tuple(start.seconds for start in starts), _START),
    ]


def _start(folder: Path) -> _Start:
    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    settings = {"VIGIE_DATA": str(folder / "data"), "VIGIE_PORT": str(port)}
    began = time.perf_counter()
    with server([VIGIE, "serve"], folder / "log", settings) as vigie:
        vigie.wait_until_ready(lambda: is_ready(address), within=120)
        seconds = time.perf_counter() - began
        time.sleep(_REST)
        process = psutil.Process(vigie.pid)
        return _Start(seconds, process.memory_info().rss / MIB, _database(folder / "data") / MIB)


def _database(folder: Path) -> float:
    """The memory of the PostgreSQL with its data in `folder`; what its processes share counts once."""
    return sum(
        process.memory_full_info().pss
        for process in psutil.process_iter()
        if process.name() == "postgres" and folder in Path(process.cwd()).parents
    )
