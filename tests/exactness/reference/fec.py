"""FEC files: their bytes, their rows, their fiscal year and their opening (contract.md and indicators.md)."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from .model import Dossier, Entry, Finding, FiscalYear
from .money import ZERO, parse_amount

_NAMED = re.compile(r"(?P<company>.+)FEC(?P<closing>[0-9]{8})\.txt", re.IGNORECASE)
_CLOSING = re.compile(r"FEC(?P<closing>[0-9]{8})\.", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_A_NOUVEAU = re.compile(r"\ba[ -]+nouveaux?\b")


@dataclass(frozen=True)
class FecFile:
    """One file's rows before its year is known, those of its opening journal marked; `closing` is its name's date."""

    name: str
    company: str
    closing: date | None
    rows: tuple[Entry, ...]

    def others(self) -> list[Entry]:
        return [row for row in self.rows if row.kind != "opening"]


def decode(content: bytes) -> str:
    """UTF-8 with or without BOM, else Windows-1252 where a byte 0x80 to 0x9F occurs, else ISO-8859-15."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        windows = any(0x80 <= byte <= 0x9F for byte in content)
        return content.decode("cp1252" if windows else "iso-8859-15", errors="replace")


def fec_date(text: str) -> date | None:
    """A date written AAAAMMJJ; a blank or impossible one is None."""
    match = _DATE.fullmatch(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def is_opening_journal(code: str, label: str, opening_journals: frozenset[str] | None) -> bool:
    """The parameter replaces the whole rule; else the codes AN, ANO, RAN, OUV, or a label that says so.

    Reading: "case and accents aside" holds for the code as for the label, and "a nouveau" stands as words of its own
    ("Extra nouveau" and "a nouveautes" do not hold them).
    """
    if opening_journals is not None:
        return code in opening_journals
    decomposed = unicodedata.normalize("NFKD", label).casefold()
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return (
        code.upper() in {"AN", "ANO", "RAN", "OUV"}
        or _A_NOUVEAU.search(plain) is not None
        or plain.startswith(("bilan d'ouverture", "ouverture"))
    )


def _row(cells: dict[str, str], file: str, opening_journals: frozenset[str] | None) -> Entry | None:
    """One line, or None when it is a bad row: short, or with a date or an amount that is none."""
    day = fec_date(cells.get("ecrituredate", ""))
    if "montant" in cells:
        amount = parse_amount(cells["montant"].replace(",", "."))
        side = cells.get("sens", "").upper()
        debit, credit = (amount, ZERO) if side == "D" else (ZERO, amount) if side == "C" else (None, None)
    else:
        debit = parse_amount(cells["debit"].replace(",", ".")) if "debit" in cells else None
        credit = parse_amount(cells["credit"].replace(",", ".")) if "credit" in cells else None
    if day is None or debit is None or credit is None or not cells["comptenum"]:
        return None
    opening = is_opening_journal(cells["journalcode"], cells["journallib"], opening_journals)
    return Entry(
        file=file,
        journal=cells["journalcode"],
        number=cells["ecriturenum"],
        date=day,
        counts_on=day,
        account=cells["comptenum"],
        account_label=cells["comptelib"],
        third_party=cells["compauxnum"],
        third_party_label=cells["compauxlib"],
        debit=debit,
        credit=credit,
        kind="opening" if opening else "normal",
        year=None,
        lettering=cells.get("ecriturelet", ""),
    )


def read_file(path: Path, company: str, dossier: Dossier) -> FecFile | None:
    """The rows of one file; None when it is neither tab nor pipe separated."""
    # LF, CRLF or CR CR LF; other characters that some programs take for line ends are text.
    lines = [line.rstrip("\r") for line in decode(path.read_bytes()).split("\n")]
    separator = "\t" if "\t" in lines[0] else "|"
    if separator not in lines[0]:
        dossier.findings.append(Finding("unreadable_file", company))
        return None
    header = [name.strip(" ").lower() for name in lines[0].split(separator)]
    rows = []
    for line in lines[1:]:
        if line == "":
            continue
        cells = dict(zip(header, (value.strip(" ") for value in line.split(separator)), strict=False))
        row = _row(cells, path.name, dossier.parameters.opening_journals)
        if row is None:
            dossier.findings.append(Finding("bad_row"))
        else:
            rows.append(row)
    closing = _CLOSING.search(path.name)
    return FecFile(path.name, company, fec_date(closing["closing"]) if closing else None, tuple(rows))


def read_folder(folder: Path, dossier: Dossier) -> dict[str, list[FecFile]]:
    """All files by company: named by the index `fec.csv` where there is one, else by their own names."""
    index = folder / "fec.csv"
    named: list[tuple[str, str]] = []
    if index.exists():
        with index.open(encoding="utf-8", newline="") as stream:
            named = [(row["file"], row["company"]) for row in csv.DictReader(stream)]
    else:
        matches = [(path.name, _NAMED.fullmatch(path.name)) for path in sorted(folder.iterdir())]
        named = [(name, match["company"]) for name, match in matches if match]
    files: dict[str, list[FecFile]] = {}
    for name, company in named:
        if company not in dossier.companies:
            dossier.findings.append(Finding("unknown_company"))
            continue
        file = read_file(folder / name, company, dossier)
        if file is not None:
            files.setdefault(company, []).append(file)
    return files


def years_of_files(files: list[FecFile], dossier: Dossier) -> list[FiscalYear]:
    """None declared: each file gives one, from its earliest entry outside the opening to the date in its name."""
    years = []
    for file in files:
        days = [row.date for row in file.others()]
        if file.closing is None or not days or min(days) > file.closing:
            dossier.undecided.append(
                "each file gives one fiscal year: this one has no date, no entry, or ends before it starts"
            )
            continue
        years.append(FiscalYear(min(days), file.closing, unit=""))
    return years


def file_year(file: FecFile, years: list[FiscalYear]) -> FiscalYear | None:
    """The declared year that holds most of the lines outside the opening journal (a tie: the later year).

    None holds one: the year of the date in the name, else of the latest entry. Reading: "the year of" a date is the
    declared year that holds it, and the latest entry may be one of the opening.
    """
    votes = Counter(year for row in file.others() for year in years if year.holds(row.date))
    if votes:
        return max(votes, key=lambda year: (votes[year], year.start))
    days = [file.closing] if file.closing else []
    if file.rows:
        days.append(max(row.date for row in file.rows))
    return next((year for day in days for year in years if year.holds(day)), None)


def entries_of_file(file: FecFile, years: list[FiscalYear], dossier: Dossier) -> list[Entry]:
    """All entries of the opening journal count on the first day of the file's year, whatever their own date; an entry
    outside the file's year counts at its own date, with `bad_row`."""
    year = file_year(file, years)
    entries = []
    for row in file.rows:
        if row.kind == "opening":
            if year is None:
                dossier.undecided.append(
                    "the file's year: no declared year holds a line, the name's date or the latest entry"
                )
                continue
            entries.append(replace(row, counts_on=year.start, year=year))
            continue
        if year is None or not year.holds(row.date):
            dossier.findings.append(Finding("bad_row", file.company, certain=year is not None))
        entries.append(row)
    return entries
