"""The short form: every mutant can still be made, and some of them are convicted. `make exact` tries them all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from .catalogue import MUTANTS
from .mutant import Edit, StaleMutant, stale
from .pool import write_pool
from .trial import Convicted, Survived, tried

# Those that are tried in every run of the tests break what every tenth dossier shows or more, so that these are enough
# whatever the strategies draw next.
DOSSIERS = 50
QUICK = ("codes-without-a-master-row-lost", "balances-from-the-first-entry", "fec-lines-of-the-system-date-left-out")


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mutants") / "dossiers"
    write_pool(folder, DOSSIERS)
    return folder


def test_every_mutant_can_still_be_made() -> None:
    assert stale(MUTANTS) == {}


def test_every_mutant_has_a_name_of_its_own_and_names_a_rule() -> None:
    assert [name for name, times in Counter(one.name for one in MUTANTS).items() if times > 1] == []
    assert all(one.rule for one in MUTANTS)


def test_a_text_that_is_gone_or_there_twice_makes_no_mutant() -> None:
    edit = Edit("periods.py", "a < b", "a <= b")

    assert edit.applied("if a < b:") == "if a <= b:"
    for content in ("if a > b:", "if a < b or a < b:"):
        with pytest.raises(StaleMutant):
            edit.applied(content)


def test_the_product_as_it_is_survives(pool: Path) -> None:
    assert isinstance(tried(None, pool), Survived)


@pytest.mark.parametrize("name", QUICK)
def test_a_wrong_computation_is_noticed(name: str, pool: Path) -> None:
    # given the product with one rule broken
    (mutant,) = (one for one in MUTANTS if one.name == name)

    # when it is compared with the reference
    outcome = tried(mutant, pool)

    # then a figure differs
    assert isinstance(outcome, Convicted), outcome
