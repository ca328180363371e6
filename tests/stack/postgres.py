"""PostgreSQL servers of the tests' own, from installed binaries."""

import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.stack.process import NodeProcess, free_ports, run_as, server_account, server_directory, write_for

SUPPORTED = range(15, 19)
"""The major versions on which all SQL of the services runs."""

_NEEDED = ("initdb", "postgres")

# A crash of the process loses nothing that the system has in its cache, so the shared server of a run need not wait for
# the disk. Whoever measures how long a commit takes asks for fsync.
_FOR_TESTS = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}

# The superuser may run programs on this machine, so it proves itself; the roles of the services have no password.
_WHO_MAY_COME_IN = """\
host all postgres 127.0.0.1/32 scram-sha-256
host all all      127.0.0.1/32 trust
"""


@dataclass(frozen=True)
class PostgresBinaries:
    """Where a PostgreSQL of a supported version is installed."""

    directory: Path
    major: int


def postgres_directories() -> list[Path]:
    """Where PostgreSQL's server binaries usually are: Debian's folders, what pg_config says, the PATH."""
    directories = list(Path("/usr/lib/postgresql").glob("*/bin"))
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        directories += [Path(line) for line in answer.stdout.splitlines()]
    return directories + [Path(entry) for entry in os.get_exec_path()]


def find_postgres(directories: Iterable[Path]) -> PostgresBinaries | None:
    """The newest supported PostgreSQL whose server binaries are all in one of `directories`."""
    found: list[PostgresBinaries] = []
    for directory in directories:
        if all(os.access(directory / name, os.X_OK) for name in _NEEDED):
            answer = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False)
            version = re.search(r"\) (\d+)", answer.stdout)
            if version is not None and int(version[1]) in SUPPORTED:
                found.append(PostgresBinaries(directory, int(version[1])))
    return max(found, key=lambda binaries: binaries.major, default=None)


class PostgresNode:
    """A PostgreSQL server with a data directory, a loopback port and a superuser of its own.

    `settings` are postgresql.conf parameters. As root the server runs under the account postgres, else nobody. The port
    and the data stay the same over stops, crashes and restarts; `close` stops the server and removes the data.
    """

    def __init__(self, binaries: PostgresBinaries, settings: Mapping[str, str] | None = None) -> None:
        self._binaries = binaries
        self._settings = {**_FOR_TESTS, **(settings or {})}
        self._account = server_account("postgres", "nobody")
        self._directory = server_directory("vigie-postgres-", self._account)
        self._data = self._directory / "data"
        self._password = secrets.token_urlsafe(16)
        [self.port] = free_ports(1)
        self._process: NodeProcess | None = None

    def url(self, database: str = "postgres") -> str:
        """The superuser's URL of `database` on this server."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/{database}"

    @property
    def running(self) -> bool:
        """Whether the server process is there."""
        return self._process is not None and self._process.running

    def start(self) -> None:
        """Start the server, after making its data directory the first time, and return once it accepts connections."""
        if self.running:
            return
        if not self._data.exists():
            self._initialise()
        options = {**self._settings, "listen_addresses": "127.0.0.1", "port": str(self.port)}
        options["unix_socket_directories"] = ""
        self._process = NodeProcess(
            [self._binaries.directory / "postgres", "-D", self._data, *_as_arguments(options)],
            directory=self._directory,
            log=self._directory / "log",
            environment=self._environment(),
            account=self._account,
            at_our_death=signal.SIGQUIT,
        )
        self._process.wait_until_ready(self._ready, within=60)

    def stop(self) -> None:
        """Stop in order: transactions under way are rolled back, everything is written, clients are cut off."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop at once without writing anything, as after a loss of power; the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        """Stop in order and start again on the same data and port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop without ado and remove the data."""
        self.crash()
        shutil.rmtree(self._directory)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.end(how)
            self._process = None

    def _initialise(self) -> None:
        password_file = self._directory / "password"
        write_for(self._account, password_file, self._password)
        initdb: list[str | Path] = [self._binaries.directory / "initdb", "--pgdata", self._data, "--no-sync"]
        initdb += ["--username", "postgres", "--pwfile", password_file, "--auth", "scram-sha-256"]
        initdb += ["--encoding", "UTF8", "--locale", "C"]
        run_as(self._account, initdb, directory=self._directory, environment=self._environment())
        write_for(self._account, self._data / "pg_hba.conf", _WHO_MAY_COME_IN)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self._directory)}

    def _ready(self) -> bool:
        """Whether the server has written `ready` under its own process id, as pg_ctl looks for it."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        pid = self._process.pid if self._process else None
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _as_arguments(options: Mapping[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
