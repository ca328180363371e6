"""The product against the reference, on dossiers made at random."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings

from .corners import corners
from .judgement import anomaly_problems, figure_problems
from .product import extract
from .reference import answer
from .strategies import GeneratedDossier, dossiers

LONG = os.environ.get("VIGIE_EXACT") == "long"
EXAMPLES = 2000 if LONG else 200


@pytest.mark.timeout(7200 if LONG else 600)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(dossiers())
def test_every_figure_of_a_dossier_equals_the_reference(dossier: GeneratedDossier) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # given a dossier folder
        dossier.write(Path(folder))
        expected = answer(Path(folder), dossier.as_of)
        for corner in sorted(corners(dossier, expected)):
            event(corner)
        if expected.undecided:
            return

        # when it is extracted
        got = extract(Path(folder), dossier.as_of)

    # then exit status, figures and anomalies are those of the definitions
    found = figure_problems(got, expected) + anomaly_problems(got, expected)
    assert not found, "\n".join([f"{len(found)} differences", *found[:20], repr(dossier)])
