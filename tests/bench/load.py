"""Load on an HTTP server, by a program made for it. One in Python would measure itself."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.pinning import pinned
from tests.bench.results import NotMeasurable

CONNECTIONS = 16
"""Phones that ask again as soon as they are answered."""


@dataclass(frozen=True)
class Load:
    """What became of the requests of some seconds."""

    answered: int
    per_second: float
    failed: int


@dataclass(frozen=True)
class Wrk:
    """https://github.com/wg/wrk"""

    def command(self, url: str, headers: Mapping[str, str], seconds: int) -> list[str]:
        return ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *_headers(headers), url]

    def load(self, output: str) -> Load:
        """What its report says. Statuses from 400 on, and whatever breaks a connection, are failures."""
        broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
        return Load(
            answered=int(_found(r"(\d+) requests in ", output)),
            per_second=float(_found(r"Requests/sec:\s+([0-9.]+)", output)),
            failed=sum(map(int, broken.groups() if broken else ())) + (int(refused[1]) if refused else 0),
        )


@dataclass(frozen=True)
class Hey:
    """https://github.com/rakyll/hey"""

    def command(self, url: str, headers: Mapping[str, str], seconds: int) -> list[str]:
        return ["hey", "-cpus", "1", "-c", str(CONNECTIONS), "-z", f"{seconds}s", *_headers(headers), url]

    def load(self, output: str) -> Load:
        """What its report says. Statuses from 400 on, and whatever breaks a connection, are failures."""
        statuses = {int(status): int(count) for status, count in re.findall(r"\[(\d{3})\]\s+(\d+) responses", output)}
        _, _, errors = output.partition("Error distribution:")
        return Load(
            answered=sum(statuses.values()),
            per_second=float(_found(r"Requests/sec:\s+([0-9.]+)", output)),
            failed=sum(count for status, count in statuses.items() if status >= 400)
            + sum(int(count) for count in re.findall(r"^\s*\[(\d+)\]", errors, re.MULTILINE)),
        )


Generator = Wrk | Hey


def find_generator() -> Generator:
    """The load generator of this machine."""
    if shutil.which("wrk"):
        return Wrk()
    if shutil.which("hey"):
        return Hey()
    raise NotMeasurable("needs a load generator, and neither wrk nor hey is here: sudo apt-get install wrk")


def load(generator: Generator, url: str, headers: Mapping[str, str], seconds: int, core: int | None) -> Load:
    """Ask for `url` with `headers` over and over, on `core` where one is given."""
    answer = subprocess.run(
        pinned(core, generator.command(url, headers, seconds)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return generator.load(answer.stdout)


def _headers(headers: Mapping[str, str]) -> Sequence[str]:
    return [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]


def _found(pattern: str, output: str) -> str:
    found = re.search(pattern, output)
    if found is None:
        raise ValueError(f"the load generator's report holds no {pattern!r}:\n{output}")
    return found[1]
