"""The seventeen indicators of a firm that does not exist, as the platform publishes them."""

from decimal import Decimal
from typing import Any

Json = dict[str, Any]

MONTHS = ("2025-12", *(f"2026-{month:02}" for month in range(1, 12)))
SUBJECTS = ("customers", "customer_categories", "items", "item_families", "sales_reps")

ALL = (
    "commercial_revenue",
    "month_portfolio",
    "month_order_book",
    *(f"top_{subject}_{period}" for subject in SUBJECTS for period in ("month", "year")),
    "accounting_revenue",
    "top_customer_outstanding",
    "top_supplier_outstanding",
    "treasury_position",
)


def seventeen(scale: str = "1") -> dict[str, Json]:
    """All of them, their amounts times `scale`."""
    factor = Decimal(scale)

    def amount(text: str) -> str:
        return f"{Decimal(text) * factor:.2f}"

    revenue = {
        "available": True,
        "month": amount("116230.45"),
        "month_previous_year": amount("103400.00"),
        "year": amount("1244999.99"),
        "year_previous": amount("1310000.00"),
        "series": [[month, amount(str(90000 + 3000 * at))] for at, month in enumerate(MONTHS)],
    }
    ranking = {
        "available": True,
        "total": amount("116230.45"),
        "others": amount("40000.00"),
        "unassigned": amount("1230.45"),
        "rows": _rows([("C1", "Maison Brévalin"), ("C2", "La Huche Dorée"), ("C3", "Traiteur Aubrac")], amount),
    }
    outstanding = {
        "available": True,
        "total": amount("560000.00"),
        "in_credit": amount("-1200.00"),
        "others": amount("485000.00"),
        "rows": _rows([("C1", "Maison Brévalin"), ("C2", "La Huche Dorée"), ("C3", "Traiteur Aubrac")], amount),
    }
    rankings = {f"top_{subject}_{period}": ranking for subject in SUBJECTS for period in ("month", "year")}
    return {
        "commercial_revenue": revenue,
        "month_portfolio": {
            "available": True,
            "amount": amount("285047.65"),
            "due": amount("49677.18"),
            "overdue": amount("65222.73"),
            "delivered": amount("170147.74"),
        },
        "month_order_book": {
            "available": True,
            "amount": amount("49677.18"),
            "overdue": amount("65222.73"),
            "later": amount("113100.09"),
            "stock": amount("228000.00"),
            "intake": amount("81234.00"),
        },
        **rankings,
        "accounting_revenue": {**revenue, "not_provided": ["year_previous"]},
        "top_customer_outstanding": outstanding,
        "top_supplier_outstanding": outstanding,
        "treasury_position": {
            "available": True,
            "amount": amount("470598.79"),
            "assets": amount("491752.79"),
            "overdrafts": amount("-21154.00"),
            "rows": [
                {"company": "NORD", "code": "512100", "label": "Banque du Val", "amount": amount("491752.79")},
                {"company": "SUD", "code": "512200", "label": "Crédit des Halles", "amount": amount("-21154.00")},
            ],
        },
    }


def empty() -> dict[str, Json]:
    """All of them for a firm that has done nothing yet."""
    nothing = seventeen("0")
    for indicator in nothing.values():
        if "rows" in indicator:
            indicator["rows"] = []
    return nothing


def _rows(named: list[tuple[str, str]], amount: Any) -> list[Json]:
    amounts = ("40000.00", "25000.00", "10000.00")
    shares = ("0.3441", "0.2151", "0.0860")
    return [
        {"rank": at, "code": code, "label": label, "amount": amount(one), "share": share}
        for at, ((code, label), one, share) in enumerate(zip(named, amounts, shares, strict=True), start=1)
    ]


def explained_revenue() -> Json:
    """The explanation of `commercial_revenue`: of the month's figure two documents, the rest and a cent of rounding,
    and of the difference with last year three customers."""
    documents = [
        ("invoice", "FA1", "2026-11-13", "Maison Brévalin", 4, "70000.00"),
        ("credit_note", "AV1", "2026-11-20", "La Huche Dorée", 1, "-1000.00"),
    ]
    rows = [
        {
            "kind": "document",
            "company": "NORD",
            "document_type": kind,
            "document": number,
            "date": date,
            "due_date": None,
            "customer": "C1",
            "label": label,
            "lines": lines,
            "amount": amount,
        }
        for kind, number, date, label, lines, amount in documents
    ]
    month = {
        "of": "month",
        "code": None,
        "company": None,
        "by": "document",
        "amount": "116230.45",
        "count": 73,
        "rows": rows,
        "rest": {"count": 71, "amount": "47230.44"},
        "rounding": "0.01",
    }
    contributions = [("C1", "Maison Brévalin", "40000.00", "20000.00"), ("C2", "La Huche Dorée", "1000.00", "9000.00")]
    difference = {
        "of": "month",
        "against": "month_previous_year",
        "by": "customer",
        "amount": "12830.45",
        "count": 3,
        "rows": [
            {
                "code": code,
                "label": label,
                "current": now,
                "previous": before,
                "amount": f"{Decimal(now) - Decimal(before)}",
            }
            for code, label, now, before in contributions
        ],
        "rest": {"count": 1, "current": "75230.45", "previous": "74400.00", "amount": "830.45"},
        "rounding": "0.00",
    }
    return {"available": True, "breakdowns": [month], "differences": [difference]}


def explained_treasury() -> Json:
    """The explanation of `treasury_position`: its sides, their accounts, and the entries of one account."""

    def breakdown(of: str, amount: str, by: str, rows: list[Json], **what: Any) -> Json:
        rest = {"count": 0, "amount": "0.00"}
        head = {"of": of, "code": None, "company": None, "by": by, "amount": amount, "count": len(rows)}
        return {**head, "rows": rows, "rest": rest, "rounding": "0.00", **what}

    account = {"kind": "account", "company": "NORD", "code": "512100", "label": "Banque du Val", "entries": 2}
    entry = {"kind": "entry", "company": "NORD", "account": "512100", "journal": "BQ", "date": "2026-11-03"}
    return {
        "available": True,
        "breakdowns": [
            breakdown("assets", "491752.79", "account", [{**account, "amount": "491752.79"}]),
            breakdown(
                "row",
                "491752.79",
                "entry",
                [
                    {"kind": "sum", "name": "opening", "count": 1, "amount": "490000.00"},
                    {**entry, "number": "BQ12", "label": "Virement Brévalin", "piece": "V12", "amount": "1752.79"},
                ],
                code="512100",
                company="NORD",
            ),
        ],
        "differences": [],
    }
