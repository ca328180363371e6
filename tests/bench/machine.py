"""What a table was measured on: figures without it say nothing."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from tests.stack.postgres import find_postgres, postgres_directories
from tests.stack.rabbitmq import find_rabbitmq, rabbitmq_directories

_DISTRIBUTIONS = ("vigie", "duckdb", "uvicorn", "uvloop", "httptools", "aio-pika", "asyncpg", "pydantic")


@dataclass(frozen=True)
class Machine:
    """The processor, its cores, the memory in GiB, how busy it was before (runnable processes), and what runs on it."""

    measured_at: datetime
    processor: str
    cores: int
    memory_gib: float
    load: float
    system: str
    versions: Mapping[str, str]

    def lines(self) -> list[str]:
        """In words, for a person."""
        return [
            f"Measured {self.measured_at.isoformat(timespec='minutes')}, load before: {self.load:.2f}",
            f"{self.processor}, {self.cores} cores, {self.memory_gib:.1f} GiB, {self.system}",
            ", ".join(f"{name} {number}" for name, number in self.versions.items()),
        ]

    def document(self) -> dict[str, Any]:
        """For a program."""
        return {
            "measured_at": self.measured_at.isoformat(timespec="seconds"),
            "machine": {
                "processor": self.processor,
                "cores": self.cores,
                "memory_gib": round(self.memory_gib, 1),
                "system": self.system,
                "load_before": round(self.load, 2),
            },
            "versions": dict(self.versions),
        }


def this_machine(now: datetime) -> Machine:
    """The machine that this runs on."""
    return Machine(
        measured_at=now,
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gib=psutil.virtual_memory().total / 2**30,
        load=os.getloadavg()[0],
        system=f"{platform.system()} {platform.release()}",
        versions=_versions(),
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE) if cpuinfo.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    versions = {"Python": platform.python_version()} | {name: version(name) for name in _DISTRIBUTIONS}
    postgres, rabbitmq = find_postgres(postgres_directories()), find_rabbitmq(rabbitmq_directories())
    if postgres is not None:
        versions["PostgreSQL"] = _said(postgres.directory / "postgres", "--version").split()[2]
    if rabbitmq is not None:
        versions["RabbitMQ"] = _said(rabbitmq.control, "version").strip()
    if shutil.which("wrk"):
        versions["wrk"] = _said("wrk", "-v").split()[1]
    return versions


def _said(*command: str | Path) -> str:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout
