"""Which core a process may use, so that what is measured and what measures it do not take turns on one."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cores:
    """One core for what is measured and one for the rest; None where a machine cannot keep them apart."""

    measured: int | None
    others: int | None


def cores() -> Cores:
    """The cores of this machine, where processes can be held to them: on Linux with two cores at least."""
    if shutil.which("taskset") is None or not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[1]) if len(usable) > 1 else Cores(None, None)


def pinned(core: int | None, command: Sequence[str | Path]) -> list[str | Path]:
    """`command`, held to `core` where one is given."""
    return ["taskset", "-c", str(core), *command] if core is not None else list(command)
