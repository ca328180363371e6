"""Runs a command and prints what it cost, as JSON: seconds of wall clock and of processor, and the peak of its memory.

A program of its own that loads next to nothing: on Linux a new process inherits the peak of the one it was started by,
so the peak of a small command started by a large process would be the latter's.
"""

import json
import os
import sys
import time

# ru_maxrss is in KiB on Linux and in bytes on macOS.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def main(output: str, command: list[str]) -> None:
    """Run `command` with its standard output in the file `output`; its status is in the answer, whatever it is."""
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
        os.execvp(command[0], command)  # noqa: S606 - a shell between would be measured too
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - started
    cost = {
        "status": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * _PEAK_UNIT,
    }
    sys.stdout.write(json.dumps(cost))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
