"""Accounting: the entries summed by account, third party and span of days into the few `cells` of DuckDB.

All that is said about accounting is worked out from the cells: revenue in indicators.accounting_section, balances in
indicators.balances. A FEC, being text, is read once, for both its flows and its parties; a table of entries is read
once for its flows and once, narrower, for the parties of the days that count in a balance.

`cells(file, position, opening, closing, account, account_label, party, party_label, bucket, span, later, amount, lines,
weighed, first, last)`, `amount` being debit less credit; `party_cells` has the columns that balances need, and `cells`
of a table of entries has no labels and no parties.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vigie_extractor.domain.headings import Heading
from vigie_extractor.engine import Engine, text
from vigie_extractor.indicators.timeline import Timeline, beside_days
from vigie_extractor.sources.canonical import Entries

# The third party of an entry is the auxiliary account, or where it is empty the account itself, with its label.
PARTY = """
    CASE WHEN trim(third_party) <> '' THEN trim(third_party) ELSE trim(account) END AS party,
    CASE WHEN trim(third_party) <> '' THEN trim(third_party_label) ELSE trim(account_label) END AS party_label
"""
_NO_CELLS = """
    CREATE TEMP TABLE cells (file INTEGER, position INTEGER, opening BOOLEAN, closing BOOLEAN, account VARCHAR,
        account_label VARCHAR, party VARCHAR, party_label VARCHAR, bucket SMALLINT, span SMALLINT, later BOOLEAN,
        amount DECIMAL(38,4), lines BIGINT, weighed DECIMAL(38,4),
        outside_years BOOLEAN, first DATE, last DATE)
