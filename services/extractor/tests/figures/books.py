"""Small dossiers for the tests of the figures: a folder that starts out whole; a test changes what it is about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from vigie_extractor.domain.anomalies import Anomaly
from vigie_extractor.domain.selection import Selection
from vigie_extractor.extraction import EVERYTHING, extract
from vigie_extractor.indicators.result import Indicator, IndicatorId, Ranking, Unavailable
from vigie_extractor.outcome import ExtractionResult, Step
from vigie_extractor.sources.dossier import DossierSource

AS_OF = date(2026, 11, 24)
HEADERS = {
    "companies": "code,shortcut_code,name,accounting_currency,reporting_currency,reporting_rate",
    "fiscal_years": "company,start,end,unit",
    "families": "code,shortcut_code,name,companies",
    "cash_accounts": "company,account,cash_account",
    "customers": "company,code,name,category_default",
    "items": "company,code,name,family,category_default",
    "sales_reps": "company,code,name",
    "sales_lines": (
        "company,document_type,document,line,date,due_date,customer,item,sales_rep,quantity,net_amount,open_amount"
    ),
    "entries": (
        "company,journal,entry_number,entry_date,account,account_label,third_party,third_party_label,label,debit,credit,"
        "piece,lettering,kind"
    ),
}
FEC_HEADER = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
)
FEC_COLUMNS = tuple(FEC_HEADER.split())


def sale(
    day: str = "2026-11-10",
    amount: str = "100.00",
    *,
    company: str = "A",
    kind: str = "invoice",
    due: str = "",
    customer: str = "C1",
    item: str = "I1",
    rep: str = "R1",
    open_amount: str = "",
    document: str = "D1",
) -> str:
    return f"{company},{kind},{document},1,{day},{due},{customer},{item},{rep},1,{amount},{open_amount}"


def entry(
    day: str,
    account: str,
    debit: str = "0",
    credit: str = "0",
    *,
    company: str = "A",
    label: str = "",
    party: str = "",
    party_label: str = "",
    kind: str = "",
    number: str = "1",
    text: str = "",
    piece: str = "",
    lettering: str = "",
) -> str:
    return (
        f"{company},OD,{number},{day},{account},{label},{party},{party_label},{text},{debit},{credit},"
        f"{piece},{lettering},{kind}"
    )


def fec_row(
    day: str,
    account: str,
    debit: str = "0,00",
    credit: str = "0,00",
    *,
    journal: str = "VE",
    journal_label: str = "Ventes",
    number: str = "1",
    label: str = "Compte",
    party: str = "",
    party_label: str = "",
) -> dict[str, str]:
    return {
        "JournalCode": journal,
        "JournalLib": journal_label,
        "EcritureNum": number,
        "EcritureDate": day,
        "CompteNum": account,
        "CompteLib": label,
        "CompAuxNum": party,
        "CompAuxLib": party_label,
        "Debit": debit,
        "Credit": credit,
    }


def fec_text(
    rows: Iterable[Mapping[str, str]],
    *,
    columns: Sequence[str] = FEC_COLUMNS,
    separator: str = "\t",
    line_end: str = "\n",
) -> str:
    lines = [separator.join(columns), *(separator.join(row.get(column, "") for column in columns) for row in rows)]
    return "".join(line + line_end for line in lines)


@dataclass(frozen=True)
class Dossier:
    """A folder with company A, whose years are 2025 and 2026; a test writes the tables it is about over it."""

    folder: Path

    def settings(self, text: str) -> None:
        (self.folder / "dossier.toml").write_text(text, encoding="utf-8")

    def table(self, name: str, *rows: str, header: str | None = None) -> None:
        lines = [header or HEADERS[name], *rows]
        (self.folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def companies(self, *codes: str, currency: str = "EUR", reporting: str = "EUR", rate: str = "") -> None:
        """Companies of the same kind, each with the years 2025 and 2026."""
        self.table("companies", *(f"{code},{code},Company {code},{currency},{reporting},{rate}" for code in codes))
        self.table("fiscal_years", *(f"{c},{y}-01-01,{y}-12-31,month" for c in codes for y in (2025, 2026)))

    def fec(self, name: str, content: str | bytes) -> None:
        (self.folder / "fec").mkdir(exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        (self.folder / "fec" / name).write_bytes(data)

    def extract(self, as_of: date = AS_OF, selection: Selection = EVERYTHING) -> "Extraction":
        return Extraction(extract(DossierSource(self.folder), as_of, selection))

    def explain(self, indicator: str, scope: str = "A", on_step: Callable[[Step], None] = print) -> dict[str, Any]:
        """What an indicator is made of, as plain data."""
        result = extract(DossierSource(self.folder), AS_OF, explained=True, on_step=on_step)
        [found] = [made_of for (_, code), made_of in result.explanations.items() if code == scope]
        explanation: dict[str, Any] = found[indicator]
        return explanation


@dataclass(frozen=True)
class Extraction:
    """A result, and what tests ask of it."""

    result: ExtractionResult

    def figure(self, identifier: str, scope: str = "A") -> Indicator:
        found = next(one for one in self.result.scopes if one.code == scope)
        return found.indicators[IndicatorId(identifier)]

    def reason(self, identifier: str, scope: str = "A") -> str:
        figure = self.figure(identifier, scope)
        assert isinstance(figure, Unavailable)
        return figure.reason

    def ranked(self, identifier: str, scope: str = "A") -> list[tuple[str, str]]:
        """(code, amount) of the rows of a ranking."""
        figure = self.figure(identifier, scope)
        assert isinstance(figure, Ranking)
        return [(row.code, f"{row.amount:.2f}") for row in figure.rows]

    def anomalies(self, code: str) -> list[Anomaly]:
        return [found for found in self.result.anomalies if found.code == code]

    def count_of(self, file: str) -> tuple[int, int, int]:
        """Rows present, read and refused."""
        found = next(one for one in self.result.files if one.file == file)
        return found.present, found.read, found.refused
