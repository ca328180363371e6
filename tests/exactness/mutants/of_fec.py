"""Mutants of what is particular to FEC: whose year a file is, its opening journal, its amounts and its bytes."""

from __future__ import annotations

from .mutant import mutant

_JOURNAL = "the label of an opening journal holds the words a nouveau(x) or begins with ouverture"

FEC = (
    mutant(
        "company-without-fec-is-zero",
        "where only some companies have a FEC, the others have accounting not available, never zero",
        "sources/fec/folder.py",
        "        without=without,",
        "        without={},",
    ),
    mutant(
        "date-in-the-name-is-trusted",
        "the file's year is the declared one that holds most of its lines, whatever the date in its name",
        "indicators/file_years.py",
        "    if held:\n",
        "    if held and not any(closing is not None and year.holds(closing) for year in years):\n",
    ),
    mutant(
        "earlier-year-of-a-tie",
        "of two years that hold as many lines the file is of the later",
        "indicators/file_years.py",
        "(held[year], year.end))",
        "(held[year], -year.end.toordinal()))",
    ),
    mutant(
        "opening-lines-vote-for-the-year",
        "the file's year is the one that holds most of its lines outside the opening journal",
        "indicators/file_years.py",
        "FROM cells WHERE NOT opening GROUP BY ALL",
        "FROM cells GROUP BY ALL",
    ),
    mutant(
        "openings-on-their-own-dates",
        "the opening of a FEC counts on the first day of its year, whatever the dates of its lines",
        "indicators/balances.py",
        'own_day = "NOT c.opening" if is_fec else "true"',
        'own_day = "true"',
    ),
    mutant(
        "year-starts-with-the-opening",
        "the year that a file gives starts at the earliest date among its entries outside the opening journal",
        "indicators/file_years.py",
        "WHERE refusal IS NULL AND NOT ({entries.opening}) GROUP BY file",
        "WHERE refusal IS NULL GROUP BY file",
    ),
    mutant(
        "opening-journal-by-code-alone",
        _JOURNAL,
        "sources/fec/query.py",
        "IN ({usual}) OR {by_label})",
        "IN ({usual}))",
    ),
    mutant(
        "opening-journal-by-part-of-a-word",
        _JOURNAL,
        "sources/fec/query.py",
        r"(^|[^a-z0-9])a[\s\-\x{00A0}]+nouveaux?($|[^a-z0-9])",
        r"a[\s\-\x{00A0}]+nouveaux?",
    ),
    mutant(
        "opening-journal-with-its-accents",
        "accents aside",
        "sources/fec/query.py",
        "lower(strip_accents(journal_label))",
        "lower(journal_label)",
    ),
    mutant(
        "opening-journals-beside-the-usual",
        "the parameter opening_journals replaces the whole rule",
        "sources/fec/query.py",
        'return f"trim(journal) IN ({codes})" if codes else "false"',
        "return f\"trim(journal) IN ({codes}, 'AN', 'ANO', 'RAN', 'OUV')\"",
    ),
    mutant(
        "credit-subtracted",
        "an amount of the sense C is a credit",
        "sources/fec/query.py",
        "WHEN {sense} IN ('C', '-1') THEN -({amount}) END",
        "WHEN {sense} IN ('C', '-1') THEN {amount} END",
    ),
    mutant(
        "never-iso-8859-15",
        "neither UTF-8 nor a byte 0x80 to 0x9F: ISO-8859-15",
        "sources/fec/spool.py",
        'else "iso8859-15"\n',
        'else "cp1252"\n',
    ),
    mutant(
        "never-windows-1252",
        "not UTF-8, and a byte 0x80 to 0x9F occurs: Windows-1252",
        "sources/fec/spool.py",
        'return "cp1252" if any',
        'return "iso8859-15" if any',
    ),
)
