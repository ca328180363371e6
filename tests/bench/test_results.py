"""The arithmetic of the table."""

import pytest

from tests.bench.conditions import by_turns
from tests.bench.results import AtLeast, AtMost, Compared, Demand, Measured, Spread, Verdict


def test_a_spread_is_the_middle_round_with_the_least_and_the_most() -> None:
    assert Spread.of([9.0, 1.0, 4.0]) == Spread(median=4.0, least=1.0, most=9.0)


def test_the_middle_of_an_even_number_of_rounds_lies_halfway() -> None:
    assert Spread.of([8.0, 1.0, 2.0, 4.0]).median == 3.0


def test_a_ratio_is_taken_round_by_round_so_that_a_slow_round_weighs_on_both_sides() -> None:
    # given a machine that was ten times slower in the second round
    figure = Compared("work", "s", "peer", ours=(2.0, 20.0, 2.0), theirs=(1.0, 10.0, 1.0))
    # then the ratio does not show it
    assert figure.ratio == Spread(2.0, 2.0, 2.0)


def test_the_ratio_that_is_judged_is_the_median_of_the_rounds_ratios() -> None:
    figure = Compared("work", "s", "peer", ours=(3.0, 8.0, 5.0), theirs=(1.0, 2.0, 1.0))
    assert figure.ratio == Spread(median=4.0, least=3.0, most=5.0)
    assert figure.judged == 4.0


def test_rounds_of_one_side_alone_are_no_comparison() -> None:
    with pytest.raises(ValueError, match="2 rounds of Vigie and 1 of its peer"):
        Compared("work", "s", "peer", ours=(1.0, 2.0), theirs=(1.0,))


def test_a_figure_without_a_peer_is_judged_by_its_own_median() -> None:
    assert Measured("memory", "MiB", ours=(200.0, 300.0, 210.0)).judged == 210.0


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(6.01, Verdict.NOT_MET), (6.0, Verdict.MET), (3.01, Verdict.MET), (3.0, Verdict.AIM_MET), (0.5, Verdict.AIM_MET)],
)
def test_what_must_not_be_above_a_bound_may_be_at_it(value: float, verdict: Verdict) -> None:
    assert Demand(AtMost(6), aim=AtMost(3)).verdict(value) is verdict


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.89, Verdict.NOT_MET), (0.9, Verdict.MET), (1.19, Verdict.MET), (1.2, Verdict.AIM_MET), (7.0, Verdict.AIM_MET)],
)
def test_what_must_not_be_below_a_bound_may_be_at_it(value: float, verdict: Verdict) -> None:
    assert Demand(AtLeast(0.9), aim=AtLeast(1.2)).verdict(value) is verdict


def test_a_demand_without_an_aim_is_met_and_no_more() -> None:
    assert Demand(AtMost(350)).verdict(1) is Verdict.MET


def test_both_sides_are_measured_by_turns() -> None:
    order: list[str] = []

    def measuring(side: str) -> int:
        order.append(side)
        return len(order)

    ours, theirs = by_turns(3, lambda: measuring("ours"), lambda: measuring("theirs"))
    assert order == ["ours", "theirs"] * 3
    assert (ours, theirs) == ([1, 3, 5], [2, 4, 6])
