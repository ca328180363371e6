"""The demonstration dossier: two French wholesalers, what they sell, and the books that those sales make.

`vigie demo DIR` writes it. It is invented from a seed and a system date: the same two give the same bytes, in every
process and every version of Python, and no date is written in the code, so it is always fresh. It covers two whole
calendar years and the one that holds the system date. Nothing is dated later, except that orders and payments fall due.

How it is made, each step from the one before:

1. `firm`: customers, items, representatives (names in `names`), with their weights and habits.
2. `seasons` and `orders`: what is ordered, when it is promised, when it leaves: on time, late, or in two parts.
3. `invoicing` and `documents`: deliveries, the invoices on them, fixed supplies, the counter, credit notes, numbers.
4. `books`: the entries of those invoices, and of all that a firm pays and is paid. Accounting revenue (class 70) is the
   invoiced sales, to the cent, on every day. Every entry balances, what is settled is lettered within each file, each
   year opens with the closing balances of the one before, and internal transfers come to zero.
5. `folder` and `fec`: the dossier folder.

`benchmark` makes dossiers of millions of rows, for measuring.

Amounts are whole cents everywhere inside.
"""
