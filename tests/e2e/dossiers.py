"""A dossier of twenty companies and two families, small and always the same."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

AS_OF = date(2026, 9, 17)
COMPANIES = tuple(f"S{number:02}" for number in range(1, 21))
FAMILIES = {"EST": COMPANIES[:7], "TOUT": COMPANIES}
LINES_PER_COMPANY = 200


def write_dossier(folder: Path) -> Path:
    """Write the dossier into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dossier.toml").write_text('kind = "single-base"\n')
    _write(
        folder / "companies.csv",
        [
            {
                "code": code,
                "shortcut_code": code.lower(),
                "name": f"Société {code}",
                "accounting_currency": "EUR",
                "reporting_currency": "EUR",
                "reporting_rate": "",
            }
            for code in COMPANIES
        ],
    )
    _write(
        folder / "fiscal_years.csv",
        [
            {"company": code, "start": f"{year}-01-01", "end": f"{year}-12-31", "unit": "month"}
            for code in COMPANIES
            for year in (2025, 2026)
        ],
    )
    _write(
        folder / "families.csv",
        [
            {"code": code, "shortcut_code": code.lower(), "name": f"Famille {code}", "companies": ";".join(members)}
            for code, members in FAMILIES.items()
        ],
    )
    _write(folder / "sales_lines.csv", [line for code in COMPANIES for line in _sales(code)])
    _write(folder / "entries.csv", [entry for code in COMPANIES for entry in _entries(code)])
    return folder


def _sales(company: str) -> list[dict[str, Any]]:
    weight = COMPANIES.index(company) + 1
    lines = []
    for number in range(LINES_PER_COMPANY):
        day = AS_OF - timedelta(days=(number * 7) % 600)
        lines.append(
            {
                "company": company,
                "document_type": ("invoice", "invoice", "credit_note", "order", "delivery")[number % 5],
                "document": f"D{number}",
                "line": "1",
                "date": day.isoformat(),
                "due_date": (day + timedelta(days=30)).isoformat(),
                "customer": f"C{number % 9}",
                "item": f"A{number % 13}",
                "sales_rep": f"R{number % 3}",
                "quantity": "1",
                "net_amount": f"{'-' if number % 5 == 2 else ''}{weight * 10 + number}.{number % 100:02}",
                "open_amount": f"{weight + number % 17}.5" if number % 5 > 2 else "",
            }
        )
    return lines


def _entries(company: str) -> list[dict[str, Any]]:
    weight = COMPANIES.index(company) + 1
    entries = []
    for number in range(LINES_PER_COMPANY // 2):
        day = AS_OF - timedelta(days=(number * 5) % 400)
        amount = f"{weight * 100 + number}.{(number * 37) % 100:02}"
        sides = (
            (("411", f"C{number % 9}", amount, "0"), ("707", "", "0", amount))
            if number % 2
            else (
                ("512", "", amount, "0"),
                ("411", f"C{number % 7}", "0", amount),
            )
        )
        for account, third_party, debit, credit in sides:
            entries.append(
                {
                    "company": company,
                    "journal": "VE",
                    "entry_number": str(number),
                    "entry_date": day.isoformat(),
                    "account": f"{account}000",
                    "account_label": f"Compte {account}",
                    "third_party": third_party,
                    "third_party_label": f"Client {third_party}" if third_party else "",
                    "label": "Facture",
                    "debit": debit,
                    "credit": credit,
                    "piece": f"P{number}",
                    "lettering": "",
                    "kind": "normal",
                }
            )
    return entries


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
