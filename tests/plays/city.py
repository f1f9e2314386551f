"""The city of a game: units, people on every post, three firms, and their cases opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from random import Random

from cases.actions import opening
from enterprises.models import Enterprise, Membership, MonthlyFact
from organisations.models import Post, Tenure, Unit, User
from tests.plays import deeds, deeds_matters, deeds_people
from tests.plays.game import START, Game
from tests.plays.packs import FACTS, random_pack
from tests.world import POSTS, SYSTEM, at
from workflows.city import set_up_units
from workflows.issuing import issue_pack
from workflows.models import Programme

DEEDS = deeds.DEEDS | deeds_matters.DEEDS | deeds_people.DEEDS
FIRMS = (("甲", "涧西区", "3411"), ("乙", "涧西区", "3021"), ("丙", "嵩县", "3411"))
# posts by kind of unit: what a person is called in the game, by the post's place
NAMES: Mapping[str, tuple[str, ...]] = {
    Unit.Kind.OFFICE: ("office", "office2"),
    Unit.Kind.TASK_FORCE: ("{region}/worker", "{region}/lead"),
    Unit.Kind.DEPARTMENT: ("{unit}/officer", "{unit}/lead"),
    Unit.Kind.LIAISON_GROUP: ("group",),
    Unit.Kind.SUPERVISION: ("supervisor",),
    Unit.Kind.LEADERSHIP: ("leader",),
}


@cache
def text_of(number: int) -> str:
    return random_pack(number)


@cache
def text_after(number: int) -> str:
    """The same plan for the year after, as an office would write it."""
    return text_of(number).replace("2022", "2023").replace("key: play-", "key: next-")


def set_up(number: int, seed: int) -> Game:
    """A city under the plan with this number, its people, three firms and their cases."""
    first = at(date(2022, 1, 1))
    version = issue_pack(text_of(number), by=SYSTEM, at=first)
    pack, programme = version.pack, version.programme
    units = set_up_units(pack, by=SYSTEM, at=first)
    users: dict[str, User] = {}
    for unit in units.values():
        _staff(unit, users)
    _firms(programme)
    after = issue_pack(text_after(number), by=SYSTEM, at=first).programme
    luck = Random(f"game {number} {seed}")
    game = Game(number, seed, (programme, after), pack, units, users, luck, DEEDS)
    opening.open_cases(programme, by=game.actor("office"), at=at(START, 8))
    return game


def again(game: Game, seed: int) -> Game:
    """The same city and people, other luck; after everything else was rolled back."""
    luck = Random(f"game {game.number} {seed}")
    return Game(
        game.number, seed, game.programmes, game.pack, game.units, dict(game.users), luck, DEEDS,
        _actors=dict(game._actors),
    )  # fmt: skip


def _staff(unit: Unit, users: dict[str, User]) -> None:
    for place, (name, role, receives) in enumerate(POSTS[unit.kind]):
        key = NAMES[unit.kind][place].format(region=unit.region.name, unit=unit.short_name)
        values = {"role": role, "receives_work": receives, "position": place}
        post, _made = Post.objects.update_or_create(unit=unit, name=name, defaults=values)
        user, _made = User.objects.get_or_create(username=key, defaults={"name": key})
        Tenure.objects.get_or_create(post=post, user=user, from_on=date(2022, 1, 1))
        users[key] = user


def _firms(programme: Programme) -> None:
    counties = {region.name: region for region in programme.city.children.all()}
    for place, (letter, county, industry) in enumerate(FIRMS):
        name = f"洛阳{letter}示例有限公司"
        firm = Enterprise.objects.create(name=name, folded_name=name, credit_code=f"9141030{place}")
        Membership.objects.create(
            city=programme.city,
            enterprise=firm,
            county=counties[county],
            industry_code=industry,
            ownership="私营有限责任公司",
            joined_on=date(2022, 1, 1),
        )
        facts = {fact: fact != "has_spending" and place == 0 for fact in FACTS}
        MonthlyFact.objects.create(
            city=programme.city,
            enterprise=firm,
            about_month=date(2022, 1, 1),
            known_on=date(2022, 1, 31),
            registered=True,
            filed=True,
            **facts,
        )
