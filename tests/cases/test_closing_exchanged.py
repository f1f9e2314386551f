"""Nobody exchanges a paper after the review and confirms alone, in no shipped plan, by no door."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from cases.actions import evidence, stages, witnessing
from cases.errors import Refused
from cases.models import Case, Evidence, WorkItem
from cases.rulebook import rules_of
from organisations.models import Post, Tenure, User
from organisations.scope import Actor, actor_of
from tests.cases.lists import entered
from tests.stories.town import Town, town
from tests.world import at, paper, person
from workflows.procedure import Stage

STARTS = {
    "demo": date(2022, 3, 1),
    "henan-2023": date(2023, 9, 1),
    "jincheng-2020": date(2020, 7, 1),
    "luoyang-2022": date(2022, 3, 1),
    "puyang-2019": date(2019, 3, 1),
    "sanmenxia-2022": date(2022, 4, 1),
}
OFFICIAL = {"office": "office", "county_lead": "county_lead"}


class Review:
    """A firm's case of a shipped plan at its last step: papers accepted, applied for, reviewed."""

    def __init__(self, city: Town, folder: Path) -> None:
        self.city, self.day = city, city.start
        county = city.pack.counties[0].name
        city.list_firms(folder, [{"county": county}], city.start)
        city.open_cases()
        self.root = Case.objects.get(is_main=True)
        unit = self.root.responsible_unit
        self.worker, self.lead = (self._of(unit, role) for role in ("county_worker", "county_lead"))
        rules = rules_of(self.root)
        role = OFFICIAL[rules.procedure.closer]
        office = Post.objects.filter(unit__kind="office", role="office").order_by("pk")
        self.closer = self.lead if role == "county_lead" else self._holder(office[0])
        self.other = self._second(self.lead if role == "county_lead" else self.closer)
        self.criteria = self._needed()
        self._stand(rules.procedure.stages)

    def _of(self, unit: Any, role: str) -> User:
        return self._holder(Post.objects.filter(unit=unit, role=role).order_by("pk")[0])

    def _holder(self, post: Post) -> User:
        return Tenure.objects.filter(post=post).order_by("pk")[0].user

    def _second(self, first: User) -> User:
        """Somebody else on the same kind of post."""
        held = Tenure.objects.get(user=first)
        found = person("second", "第二示例人")
        Tenure.objects.create(post=held.post, user=found, from_on=held.from_on)
        return found

    def _needed(self) -> tuple[str, ...]:
        rule = rules_of(self.root).procedure.criteria_for(None)
        assert rule is not None
        return rule.named()[:1] if rule.kind == "any" else rule.named()

    def _stand(self, all_: tuple[Stage, ...]) -> None:
        """As if the county had gone all the way: its forms are not what is tried here."""
        last = next(one for one in all_ if one.leaves_by("close"))
        for criterion in self.criteria:
            [row] = evidence.submit(
                self.root.pk, criterion=criterion, papers=[paper(f"{criterion}.pdf")],
                by=self.by(self.worker), at=at(self.day, 9),
            )  # fmt: skip
            Evidence.objects.filter(pk=row.pk).update(
                state="county_accepted", reviewed_by=self.lead, reviewed_at=at(self.day, 10)
            )
        reviewer = None if self.closer == self.lead else self.lead
        Case.objects.filter(pk=self.root.pk).update(
            stage=last.key, applied_by=self.worker, reviewed_by=reviewer
        )
        post = Tenure.objects.get(user=self.closer).post
        WorkItem.objects.filter(process=self.root, finished=None).update(
            stage=last.key, unit=post.unit, post=post
        )

    def by(self, user: User) -> Actor:
        return actor_of(user, self.day)

    def exchange(self, how: str, who: User) -> None:
        """Every paper returned and proved anew by one official, who also verifies or accepts."""
        by, hour = self.by(who), at(self.day, 14)
        rows = Evidence.objects.filter(case=self.root, state__in=Evidence.ACCEPTED)
        for row in list(rows):
            evidence.return_(row.pk, reason=2, by=by, at=hour)
        for criterion in self.criteria:
            if how == "offline":
                evidence.verify_offline(
                    self.root.pk, criterion=criterion, witness=self.worker.username,
                    number="1号", dated=self.day, by=by, at=hour,
                )  # fmt: skip
                continue
            [new] = evidence.submit(
                self.root.pk, criterion=criterion, papers=[paper(f"{criterion}-2.pdf")],
                by=self.by(self.worker), at=hour,
            )  # fmt: skip
            evidence.accept(new.pk, by=by, at=hour)

    def witnesses_speak(self) -> None:
        """Nobody closes before the second person has said that he saw the papers."""
        with pytest.raises(Refused) as refused:
            stages.close(self.root.pk, by=self.by(self.other), at=at(self.day, 15))
        assert refused.value.code == "unwitnessed"
        for row in Evidence.objects.filter(case=self.root, state="verified_offline"):
            witnessing.attest(row.pk, saw=True, by=self.by(self.worker), at=at(self.day, 15))

    def try_doors(self, who: User) -> None:
        by, hour = self.by(who), at(self.day, 15)
        with pytest.raises(Refused) as refused:
            stages.close(self.root.pk, by=by, at=hour)
        assert refused.value.code == "four_eyes"
        assert stages.close_many([self.root.pk], by=by, at=hour)[0] == []
        client = entered(who)
        terms = {"version": str(Case.objects.get(pk=self.root.pk).version)}
        client.post(reverse("case_act", args=[self.root.pk, "close"]), terms)
        client.post(reverse("closing_batch"), {"do": "confirm", "case": [self.root.pk]})
        assert not Case.objects.get(pk=self.root.pk).is_finished


