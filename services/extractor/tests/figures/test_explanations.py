"""What a figure is made of (R14): the rows, the rest, the rounding, and how it is kept within its bound."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from services.extractor.tests.figures.books import AS_OF, FEC_COLUMNS, Dossier, entry, fec_row, fec_text, sale

from vigie_extractor.extraction import extract
from vigie_extractor.indicators.explanations.document import MOST_BYTES
from vigie_extractor.indicators.explanations.model import (
    AccountRow,
    Breakdown,
    Contribution,
    Difference,
    Explained,
    Rest,
    RestOfDifference,
    SumRow,
    shortened,
)
from vigie_extractor.outcome import Step
from vigie_extractor.sources.dossier import DossierSource

Json = dict[str, Any]


def breakdown(explanation: Json, of: str, by: str | None = None, code: str | None = None) -> Json:
    [found] = [
        one for one in explanation["breakdowns"] if (one["of"], one["code"]) == (of, code) and by in {None, one["by"]}
    ]
    assert isinstance(found, dict)
    return found


def told(found: Json) -> list[tuple[str | None, str]]:
    """Document, piece, code or name of each row, with its amount."""
    names = ("document", "piece", "code", "name")
    return [(next(row[name] for name in names if name in row), row["amount"]) for row in found["rows"]]


def test_the_largest_documents_are_listed_and_the_others_are_one_sum(dossier: Dossier) -> None:
    dossier.table("customers", "A,C1,Martin SA,RETAIL")
    dossier.table("sales_lines", *(sale(amount=str(n), document=f"F{n}") for n in range(1, 31)))
    month = breakdown(dossier.explain("commercial_revenue"), "month")
    assert told(month) == [(f"F{n}", f"{n}.00") for n in range(30, 5, -1)]
    assert month["rest"] == {"count": 5, "amount": "15.00"}
    assert (month["count"], month["amount"], month["rounding"]) == (30, "465.00", "0.00")
    assert (month["rows"][0]["customer"], month["rows"][0]["label"]) == ("C1", "Martin SA")


def test_lines_of_one_document_are_one_row(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(amount="10.00"), sale(amount="5.00", item="I2"), sale(amount="1", document="D2"))
    month = breakdown(dossier.explain("commercial_revenue"), "month")
    assert [(row["document"], row["lines"], row["amount"]) for row in month["rows"]] == [
        ("D1", 2, "15.00"),
        ("D2", 1, "1.00"),
    ]


def test_a_document_is_in_the_ranking_of_an_item_with_what_it_has_of_it(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(amount="10.00"), sale(amount="5.00", item="I2"), sale(amount="2", item=""))
    items = dossier.explain("top_items_month")
    assert told(breakdown(items, "row", code="I2")) == [("D1", "5.00")]
    assert told(breakdown(items, "unassigned")) == [("D1", "2.00")]
    assert told(breakdown(items, "total")) == [
        ("I1", "10.00"),
        ("I2", "5.00"),
        ("others", "0.00"),
        ("unassigned", "2.00"),
    ]


def test_what_rounding_leaves_over_is_the_last_row(dossier: Dossier) -> None:
    dossier.table("sales_lines", *(sale(amount="0.004", document=f"F{n}") for n in range(3)))
    month = breakdown(dossier.explain("commercial_revenue"), "month")
    assert [amount for _, amount in told(month)] == ["0.00", "0.00", "0.00"]
    assert (month["amount"], month["rest"]["amount"], month["rounding"]) == ("0.01", "0.00", "0.01")


def test_rows_are_in_the_currency_shown_and_the_largest_are_so_in_it(dossier: Dossier) -> None:
    dossier.settings('kind = "single-base"\n[parameters]\ncurrency = "reporting"\n')
    dossier.table("companies", "A,A,Alpha,EUR,USD,2", "B,B,Beta,EUR,USD,10")
    dossier.table("fiscal_years", *(f"{one},2026-01-01,2026-12-31,month" for one in "AB"))
    dossier.table("families", "F,F,Both,A;B")
    dossier.table("sales_lines", sale(amount="40", document="OF-A"), sale(amount="9", company="B", document="OF-B"))
    month = breakdown(dossier.explain("commercial_revenue", "F"), "month")
    assert told(month) == [("OF-B", "90.00"), ("OF-A", "80.00")]


def test_overdue_orders_say_when_they_were_due(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale("2026-09-01", "9", kind="order", due="2026-10-15", open_amount="7"))
    overdue = breakdown(dossier.explain("month_portfolio"), "overdue")
    assert [(row["due_date"], row["amount"]) for row in overdue["rows"]] == [("2026-10-15", "7.00")]


def test_a_difference_is_told_by_what_rose_and_what_fell(dossier: Dossier) -> None:
    dossier.table("customers", "A,C1,Martin SA,RETAIL", "A,C2,Durand,RETAIL")
    dossier.table(
        "sales_lines",
        sale(amount="100"),
        sale("2025-11-10", "30"),
        sale("2025-11-11", "50", customer="C2"),
        sale("2025-01-01", "1", customer=""),
    )
    explanation = dossier.explain("commercial_revenue")
    [month] = [one for one in explanation["differences"] if (one["of"], one["by"]) == ("month", "customer")]
    assert month["amount"] == "20.00"
    assert [(row["label"], row["current"], row["previous"], row["amount"]) for row in month["rows"]] == [
        ("Martin SA", "100.00", "30.00", "70.00"),
        ("Durand", "0.00", "50.00", "-50.00"),
    ]
    [year] = [one for one in explanation["differences"] if (one["of"], one["by"]) == ("year", "customer")]
    assert [row["code"] for row in year["rows"]] == ["C1", "C2", None]


def test_a_comparison_that_is_not_provided_is_not_explained(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale("2025-11-05"), sale())
    differences = dossier.explain("commercial_revenue")["differences"]
    assert differences == []


def test_a_customers_open_lines_are_listed_and_the_settled_ones_are_one_sum(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-10-01", "411000", "100", party="C1", party_label="Martin", text="Facture 12", piece="F12"),
        entry("2026-10-02", "411000", "70", party="C1", piece="F13", lettering="A"),
        entry("2026-10-03", "411000", "0", "70", party="C1", piece="R1", lettering="A"),
        entry("2026-10-04", "411000", "0", "5", party="C2", party_label="Durand", piece="R2"),
    )
    outstanding = dossier.explain("top_customer_outstanding")
    row = breakdown(outstanding, "row", code="C1")
    assert told(row) == [("F12", "100.00"), ("lettered", "0.00")]
    assert (row["rows"][0]["label"], row["rows"][1]["count"], row["count"]) == ("Facture 12", 2, 3)
    assert told(breakdown(outstanding, "in_credit")) == [("C2", "-5.00")]


def test_treasury_is_opening_earlier_movements_and_those_of_the_month(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-01-01", "512000", "1000", kind="opening"),
        entry("2026-03-01", "512000", "0", "200"),
        entry("2026-11-02", "512000", "50", piece="P1"),
        entry("2026-11-25", "512000", "9999", piece="LATER"),
    )
    treasury = dossier.explain("treasury_position")
    account = breakdown(treasury, "row", code="512000")
    assert told(account) == [("opening", "1000.00"), ("earlier", "-200.00"), ("P1", "50.00")]
    assert (account["company"], account["amount"]) == ("A", "850.00")
    assert told(breakdown(treasury, "amount")) == [("assets", "850.00"), ("overdrafts", "0.00")]


def test_accounting_revenue_is_told_by_account_and_by_line(dossier: Dossier) -> None:
    dossier.table(
        "entries",
        entry("2026-11-02", "701000", "0", "80", label="Ventes", piece="F1"),
        entry("2026-11-03", "709000", "10", "0", label="Remises", piece="A1"),
    )
    revenue = dossier.explain("accounting_revenue")
    assert told(breakdown(revenue, "month", "account")) == [("701000", "80.00"), ("709000", "-10.00")]
    assert told(breakdown(revenue, "month", "entry")) == [("F1", "80.00"), ("A1", "-10.00")]
    assert [row["label"] for row in breakdown(revenue, "month", "account")["rows"]] == ["Ventes", "Remises"]


def test_a_fec_gives_labels_and_pieces_and_may_lack_them(dossier: Dossier) -> None:
    row = fec_row("20261102", "701000", credit="80,00", number="7") | {"EcritureLib": "Facture 7", "PieceRef": "F7"}
    dossier.fec("AFEC20261231.txt", fec_text([row]))
    [whole] = breakdown(dossier.explain("accounting_revenue"), "month", "entry")["rows"]
    kept = [column for column in FEC_COLUMNS if column not in {"EcritureLib", "PieceRef", "EcritureLet"}]
    dossier.fec("AFEC20261231.txt", fec_text([row], columns=kept))
    [without] = breakdown(dossier.explain("accounting_revenue"), "month", "entry")["rows"]
    assert (whole["label"], whole["piece"], whole["number"], whole["date"]) == ("Facture 7", "F7", "7", "2026-11-02")
    assert without == whole | {"label": "", "piece": ""}


def test_r6_an_opening_line_with_a_later_date_is_shown_on_the_day_it_counts(dossier: Dossier) -> None:
    rows = [
        fec_row("20261201", "411000", "30,00", journal="AN", party="C1"),
        fec_row("20261102", "701000", credit="80,00"),
    ]
    dossier.fec("AFEC20261231.txt", fec_text(rows))
    row = breakdown(dossier.explain("top_customer_outstanding"), "row", code="C1")
    assert [(one["date"], one["amount"]) for one in row["rows"]] == [("2026-01-01", "30.00")]


def test_what_is_not_available_says_why(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale())
    assert dossier.explain("treasury_position") == {"available": False, "reason": "the source has no entries"}


def test_a_source_that_changes_meanwhile_is_not_explained_by_rows_of_other_figures(dossier: Dossier) -> None:
    # given a file that is written again after the figures were computed and before they are explained
    dossier.table("sales_lines", sale(amount="100.00"))

    def rewritten(step: Step) -> None:
        if step.name == "accounting":
            dossier.table("sales_lines", sale(amount="70.00"))

    # when what they are made of is asked for, then it says so and claims nothing
    explanation = dossier.explain("commercial_revenue", on_step=rewritten)
    assert explanation["available"] is False
    assert "changed while it was read" in explanation["reason"]


def test_the_explanations_of_a_scope_are_bounded_and_still_add_up(dossier: Dossier) -> None:
    # given rankings full of long names, each with more documents than are ever listed
    name = "Société générale des très longues dénominations " * 20
    dossier.table("customers", *(f"A,C{n},{name}{n},RETAIL {n}" for n in range(40)))
    dossier.table("items", *(f"A,I{n},{name},FAMILY {n % 9},x" for n in range(40)), header=None)
    dossier.table(
        "sales_lines",
        *(
            sale(
                f"{year}-11-{1 + n % 20:02}",
                f"{n}.37",
                customer=f"C{n % 40}",
                item=f"I{n % 40}",
                rep=f"R{n % 9}",
                document=f"{name[:200]}{n}",
            )
            for year in (2025, 2026)
            for n in range(400)
        ),
        *(sale(kind="order", due="2026-11-28", open_amount=f"{n}", document=f"{name[:200]}{n}") for n in range(99)),
    )
    dossier.table(
        "entries",
        *(
            entry("2026-11-02", f"7{n:05}", "0", f"{n}", label=name, text=name[:300], piece=name[:300], number=str(n))
            for n in range(99)
        ),
    )
    result = extract(DossierSource(dossier.folder), AS_OF, explained=True)
    [explanations] = result.explanations.values()
    size = len(json.dumps(explanations, ensure_ascii=False, separators=(",", ":")).encode())
    assert MOST_BYTES // 2 < size <= MOST_BYTES
    assert len(explanations) == 17
    for explanation in explanations.values():
        for one in explanation.get("breakdowns", ()):
            added = sum((Decimal(row["amount"]) for row in one["rows"]), Decimal(one["rest"]["amount"]))
            assert added + Decimal(one["rounding"]) == Decimal(one["amount"])


AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=2)


@given(st.lists(AMOUNTS, max_size=12), st.integers(0, 12), AMOUNTS)
def test_what_is_cut_from_a_list_goes_into_its_rest(amounts: list[Decimal], length: int, rounding: Decimal) -> None:
    rows = tuple(AccountRow("A", str(number), "", 1, amount) for number, amount in enumerate(amounts))
    named = SumRow("earlier", 4, Decimal("1.50"))
    whole = Breakdown("row", "entry", sum(amounts, named.amount + rounding), (named, *rows), Rest(2, Decimal("0.00")))
    cut = shortened(Explained((whole,)), length)
    assert isinstance(cut, Explained)
    [short] = cut.breakdowns
    assert (short.amount, short.count, short.rounding) == (whole.amount, whole.count, whole.rounding)
    assert short.rows == (named, *rows[:length])


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=12), st.integers(0, 12), AMOUNTS)
def test_what_is_cut_from_a_difference_goes_into_its_rest(
    both: list[tuple[Decimal, Decimal]], length: int, rounding: Decimal
) -> None:
    rows = tuple(Contribution(str(n), "", new, old) for n, (new, old) in enumerate(both) if new != old)
    amount = sum((row.amount for row in rows), rounding)
    rest = RestOfDifference(0, Decimal("0.00"), Decimal("0.00"))
    whole = Difference("year", "year_previous", "customer", amount, rows, rest)
    cut = shortened(Explained((), (whole,)), length)
    assert isinstance(cut, Explained)
    [short] = cut.differences
    assert (short.amount, short.count, short.rounding) == (whole.amount, whole.count, whole.rounding)
    assert len(short.rows) <= length
