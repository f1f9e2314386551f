"""What firms of the demo's county say: one is invited, one asks, one is not satisfied."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.actions import asking
from cases.models import Case, WorkItem
from config.acting import actor_for
from config.demo import people
from enterprises.actions import inviting
from enterprises.models import Clerk, Enterprise
from organisations.days import day_of
from organisations.models import Tenure, User
from organisations.scope import Actor

ANSWERED = (
    "研发人员名册要盖企业公章还是部门章？",
    "盖企业公章即可，每页都要有。样表在本页面可以下载，已填好企业名称和信用代码。",
)
WAITING = "名册里的工时占比没有打卡记录，可以用项目周报代替吗？"
COMPLAINT = "同一份材料被两个部门分别要过，说法不一致"
VISITOR = ("孙会计", "0999-5560177")


def say_something(firm: Enterprise, now: datetime) -> None:
    """Of the firm whose page the demo opens, and of a neighbour; by the verbs that people use."""
    clerk = User.objects.get(username=people.FIRM)
    asked = now - timedelta(days=1)
    first = asking.ask(firm.pk, text=ANSWERED[0], by=_as(clerk, now), at=asked)
    asking.answer(first.pk, text=ANSWERED[1], by=_owner(first, now), at=asked + timedelta(hours=2))
    asking.ask(firm.pk, text=WAITING, follows=first.number, by=_as(clerk, now), at=now)
    worker = _as(User.objects.get(username="demo-county"), now)
    contact = firm.contacts.exclude(phone="").first()
    inviting.invite(
        firm,
        by=worker,
        at=now,
        person=contact.name if contact else "",
        phone=contact.phone if contact else "",
    )
    _neighbour(firm, worker, now)


def _neighbour(firm: Enterprise, worker: Actor, now: datetime) -> None:
    """Invited, entered, and not satisfied: an issue that the office follows."""
    rows = Case.objects.filter(county__name=people.HOME, is_main=True, finished=None)
    case = rows.exclude(enterprise=firm).select_related("enterprise").order_by("pk").first()
    if case is None or case.enterprise is None:
        return
    name, phone = VISITOR
    made, _code = inviting.invite(case.enterprise, by=worker, at=now, person=name, phone=phone)
    entered: Clerk = inviting.enter(made.pk, at=now)
    by = _as(entered.user, now)
    asking.rate(case.firm_id, satisfied="no", text=COMPLAINT, by=by, at=now)


def _as(user: User, now: datetime) -> Actor:
    return actor_for(user, day_of(now))


def _owner(case: Case, now: datetime) -> Actor:
    """Whoever holds the post that owes the answer."""
    item = WorkItem.objects.get(process=case, finished=None)
    held = Tenure.objects.on(day_of(now)).filter(post=item.post_id).select_related("user")
    return _as(held[0].user, now)
