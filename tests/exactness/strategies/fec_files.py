"""Which FEC files a dossier holds, and what their names, years and opening journals say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from .calendars import DAY, Year, shifted
from .choices import Choices
from .fec_layouts import Layout, file_bytes, layout
from .generated import csv_text
from .ledgers import MOVEMENTS, OPENINGS, Line, movement

# Opening journals by code and by label, and journals that only look like one.
OPENING_JOURNALS = (
    ("AN", "Journal"),
    ("ANO", "A nouveaux"),
    ("RAN", ""),
    ("OUV", "Divers"),
    ("88", "Report à nouveau"),
    ("90", "À-NOUVEAUX"),
    ("R1", "Journal d'à-nouveau"),
    ("2", "BILAN D'OUVERTURE"),
    ("B1", "Ouverture exercice"),
)
LOOK_ALIKES = (("XN", "Extra nouveau"), ("NV", "Ventes a nouveautés"), ("RO", "Réouverture"), ("ANX", "Annexe"))
ORDINARY = (("VE", "Ventes"), ("BQ", "Banque"), ("OD", "Opérations diverses"))


def _days(c: Choices, year: Year, days: Sequence[date], declared: bool) -> list[date]:
    """Days of a file: inside its year, and now and then outside of it."""
    inside = [day for day in days if year.start <= day <= year.end] or [year.start]
    if c.chance(12, "fec: entries outside the file's year"):
        return [*inside, year.end + DAY, shifted(year.end, 3), *([year.start - DAY] if declared else [])]
    return inside


def _opening(c: Choices, year: Year, form: Layout, journal: tuple[str, str]) -> list[Line]:
    lines: list[Line] = []
    old = c.chance(30, "fec: opening with its original dates")
    for number in range(c.number(1, 4)):
        day = shifted(year.start, -c.number(1, 14)) if old else year.start
        if c.chance(5, "fec: opening dated within the year"):
            day = min(year.start + 40 * DAY, year.end)
        lines += movement(c, day, f"A{number}", c.pick(OPENINGS), form.codec)
    return [replace(line, journal=journal[0], journal_label=journal[1]) for line in lines]


def _ordinary(c: Choices, day: date, number: str, form: Layout) -> list[Line]:
    journal, label = c.pick(LOOK_ALIKES if c.chance(12, "fec: a journal like an opening one") else ORDINARY)
    sides = c.weighted(MOVEMENTS)
    return [replace(line, journal=journal, journal_label=label) for line in movement(c, day, number, sides, form.codec)]


def _lines(
    c: Choices, year: Year, days: Sequence[date], declared: bool, journal: tuple[str, str]
) -> tuple[Layout, list[Line]]:
    form = layout(c)
    lines = _opening(c, year, form, journal) if c.chance(65, "fec: with an opening") else []
    if not declared:
        # The year of an undeclared file starts with its earliest entry outside the opening journal.
        first = year.start if c.chance(75, "fec: first entry on the year's first day") else year.start + 9 * DAY
        lines += _ordinary(c, min(first, year.end), "0", form)
    elif lines and c.chance(8, "fec: nothing but an opening"):
        return form, lines
    inside = _days(c, year, days, declared)
    for number in range(c.number(1, 8)):
        lines += _ordinary(c, c.pick(inside), str(number), form)
    if declared and c.chance(14, "fec: as many lines in two years"):
        ordinary = [line for line in lines if line.journal != journal[0]]
        lines += [replace(line, day=shifted(line.day, -12)) for line in ordinary]
    return form, lines


def _name(c: Choices, prefix: str, year: Year, declared: bool, indexed: bool) -> str:
    closing = year.end
    if declared and c.chance(22, "fec: wrong date in the name"):
        closing = year.end + timedelta(days=366 * c.pick([-2, -1, 1, 3]))
    if indexed and declared and c.chance(40, "fec: no date in the name"):
        return f"{prefix}.txt"
    suffix = ".TXT" if indexed and c.chance(30) else ".txt"
    return f"{prefix}FEC{closing:%Y%m%d}{suffix}"


def fec_folder(
    c: Choices, years: dict[str, list[Year]], declared: Sequence[str], days: Sequence[date]
) -> tuple[dict[str, bytes], list[str]]:
    """The files of `fec/`, and the opening journals to set as a parameter (none: the rule of names holds)."""
    files: dict[str, bytes] = {}
    index: list[dict[str, str]] = []
    indexed = c.chance(40, "fec: with an index")
    journal = c.pick(OPENING_JOURNALS)
    c.corners.add(f"fec opening journal: {' '.join(journal)}")
    parameter: list[str] = []
    if c.chance(20, "fec: opening_journals given"):
        parameter = c.pick([["OD"], [journal[0], "XX"], ["ZZ"]])
        c.corners.add(f"fec opening_journals: {'other' if journal[0] not in parameter else 'the usual'}")
    for company, own in years.items():
        if c.chance(15, "fec: a company without"):
            continue
        kept = [year for year in own if not c.chance(15, "fec: a year without file")]
        for number, year in enumerate(kept):
            form, lines = _lines(c, year, days, company in declared, journal)
            prefix = f"{company}_{number}_12345" if indexed else company
            name = _name(c, prefix, year, company in declared, indexed)
            if f"fec/{name}" not in files:
                files[f"fec/{name}"] = file_bytes(c, lines, form)
                index.append({"file": name, "company": company})
    if indexed and files:
        files["fec/fec.csv"] = csv_text(("file", "company"), index).encode()
    return files, parameter