@pytest.mark.parametrize(
    ("key", "how"),
    [
        *((key, "offline") for key in sorted(STARTS)),
        ("jincheng-2020", "upload"),
        ("sanmenxia-2022", "upload"),
    ],
)
def test_nobody_exchanges_the_proof_and_closes(
    db: None, tmp_path: Path, today: Any, key: str, how: str
) -> None:
    today(STARTS[key])
    case = Review(town(key, STARTS[key]), tmp_path)
    case.exchange(how, case.closer)
    case.try_doors(case.closer)
    if how == "offline":
        case.witnesses_speak()
    done = stages.close(case.root.pk, by=case.by(case.other), at=at(case.day, 16))
    assert done.stage == "closed"


def test_a_name_without_account_is_no_second_person(db: None, tmp_path: Path, today: Any) -> None:
    """The lead who writes a stranger's name is the only one who can be asked; a colleague's account
    is kept by its number, and then the applicant has seen what he verified."""
    key = "jincheng-2020"
    today(STARTS[key])
    case = Review(town(key, STARTS[key]), tmp_path)
    Case.objects.filter(pk=case.root.pk).update(applied_by=None)
    [criterion] = case.criteria

    def verify(witness: str) -> Evidence:
        Evidence.objects.filter(case=case.root).update(state="returned", return_reason=1)
        return evidence.verify_offline(
            case.root.pk, criterion=criterion, witness=witness, number="1号", dated=case.day,
            by=case.by(case.closer), at=at(case.day, 11),
        )  # fmt: skip

    own = case.closer.name
    dressed = (
        own,
        f"{own}\u200b",
        f"{own}（审核人）",
        f"{own[:2]} {own[2:]}",
        case.closer.username,
    )
    for witness in (*dressed, "我", "本人", "某某", "１", "同上", "a b"):
        with pytest.raises(Refused) as refused:
            verify(witness)
        assert refused.value.code in ("same_witness", "no_witness"), witness
    applied = {"applied_by": case.worker}
    for witness, second in (("周示例", None), (case.worker.name, case.worker)):
        row = verify(witness)
        assert row.offline_witness_account == second
        Case.objects.filter(pk=case.root.pk).update(**applied)
        if second is None:
            case.try_doors(case.closer)
            Case.objects.filter(pk=case.root.pk).update(applied_by=None)
    with pytest.raises(Refused) as waits:
        stages.close(case.root.pk, by=case.by(case.closer), at=at(case.day, 16))
    assert waits.value.code == "unwitnessed"
    witnessing.attest(row.pk, saw=True, by=case.by(case.worker), at=at(case.day, 16))
    done = stages.close(case.root.pk, by=case.by(case.closer), at=at(case.day, 16))
    assert done.stage == "closed"
