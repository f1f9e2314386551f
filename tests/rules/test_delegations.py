"""Whose posts somebody has: chains, circles, reading only; no database."""

from __future__ import annotations

from organisations.delegations import Link, closes_circle, held_by

ANN, BOB, CID = 1, 2, 3
HOLDS_A = Link(post=10, user=ANN)
HOLDS_B = Link(post=20, user=BOB)
HOLDS_C = Link(post=30, user=CID)


def to_post(post: int, other: int, number: int = 1, *, reads: bool = False) -> Link:
    return Link(post=post, to_post=other, delegation=number, reads_only=reads)


def test_without_delegations_one_has_what_one_holds() -> None:
    held = held_by(ANN, [HOLDS_A, HOLDS_B])
    assert list(held) == [10]
    assert held[10].is_own


def test_a_chain_is_followed_to_its_end() -> None:
    links = [HOLDS_A, HOLDS_B, HOLDS_C, to_post(10, 20, 1), to_post(20, 30, 2)]
    assert set(held_by(CID, links)) == {10, 20, 30}
    assert set(held_by(BOB, links)) == {10, 20}
    assert set(held_by(ANN, links)) == {10}


def test_the_link_of_a_post_is_its_own_not_the_chains_last() -> None:
    links = [HOLDS_C, to_post(10, 20, 1), to_post(20, 30, 2)]
    assert held_by(CID, links)[10].link.delegation == 1


def test_a_delegation_to_a_person_does_not_go_on_with_his_post() -> None:
    links = [HOLDS_B, HOLDS_C, Link(post=10, user=BOB, delegation=1), to_post(20, 30, 2)]
    assert set(held_by(BOB, links)) == {10, 20}
    assert set(held_by(CID, links)) == {20, 30}


def test_reading_only_is_not_widened_by_the_next_in_the_chain() -> None:
    links = [HOLDS_C, to_post(10, 20, 1, reads=True), to_post(20, 30, 2)]
    held = held_by(CID, links)
    assert held[10].reads_only
    assert not held[20].reads_only
    links = [HOLDS_C, to_post(10, 20, 1), to_post(20, 30, 2, reads=True)]
    held = held_by(CID, links)
    assert held[10].reads_only
    assert held[20].reads_only


def test_a_whole_delegation_comes_before_one_for_reading() -> None:
    links = [HOLDS_B, to_post(10, 20, 1, reads=True), Link(post=10, user=BOB, delegation=2)]
    held = held_by(BOB, links)
    assert not held[10].reads_only
    assert held[10].link.delegation == 2


def test_what_one_holds_is_ones_own_whatever_comes_by_delegation() -> None:
    links = [HOLDS_A, HOLDS_B, to_post(10, 20), to_post(20, 10, 2)]
    assert held_by(ANN, links)[10].is_own
    assert not held_by(ANN, links)[20].is_own


def test_a_circle_is_known_before_it_is_closed() -> None:
    links = [to_post(10, 20), to_post(20, 30)]
    assert closes_circle(30, 10, links)
    assert closes_circle(20, 20, [])
    assert not closes_circle(10, 30, links)
    assert not closes_circle(40, 10, links)
