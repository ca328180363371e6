"""Small dossier folders, written by the tests that read them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

COMPANIES = "code,shortcut_code,name,accounting_currency,reporting_currency,reporting_rate"
FISCAL_YEARS = "company,start,end,unit"
FAMILIES = "code,shortcut_code,name,companies"
SALES_LINES = (
    "company,document_type,document,line,date,due_date,customer,item,sales_rep,quantity,net_amount,open_amount"
)
CUSTOMERS = "company,code,name,category_default,category_sector"
ITEMS = "company,code,name,family,category_default,category_range"
ENTRIES = (
    "company,journal,entry_number,entry_date,account,account_label,third_party,third_party_label,label,debit,credit,"
    "piece,lettering,kind"
)


def table(folder: Path, name: str, header: str, rows: Iterable[str]) -> None:
    """Write one table of a dossier."""
    (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def invoice(company: str, day: str, amount: str, number: int = 1) -> str:
    return f"{company},invoice,F{number},1,{day},,C1,I1,R1,1,{amount},"


def entry(company: str, day: str, account: str, debit: str = "0", credit: str = "0", label: str = "") -> str:
    return f"{company},OD,1,{day},{account},{label},,,,{debit},{credit},,,"


FEC = (
    "JournalCode,JournalLib,EcritureNum,EcritureDate,CompteNum,CompteLib,CompAuxNum,CompAuxLib,PieceRef,PieceDate,"
    "EcritureLib,Debit,Credit,EcritureLet,DateLet,ValidDate,Montantdevise,Idevise"
).replace(",", "	")


def write_fec(file: Path, entries: Iterable[tuple[str, str, str, str, str]]) -> None:
    """A FEC with one journal, of entries given as number, date, account, debit, credit."""
    lines = [FEC]
    for number, day, account, debit, credit in entries:
        fields = ["VE", "Ventes", number, day, account, f"Compte {account}", "", "", number, day, "Vente"]
        lines.append("\t".join([*fields, debit, credit, "", "", day, "", ""]))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_dossier(
    folder: Path,
    *,
    kind: str = "single-base",
    companies: Sequence[str] = ("NORD", "SUD"),
    families: Sequence[str] = ("GROUPE,GROUPE,Groupe,NORD;SUD",),
    sales_lines: Sequence[str] = (),
    customers: Sequence[str] | None = None,
    items: Sequence[str] | None = None,
    entries: Sequence[str] | None = None,
    settings: str = "",
    currency: str = "EUR",
) -> Path:
    """A dossier whose companies have the calendar years 2025 and 2026, and sales lines as given."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dossier.toml").write_text(f'kind = "{kind}"\n{settings}', encoding="utf-8")
    table(folder, "companies", COMPANIES, [f"{code},{code},{code.capitalize()},{currency},EUR," for code in companies])
    years = [f"{code},{year}-01-01,{year}-12-31,month" for code in companies for year in (2025, 2026)]
    table(folder, "fiscal_years", FISCAL_YEARS, years)
    if families:
        table(folder, "families", FAMILIES, families)
    table(folder, "sales_lines", SALES_LINES, sales_lines)
    for name, header, rows in (
        ("customers", CUSTOMERS, customers),
        ("items", ITEMS, items),
        ("entries", ENTRIES, entries),
    ):
        if rows is not None:
            table(folder, name, header, rows)
    return folder
