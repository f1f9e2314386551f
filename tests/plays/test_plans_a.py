"""Random plans × random deeds and times (tests.plays); in four files, so that cores share them."""

from __future__ import annotations

import pytest

from tests.conftest import on_postgres
from tests.plays.playing import check
from tests.plays.sight import Sight

PLANS = (0, 1, 2)


@pytest.mark.django_db
def test_what_must_hold_holds_on_every_database(pytestconfig: pytest.Config) -> None:
    # and no law is blind; which is the same on every database
    sight = None if on_postgres() else Sight()
    check(PLANS, __file__, pytestconfig, sight)
    assert sight is None or sight.blind == {}
