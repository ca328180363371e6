"""Mutants of the rankings of sales: their groups, their order, their labels, and families of companies."""

from __future__ import annotations

from .mutant import Edit, Mutant, mutant

RANKINGS = (
    Mutant(
        "ties-by-alphabet",
        "amount descending, then code ascending, in byte order of the UTF-8 code",
        (
            Edit(
                "indicators/ranking.py",
                "OVER (PARTITION BY scope, dimension ORDER BY {period} DESC, code)",
                "OVER (PARTITION BY scope, dimension ORDER BY {period} DESC, strip_accents(lower(code)), code)",
            ),
            Edit(
                "indicators/ranking.py",
                "ORDER BY scope, dimension, {period} DESC, code\n",
                "ORDER BY scope, dimension, {period} DESC, strip_accents(lower(code)), code\n",
            ),
        ),
    ),
    mutant(
        "groups-at-zero-ranked",
        "only groups above zero are ranked",
        "indicators/ranking.py",
        "WHERE {period} > 0 AND",
        "WHERE {period} >= 0 AND",
    ),
    mutant(
        "groups-below-zero-ranked",
        "only groups above zero are ranked",
        "indicators/ranking.py",
        "WHERE {period} > 0 AND",
        "WHERE {period} <> 0 AND",
    ),
    mutant(
        "others-with-the-unassigned",
        "others = total - the rows shown - unassigned",
        "indicators/result.py",
        "ZERO) - self.unassigned",
        "ZERO)",
    ),
    mutant(
        "codes-without-a-master-row-lost",
        "a code that the master table lacks is summed in unassigned, for category and family",
        "indicators/ranking.py",
        "FROM exact_groups g LEFT JOIN",
        "FROM exact_groups g JOIN",
    ),
    mutant(
        "last-master-row-wins",
        "only the first of several master rows with one code counts",
        "sources/masters.py",
        "arg_min(coalesce(",
        "arg_max(coalesce(",
    ),
    mutant(
        "family-merged-from-top-fives",
        "a family's ranking groups again over the union of its companies' lines (R4)",
        "indicators/ranking.py",
        '"FROM sales_groups JOIN scope_members USING (position) WHERE code IS NOT NULL GROUP BY ALL"',
        '"FROM (SELECT * FROM sales_groups WHERE code IS NOT NULL QUALIFY "\n'
        '        "row_number() OVER (PARTITION BY position, dimension ORDER BY month DESC, code) <= 5 OR "\n'
        '        "row_number() OVER (PARTITION BY position, dimension ORDER BY year DESC, code) <= 5) "\n'
        '        "JOIN scope_members USING (position) GROUP BY ALL"',
    ),
    mutant(
        "one-code-in-two-companies-two-rows",
        "the same code in two companies is one row (R4)",
        "indicators/ranking.py",
        '"FROM sales_groups JOIN scope_members USING (position) WHERE code IS NOT NULL GROUP BY ALL"',
        '"FROM sales_groups JOIN scope_members USING (position) WHERE code IS NOT NULL "\n'
        '        "GROUP BY scope, dimension, code, position"',
    ),
    mutant(
        "member-named-twice-counts-twice",
        "a member named twice counts once",
        "domain/company.py",
        "tuple(sorted(set(self.members), key=str.encode))",
        "tuple(sorted(self.members, key=str.encode))",
    ),
    mutant(
        "label-of-the-last-company",
        "in a family the name is that of the first company by code that has one",
        "indicators/ranking.py",
        "arg_min(m.name, m.position)",
        "arg_max(m.name, m.position)",
    ),
)
