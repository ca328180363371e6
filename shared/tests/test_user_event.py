"""What is said of a user is heard as it was said, also where nothing is narrowed."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from vigie_shared.events import DirectoryUserSaved, UserData, parse


@pytest.mark.parametrize("indicators", [None, (), ("treasury_position",)])
def test_the_indicators_of_a_user_survive_the_wire_none_meaning_all(indicators: tuple[str, ...] | None) -> None:
    said = DirectoryUserSaved(
        id=UUID(int=1),
        subject="demo",
        time=datetime(2026, 11, 24, tzinfo=UTC),
        clientcode="DEMO",
        data=UserData(
            username="demo",
            role="mobile",
            active=True,
            scopes=(),
            indicators=indicators,
            may_extract=(),
            version=1,
        ),
    )

    assert parse(said.to_bytes()) == said
