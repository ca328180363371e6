"""The rules of the directory, users and passwords, without a store."""

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie_auth.domain.directory import (
    Company,
    Directory,
    Family,
    FiscalYear,
    NamedScope,
    ScopeKey,
    fiscal_year_findings,
    shortcut_clash,
)
from vigie_auth.domain.imports import plan_import, rate_text
from vigie_auth.domain.refresh_tokens import RefreshToken
from vigie_auth.domain.sessions import Line, Presented, on_refresh
from vigie_auth.domain.users import User, UserChange, extractable, seen_scopes, user_findings
from vigie_shared.password_policy import password_problem
from vigie_shared.words import folded

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
CODES = st.text("abcABC123éÉß", min_size=1, max_size=4)


def company(code: str, **changes: object) -> Company:
    made = Company(code, code, code.title(), "EUR", "EUR", Decimal(1), (), True)
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests name members of a company


@st.composite
def years_in_order(draw: st.DrawFn) -> list[FiscalYear]:
    days = sorted(draw(st.lists(DAYS, min_size=2, max_size=12, unique=True)))
    return [FiscalYear(start, end, "month") for start, end in zip(days[::2], days[1::2], strict=False)]


@given(years=years_in_order())
def test_fiscal_years_in_order_that_share_no_day_are_right(years: list[FiscalYear]) -> None:
    assert fiscal_year_findings(years) == []


@given(years=st.lists(st.builds(FiscalYear, DAYS, DAYS, st.just("month")), max_size=5))
def test_fiscal_years_without_findings_are_ordered_and_share_no_day(years: list[FiscalYear]) -> None:
    right = all(year.start < year.end for year in years) and all(
        before.end < year.start for before, year in itertools.pairwise(years)
    )

    assert (fiscal_year_findings(years) == []) == right


@given(code=CODES)
def test_shortcut_codes_clash_in_any_case(code: str) -> None:
    holder = ScopeKey("company", "HOLDER")
    codes = {folded(code): holder}

    for typed in (code, code.upper(), code.lower(), code.swapcase()):
        assert shortcut_clash(codes, ScopeKey("family", "F"), typed) == holder
        assert shortcut_clash(codes, holder, typed) is None


@given(text=st.text(max_size=20))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_two_ways_to_write_one_letter_are_one_name() -> None:
    assert folded("Re\u0301gion") == folded("R\u00c9GION")


@pytest.mark.parametrize(
    "password",
    ["a" * 11, "x" * 129, "motdepasse123", "MotDePasse123", "azertyuiop123", "abcabcabcabc", "zzzzzzzzzzzz", ""],
)
def test_r9_passwords_that_everybody_tries_or_that_are_short_do_not_do(password: str) -> None:
    problem = password_problem(password)

    assert problem
    assert not password or password not in problem


@pytest.mark.parametrize("password", ["seven green bicycles", "été à la mer…", "x" + "y" * 126 + "z", "aaaaaaaaaaab"])
def test_r9_nothing_is_asked_of_the_composition_of_a_password(password: str) -> None:
    assert password_problem(password) is None


def test_a_password_is_not_the_user_name() -> None:
    assert password_problem("Jean-Baptiste-M", username="jean-baptiste-m")


@given(rate=st.decimals(Decimal("0.000001"), Decimal(10) ** 9, places=6))
def test_a_rate_is_written_as_one_text_of_the_same_value(rate: Decimal) -> None:
    assert Decimal(rate_text(rate)) == rate
    assert rate_text(rate) == rate_text(rate.normalize())
    assert "E" not in rate_text(rate)


@given(codes=st.lists(CODES, unique_by=folded, max_size=5), kept=st.integers(0, 5))
def test_importing_twice_changes_nothing_the_second_time(codes: list[str], kept: int) -> None:
    source = [company(code) for code in codes]
    families = [Family("F", "f~", "F", tuple(codes), True)] if codes else []
    known = Directory("single-base", tuple(replace(one, to_extract=False) for one in source[:kept]), ())

    first = plan_import(known, "single-base", source, families)
    saved = {one.code: one for one in (*known.companies, *first.companies)}
    after = Directory("single-base", tuple(saved.values()), first.families)
    second = plan_import(after, "single-base", source, families)

    assert first.conflicts == ()
    assert (second.created, second.changed) == ((), ())
    assert second.unchanged == len(source) + len(families)
    assert all(not saved[one.code].to_extract for one in source[:kept])


def person(role: str = "mobile", **changes: object) -> User:
    made = User("u", "mobile", True, True, (), None, (), 1)
    return replace(made, role=role, **changes)  # type: ignore[arg-type]  # the tests name members of a user


SCOPES = [
    NamedScope(ScopeKey("company", "NORD"), "Nord", "NORD"),
    NamedScope(ScopeKey("company", "SUD"), "Sud", "SUD"),
    NamedScope(ScopeKey("family", "GROUPE"), "Groupe", "GROUPE"),
]
COMPANIES = ("NORD", "SUD")


def test_r2_a_user_sees_what_was_granted_companies_before_families() -> None:
    granted = (ScopeKey("family", "GROUPE"), ScopeKey("company", "SUD"))

    assert seen_scopes(person(scopes=granted), SCOPES) == SCOPES[1:]
    assert seen_scopes(person(), SCOPES) == []
    assert seen_scopes(person("administrator"), SCOPES) == SCOPES


def test_r2_who_may_extract_what() -> None:
    assert extractable(person("administrator"), COMPANIES) == COMPANIES
    assert extractable(person("preparer", may_extract=("SUD", "GONE")), COMPANIES) == ("SUD",)
    assert extractable(person("mobile", may_extract=("SUD",)), COMPANIES) == ()
    assert extractable(person("administrator", active=False), COMPANIES) == ()
    assert extractable(None, COMPANIES) == ()


def test_r9_an_active_user_needs_a_password_an_inactive_one_does_not() -> None:
    active = UserChange("mobile", True, (), None, ())

    assert [one.where for one in user_findings(active, has_password=False, known_scopes=frozenset())] == ["active"]
    assert user_findings(active, has_password=True, known_scopes=frozenset()) == []
    assert user_findings(replace(active, active=False), has_password=False, known_scopes=frozenset()) == []


NOW = datetime.fromisoformat("2026-11-24T12:00:00+00:00")
LINE = Line("demo", "mobile", None, NOW + timedelta(days=1), revoked=False)
GRACE = timedelta(seconds=10)


@pytest.mark.parametrize(
    ("line", "token", "outcome"),
    [
        (LINE, Presented(None, False), "rotate"),
        (LINE, Presented(NOW - GRACE, False), "repeat"),
        (LINE, Presented(NOW - GRACE - timedelta(microseconds=1), False), "end the line"),
        (LINE, Presented(NOW - timedelta(seconds=1), True), "end the line"),
        (replace(LINE, revoked=True), Presented(None, False), "refuse"),
        (replace(LINE, expires_at=NOW), Presented(None, False), "refuse"),
    ],
)
def test_what_becomes_of_a_refresh_token(line: Line, token: Presented, outcome: str) -> None:
    assert on_refresh(line, token, now=NOW, grace=GRACE) == outcome


@given(text=st.text(max_size=120))
def test_reading_a_refresh_token_never_fails_and_keeps_what_it_reads(text: str) -> None:
    token = RefreshToken.read(text)

    assert token is None or token.text == text
