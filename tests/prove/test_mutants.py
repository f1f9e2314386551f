"""The breaks of ``bin/prove mutants`` fit their sources, and name tests that there are."""

from __future__ import annotations

import re

import pytest

from tests.architecture import ROOT
from tests.prove.breaks import MUTANTS, Mutant

FEWEST = 12


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.key)
def test_a_break_fits_one_place_and_its_tests_are_there(mutant: Mutant) -> None:
    source = (ROOT / mutant.path).read_text("utf-8")
    assert source.count(mutant.old) == 1
    assert mutant.old != mutant.new
    for test in mutant.tests:
        path, _colons, name = test.partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), test


def test_there_are_enough_of_them() -> None:
    assert len({mutant.key for mutant in MUTANTS}) == len(MUTANTS) >= FEWEST
