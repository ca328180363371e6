"""The books that the demonstration's sales make: sales, settlements, purchases, payroll, taxes, banks and tills."""
