"""Looking at the folder of a source without reading its data: which files are there, and whether some are missing."""

import os
from collections.abc import Iterator
from pathlib import Path

from vigie_extractor.domain.source import SourceKind
from vigie_extractor.domain.watching import FileSight, Sight
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.sources.table_file import SmallTables, UnreadableTableError, find

MOST_FILES = 5_000


def sight_of(folder: Path, kind: SourceKind) -> Sight:
    """The files of a source's folder, hidden ones left out. Raises OSError, and SourceError for too many of them."""
    files = tuple(_files_in(folder, folder)) + tuple(_files_in(folder / "fec", folder))
    if len(files) > MOST_FILES:
        raise SourceError(f"the folder holds {len(files)} files; at most {MOST_FILES} can be watched")
    return Sight(files, _lacks(folder, kind, {file.path for file in files}))


def _files_in(folder: Path, root: Path) -> Iterator[FileSight]:
    if folder != root and not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "~$")) or not entry.is_file():
                continue
            # Of the file itself: what a folder says of an open file is late on some systems and on the network.
            found = Path(entry.path).stat()
            path = Path(entry.path).relative_to(root).as_posix()
            yield FileSight(path, found.st_size, found.st_mtime_ns, found.st_ino)


def _lacks(folder: Path, kind: SourceKind, paths: set[str]) -> str | None:
    """What the folder names and does not hold."""
    if kind is SourceKind.DOSSIER and "dossier.toml" not in paths:
        return "dossier.toml, which is not there"
    fec = folder if kind is SourceKind.FEC else folder / "fec"
    within = "" if kind is SourceKind.FEC else "fec/"
    try:
        index = find(fec, "fec")
        if index is None:
            return None
        with SmallTables() as tables:
            table = tables.read(index)
    except (SourceError, UnreadableTableError):
        return None  # the extraction itself says what is wrong with it
    listed = (record.fields.get("file", "") for record in table.records)
    missing = next((name for name in listed if name and f"{within}{name}" not in paths), None)
    return None if missing is None else f"{missing}, which {index.name} names and which is not there"
