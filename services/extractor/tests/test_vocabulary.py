"""What parameters can name: only what the sources have, unless it holds already."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie_extractor.domain.headings import Heading
from vigie_extractor.domain.parameters import DEFAULTS, HEADINGS, Chosen, DisplayCurrency
from vigie_extractor.domain.vocabulary import SHOWN, Vocabulary, near, objections, to_look_up

KNOWN = Vocabulary(
    customer_axes=frozenset({"default", "sector"}),
    item_axes=frozenset({"default", "range"}),
    item_categories=frozenset({"GOODS", "SERVICES"}),
    accounts=frozenset({"401000", "411000", "512100", "701000", "706000"}),
    journals=frozenset({"AN", "BQ", "VE"}),
)

ACCOUNTS = st.text("0123456789", min_size=1, max_size=6)
NAMES = st.text("ABCDE", min_size=1, max_size=2)
CHOSEN = st.builds(
    Chosen,
    currency=st.none() | st.sampled_from(DisplayCurrency),
    customer_category_axis=st.none() | NAMES,
    item_category_axis=st.none() | NAMES,
    sold_item_categories=st.none() | st.lists(NAMES, max_size=2).map(tuple),
    opening_journals=st.none() | st.lists(NAMES, max_size=2).map(tuple),
    **{name: st.none() | st.lists(ACCOUNTS, max_size=2).map(tuple).map(Heading) for name in HEADINGS},
)


def told(chosen: Chosen, known: Vocabulary = KNOWN) -> dict[str, str]:
    sold = chosen.parameters().sold_item_categories
    return {one.parameter: one.what for one in objections(chosen, to_look_up(chosen, []), known, sold)}


@pytest.mark.parametrize(
    ("chosen", "parameter", "values"),
    [
        (Chosen(customer_category_axis="region"), "customer_category_axis", "axes: default, sector"),
        (Chosen(item_category_axis="colour"), "item_category_axis", "axes: default, range"),
        (Chosen(sold_item_categories=("GOODS", "GIFTS")), "sold_item_categories", "categories: GOODS, SERVICES"),
        (Chosen(net_revenue=Heading(("708",))), "headings.net_revenue", "nearest accounts: 701000, 706000"),
        (Chosen(bank=Heading(("513", "-5121"))), "headings.bank", "nearest accounts: 512100"),
        (Chosen(bank=Heading(())), "headings.bank", "a heading without prefixes"),
        (Chosen(opening_journals=("AN", "RAN")), "opening_journals", "journals: AN, BQ, VE"),
    ],
)
def test_what_the_sources_do_not_have_is_refused_with_what_they_have(
    chosen: Chosen, parameter: str, values: str
) -> None:
    assert list(told(chosen)) == [parameter]
    assert values in told(chosen)[parameter]


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = Chosen(customer_category_axis="x", opening_journals=("X", "Y"), bank=Heading(("9",)))
    found = objections(wrong, to_look_up(wrong, []), KNOWN, ())
    assert [one.parameter for one in found] == [
        "customer_category_axis",
        "headings.bank",
        "opening_journals",
        "opening_journals",
    ]


def test_the_categories_that_hold_are_looked_for_on_a_new_axis_too() -> None:
    # given a source whose own sold categories are on another axis than the one that is chosen
    chosen = Chosen(item_category_axis="range")
    [found] = objections(chosen, to_look_up(chosen, [Chosen(sold_item_categories=("OLD",))]), KNOWN, ("OLD",))
    assert (found.parameter, found.values) == ("sold_item_categories", ("GOODS", "SERVICES"))


def test_values_named_are_few_however_many_there_are() -> None:
    many = Vocabulary(journals=frozenset(f"J{number:03}" for number in range(100)))
    [found] = objections(Chosen(opening_journals=("X",)), {"opening_journals"}, many, ())
    assert len(found.values) == SHOWN
    assert found.what.endswith("and 80 more")


def test_sources_that_have_none_say_so() -> None:
    assert told(Chosen(opening_journals=("AN",)), Vocabulary())["opening_journals"].endswith("the sources have none")


def test_what_holds_already_is_not_looked_up() -> None:
    own = Chosen(net_revenue=Heading(("71",)), customer_category_axis="sector")
    assert to_look_up(DEFAULTS, [Chosen()]) == frozenset()
    assert to_look_up(own, [own]) == frozenset()
    assert to_look_up(own, [own, Chosen()]) == {"net_revenue", "customer_category_axis"}
    assert to_look_up(own, []) == {"net_revenue", "customer_category_axis"}
    assert to_look_up(Chosen(sold_item_categories=(), opening_journals=()), []) == frozenset()


@given(CHOSEN, CHOSEN)
def test_each_parameter_is_the_one_set_else_the_one_beneath(chosen: Chosen, beneath: Chosen) -> None:
    together = chosen.over(beneath)
    for name in (*HEADINGS, "currency", "customer_category_axis", "sold_item_categories", "opening_journals"):
        here = getattr(chosen, name)
        assert getattr(together, name) == (getattr(beneath, name) if here is None else here)


@given(st.lists(ACCOUNTS, min_size=1), st.lists(ACCOUNTS, min_size=1, max_size=3))
def test_nothing_begins_more_like_the_prefixes_than_the_nearest_accounts(
    accounts: list[str], prefixes: list[str]
) -> None:
    def alike(account: str) -> int:
        return max(n for n in range(7) for prefix in prefixes if account[:n] == prefix[:n] and n <= len(prefix))

    nearest = near(Heading(tuple(prefixes)), accounts)
    assert nearest
    assert {alike(account) for account in nearest} == {max(alike(account) for account in accounts)}
    assert nearest == sorted(nearest)
