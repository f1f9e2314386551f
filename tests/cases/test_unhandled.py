"""Counted by desk, open steps that nobody handles are what each step's own question says."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from cases.models import Case, WorkItem
from cases.unhandled import ITEMS, READERS, SECOND, UNSEEN, Line, unhandled
from organisations.models import Delegation, Post, Tenure, Unit, User
from tests.cases.lists import many
from tests.world import START, World, at


def plainly(world: World, listed: int) -> tuple[dict[str, int], dict[str, list[Line]]]:
    """Step by step in plain words; the reference."""
    tenures = list(Tenure.objects.on(START).select_related("post", "user"))
    deputies = Delegation.objects.on(START).filter(reads_only=False)
    deputised = set(deputies.values_list("post", flat=True))
    found: dict[str, list[Line]] = {ITEMS: [], UNSEEN: [], SECOND: []}
    rows = WorkItem.objects.filter(finished=None, process__programme__city=world.city)
    for item in rows.order_by("process__county__position", "process"):
        case, post, unit = item.process, item.post, item.unit
        if post.pk in deputised:
            continue
        ours = [one for one in tenures if one.post.unit_id == unit.pk]
        people = {one.user_id for one in ours if one.post.role == post.role}
        readers = [one for one in ours if one.post.role in READERS and one.user.is_active]
        line = Line(case.enterprise.name, f"{unit.short_name}{post.name}", case.pk)
        if not people:
            found[ITEMS].append(line)
        elif not readers:
            found[UNSEEN].append(line)
        elif case.applied_by_id and not people - {case.applied_by_id, case.reviewed_by_id}:
            found[SECOND].append(line)
    counts = {kind: len(lines) for kind, lines in found.items() if lines}
    return counts, {kind: lines[:listed] for kind, lines in found.items()}


@pytest.mark.parametrize("seed", [11, 5])
def test_desks_say_what_steps_say(world: World, seed: int) -> None:
    chance = Random(seed)
    for county, count in (("涧西区", 12), ("嵩县", 14)):
        many(world, count, county)
    world.open()
    posts = list(Post.objects.filter(unit__kind__in=(Unit.Kind.TASK_FORCE, Unit.Kind.DEPARTMENT)))
    held = [*Post.objects.filter(tenures__isnull=False).distinct()]
    people = list(User.objects.all())
    for item in WorkItem.objects.filter(finished=None):
        post = chance.choice(held if chance.random() < 0.8 else posts)
        WorkItem.objects.filter(pk=item.pk).update(post=post, unit=post.unit_id)
        if chance.random() < 0.5:
            holder = Tenure.objects.filter(post=post).values_list("user", flat=True).first()
            applied = holder if chance.random() < 0.6 else chance.choice(people).pk
            reviewed = chance.choice(people).pk if chance.random() < 0.5 else None
            Case.objects.filter(pk=item.process_id).update(applied_by=applied, reviewed_by=reviewed)
    for post in held:
        if chance.random() < 0.3:
            Tenure.objects.filter(post=post).update(until_on=START)
        elif chance.random() < 0.3:
            User.objects.filter(tenures__post=post).update(is_active=False)
    Delegation.objects.create(
        post=chance.choice(held), to_user=people[0], from_on=START,
        until_on=START + timedelta(days=2), reason="示例", reads_only=seed == 5,
        by=people[0], at=at(START),
    )  # fmt: skip
    for listed in (3, 100):
        counts, lines = plainly(world, listed)
        found = unhandled(world.office, START, world.city, listed)
        assert dict(found.counts) == counts
        assert found.lines == lines
    assert len(counts) == 3
