"""Draws that anybody repeats: the same of the same, a share of each county, nobody twice."""

from __future__ import annotations

import hashlib
import random

import pytest

from workflows import sampling

POPULATION = {"涧西区": [f"2022-{n:05d}" for n in range(1, 42)], "嵩县": ["2022-00099"], "空县": []}


def test_the_same_seed_draws_the_same_however_the_list_is_sorted() -> None:
    first = sampling.drawn(POPULATION, percent=10, at_least=1, seed="20220401")
    mixed = {name: random.Random(7).sample(n, len(n)) for name, n in reversed(POPULATION.items())}
    assert sampling.drawn(mixed, percent=10, at_least=1, seed="20220401") == first
    assert list(first) == ["嵩县", "涧西区"]
    other = sampling.drawn(POPULATION, percent=10, at_least=1, seed="20220402")
    assert other != first


def test_whoever_has_sha256sum_draws_the_same() -> None:
    drawn = sampling.drawn(POPULATION, percent=10, at_least=0, seed="种子")["涧西区"]
    told = {n: hashlib.sha256(f"种子:{n}".encode()).hexdigest() for n in POPULATION["涧西区"]}
    assert drawn == sorted(sorted(told, key=lambda n: told[n])[:5])


@pytest.mark.parametrize(
    ("percent", "at_least", "size"),
    [(10, 0, 5), (10, 1, 5), (1, 1, 1), (1, 3, 3), (100, 0, 41), (1, 99, 41), (3, 0, 2)],
)
def test_a_share_is_rounded_up(percent: int, at_least: int, size: int) -> None:
    found = sampling.drawn(POPULATION, percent=percent, at_least=at_least, seed="x")
    assert len(found["涧西区"]) == size
    assert len(found["嵩县"]) == 1
    assert set(found["涧西区"]) <= set(POPULATION["涧西区"])


def test_every_number_has_the_same_chance() -> None:
    hits = dict.fromkeys(POPULATION["涧西区"], 0)
    for seed in range(400):
        for number in sampling.drawn(POPULATION, percent=10, at_least=0, seed=str(seed))["涧西区"]:
            hits[number] += 1
    assert sum(hits.values()) == 2000
    assert 25 < min(hits.values()) <= max(hits.values()) < 80  # 49 on average
