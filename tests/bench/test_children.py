"""What a process cost, measured from outside."""

import sys
from pathlib import Path

import pytest

from tests.bench.children import MIB, CommandFailed, cost_of


def python(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


def test_the_peak_of_memory_is_the_commands_own_and_not_that_of_whoever_measures() -> None:
    # given a process that holds 200 MiB and measures from within
    ballast = bytearray(b"x") * (200 * MIB)
    # when a small command is measured, and one that holds 100 MiB
    small, large = cost_of(python("pass")), cost_of(python(f"b'x' * {100 * MIB}"))
    # then neither peak is that of the process that measures
    assert len(ballast) == 200 * MIB
    assert small.peak < 50
    assert 100 < large.peak < 150


def test_the_processor_time_is_that_of_the_command_with_all_its_threads() -> None:
    burn = "import time, threading\ndef burn():\n    while time.thread_time() < 0.1: pass\n"
    threads = "ts = [threading.Thread(target=burn) for _ in range(2)]\n[t.start() for t in ts]; [t.join() for t in ts]"
    cost = cost_of(python(burn + threads))
    assert 0.2 <= cost.cpu < 0.6
    assert cost.wall > 0.1


def test_the_standard_output_goes_where_it_is_asked_to(tmp_path: Path) -> None:
    cost_of(python("print('42')"), output=tmp_path / "said")
    assert (tmp_path / "said").read_text() == "42\n"


def test_a_command_that_fails_is_not_measured_and_says_what_it_said() -> None:
    with pytest.raises(CommandFailed, match=r"ended with status 3:\nno books here"):
        cost_of(python("import sys; sys.stderr.write('no books here'); sys.exit(3)"))
