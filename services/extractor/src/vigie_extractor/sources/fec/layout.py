"""The header of a FEC: its separator, where each needed column stands, and how amounts are written."""

from dataclasses import dataclass

from vigie_extractor.sources.table_file import UnreadableTableError

# Canonical name of a column by the legal one, written without case.
COLUMNS = {
    "journalcode": "JournalCode",
    "journallib": "JournalLib",
    "ecriturenum": "EcritureNum",
    "ecrituredate": "EcritureDate",
    "comptenum": "CompteNum",
    "comptelib": "CompteLib",
    "compauxnum": "CompAuxNum",
    "compauxlib": "CompAuxLib",
    "debit": "Debit",
    "credit": "Credit",
    "montant": "Montant",
    "sens": "Sens",
    "ecriturelib": "EcritureLib",
    "pieceref": "PieceRef",
    "ecriturelet": "EcritureLet",
}
NEEDED = tuple(COLUMNS.values())[:8]
DEBIT_CREDIT = ("Debit", "Credit")
AMOUNT_SENSE = ("Montant", "Sens")


class MissingColumnsError(Exception):
    """The header lacks columns that the computation needs; the message names them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`fields` are the canonical names by position, None for a column that is not needed; `skip` lines come before the
    first row. Two files of one layout are read by one reader."""

    delimiter: str
    fields: tuple[str | None, ...]
    skip: int

    @property
    def has_sense(self) -> bool:
        """Whether amounts are written as Montant and Sens rather than Debit and Credit."""
        return "Montant" in self.fields


def read_layout(head: str) -> Layout:
    """The layout of a FEC from its first lines.

    Raises UnreadableTableError without a header, with another separator than tab or pipe or with a column twice, and
    MissingColumnsError where a needed column is not there.
    """
    lines = head.splitlines()
    skip = next((number for number, line in enumerate(lines) if line.strip()), None)
    if skip is None:
        raise UnreadableTableError("is empty: it has no header")
    header = lines[skip]
    delimiter = next((mark for mark in ("\t", "|") if mark in header), None)
    if delimiter is None:
        raise UnreadableTableError("has a header separated neither by tabs nor by pipes")
    names = [name.strip().casefold() for name in header.split(delimiter)]
    twice = sorted({COLUMNS.get(name, name) for name in names if name and names.count(name) > 1})
    if twice:
        raise UnreadableTableError(f"has the column {', '.join(twice)} twice in its header")
    if names[-1] == "":
        names.pop()
    fields = tuple(COLUMNS.get(name) for name in names)
    missing = [column for column in NEEDED if column not in fields]
    if not set(DEBIT_CREDIT) <= set(fields) and not set(AMOUNT_SENSE) <= set(fields):
        missing += [column for column in DEBIT_CREDIT if column not in fields]
    if missing:
        raise MissingColumnsError(f"has no column {', '.join(missing)}")
    return Layout(delimiter, fields, skip + 1)
