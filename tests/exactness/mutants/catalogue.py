"""Every mutant, by what it is about. A change of the product that touches one of these texts changes its mutant too."""

from __future__ import annotations

from .of_amounts import AMOUNTS
from .of_balances import BALANCES
from .of_fec import FEC
from .of_periods import PERIODS
from .of_rankings import RANKINGS
from .of_sales import SALES

MUTANTS = (*PERIODS, *AMOUNTS, *SALES, *RANKINGS, *BALANCES, *FEC)