"""


@dataclass(frozen=True, slots=True)
class EntryScan:
    """Rows `read` and `refused` (by what was wrong with them) of each file."""

    read: dict[int, int]
    refused: dict[int, dict[str, int]]

    def refuse(self, file: int, what: str, rows: int) -> None:
        """Rows that were read and turned out to count nowhere."""
        self.refused.setdefault(file, {})[what] = rows
        self.read[file] -= rows


@dataclass(frozen=True, slots=True)
class Imbalance:
    """What does not balance, by (file, position): the difference of a file's debit and credit, and the files and
    companies that hold entries which do not balance."""

    files: Mapping[tuple[int, int], Decimal]
    entries: tuple[tuple[int, int], ...]


def starts_with_any(column: str, heading: Heading) -> str:
    """SQL: an account that the heading may hold, exclusions left aside."""
    included = [prefix for prefix, holds in heading.rules if holds]
    return " OR ".join(f"starts_with({column}, {text(prefix)})" for prefix in included) or "false"


def heading_holds(column: str, heading: Heading) -> str:
    """SQL: the heading holds the account."""
    cases = " ".join(
        f"WHEN starts_with({column}, {text(prefix)}) THEN {str(holds).lower()}" for prefix, holds in heading.rules
    )
    return f"(CASE {cases} ELSE false END)" if cases else "false"


def scan_entries(
    engine: Engine, entries: Entries, as_of: date, *, timelines: Mapping[int, Timeline], net_revenue: Heading
) -> EntryScan:
    """One pass over all entries makes `cells`, and `party_cells` too where they are FEC."""
    if not entries.files:
        engine.run(_NO_CELLS)
        engine.run("CREATE TEMP VIEW party_cells AS SELECT * FROM cells")
        return EntryScan({}, {})
    engine.run(_sums_of_entries(entries, as_of, timelines, net_revenue))
    refused: dict[int, dict[str, int]] = {}
    for file, refusal, rows in engine.run(
        "SELECT file, refusal, sum(lines)::BIGINT FROM entry_sums WHERE refusal IS NOT NULL GROUP BY ALL"
    ):
        refused.setdefault(file, {})[refusal] = rows
    read = dict(engine.run("SELECT file, sum(lines)::BIGINT FROM entry_sums WHERE refusal IS NULL GROUP BY file"))
    engine.run(_cells(entries))
    engine.run("DROP TABLE entry_sums")
    scan = EntryScan(read, refused)
    if entries.is_fec:
        engine.run("CREATE TEMP VIEW party_cells AS SELECT * FROM cells")
    else:
        _refuse_openings_without_year(engine, scan)
    return scan


def _refuse_openings_without_year(engine: Engine, scan: EntryScan) -> None:
    """An opening entry of a table belongs to the declared year that holds its date; none does: it counts nowhere."""
    without = "FROM cells WHERE opening AND outside_years"
    for file, rows in engine.run(f"SELECT file, sum(lines)::BIGINT {without} GROUP BY file"):
        scan.refuse(file, "opening", rows)
    engine.run(f"DELETE {without}")


def weigh(engine: Engine) -> Imbalance:
    """What the cells that are left say about balance, entry by entry and file by file."""
    sums = engine.run("SELECT file, position, sum(amount), sum(weighed) FROM cells GROUP BY ALL ORDER BY ALL")
    return Imbalance(
        files={(file, position): difference for file, position, difference, _ in sums if difference},
        entries=tuple((file, position) for file, position, _, weighed in sums if weighed),
    )


def _with_days(entries: Entries, timelines: Mapping[int, Timeline]) -> str:
    """FROM clause of the entries `e` beside their day `d`."""
    if not entries.is_fec:
        return beside_days(entries.query, timelines.values())
    rows = entries.query
    if len(set(timelines.values())) > 1:
        rows = f"SELECT e.*, f.company FROM ({rows}) e JOIN fec_files f ON f.file = e.file"
    return beside_days(rows, timelines.values(), "digits")


def _weight(entries: Entries) -> str:
    """SQL: the weight of an entry, drawn from its journal, number and fiscal year, the same for all its lines. The
    amounts of the lines, each times the weight of its entry, add up to zero where every entry balances, and next to
    never where one does not."""
    bits = (10**entries.factor_digits).bit_length() - 1
    return f"(hash(e.journal, e.number, d.year) & {(1 << bits) - 1})::DECIMAL({entries.factor_digits},0)"


def _sums_of_entries(entries: Entries, as_of: date, timelines: Mapping[int, Timeline], net_revenue: Heading) -> str:
    """Groups by the texts as the file has them. `slot` tells days apart by bucket where revenue needs it, by span
    (below zero) elsewhere."""
    sums = (
        "sum(amount) AS amount, count(*) AS lines, min(date) AS first, max(date) AS last, "
        "sum(amount * weight) AS weighed"
    )
    slot = f"CASE WHEN {starts_with_any('e.account', net_revenue)} THEN d.bucket ELSE -1 - d.span END AS slot"
    refusal = f"coalesce(refusal, {_refusal(entries)})"
    beside = _with_days(entries, timelines)
    if entries.is_fec:
        later = f"e.date > {as_of:%Y%m%d}"
        texts = "journal, journal_label, account, account_label, third_party, third_party_label"
        return f"""
            CREATE TEMP TABLE entry_sums AS
            SELECT s.* REPLACE ({refusal} AS refusal), k.position
            FROM (
                SELECT file, refusal, NULL::VARCHAR AS kind, {texts}, slot, later, {sums}
                FROM (SELECT e.*, {slot}, {later} AS later, {_weight(entries)} AS weight FROM {beside})
                GROUP BY file, refusal, slot, later, {texts}
            ) s JOIN fec_files f ON f.file = s.file LEFT JOIN known_companies k ON k.code = f.company
            """
    return f"""
        CREATE TEMP TABLE entry_sums AS
        SELECT s.* REPLACE ({refusal} AS refusal), k.position
        FROM (
            SELECT file, company, refusal, kind, account, slot, later, {sums}
            FROM (SELECT e.*, {slot}, e.date > DATE '{as_of}' AS later, {_weight(entries)} AS weight FROM {beside})
            GROUP BY file, company, refusal, kind, account, slot, later
        ) s LEFT JOIN known_companies k ON k.code = s.company
        """


def _refusal(entries: Entries) -> str:
    """SQL: what is wrong with a group of rows, NULL where nothing is."""
    refusals = {**entries.refusals, "company": "position IS NULL"}
    return f"CASE {' '.join(f'WHEN {wrong} THEN {text(what)}' for what, wrong in refusals.items())} END"


def _cells(entries: Entries) -> str:
    """The sums with texts trimmed, opening and closing told, and the slot taken apart into bucket and span."""
    if entries.is_fec:
        day = "make_date({0} // 10000, {0} // 100 % 100, {0} % 100)"
        texts = f"trim(account) AS account, trim(account_label) AS account_label, {PARTY}"
        # Journals are few: what is asked of their labels is asked of each once.
        journals = f"""
            JOIN (SELECT journal, journal_label, {entries.opening} AS opening
                  FROM (SELECT DISTINCT journal, journal_label FROM entry_sums WHERE refusal IS NULL)) j
            ON j.journal = s.journal AND j.journal_label = s.journal_label
        """
        opening = "j.opening"
    else:
        journals, opening = "", entries.opening
        day = "{0}"
        none = "NULL::VARCHAR"
        texts = f"trim(account) AS account, {none} AS account_label, {none} AS party, {none} AS party_label"
    return f"""
        CREATE TEMP TABLE cells AS
        SELECT s.file, s.position, {opening} AS opening, {entries.closing} AS closing, {texts},
               CASE WHEN slot >= 0 THEN slot END AS bucket, coalesce(u.span, -1 - slot) AS span, later, amount, lines,
               weighed, c.calendar IS NOT NULL AND y.year IS NULL AS outside_years,
               {day.format("first")} AS first, {day.format("last")} AS last
        FROM entry_sums s {journals} LEFT JOIN calendars c ON c.position = s.position
        LEFT JOIN cuts u ON u.calendar = c.calendar AND u.bucket = s.slot
        LEFT JOIN spans y ON y.calendar = c.calendar AND y.span = coalesce(u.span, -1 - s.slot)
        WHERE refusal IS NULL
        """


def scan_parties(
    engine: Engine,
    entries: Entries,
    as_of: date,
    *,
    timelines: Mapping[int, Timeline],
    since: date | None,
    headings: Sequence[Heading],
    accounts: Collection[str],
) -> None:
    """A second, narrower pass over a table of entries makes `party_cells` of the days from `since` to the system date;
    since the first entry where it is None. What is neither on one of the headings nor on one of the `accounts` is left
    out. The cells of a FEC have their parties already.

    What refuses a group is asked of groups: the look at `lines` keeps DuckDB from asking it of every row."""
    if entries.is_fec or not entries.files:
        return
    start = f"AND e.date >= DATE '{since}'" if since else ""
    account = "trim(e.account)"
    looked_at = " OR ".join(starts_with_any(account, heading) for heading in headings)
    if accounts:
        looked_at += f" OR list_contains([{', '.join(text(one) for one in sorted(accounts))}], {account})"
    engine.run(
        f"""
        CREATE TEMP TABLE party_cells AS
        SELECT 0 AS file, position, false AS opening, false AS closing, trim(account) AS account, account_label,
               {PARTY},
               NULL::SMALLINT AS bucket, span, false AS later, amount, lines, last
        FROM (
            SELECT e.company, e.kind, e.account, e.account_label, e.third_party, e.third_party_label, d.span, d.year,
                   sum(e.amount) AS amount, count(*) AS lines, max(e.date) AS last
            FROM {_with_days(entries, timelines)}
            WHERE e.refusal IS NULL AND e.date <= DATE '{as_of}' {start} AND ({looked_at})
            GROUP BY ALL
        ) s LEFT JOIN known_companies k ON k.code = s.company
        WHERE CASE WHEN lines > 0 THEN {_refusal(entries)} IS NULL AND NOT ({entries.opening} AND year IS NULL) END
        """
    )


@dataclass(frozen=True, slots=True)
class UnbalancedEntries:
    """Entries of one company in one file that do not balance: how many, and the first of them with their difference."""

    file: int
    position: int
    count: int
    examples: tuple[str, ...]


def unbalanced_entries(
    engine: Engine,
    entries: Entries,
    off: Sequence[tuple[int, int]],
    *,
    timelines: Mapping[int, Timeline],
    examples: int,
) -> list[UnbalancedEntries]:
    """Reads the entries once more, those of the files and companies `off` alone, and adds up each."""
    if not off:
        return []
    engine.run("CREATE TEMP TABLE off_positions (file INTEGER, position INTEGER)")
    engine.insert("off_positions", off)
    engine.run(
        "CREATE TEMP TABLE off AS SELECT file, position, k.code AS company "
        "FROM off_positions JOIN known_companies k USING (position)"
    )
    company = "" if entries.is_fec else "AND off.company = e.company"
    nowhere = list(entries.refusals.values())
    if not entries.is_fec:
        nowhere.append(f"({entries.opening} AND d.year IS NULL)")
    rows = engine.run(
        f"""
        SELECT file, position, count(*),
               min({{'journal': journal, 'number': number, 'year': year, 'difference': difference}}, {examples})
        FROM (
            SELECT e.file, off.position, d.year, trim(coalesce(e.journal, '')) AS journal,
                   trim(coalesce(e.number, '')) AS number, sum(e.amount) AS difference
            FROM {_with_days(entries, timelines)} JOIN off ON off.file = e.file {company}
            WHERE e.refusal IS NULL AND NOT ({" OR ".join(nowhere)})
            GROUP BY ALL HAVING difference <> 0
        ) GROUP BY file, position ORDER BY file, position
        """
    )
    return [
        UnbalancedEntries(
            file, position, count, tuple(f"{e['journal']} {e['number']} by {e['difference']:f}" for e in first)
        )
        for file, position, count, first in rows
    ]
