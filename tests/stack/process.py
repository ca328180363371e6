"""A server process of the tests' own: known by its id, ended by it, and never outliving the run that started it."""

import os
import pwd
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Below the ports that systems hand out for outgoing connections (32768 and up on Linux, 49152 on others). A client that
# keeps calling a stopped server's port from that range ends up connected to itself, and the server cannot come back.
_PORTS = range(20_000, 32_000)

# The shell waits for the end of its standard input, which is the end of the process that holds the other side.
_LIFELINE = 'read -r _; kill -s "$1" -- "-$2"'


class NodeError(Exception):
    """A server did not do what was asked of it; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Account:
    """The system account a server runs under."""

    name: str
    uid: int
    gid: int


def server_account(*names: str) -> Account | None:
    """The first of the accounts `names` that exists, for a server that must not run as root.

    None when this process is not root: the server then runs as who started it.
    """
    if os.geteuid() != 0:
        return None
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise NodeError(f"none of the accounts {', '.join(names)} exists to run the server under; make one with useradd")


def server_directory(prefix: str, account: Account | None) -> Path:
    """A new temporary directory that belongs to `account`; outside pytest's own, which only its maker may enter."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory


def write_for(account: Account | None, path: Path, text: str) -> None:
    """Write `text` to the file `path`, readable by `account` alone."""
    path.touch(mode=0o600)
    path.write_text(text)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def free_ports(count: int) -> list[int]:
    """`count` different loopback ports on which nothing listens."""
    ports: list[int] = []
    for port in random.sample(_PORTS, k=len(_PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    raise NodeError(f"no {count} free ports between {_PORTS.start} and {_PORTS.stop} on 127.0.0.1")


def can_connect(port: int) -> bool:
    """Whether something listens on `port` of this machine."""
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], *, within: float, what: str, every: float = 0.05) -> None:
    """Return once `condition` holds; TimeoutError naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within:g} s")
        time.sleep(every)


def run_as(
    account: Account | None, command: Sequence[str | Path], *, directory: Path, environment: Mapping[str, str]
) -> str:
    """What `command` prints when run under `account`; NodeError with all that it said when its status is not 0."""
    answer = subprocess.run(
        command,
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if answer.returncode != 0:
        name = Path(command[0]).name
        raise NodeError(f"{name} ended with status {answer.returncode}:\n{answer.stdout}{answer.stderr}")
    return answer.stdout


class NodeProcess:
    """A server in a process group of its own.

    When this Python process ends without stopping it, even by SIGKILL, the group gets the signal `at_our_death`.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        directory: Path,
        log: Path,
        environment: Mapping[str, str],
        account: Account | None,
        at_our_death: signal.Signals,
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self._server = subprocess.Popen(
                [str(word) for word in command],
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        self._lifeline = subprocess.Popen(
            ["/bin/sh", "-c", _LIFELINE, "lifeline", at_our_death.name.removeprefix("SIG"), str(self._server.pid)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process's id, which is its group's too."""
        return self._server.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._server.poll() is None

    def wait_until_ready(self, ready: Callable[[], bool], *, within: float) -> None:
        """Return once the server is `ready`; NodeError, and no server, when it ends first or takes too long."""
        try:
            wait_until(lambda: not self.running or ready(), within=within, what="server ready")
        except TimeoutError as error:
            self.end(signal.SIGKILL)
            raise NodeError(f"the server did not answer within {within:g} s{self._log_tail()}") from error
        if not self.running:
            self.end(signal.SIGKILL)
            raise NodeError(f"the server ended with status {self._server.returncode}{self._log_tail()}")

    def end(self, how: signal.Signals, *, within: float = 60) -> None:
        """Send the signal `how` and wait for the end; SIGKILL to the whole group when it takes longer than `within`."""
        if how is signal.SIGKILL:
            self._kill_group()
        elif self.running:
            self._server.send_signal(how)
        try:
            self._server.wait(within)
        except subprocess.TimeoutExpired:
            self._kill_group()
            self._server.wait()
            raise NodeError(
                f"the server outlived {how.name} by {within:g} s and was killed{self._log_tail()}"
            ) from None
        finally:
            self._release_lifeline()

    def _kill_group(self) -> None:
        if self.running:
            os.killpg(self._server.pid, signal.SIGKILL)

    def _release_lifeline(self) -> None:
        self._lifeline.kill()
        self._lifeline.wait()
        if self._lifeline.stdin is not None:
            self._lifeline.stdin.close()

    def _log_tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-30:]
        return "\n".join(["; its log ends with:", *lines])
