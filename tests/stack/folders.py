"""Folders for servers that a root test run starts as another user."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def reachable() -> Iterator[Path]:
    """A folder that other users can enter, as pytest's own cannot be; removed in the end."""
    with TemporaryDirectory(prefix="vigie-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
