"""A shipped pack as a small city: issued, every post held, a made-up register, verbs by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cases import permissions
from cases.actions import evidence, filling, matters, opening, stages
from cases.actions.matters import Asked
from cases.models import Case, RungFired, WorkItem
from cases.sweeps import sweep
from config.importing import take_register
from enterprises.importing.register_plan import preview_register, read_register
from enterprises.models import Enterprise, MonthlyFact
from organisations.models import Post, Tenure
from organisations.scope import Actor, actor_of
from tests.enterprises.sheets import code_of, firm, write
from tests.kept import kept
from tests.world import SYSTEM, at, paper, person
from workflows.calendar import WorkCalendar
from workflows.form_examples import filled
from workflows.form_fields import Form
from workflows.issuing import issue_and_set_up
from workflows.models import Programme, load_calendar
from workflows.packs import Pack, shipped_text


@dataclass
class Town:
    """The city of a pack on its first day, with its people by "unit/role"."""

    programme: Programme
    pack: Pack
    start: date
    users: dict[str, Any] = field(default_factory=dict)

    def who(self, key: str, on: date | None = None) -> Actor:
        return actor_of(self.users[key], on or self.start)

    @property
    def calendar(self) -> WorkCalendar:
        return load_calendar()

    def day(self, working_days: int) -> date:
        return self.calendar.add(self.start, working_days)

    def list_firms(self, folder: Path, rows: Sequence[Mapping[str, Any]], on: date) -> None:
        """The register of a day, read from a workbook like the bureau's."""
        cells = [
            firm(n, **{"name": f"样本{n}有限公司", "code": code_of(n), "industry_name": "", **row})
            for n, row in enumerate(rows)
        ]
        book = write(folder / "register.xlsx", cells)
        city = self.programme.city
        plan = preview_register(city, read_register(book), as_of=on)
        done = take_register(plan, by=SYSTEM, at=at(on))
        assert done.batch.done_rows == len(rows)

    def file(self, name: str, month: date, **facts: bool) -> None:
        """What the provincial system says of one firm."""
        columns = ("filed", "has_institution", "has_staff", "has_spending")
        none = dict.fromkeys((*columns, "has_cooperation"), False)
        MonthlyFact.objects.create(
            city=self.programme.city,
            enterprise=Enterprise.objects.get(name=name),
            about_month=month,
            known_on=self.calendar.last_working_day(month),
            **(none | {"registered": True} | facts),
        )

    def open_cases(self) -> opening.Opened:
        return opening.open_cases(self.programme, by=SYSTEM, at=at(self.start))

    def root(self, name: str) -> Case:
        case: Case = Case.objects.get(enterprise__name=name, is_main=True)
        return case

    def open(self, procedure: str, who: str, on: date | None = None, **asked: Any) -> Case:
        """A case that a person opens; compulsory answers that are not given are samples."""
        on = on or self.start
        opened = self.pack.procedure(procedure).opening("hand")
        answers = asked.pop("answers", {})
        if opened and opened.form:
            answers = filled(self.pack.form(opened.form), today=on, answers=answers)
        wanted = Asked(procedure=procedure, answers=answers, **asked)
        return matters.open_matter(self.programme, wanted, by=self.who(who, on), at=at(on))

    def seen(self, case: Case, who: str, on: date) -> Case:
        """The case as this person finds it: nobody acts on what he cannot open."""
        by = self.who(who, on)
        found: Case = Case.objects.visible_to(by).get(pk=case.pk)
        assert permissions.can_see(by, found)
        return found

    def _form(self, case: Case) -> Form | None:
        stage = self.pack.procedure(case.procedure).stage(case.stage)
        return self.pack.form_for(stage, case.criterion or None)

    def go(
        self,
        case: Case,
        who: str,
        on: date | None = None,
        to: str | None = None,
        *,
        knowing: bool = False,
        **given: Any,
    ) -> Case:
        """The next move of a case with its form filled in: acknowledge, apply, or advance."""
        on = on or self.start
        case = self.seen(case, who, on)
        stage = self.pack.procedure(case.procedure).stage(case.stage)
        by, hour = self.who(who, on), at(on, 10)
        if stage.leaves_by("acknowledge"):
            return stages.acknowledge(case.pk, by=by, at=hour)
        wanted = self._form(case)
        # the province's lists say nothing of most of these firms
        given = {"provincial_check": "none", **given}
        form = filled(wanted, today=on, answers=given) if wanted else None
        if stage.leaves_by("apply_for_closure"):
            return stages.apply_for_closure(case.pk, by=by, at=hour, form=form, knowing=knowing)
        return stages.advance(case.pk, by=by, at=hour, to=to, form=form)

    def close(self, case: Case, who: str, on: date | None = None, **given: Any) -> Case:
        """The end of a case; a form without which nothing is closed is filled in by the same."""
        on = on or self.start
        case, by = self.seen(case, who, on), self.who(who, on)
        form = self._form(case)
        if form is not None and self.pack.procedure(case.procedure).stage(case.stage).closes_with:
            data = filled(form, today=on, answers=given)
            filling.save_draft(case.pk, form=form.key, data=data, by=by, at=at(on, 11))
        return stages.close(case.pk, by=by, at=at(on, 11))

    def prove(self, case: Case, criterion: str, worker: str, lead: str, on: date) -> None:
        """A paper handed in by one person and accepted by another."""
        by = self.who(worker, on)
        [row] = evidence.submit(
            case.pk, criterion=criterion, papers=[paper()], by=by, at=at(on, 11)
        )
        evidence.accept(row.pk, by=self.who(lead, on), at=at(on, 12))

    def item(self, case: Case) -> WorkItem:
        item: WorkItem = WorkItem.objects.get(process=case, finished=None)
        return item

    def climbed(self, case: Case, days: int = 25) -> list[str]:
        """The rungs that fire for the open step when nobody acts for so many working days."""
        item = self.item(case)
        for n in range(days + 1):
            sweep(at(self.calendar.add(item.due_on or self.start, n - 4), 10))
        return list(
            RungFired.objects.filter(item=item).order_by("pk").values_list("rung", flat=True)
        )


@kept
def town(key: str, start: date, text: str = "") -> Town:
    """The shipped pack, or another text, issued on its first day; one person on every post."""
    text = text or shipped_text(key)
    version = issue_and_set_up(text, by=SYSTEM, at=at(start, 8), source=key)
    found = Town(version.programme, version.pack, start)
    path = version.programme.city.path
    for post in Post.objects.filter(unit__region__path__startswith=path).select_related("unit"):
        who = person(f"{key}-{post.pk}", f"{post.unit.short_name}{post.name}"[:40])
        Tenure.objects.create(post=post, user=who, from_on=date(start.year, 1, 1))
        name = f"{post.unit.short_name}/{post.role}"
        found.users[f"{name}/2" if name in found.users else name] = who
    return found
