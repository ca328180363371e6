"""Purchases in the books: the goods that were sold, the overheads, and the payments to suppliers."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from vigie.demo.books.chart import (
    BILLS_PAYABLE,
    DEDUCTIBLE_VAT,
    FIRST_BANK,
    PURCHASES,
    SECOND_BANK,
    SUPPLIERS,
)
from vigie.demo.books.ledger import NOT_SETTLED, Ledger, Line
from vigie.demo.days import later, month_end, month_starts, working_from, working_until
from vigie.demo.dice import Dice
from vigie.demo.documents import Sales
from vigie.demo.firm import FAMILIES, Company, Firm
from vigie.demo.names import GOODS_SUPPLIERS

_COST_PERCENT = (56, 63)  # of the sales without tax


@dataclass(frozen=True, slots=True)
class Overhead:
    """A cost that comes back: `months` in which it is invoiced (all when empty), on `day` of the month, for `cents`
    without tax, give or take `spread` percent; `vat` in thousandths."""

    supplier: str
    name: str
    account: str
    cents: int
    spread: int
    day: int
    vat: int = 200
    months: tuple[int, ...] = ()


OVERHEADS: tuple[Overhead, ...] = (
    Overhead("F0101", "SCI Les Entrepôts de la Lysette", "613200", 0, 0, 1),
    Overhead("F0102", "Énergies du Plat Pays", "606100", 1_420_00, 18, 6),
    Overhead("F0103", "Télécoms Interrégions", "626000", 318_40, 4, 4),
    Overhead("F0104", "Mutuelle des Négociants Réunis", "616000", 2_365_00, 0, 5, vat=0, months=(1, 4, 7, 10)),
    Overhead("F0105", "Transports Delacroze", "624200", 4_860_00, 22, 25),
    Overhead("F0106", "Cabinet Orvault-Lemercier", "622600", 940_00, 0, 20),
    Overhead("F0107", "Stations du Réseau Bleu", "606150", 1_870_00, 15, 28),
    Overhead("F0108", "Chariots et Manutention Pasquerel", "615500", 615_00, 35, 12),
    Overhead("F0109", "Papeterie du Beffroi", "606400", 186_30, 40, 9),
)
RENT = OVERHEADS[0]

SUPPLIER_NAMES: dict[str, str] = {
    **{f"F{n:04d}": name for n, name in enumerate(GOODS_SUPPLIERS, start=1)},
    **{overhead.supplier: overhead.name for overhead in OVERHEADS},
}


@dataclass(frozen=True, slots=True)
class SupplierInvoice:
    """Cents; `vat` in thousandths."""

    day: date
    supplier: str
    reference: str
    account: str
    net: int
    vat: int

    @property
    def tax(self) -> int:
        return (self.net * self.vat + 500) // 1000


def post_purchases(
    ledger: Ledger, firm: Firm, company: Company, sales: Sales, *, dice: Dice, start: date, as_of: date
) -> None:
    """The suppliers' invoices of a company up to `as_of`, and what it paid on them."""
    together: defaultdict[tuple[date, str], list[SupplierInvoice]] = defaultdict(list)
    invoices = [*_goods(firm, sales, dice, as_of), *_overheads(company, dice, start, as_of)]
    for invoice in sorted(invoices, key=lambda invoice: (invoice.day, invoice.supplier, invoice.reference)):
        together[_payment_day(invoice), invoice.supplier].append(invoice)
    for (day, supplier), paid in sorted(together.items(), key=lambda group: group[0]):
        if supplier == "F0015":
            _settle_by_bill(ledger, day, supplier, paid, as_of)
        else:
            _settle_by_transfer(ledger, day, supplier, paid, as_of)


def _goods(firm: Firm, sales: Sales, dice: Dice, as_of: date) -> Iterator[SupplierInvoice]:
    """What each month's sales cost, family by family, in two to four invoices of the family's two suppliers."""
    families = {item.code: item.family for item in firm.items}
    rates = {item.family: item.vat for item in firm.items}
    sold: defaultdict[tuple[date, str], int] = defaultdict(int)
    for line in sales.lines:
        if line.kind in {"invoice", "credit_note"}:
            sold[line.day.replace(day=1), families[line.item]] += line.net
    for (month, family), net in sorted(sold.items()):
        cost = max(net, 0) * dice.between(*_COST_PERCENT) // 100
        last = min(as_of, month_end(month))
        parts = dice.between(2, 4)
        for part in range(parts):
            share = cost // (parts - part)
            amount = share if part == parts - 1 else share * dice.between(70, 130) // 100
            cost -= amount
            supplier = FAMILIES.index(family) * 2 + 1 + part % 2
            if amount > 0:
                yield SupplierInvoice(
                    day=max(month, working_until(month.replace(day=dice.between(1, last.day)))),
                    supplier=f"F{supplier:04d}",
                    reference=f"{month:%y%m}-{dice.between(1000, 9999)}",
                    account=PURCHASES[family],
                    net=amount,
                    vat=rates[family],
                )


