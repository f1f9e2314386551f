"""People and years that change: who stands in, who follows on a post, a firm that leaves the
register or comes back, cases that go on in the next year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cases.actions import carrying, handing_over, register
from cases.errors import Refused
from cases.models import Case, WorkItem
from cases.stages import TERMINAL
from enterprises.models import Membership
from organisations.models import Post, User
from organisations.scope import Actor
from tests.plays.game import Deed, Game


@dataclass(frozen=True)
class _List:
    """What the bureau's newest list says of one firm."""

    left: tuple[tuple[int, str], ...] = ()
    returned_ids: tuple[int, ...] = ()
    moved: tuple[tuple[int, int, int], ...] = ()
    stopped_ids: tuple[int, ...] = ()


def _post(game: Game, case: Case) -> Post:
    """One of the county that has the case; now and then of any unit."""
    unit = game.units_by_pk.get(case.responsible_unit_id)
    if unit is None or game.luck.random() < 0.3:
        unit = game.units[game.luck.choice(sorted(game.units))]
    posts = list(Post.objects.filter(unit=unit).order_by("position"))
    if not posts:
        raise Refused("no_post", "no post")
    return game.luck.choice(posts)


def _stand_in(game: Game, case: Case, by: Actor) -> object:
    """For some weeks somebody acts on a post as well, or only reads for it."""
    post, key = _post(game, case), game.luck.choice(sorted(game.users))
    until, reads_only = game.day + timedelta(days=20), game.luck.random() < 0.2
    row = handing_over.delegate(
        post, to_user=game.users[key], from_on=game.day, until_on=until, reason="出差",
        reads_only=reads_only, by=by, at=game.now(),
    )  # fmt: skip
    game.stands_in(key, until)
    return row


def _hand_over(game: Game, case: Case, by: Actor) -> object:
    """Somebody new has a post from today on, or from a later day; he sees what lies on its desk."""
    post = _post(game, case)
    held = {user.pk: key for key, user in game.users.items()}
    holders = [one.user_id for one in post.tenures.ahead(game.day) if one.user_id in held]
    if not holders or post.pk in {one for one, _day in game.handed if _day > game.day}:
        raise Refused("no_holder", "nobody has it, or somebody was named already")
    key = held[holders[0]]
    later = game.day + timedelta(days=game.luck.choice((0, 0, 4)))
    name = f"{key.split('~')[0]}~{len(game.handed)}"
    user, _made = User.objects.get_or_create(username=name, defaults={"name": name})
    found = handing_over.hand_over([post], to=user, from_on=later, by=by, at=game.now())
    game.handed.add((post.pk, later))
    game.followers.setdefault(later, []).append((key, user))
    if later == game.day:
        game.follow()
        mine = WorkItem.objects.filter(post=post, finished=None).values("process")
        actor = game.actor(key)
        assert post.pk in actor.post_ids
        assert Case.objects.visible_to(actor).filter(pk__in=mine).count() == mine.count()
    return found


def _list(game: Game, case: Case, _by: Actor) -> object:
    """The bureau's list without a firm, or with a firm that comes back."""
    firm = case.enterprise_id
    if firm is None:
        raise Refused("no_firm", "no firm")
    rows = Membership.objects.filter(enterprise_id=firm)
    is_listed = firm not in game.left
    outcome = _List(left=((firm, "停产退库"),)) if is_listed else _List(returned_ids=(firm,))
    rows.update(left_on=game.day if is_listed else None)
    told = register.after_register(
        outcome, city=game.programme.city, as_of=game.day, by=Actor.system(), at=game.now()
    )
    if is_listed:
        game.left[firm] = game.newest()
        running = Case.objects.filter(enterprise_id=firm).exclude(stage__in=TERMINAL)
        assert not running.exists()
    else:
        del game.left[firm]
    return told


def _carry_over(game: Game, case: Case, by: Actor) -> object:
    """Everything, or one case; refused before the year's end, and out of the last year there is."""
    ids = None if game.luck.random() < 0.5 else [case.parent_id or case.pk]
    old, new = game.programmes
    found = carrying.carry_over(old, new, by=by, at=game.now(), reason="跨年继续", ids=ids)
    assert all(pair.old.pk != pair.new.pk for pair in found.done)
    if not found.done:
        raise Refused("nothing", "nothing to carry over")
    return found


DEEDS: dict[str, Deed] = {
    "stand_in": _stand_in,
    "hand_over": _hand_over,
    "list": _list,
    "carry_over": _carry_over,
}
