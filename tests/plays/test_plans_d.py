"""Random plans × random deeds and times (tests.plays); in four files, so that cores share them."""

from __future__ import annotations

import pytest

from tests.plays.playing import check

PLANS = (9, 10, 11)


@pytest.mark.django_db
def test_what_must_hold_holds_on_every_database(pytestconfig: pytest.Config) -> None:
    check(PLANS, __file__, pytestconfig)
