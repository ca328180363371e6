"""Headings: the longest prefix decides, and an exclusion goes before an inclusion of the same length."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie_extractor.domain.headings import BANK, CUSTOMER_OUTSTANDING, NET_REVENUE, Heading
from vigie_extractor.indicators.accounting import heading_holds

DIGITS = st.text("0123456789", min_size=1, max_size=4)
PREFIXES = st.lists(st.builds(str.__add__, st.sampled_from(["", "-"]), DIGITS), max_size=6)


@pytest.mark.parametrize(
    ("prefixes", "account", "held"),
    [
        (("70", "-709"), "701000", True),
        (("70", "-709"), "709100", False),
        (("70", "-709", "7091"), "709100", True),
        (("70", "-70"), "701000", False),
        (("-70",), "600000", False),
        ((), "701000", False),
    ],
)
def test_the_longest_matching_prefix_decides(prefixes: tuple[str, ...], account: str, held: bool) -> None:
    assert Heading(prefixes).holds(account) is held


def test_discounts_granted_reduce_net_revenue_by_default() -> None:
    assert NET_REVENUE.holds("709000")


def test_deposits_received_are_no_customer_outstanding_by_default() -> None:
    assert not CUSTOMER_OUTSTANDING.holds("419100")
    assert not BANK.holds("530000")


def test_an_empty_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="is not an account prefix"):
        Heading(("70", "-"))


@pytest.mark.slow
@settings(max_examples=100, derandomize=True, deadline=None)
@given(PREFIXES, st.lists(st.text("0123456789", max_size=6), max_size=5))
def test_a_heading_in_sql_holds_the_same_accounts(prefixes: list[str], accounts: list[str]) -> None:
    heading = Heading(tuple(prefixes))
    with duckdb.connect() as connection:
        for account in accounts:
            row = connection.execute(f"SELECT {heading_holds('?', heading)}", [account] * len(heading.rules)).fetchone()
            assert row is not None
            assert row[0] is heading.holds(account)
