"""Watched folders: when files that are new or changed have come to rest, so that none is read half-written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download")
"""How the names of files end that somebody is still writing, in whatever case."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a folder is looked at, and for how long its files must have been the same before they are read."""

    period: timedelta = timedelta(seconds=10)
    quiet: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class FileSight:
    """A file as the system tells of it: its path inside the folder, its size in bytes, when it was written and which
    file of its disk it is."""

    path: str
    size: int
    written_ns: int
    inode: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.size} {self.written_ns} {self.inode}".encode()).hexdigest()[:16]

    @property
    def unfinished(self) -> bool:
        return self.path.casefold().endswith(UNFINISHED)


@dataclass(frozen=True, slots=True)
class Sight:
    """A folder at one moment. `lacks`: what the folder itself names and does not hold, in words."""

    files: tuple[FileSight, ...]
    lacks: str | None = None

    @property
    def digests(self) -> dict[str, str]:
        """What is compared, by path; files that are still being written are not."""
        return {file.path: file.digest for file in self.files if not file.unfinished}

    @property
    def digest(self) -> str:
        """The same for the same files, unfinished ones included."""
        lines = sorted(f"{file.path}\0{file.digest}" for file in self.files)
        return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a folder. `known`: the files that need no extraction any more. `seen`: the digest of all files,
    unchanged since `seen_since`. `waits_for`: why it is not extracted although it differs."""

    known: Mapping[str, str]
    seen: str
    seen_since: datetime
    waits_for: str | None = None

    @classmethod
    def begun(cls, sight: Sight, now: datetime) -> "Watched":
        """Nothing that is there when watching begins is new."""
        return cls(sight.digests, sight.digest, now)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a folder leads to: what is known now, and whether an extraction is due."""

    watched: Watched
    changed: bool = False


def look(before: Watched, sight: Sight, now: datetime, quiet: timedelta) -> Looked:
    """Compare a folder with what is known of it.

    An extraction is due once files are new or changed, all of them have been the same for the `quiet` period, none of
    them bears the name of one that is still being written, and none is missing that the folder names. Files that only
    went are no reason for one: they are often put away once they were read.
    """
    digests = sight.digests
    if sight.digest != before.seen:
        changing = Watched(before.known, sight.digest, now)
        return Looked(replace(changing, waits_for=_waits(before, digests, "its files to come to rest")))
    new = any(before.known.get(path) != digest for path, digest in digests.items())
    if not new:
        return Looked(replace(before, known=digests, waits_for=None))
    unfinished = next((file.path for file in sight.files if file.unfinished), None)
    if unfinished is not None:
        return Looked(replace(before, waits_for=f"{unfinished}, which is still being written"))
    if now - before.seen_since < quiet:
        return Looked(replace(before, waits_for="its files to come to rest"))
    if sight.lacks is not None:
        return Looked(replace(before, waits_for=sight.lacks))
    return Looked(replace(before, known=digests, waits_for=None), changed=True)


def _waits(before: Watched, digests: Mapping[str, str], reason: str) -> str | None:
    return reason if any(before.known.get(path) != digest for path, digest in digests.items()) else None
