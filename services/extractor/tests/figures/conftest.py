"""A dossier to change, for each test its own."""

from pathlib import Path

import pytest
from services.extractor.tests.figures.books import Dossier


@pytest.fixture
def dossier(tmp_path: Path) -> Dossier:
    made = Dossier(tmp_path)
    made.settings('kind = "single-base"\n')
    made.companies("A")
    return made
