"""The entry point: verdict before anything is read, steps as they end, cancellation, and the result document."""

import json
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from services.extractor.tests.figures.books import AS_OF, Dossier, entry, fec_row, fec_text, sale

from vigie_extractor.domain.criteria import Criterion
from vigie_extractor.domain.headings import Heading
from vigie_extractor.domain.parameters import CashAccount, Chosen
from vigie_extractor.engine import ExtractionCancelledError, computing
from vigie_extractor.extraction import extract
from vigie_extractor.indicators.result import IndicatorId, Treasury
from vigie_extractor.outcome import Step
from vigie_extractor.sources.dossier import DossierSource


def test_r8_where_a_criterion_fails_nothing_is_extracted(dossier: Dossier) -> None:
    dossier.companies("A", "B")
    dossier.table("companies", "A,A,A,EUR,EUR,", "B,B,B,GBP,EUR,")
    dossier.table("sales_lines", sale())
    result = extract(DossierSource(dossier.folder), AS_OF)
    assert result.scopes == ()
    assert [failure.criterion for failure in result.verdict.failures] == [Criterion.ACCOUNTING_CURRENCY]
    assert [found.code for found in result.anomalies] == ["criteria_not_met"]
    assert [scope.code for scope in result.left_out] == ["A", "B"]


def test_r8_a_person_without_access_to_a_company_extracts_nothing(dossier: Dossier) -> None:
    result = extract(DossierSource(dossier.folder), AS_OF, may_extract=set())
    assert [failure.criterion for failure in result.verdict.failures] == [Criterion.ACCESS_RIGHTS]


def test_every_step_is_told_as_it_ends_with_its_rows(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(), sale())
    dossier.table("entries", entry("2026-11-02", "512000", "1"))
    told: list[Step] = []
    result = extract(DossierSource(dossier.folder), AS_OF, on_step=told.append, clock=iter(range(99)).__next__)
    assert [(step.name, step.rows, step.seconds) for step in told] == [
        ("structure", 3, 1),
        ("tables", 0, 1),
        ("sales", 2, 1),
        ("accounting", 1, 1),
    ]
    assert result.steps == tuple(told)


def test_a_cancelled_extraction_stops_and_yields_nothing(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale())
    with computing() as engine:

        def cancel(step: Step) -> None:
            if step.name == "tables":
                engine.cancel()

        with pytest.raises(ExtractionCancelledError):
            extract(DossierSource(dossier.folder), AS_OF, engine=engine, on_step=cancel)


def test_a_running_statement_is_interrupted_from_another_thread() -> None:
    with computing() as engine, ThreadPoolExecutor() as pool:
        endless = pool.submit(engine.run, "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")
        while not wait([endless], timeout=0.02).done:
            engine.cancel()
        with pytest.raises(ExtractionCancelledError):
            endless.result()


def test_parameters_and_cash_accounts_of_the_caller_override_those_of_the_dossier(dossier: Dossier) -> None:
    dossier.settings('kind = "single-base"\n[headings]\nbank = ["999"]\n')
    dossier.table("cash_accounts", "A,531000,false")
    dossier.table("entries", entry("2026-11-02", "512000", "1"), entry("2026-11-02", "531000", "2"))
    result = extract(
        DossierSource(dossier.folder),
        AS_OF,
        chosen=Chosen(bank=Heading(("512",))),
        cash_accounts=[CashAccount("A", "531000", cash_account=True)],
    )
    treasury = result.scopes[0].indicators[IndicatorId.TREASURY_POSITION]
    assert isinstance(treasury, Treasury)
    assert [row.code for row in treasury.rows] == ["512000", "531000"]


def test_the_document_is_plain_data_with_the_17_indicators_and_amounts_as_text(dossier: Dossier) -> None:
    dossier.table("sales_lines", sale(amount="1234.5"))
    document = json.loads(json.dumps(extract(DossierSource(dossier.folder), AS_OF).document()))
    (scope,) = document["scopes"]
    assert scope["periods"] == {"month": ["2026-11-01", "2026-11-24"], "year": ["2026-01-01", "2026-11-24"]}
    assert list(scope["indicators"]) == [identifier.value for identifier in IndicatorId]
    assert scope["indicators"]["commercial_revenue"]["month"] == "1234.50"
    assert scope["indicators"]["top_items_month"]["rows"] == [
        {"rank": 1, "code": "I1", "label": "I1", "amount": "1234.50", "share": "1.0000"}
    ]
    assert scope["indicators"]["treasury_position"]["available"] is False
    assert document["files"][-1] == {"file": "sales_lines.csv", "present": 1, "read": 1, "refused": 0}


def test_r8_years_that_files_give_are_judged_like_declared_ones(dossier: Dossier) -> None:
    dossier.companies("A", "B")
    dossier.table("fiscal_years")
    dossier.fec("AFEC20261231.txt", fec_text([fec_row("20260105", "701000", "0", "5,00")]))
    dossier.fec("BFEC20261231.txt", fec_text([fec_row("20260106", "701000", "0", "5,00")]))
    result = extract(DossierSource(dossier.folder), AS_OF)
    assert [failure.criterion for failure in result.verdict.failures] == [Criterion.FISCAL_PERIODS]
    assert result.scopes == ()
