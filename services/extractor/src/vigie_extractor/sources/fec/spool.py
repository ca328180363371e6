"""Makes any FEC readable as UTF-8 lines, copying only those that are not, block by block, to a spool folder.

A copy keeps the line numbers of its original: a line that cannot be kept is left blank and reported.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vigie_extractor.sources.canonical import BadRow

BLOCK = 1 << 18
_C1 = bytes(range(0x80, 0xA0))


@dataclass(frozen=True, slots=True)
class ReadableFile:
    """A file DuckDB can read. `lost` are the rows that could not be kept."""

    path: Path
    lost: tuple[BadRow, ...] = ()


def head_of(path: Path) -> bytes:
    """The first block of a file: enough for its header and for a guess at its encoding."""
    with path.open("rb") as file:
        return file.read(BLOCK)


def _is_utf8(block: bytes) -> bool:
    """Whether a block that may end within a character is UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _legacy_encoding(path: Path) -> str:
    """Of a file that is not UTF-8: Windows-1252 where a byte 0x80 to 0x9F occurs, else ISO-8859-15."""
    return "cp1252" if any(len(block.translate(None, _C1)) < len(block) for block in _blocks(path)) else "iso8859-15"


def head_text(head: bytes) -> str:
    """The first block as text, good enough to read the header."""
    if _is_utf8(head):
        return head.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("iso8859-15")


def make_readable(path: Path, head: bytes, spool: Path) -> ReadableFile:
    """The file itself where its bytes can be read as they are, else a copy. Looks at every byte once."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    plain, utf8 = b"\r\r\n" not in head, True
    try:
        for block in _blocks(path):
            plain = plain and b"\0" not in block
            if not (block.isascii() and decoder.getstate()[0] == b""):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        utf8 = False
    return ReadableFile(path) if plain and utf8 else _copy(path, "utf-8" if utf8 else _legacy_encoding(path), spool)


def _copy(path: Path, encoding: str, spool: Path) -> ReadableFile:
    """A copy in UTF-8 with LF line ends, without the lines that hold a NUL byte."""
    copy = spool / f"{len(list(spool.iterdir()))}.txt"
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    lost: list[BadRow] = []
    number = 0
    with copy.open("w", encoding="utf-8", newline="") as out:
        for text in _whole_lines(decoder, path):
            clean = text.replace("\r\r\n", "\n").replace("\r\n", "\n")
            if "\0" in clean:
                lines = clean.split("\n")
                for index, line in enumerate(lines):
                    if "\0" in line:
                        lost.append(BadRow(number + index + 1, None, None, "holds a NUL byte"))
                        lines[index] = ""
                clean = "\n".join(lines)
            number += clean.count("\n")
            out.write(clean)
    return ReadableFile(copy, tuple(lost))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _whole_lines(decoder: codecs.IncrementalDecoder, path: Path) -> Iterator[str]:
    """The decoded file in parts that end with a line, so that no line end is cut in two."""
    rest = ""
    for block in _blocks(path):
        text = rest + decoder.decode(block)
        cut = text.rfind("\n") + 1
        rest = text[cut:]
        if cut:
            yield text[:cut]
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest
