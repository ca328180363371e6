"""Changes to a drawn dossier that must not change its figures, or must change them in a known way."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Sequence

from .strategies import GeneratedDossier
from .strategies.generated import csv_text

Row = dict[str, str]


def with_rows(dossier: GeneratedDossier, name: str, change: Callable[[list[Row]], Sequence[Row]]) -> GeneratedDossier:
    """The dossier with the rows of one table changed; the same dossier where the table is missing."""
    plain, packed = f"{name}.csv", f"{name}.csv.gz"
    if plain not in dossier.files and packed not in dossier.files:
        return dossier
    content = dossier.files[plain] if plain in dossier.files else gzip.decompress(dossier.files[packed])
    reader = csv.DictReader(io.StringIO(content.decode(), newline=""))
    text = csv_text(reader.fieldnames or (), change(list(reader))).encode()
    return dossier.with_files({plain: text} if plain in dossier.files else {packed: gzip.compress(text, mtime=0)})


def with_fec_lines(dossier: GeneratedDossier, change: Callable[[list[bytes]], Sequence[bytes]]) -> GeneratedDossier:
    """The dossier with the lines below the header of every FEC changed."""
    changed = {}
    for name, content in dossier.files.items():
        if name.lower().endswith(".txt"):
            header, *lines = (line.rstrip(b"\r") for line in content.split(b"\n"))
            changed[name] = b"\n".join([header, *change([line for line in lines if line])])
    return dossier.with_files(changed)
