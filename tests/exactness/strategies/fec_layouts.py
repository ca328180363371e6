"""How a FEC is written: encodings, separators, line ends, amounts, headers, padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .choices import Choices
from .ledgers import Line

COLUMNS = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
CASH_COLUMNS = ("DateRglt", "ModeRglt", "NatOp", "IdClient")
ENCODINGS = {"UTF-8": "utf-8", "UTF-8 with BOM": "utf-8-sig", "Windows-1252": "cp1252", "ISO-8859-15": "iso-8859-15"}
# Texts of an entry: quotes are text, and characters that some programs take for a line end are not one.
TEXTS = ("Facture", 'Achat 3" x 5"', '"Vente', "\\", "Réglt n° 4", "Œuvre à 3 €")
UNICODE_TEXTS = (*TEXTS, "a\u0085b", "a\u2028b", "日本", "a\u0092b")


@dataclass(frozen=True)
class Layout:
    encoding: str
    separator: str
    line_end: str
    last_line_ends: bool
    sides: bool
    amounts: str
    padded: bool
    trailing_separator: bool
    extra_columns: bool
    header: str

    @property
    def codec(self) -> str:
        return ENCODINGS[self.encoding]


def layout(c: Choices) -> Layout:
    ends = {"LF": "\n", "CRLF": "\r\n", "CR CR LF": "\r\r\n"}
    return Layout(
        encoding=c.named("fec", [("UTF-8", 3), ("UTF-8 with BOM", 2), ("Windows-1252", 3), ("ISO-8859-15", 3)]),
        separator={"tab": "\t", "pipe": "|"}[c.named("fec separator", [("tab", 3), ("pipe", 2)])],
        line_end=ends[c.named("fec lines", [("LF", 3), ("CRLF", 2), ("CR CR LF", 2)])],
        last_line_ends=not c.chance(20, "fec: no line end at the end"),
        sides=c.chance(30, "fec: Montant and Sens"),
        amounts=c.named("fec amounts", [("plain", 4), ("zeros", 2), ("plus", 2), ("short", 2)]),
        padded=c.chance(25, "fec: padded"),
        trailing_separator=c.chance(20, "fec: separator at the end"),
        extra_columns=c.chance(20, "fec: extra columns"),
        header=c.weighted([("as in law", 5), ("lower", 1), ("upper", 1), ("mixed", 2)]),
    )


def written(value: Decimal, form: str) -> str:
    """`0000000069,60`, `+000000069,40`, `2592`, `141,7` are all seen."""
    plain = f"{value:f}"
    if form == "short":
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    elif "." not in plain:
        plain = f"{plain}.00"
    if form in {"zeros", "plus"} and value >= 0:
        plain = ("+" if form == "plus" else "0") + plain.rjust(13, "0")
    return plain.replace(".", ",")


def _header(form: Layout) -> list[str]:
    names = list(COLUMNS)
    if form.sides:
        names[11:13] = ["Montant", "Sens"]
    if form.extra_columns:
        names += CASH_COLUMNS
    if form.header == "mixed":
        names = [{"CompteLib": "CompteLIB", "Montantdevise": "MontantDevise"}.get(name, name) for name in names]
    return [{"lower": name.lower(), "upper": name.upper()}.get(form.header, name) for name in names]


def _amounts(line: Line, form: Layout) -> list[str]:
    if not form.sides:
        return [written(line.debit, form.amounts), written(line.credit, form.amounts)]
    if line.credit != 0:
        return [written(line.credit - line.debit, form.amounts), "C"]
    return [written(line.debit, form.amounts), "D"]


def _cells(c: Choices, line: Line, form: Layout) -> list[str]:
    day = line.day.strftime("%Y%m%d")
    cells = [
        line.journal,
        line.journal_label,
        line.number,
        day,
        line.account,
        line.account_label,
        line.third_party,
        line.third_party_label,
        "P1",
        day,
        c.pick(UNICODE_TEXTS if form.codec.startswith("utf") else TEXTS),
        *_amounts(line, form),
        *["", "", day, "", ""],
    ]
    if form.extra_columns:
        cells += [day, "CB", "", ""]
    if not c.chance(1):
        return cells
    position, value = c.pick([(3, ""), (3, "20230229"), (3, "2023-01"), (11, "12x"), (11, "1 000,00"), (-1, "")])
    c.corners.add("bad fec line: short" if position == -1 else f"bad fec line: {COLUMNS[position]}")
    return cells[:3] if position == -1 else [*cells[:position], value, *cells[position + 1 :]]


def file_bytes(c: Choices, lines: Sequence[Line], form: Layout) -> bytes:
    rows = [_header(form), *(_cells(c, line, form) for line in lines)]
    if form.padded:
        rows = [rows[0], *([f"{cell}  " if cell else "   " for cell in row] for row in rows[1:])]
    end = form.separator if form.trailing_separator else ""
    text = form.line_end.join(form.separator.join(row) + end for row in rows)
    return (text + (form.line_end if form.last_line_ends else "")).encode(form.codec)
