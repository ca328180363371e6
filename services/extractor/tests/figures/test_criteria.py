"""R8: which companies of a single-base dossier may be extracted together."""

from dataclasses import replace
from datetime import date

from vigie_extractor.domain.company import Company, DossierKind, FiscalYear
from vigie_extractor.domain.criteria import Criterion, verdict

SINGLE, MULTI = DossierKind.SINGLE_BASE, DossierKind.MULTI_BASE
YEAR = FiscalYear(date(2026, 1, 1), date(2026, 12, 31), "month")
A = Company("A", "A", "EUR", "USD", fiscal_years=(YEAR,))


def test_r8_companies_that_agree_in_everything_may_be_extracted() -> None:
    assert verdict(SINGLE, [A, replace(A, code="B")], {"A", "B"}).ok


def test_r8_lists_every_failing_criterion_with_companies_and_values() -> None:
    other = Company("B", "B", "GBP", "EUR", fiscal_years=(FiscalYear(date(2026, 4, 1), date(2027, 3, 31), "quarter"),))
    found = verdict(SINGLE, [A, other], {"A"})
    assert [failure.criterion for failure in found.failures] == list(Criterion)
    by_criterion = {failure.criterion: failure for failure in found.failures}
    assert by_criterion[Criterion.ACCESS_RIGHTS].companies == ("B",)
    assert by_criterion[Criterion.ACCOUNTING_CURRENCY].companies == ("A", "B")
    assert by_criterion[Criterion.ACCOUNTING_CURRENCY].values == ("EUR", "GBP")
    assert by_criterion[Criterion.FISCAL_PERIODS].values == ("2026-01-01/2026-12-31", "2026-04-01/2027-03-31")


def test_r8_asks_nothing_of_one_company_but_the_right_to_it() -> None:
    assert verdict(SINGLE, [A], {"A"}).ok
    assert not verdict(SINGLE, [A], set()).ok


def test_r8_compares_nothing_in_a_multi_base_dossier() -> None:
    assert verdict(MULTI, [A, replace(A, code="B", accounting_currency="GBP")]).ok


def test_r8_without_a_person_extracting_judges_no_access_rights() -> None:
    assert verdict(SINGLE, [A, replace(A, code="B")], None).ok


def test_r8_sees_a_year_that_only_one_company_declares() -> None:
    longer = replace(A, code="B", fiscal_years=(FiscalYear(date(2025, 1, 1), date(2025, 12, 31)), YEAR))
    assert [f.criterion for f in verdict(SINGLE, [A, longer]).failures] == [Criterion.FISCAL_PERIODS]
