"""A server of the tests' own never outlives the run that started it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.process import NodeError, NodeProcess, free_ports, wait_until

_ROOT = Path(__file__).parents[2]

# Starts a server, says its process id, and waits to be killed.
_STARTS_A_SERVER = """
import os, signal, sys
from pathlib import Path
from tests.stack.process import NodeProcess
here = Path(sys.argv[1])
server = NodeProcess(["sleep", "600"], directory=here, log=here / "log", environment={}, account=None,
                     at_our_death=signal.SIGKILL)
print(server.pid, flush=True)
signal.pause()
"""


def _exists(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux's /proc whether a process exists")
def test_a_server_ends_when_the_run_that_started_it_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STARTS_A_SERVER, tmp_path], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        server = int(run.stdout.readline())
        assert _exists(server)

        run.kill()

        wait_until(lambda: not _exists(server), within=10, what="the server ends")


def _start(directory: Path, *command: str) -> NodeProcess:
    return NodeProcess(
        command,
        directory=directory,
        log=directory / "log",
        environment={"PATH": os.defpath},
        account=None,
        at_our_death=signal.SIGKILL,
    )


def test_a_server_that_ends_before_it_is_ready_is_an_error_that_shows_its_log(tmp_path: Path) -> None:
    server = _start(tmp_path, "sh", "-c", "echo port already taken; exit 3")

    with pytest.raises(NodeError, match=r"status 3(.|\n)*port already taken"):
        server.wait_until_ready(lambda: False, within=10)


def test_a_server_that_is_never_ready_is_an_error_and_is_ended(tmp_path: Path) -> None:
    server = _start(tmp_path, "sleep", "600")

    with pytest.raises(NodeError, match="did not answer within"):
        server.wait_until_ready(lambda: False, within=0.1)

    assert not server.running


def test_a_server_that_ignores_the_order_to_stop_is_killed_and_reported(tmp_path: Path) -> None:
    server = _start(tmp_path, "sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 600; done")
    server.wait_until_ready(lambda: "deaf" in (tmp_path / "log").read_text(), within=10)

    with pytest.raises(NodeError, match="outlived SIGTERM"):
        server.end(signal.SIGTERM, within=0.2)

    assert not server.running


def test_free_ports_are_different_free_and_not_those_of_outgoing_connections() -> None:
    ports = free_ports(3)

    assert len(set(ports)) == 3
    for port in ports:
        assert port < 32_768
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
