"""The tills and the two banks: takings brought to the bank, money moved between banks, and what they start with."""

from collections import defaultdict
from datetime import date
from itertools import accumulate

from vigie.demo.books.chart import FIRST_BANK, PETTY_CASH, SECOND_BANK, TILL, TRANSFERS
from vigie.demo.books.ledger import Ledger, Line
from vigie.demo.days import each_day, is_working, later, month_starts, next_working, working_from
from vigie.demo.dice import Dice
from vigie.demo.firm import Company

_TILL_FLOAT = 150_00
_TAKINGS_WORTH_A_WALK = 400_00
_FIRST_BANK_RESERVE = 38_000_00
_COMFORT, _OVERDRAFT = 45_000_00, -14_000_00
_DAYS_OVERDRAWN = 80

SECOND_BANK_AT_START = 42_600_00
TILL_AT_START = 312_40
PETTY_CASH_AT_START = 187_25


def post_takings(ledger: Ledger, as_of: date) -> None:
    """On Fridays the till's takings leave for the first bank, which has them on the next working day."""
    flows = _flows(ledger, TILL)
    if not flows:
        return
    balance = TILL_AT_START
    for day in each_day(min(flows), as_of):
        balance += flows.get(day, 0)
        arrival = next_working(day)
        if day.weekday() == 4 and is_working(day) and balance > _TAKINGS_WORTH_A_WALK and arrival <= as_of:
            amount = (balance - _TILL_FLOAT) // 10_00 * 10_00
            balance -= amount
            piece = f"RE{day:%y%m%d}"
            label = "Remise d'espèces"
            ledger.post("CA", day, piece, label, (Line(TRANSFERS, amount), Line(TILL, -amount)))
            ledger.post("BQ1", arrival, piece, label, (Line(FIRST_BANK, amount), Line(TRANSFERS, -amount)))


def post_petty_cash(ledger: Ledger, dice: Dice, start: date, as_of: date) -> None:
    """Each month the first bank fills the petty cash again, out of which stamps, parking and coffee are paid."""
    balance = PETTY_CASH_AT_START
    for month in month_starts(start, as_of):
        day = working_from(month.replace(day=3))
        if day > as_of:
            return
        amount = max(0, (260_00 - balance) // 10_00 * 10_00)
        balance += amount
        piece = f"AC{day:%y%m%d}"
        label = "Alimentation caisse des menus frais"
        ledger.post("BQ1", day, piece, label, (Line(TRANSFERS, amount), Line(FIRST_BANK, -amount)))
        ledger.post("CA", day, piece, label, (Line(PETTY_CASH, amount), Line(TRANSFERS, -amount)))
        for n in range(3):
            spent = working_from(later(day, 2 + 7 * n))
            cost = dice.between(8_50, 68_00)
            if spent <= as_of:
                balance -= cost
                account, what = dice.pick((("606400", "Timbres et fournitures"), ("625700", "Réception clients")))
                ledger.post("CA", spent, f"MF{spent:%y%m%d}", what, (Line(account, cost), Line(PETTY_CASH, -cost)))


def post_transfers(ledger: Ledger, company: Company, start: date, as_of: date) -> None:
    """On Mondays the first bank feeds the second, which pays wages and rent and takes in nothing.

    A company that is overdrawn at the end has let it slip below zero for the last weeks: within what the bank allows.
    """
    flows = _flows(ledger, SECOND_BANK)
    balance = SECOND_BANK_AT_START
    for day in each_day(start, as_of):
        balance += flows.get(day, 0)
        slipping = company.overdrawn_at_the_end and day > later(as_of, -_DAYS_OVERDRAWN)
        target = _OVERDRAFT if slipping else _COMFORT
        arrival = next_working(day)
        if day.weekday() == 0 and is_working(day) and balance < target and arrival <= as_of:
            amount = -((balance - target) // 1_000_00) * 1_000_00
            piece = f"VI{day:%y%m%d}"
            label = "Virement interne"
            ledger.post("BQ1", day, piece, label, (Line(TRANSFERS, amount), Line(FIRST_BANK, -amount)))
            ledger.post("BQ2", arrival, piece, label, (Line(SECOND_BANK, amount), Line(TRANSFERS, -amount)))
            flows[arrival] = flows.get(arrival, 0) + amount


def first_bank_at_start(ledger: Ledger) -> int:
    """What the first bank must hold at the start never to be overdrawn, and a reserve; cents."""
    flows = _flows(ledger, FIRST_BANK)
    lowest = min(accumulate(flows[day] for day in sorted(flows)), default=0)
    return _FIRST_BANK_RESERVE - min(lowest, 0)


def _flows(ledger: Ledger, account: str) -> dict[date, int]:
    """What an account moved by on each day."""
    flows: defaultdict[date, int] = defaultdict(int)
    for entry in ledger.entries:
        for line in entry.lines:
            if line.account == account:
                flows[entry.day] += line.amount
    return dict(flows)