def _overheads(company: Company, dice: Dice, start: date, as_of: date) -> Iterator[SupplierInvoice]:
    for month in month_starts(start, as_of):
        for overhead in OVERHEADS:
            cents = (overhead.cents or company.rent) * dice.between(100 - overhead.spread, 100 + overhead.spread) // 100
            day = month.replace(day=overhead.day)
            if day <= as_of and (not overhead.months or month.month in overhead.months):
                reference = f"{month:%Y%m}-{dice.between(100, 999)}"
                yield SupplierInvoice(day, overhead.supplier, reference, overhead.account, cents, overhead.vat)


def _payment_day(invoice: SupplierInvoice) -> date:
    """Rent on the fifth; the others thirty days net, forty-five end of month or sixty net, by supplier."""
    if invoice.supplier == RENT.supplier:
        return working_from(later(invoice.day, 4))
    number = int(invoice.supplier[1:])
    if number % 3 == 0:
        return working_from(later(invoice.day, 60))
    if number % 3 == 1:
        return working_from(month_end(later(invoice.day, 45)))
    return working_from(later(invoice.day, 30))


def _post_invoice(ledger: Ledger, invoice: SupplierInvoice, settlement: int) -> None:
    label = f"Facture {invoice.reference} {SUPPLIER_NAMES[invoice.supplier]}"
    lines = (
        Line(invoice.account, invoice.net),
        Line(DEDUCTIBLE_VAT, invoice.tax),
        Line(SUPPLIERS, -invoice.net - invoice.tax, invoice.supplier, settlement),
    )
    ledger.post("AC", invoice.day, invoice.reference, label, lines)


def _settle_by_transfer(ledger: Ledger, day: date, supplier: str, invoices: list[SupplierInvoice], as_of: date) -> None:
    """One transfer for all that is due to a supplier on a day; every third supplier is paid by the second bank."""
    settlement = ledger.settlement(day) if day <= as_of else NOT_SETTLED
    for invoice in invoices:
        _post_invoice(ledger, invoice, settlement)
    if day > as_of:
        return
    total = sum(invoice.net + invoice.tax for invoice in invoices)
    second = supplier == RENT.supplier or int(supplier[1:]) % 3 == 0
    journal, account = ("BQ2", SECOND_BANK) if second else ("BQ1", FIRST_BANK)
    label = f"Virement émis {SUPPLIER_NAMES[supplier]}"
    lines = (Line(SUPPLIERS, total, supplier, settlement), Line(account, -total))
    ledger.post(journal, day, f"VF{day:%y%m%d}-{supplier}", label, lines)


def _settle_by_bill(ledger: Ledger, day: date, supplier: str, invoices: list[SupplierInvoice], as_of: date) -> None:
    """A bill of exchange, accepted a week after each invoice and paid when it is due."""
    for invoice in invoices:
        accepted = working_from(later(invoice.day, 7))
        settlement = ledger.settlement(accepted) if accepted <= as_of else NOT_SETTLED
        _post_invoice(ledger, invoice, settlement)
        if accepted > as_of:
            continue
        total = invoice.net + invoice.tax
        paid = ledger.settlement(day) if day <= as_of else NOT_SETTLED
        piece = f"EP{day:%y%m%d}-{supplier}"
        name = SUPPLIER_NAMES[supplier]
        exchanged = Line(SUPPLIERS, total, supplier, settlement)
        owed = Line(BILLS_PAYABLE, -total, supplier, paid)
        ledger.post("OD", accepted, piece, f"Effet accepté {name}", (exchanged, owed))
        if day <= as_of:
            honoured = Line(BILLS_PAYABLE, total, supplier, paid)
            ledger.post("BQ1", day, piece, f"Effet payé {name}", (honoured, Line(FIRST_BANK, -total)))
