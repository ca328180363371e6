"""However a run ends, its servers end with it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.stack.postgres import find_postgres, postgres_directories
from tests.stack.process import can_connect, wait_until

_ROOT = Path(__file__).parents[2]

_A_TEST_THAT_WAITS = """
import signal
from pathlib import Path

def test_waits(postgres_url):
    url = Path(__file__).with_name("url")
    url.with_suffix(".part").write_text(postgres_url)
    url.with_suffix(".part").rename(url)
    signal.pause()
"""

_A_TEST_THAT_FAILS = """
from pathlib import Path

def test_fails(postgres_url):
    Path(__file__).with_name("url").write_text(postgres_url)
    assert False
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_postgres(postgres_directories()) is None, reason="needs PostgreSQL's own binaries"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a server's account may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _start_run(folder: Path, test: str) -> subprocess.Popen[bytes]:
    """A run of pytest with a store of its own below `folder`."""
    (folder / "test_one.py").write_text(test)
    (folder / "pytest.ini").write_text("[pytest]\n")
    environment = {name: value for name, value in os.environ.items() if name != "VIGIE_TEST_DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "tests.stack.plugin", "-p", "no:cacheprovider", str(folder)],
        cwd=_ROOT,
        env={**environment, "TMPDIR": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.DEVNULL,
    )


def _port(folder: Path) -> int:
    return urlsplit((folder / "url").read_text()).port or 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_an_interrupted_run_ends_its_server_and_removes_its_data(folder: Path, how: signal.Signals) -> None:
    with _start_run(folder, _A_TEST_THAT_WAITS) as run:
        wait_until((folder / "url").exists, within=60, what="the test under way")
        assert can_connect(_port(folder))

        run.send_signal(how)

        assert run.wait(30) == pytest.ExitCode.INTERRUPTED
    assert not can_connect(_port(folder))
    assert list(folder.glob("vigie-*")) == []


def test_a_killed_run_ends_its_server(folder: Path) -> None:
    with _start_run(folder, _A_TEST_THAT_WAITS) as run:
        wait_until((folder / "url").exists, within=60, what="the test under way")
        assert can_connect(_port(folder))

        run.kill()

    wait_until(lambda: not can_connect(_port(folder)), within=30, what="the server ends")


def test_a_failing_run_ends_its_server_and_removes_its_data(folder: Path) -> None:
    with _start_run(folder, _A_TEST_THAT_FAILS) as run:
        assert run.wait(60) == pytest.ExitCode.TESTS_FAILED
    assert not can_connect(_port(folder))
    assert list(folder.glob("vigie-*")) == []
