"""A dossier as it was drawn: the bytes of its files, and how they are written."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .choices import Choices


@dataclass(frozen=True, repr=False)
class GeneratedDossier:
    as_of: date
    files: Mapping[str, bytes]
    corners: frozenset[str]

    def write(self, folder: Path) -> Path:
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder

    def with_files(self, files: Mapping[str, bytes]) -> GeneratedDossier:
        return GeneratedDossier(self.as_of, {**self.files, **files}, self.corners)

    def __repr__(self) -> str:
        """The files as text: what a reader needs to see of a failing example."""
        parts = [f"dossier at {self.as_of}"]
        for name, content in self.files.items():
            shown = gzip.decompress(content) if name.endswith(".gz") else content
            parts.append(f"--- {name}\n{shown!r}" if name.startswith("fec/") else f"--- {name}\n{shown.decode()}")
        return "\n".join(parts)


def csv_text(header: Sequence[str], rows: Sequence[Mapping[str, str]], line_end: str = "\n") -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def table(c: Choices, name: str, header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> dict[str, bytes]:
    """One table as a file: sometimes gzipped, with Windows line ends, or with its columns in another order."""
    columns = list(header)
    if c.chance(8, "table: columns in another order"):
        columns.reverse()
    content = csv_text(columns, rows, "\r\n" if c.chance(8, "table: CRLF") else "\n").encode()
    if c.chance(10, "table: gzipped"):
        return {f"{name}.csv.gz": gzip.compress(content, mtime=0)}
    return {f"{name}.csv": content}
