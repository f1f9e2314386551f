"""等谁办理: who has the next move of a case, by the unit that owes its open step; and what nobody
holds. The firm has it where its county could only wait for papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Case as When
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models import When as If
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cases import querysets as ask
from cases.kinds import DASH
from cases.models import Case, Evidence, WorkItem
from cases.stages import TERMINAL
from enterprises.models import Clerk
from organisations.among import Among
from organisations.models import Post, Tenure, Unit

WHOM: dict[str, str | Promise] = {
    "county": pgettext_lazy("waits for", "County"),
    "firm": pgettext_lazy("waits for", "Firm"),
    "department": pgettext_lazy("waits for", "Department"),
    "group": pgettext_lazy("waits for", "Liaison group"),
    "office": pgettext_lazy("waits for", "City office"),
}
COUNTYS = (Unit.Kind.TASK_FORCE, Unit.Kind.TOWNSHIP)
KINDS = {
    "department": (Unit.Kind.DEPARTMENT,),
    "group": (Unit.Kind.LIAISON_GROUP,),
    "office": (Unit.Kind.OFFICE, Unit.Kind.SUPERVISION, Unit.Kind.LEADERSHIP),
}


def waits_for(whom: str, on: date) -> Q:
    """Cases whose next move is ``whom``'s; a case that rests waits for nobody."""
    moving = Q(item__isnull=False, item__is_suspended=False)
    if whom in KINDS:
        return moving & Q(item__unit__kind__in=KINDS[whom])
    countys = moving & Q(item__unit__kind__in=COUNTYS)
    firms = lies_with_firm(on)
    return countys & firms if whom == "firm" else countys & ~firms


def lies_with_firm(on: date) -> Q:
    """Papers lack, somebody at the firm can hand them in, and none of them waits for a review.

    (What lacks is known from the class on: before it the survey is the county's.)
    """
    papers = Evidence.objects.filter(state=Evidence.State.SUBMITTED)
    own = Exists(papers.filter(case=OuterRef("pk")))
    parents = Exists(papers.filter(case=OuterRef("parent_id"), criterion=OuterRef("criterion")))
    clerks = Clerk.objects.filter(
        Q(until_on=None) | Q(until_on__gt=on), enterprise=OuterRef("enterprise_id"), from_on__lte=on
    )
    firms_case = Q(is_main=True, lacking_count__gt=0) & ~Q(own)
    remedy = ~Q(criterion="") & ~Q(parents)
    county_only = ask.to_acknowledge() | ask.in_review()
    return ask.runs() & (firms_case | remedy) & Q(Exists(clerks)) & ~county_only


def whose_move(on: date) -> When:
    """``firm`` where the firm has the next move, for what a row says; else empty."""
    countys = Q(item__unit__kind__in=COUNTYS)
    return When(
        If(countys & lies_with_firm(on), then=Value("firm")),
        default=Value(""),
        output_field=CharField(),
    )


def unowned(on: date) -> Q:
    """无人承办: nobody holds the post that owes the step."""
    held = Tenure.objects.on(on).filter(post=OuterRef("pk"))
    # one set of posts, in a list as in a count; their steps have an index
    vacant = Post.objects.filter(~Exists(held)).order_by()
    return ask.is_open() & Q(item__post__in=vacant.values("pk"))


def late_itself(procedure: str) -> Q:
    """In a list of one kind's matters those that wait for their parts stand too; they are not late,
    as their lights say. Any other list holds none of them, or only what somebody owes."""
    if not procedure:
        return Q()
    return Q(is_main=True) | ~Q(criterion="") | ~Q(ask.waits_for_children())


def waiting_for_parts(cases: Iterable[Case]) -> frozenset[int]:
    """Keys of the matters among them with open parts, which are the work: not late themselves. One
    statement, and none for a list of firms' own cases and remedies, or one that counts its parts
    (``agenda.with_branches``)."""
    matters = [case for case in cases if case.is_matter and not case.is_finished]
    counted = {case.pk: _open_parts(case) for case in matters if hasattr(case, "branches")}
    asked = [case.pk for case in matters if case.pk not in counted]
    return with_open_parts(asked) | {pk for pk, n in counted.items() if n}


def with_open_parts(keys: Sequence[int]) -> frozenset[int]:
    """Those of them that have parts under way; no statement for none."""
    if not keys:
        return frozenset()
    parts = Case.objects.filter(Among("parent", keys)).exclude(stage__in=TERMINAL).order_by()
    return frozenset(parts.values_list("parent_id", flat=True))


def _open_parts(case: Case) -> int:
    return (getattr(case, "branches", 0) or 0) - (getattr(case, "branches_done", 0) or 0)


def waits_words(case: Case, item: WorkItem | None, holder: str) -> str:
    """Whose move it is, by name: the firm, or the unit and who holds the post; a dash where the
    case rests or has ended."""
    if item is None or item.is_suspended:
        return DASH
    if getattr(case, "lies_with", "") == "firm":
        return str(WHOM["firm"])
    unit = item.post.unit
    return " ".join(filter(None, [unit.short_name or unit.name, holder]))
