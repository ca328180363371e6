"""How DuckDB reads the rows of FEC files of one layout: columns by position, values trimmed, nothing dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vigie_extractor.engine import text
from vigie_extractor.sources.canonical import AMOUNT, DIFFERENCE
from vigie_extractor.sources.fec.layout import Layout

# A text that no field can be: with it as the null string, an empty field stays distinct from one that is not there.
_NEVER = "\x01\x02\x03"
_AMOUNT_FORM = r"\s*[+-]?([0-9]+([.,][0-9]{0,4}0*)?|[.,][0-9]{1,4}0*)\s*"
_ZEROS = "'0', '0,00', ''"
_MAX_LINE = 1 << 20
_BUFFER = 1 << 22
_USUAL_OPENING_CODES = ("AN", "ANO", "RAN", "OUV")

REASONS = {
    "shape": "does not have as many fields as the header",
    "EcritureDate": "is not a date written AAAAMMJJ",
    "CompteNum": "is empty",
    "Debit": "is not an amount with at most four decimals",
    "Credit": "is not an amount with at most four decimals",
    "Montant": "is not an amount with at most four decimals",
    "Sens": "is none of D, C, +1, -1",
    "NUL": "holds a NUL byte",
}


@dataclass(frozen=True, slots=True)
class FecRows:
    """The SQL of FEC files of one layout: `source` yields their fields, `columns` and `refusal` are those of its alias
    `r`, and `raw` gives each field as the file has it."""

    source: str
    refusal: str
    columns: str
    raw: dict[str, str]


def fec_rows(layout: Layout, paths: Sequence[Path]) -> FecRows:
    """Reads the files in `paths` (all of one layout); `file_index`, from 0, tells them apart."""
    declared = [f"c{index}" for index in range(len(layout.fields))]
    at = {field: f"r.{column}" for column, field in zip(declared, layout.fields, strict=True) if field}
    listed = ", ".join(f"'{column}': 'VARCHAR'" for column in [*declared, "extra1", "extra2"])
    files = ", ".join(text(str(path)) for path in paths)
    source = (
        f"read_csv([{files}], delim = {text(layout.delimiter)}, quote = '', escape = '', comment = '', header = false, "
        f"skip = {layout.skip}, auto_detect = false, null_padding = true, strict_mode = false, "
        f"nullstr = {text(_NEVER)}, max_line_size = {_MAX_LINE}, buffer_size = {_BUFFER}, columns = {{{listed}}})"
    )
    amounts = _amounts(layout, at)
    last = f"r.{declared[-1]}"
    conditions = {
        "shape": f"({last} IS NULL OR r.extra2 IS NOT NULL OR r.extra1 <> '')",
        "EcritureDate": _no_day(at["EcritureDate"]),
        "CompteNum": f"trim({at['CompteNum']}) = ''",
        **amounts.wrong,
    }
    refusal = "CASE " + " ".join(f"WHEN {test} THEN {text(column)}" for column, test in conditions.items()) + " END"
    read = (
        f"SELECT r.*, r.file_index, TRY_CAST({at['EcritureDate']} AS INTEGER) AS digits, "
        f"{amounts.debit} AS debit, {amounts.credit} AS credit, ({amounts.amount})::{DIFFERENCE} AS amount "
        f"FROM {source} r"
    )
    columns = (
        f"{at['JournalCode']} AS journal, {at['JournalLib']} AS journal_label, NULL::VARCHAR AS kind, "
        f"{at['EcritureNum']} AS number, r.digits AS date, {at['CompteNum']} AS account, "
        f"{at['CompteLib']} AS account_label, {at['CompAuxNum']} AS third_party, "
        f"{at['CompAuxLib']} AS third_party_label, {_if_there(at, 'EcritureLib')} AS label, "
        f"{_if_there(at, 'PieceRef')} AS piece, {_if_there(at, 'EcritureLet')} AS lettering, "
        f"r.debit, r.credit, r.amount, {refusal} AS refusal"
    )
    return FecRows(f"({read})", refusal, columns, at)


def _if_there(at: dict[str, str], field: str) -> str:
    """A field that only explains a row: a file may lack it."""
    return at.get(field, "NULL::VARCHAR")


def _no_day(raw: str) -> str:
    """The condition that a text is no date AAAAMMJJ; the calendar is asked only for the last days of a month."""
    plain = (
        f"strlen({raw}) = 8 AND r.digits % 100 BETWEEN 1 AND 28 AND r.digits // 100 % 100 BETWEEN 1 AND 12 "
        "AND r.digits > 9999999"
    )
    asked = f"strlen(trim({raw})) <> 8 OR try_strptime(trim({raw}), '%Y%m%d') IS NULL"
    return f"CASE WHEN {plain} THEN false ELSE {asked} END"


def _amount(raw: str) -> str:
    """The amount, 0 where it is blank, NULL where it is none. Half of all amounts are a plain zero."""
    number = f"TRY_CAST(replace({raw}, ',', '.') AS {AMOUNT})"
    return (
        f"CASE WHEN {raw} IN ({_ZEROS}) THEN 0 WHEN regexp_full_match({raw}, '{_AMOUNT_FORM}') THEN {number} "
        f"WHEN trim({raw}) = '' THEN 0 END"
    )


@dataclass(frozen=True, slots=True)
class _Amounts:
    """SQL of debit and credit, NULL where they cannot be read, of debit less credit, NULL where one of them cannot, and
    by column the condition that it is the wrong one: asked only where `amount` is NULL."""

    debit: str
    credit: str
    amount: str
    wrong: dict[str, str]


def _amounts(layout: Layout, at: dict[str, str]) -> _Amounts:
    if not layout.has_sense:
        debit, credit = _amount(at["Debit"]), _amount(at["Credit"])
        # Of most lines one side is a plain zero: the other one alone is read.
        amount = (
            f"CASE WHEN {at['Debit']} IN ({_ZEROS}) THEN -({credit}) WHEN {at['Credit']} IN ({_ZEROS}) THEN {debit} "
            f"ELSE {debit} - {credit} END"
        )
        wrong = {
            "Debit": f"r.amount IS NULL AND ({debit}) IS NULL",
            "Credit": f"r.amount IS NULL AND ({credit}) IS NULL",
        }
        return _Amounts(debit, credit, amount, wrong)
    amount, sense = _amount(at["Montant"]), f"upper(trim({at['Sens']}))"
    debit = f"CASE WHEN {sense} IN ('D', '+1', '1') THEN {amount} WHEN {sense} IN ('C', '-1') THEN 0 END"
    credit = f"CASE WHEN {sense} IN ('C', '-1') THEN {amount} WHEN {sense} IN ('D', '+1', '1') THEN 0 END"
    wrong = {"Sens": f"r.amount IS NULL AND {sense} NOT IN ('D', '+1', '1', 'C', '-1')", "Montant": "r.amount IS NULL"}
    signed = f"CASE WHEN {sense} IN ('D', '+1', '1') THEN {amount} WHEN {sense} IN ('C', '-1') THEN -({amount}) END"
    return _Amounts(debit, credit, signed, wrong)


def opening(opening_journals: Sequence[str] | None) -> str:
    """SQL on journal and journal_label: they are those of the opening journal. `opening_journals` replaces the rule of
    usual codes and labels."""
    if opening_journals is not None:
        codes = ", ".join(text(code.strip()) for code in opening_journals)
        return f"trim(journal) IN ({codes})" if codes else "false"
    usual = ", ".join(text(code) for code in _USUAL_OPENING_CODES)
    words = r"(^|[^a-z0-9])a[\s\-\x{00A0}]+nouveaux?($|[^a-z0-9])"
    starts = r"^\s*(bilan\s+d.ouverture|ouverture)"
    by_label = f"regexp_matches(lower(strip_accents(journal_label)), '{words}|{starts}')"
    return f"(upper(trim(journal)) IN ({usual}) OR {by_label})"
