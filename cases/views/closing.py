"""Closings: the county's review queue (case by case) and the office's batch confirmation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import stages
from cases.engine import Step
from cases.errors import Refused
from cases.lights import light_of
from cases.models import Case, CaseEvent, Evidence, WorkItem
from cases.querysets import scope_of
from cases.rulebook import pack_of, rules_of
from cases.stages import CLOSED
from cases.views.bulk import selected
from cases.views.case_parts import lamp
from cases.views.rows import officials_cases
from organisations import clock
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.numbers_sent import numbers_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows.text import localised

A_PAGE = 50
MOST = 500  # cases in one confirmation


@dataclass(frozen=True)
class Line:
    """A case in a closing list; ``why``: the words of the refusal, if the verb would refuse."""

    case: Case
    item: WorkItem
    papers: int
    why: str = ""

    @property
    def is_ready(self) -> bool:
        return not self.why


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.CLOSE)
def closing_batch(request: ActorRequest) -> HttpResponse:
    """URL name ``closing_batch``: choose, see who would be refused and why, confirm, read the
    result with its numbers."""
    actor, today = request.actor, clock.today()
    if request.method != "POST":
        waiting = rows_at(actor, "close", Act.CLOSE)
        lines = checked(actor, waiting[:MOST])
        total = waiting.count() if len(lines) == MOST else len(lines)
        listed = _listed(lines, today) | {"total": total, "later": total - len(lines), "most": MOST}
        listed["strays"] = left_out(request.GET, {}, searches=False)
        return render(request, "cases/closing/batch.html", listed)
    ids = _chosen(request)
    chosen, later = _first(rows_at(actor, "close", Act.CLOSE), ids)
    lines = checked(actor, chosen)
    gone = _gone_words(actor, ids - later - {line.case.pk for line in lines})
    if request.POST.get("do") != "confirm":
        listed = _listed(lines, today) | {"gone": gone, "chosen": bool(ids)}
        listed |= {"later": len(later), "most": MOST}
        return render(request, "cases/closing/preview.html", listed)
    names = {line.case.pk: line.case for line in lines}
    done, refused = stages.close_many(list(names), by=actor, at=clock.now())
    context = {
        "done": sorted(done, key=lambda case: case.closing_serial or 0),
        "refused": [(names[pk], words) for pk, words in refused.items()],
        "gone": gone,
        "later": len(later),
        "most": MOST,
    }
    return render(request, "cases/closing/result.html", context)


def _first(waiting: Any, ids: set[int]) -> tuple[Any, set[int]]:
    """Of the chosen as many as one confirmation takes, the earliest date first; and the others,
    of which the page says that they were left out.
    """
    chosen = [pk for pk in waiting.values_list("process_id", flat=True) if pk in ids]
    return waiting.filter(process_id__in=chosen[:MOST]), set(chosen[MOST:])


def _gone_words(actor: Actor, ids: set[int]) -> list[str]:
    """Of those that another tab or another person dealt with first: by whom they were confirmed."""
    if not ids:
        return []
    there = officials_cases(actor).filter(pk__in=ids)
    closings = CaseEvent.objects.filter(case__in=there, case__stage=CLOSED, verb="close")
    newest = {
        event.case_id: str(event.by or "") for event in closings.select_related("by").order_by("id")
    }
    by_whom = Counter(newest.values())
    said = [
        ngettext(
            "%(n)d has been confirmed by %(who)s already",
            "%(n)d have been confirmed by %(who)s already",
            n,
        )
        % {"n": n, "who": who}
        for who, n in by_whom.items()
    ]
    if rest := len(ids) - len(newest):
        said.append(
            ngettext(
                "%(n)s is no longer in this step: somebody else acted first.",
                "%(n)s are no longer in this step: somebody else acted first.",
                rest,
            )
            % {"n": rest}
        )
    return said


def _chosen(request: ActorRequest) -> set[int]:
    """Ticked rows; from the ledger also all of its filter."""
    if request.POST.get("all"):
        return set(selected(request))
    return numbers_of(request.POST.getlist("case"))


@require_GET
@scoped(Act.COUNTY_REVIEW)
def closing_review(request: ActorRequest) -> HttpResponse:
    """URL name ``closing_review``: applications that wait for the county, the oldest first."""
    actor = request.actor
    rows = rows_at(actor, "advance", Act.COUNTY_REVIEW)
    order = keys("due_on", "started_on", "id", nulls=("due_on",))
    page = KeyPage(rows, order, request.GET, A_PAGE, counted(rows))
    lines = [
        {
            "case": item.process,
            "item": item,
            "light": lamp(light_of(item.process, item, clock.today())),
        }
        for item in page.object_list
    ]
    context = {"lines": lines, "page": page, "strays": left_out(request.GET, {}, searches=False)}
    return render(request, "cases/closing/review.html", context)


def rows_at(actor: Actor, verb: str, act: Act) -> Any:
    """Open items of root cases in a stage of the closing phase that this verb leaves, in the
    person's rows; by date, the earliest first."""
    visible = officials_cases(actor).main().open()
    versions = visible.order_by().values_list("pack_version_id", flat=True).distinct()
    keys = {key for version in versions for key in _stages_with(version, verb, act)}
    return (
        WorkItem.objects.filter(process__in=visible, finished=None, stage__in=keys)
        .filter(scope_of(actor, "process__", act))
        .select_related(
            "unit", "post", "process__programme", "process__enterprise", "process__county",
            "process__competent_unit", "process__reviewed_by", "process__applied_by",
        )
        .order_by("due_on", "started_on", "id")
    )  # fmt: skip


def _stages_with(version_id: int, verb: str, act: Act) -> list[str]:
    procedure = pack_of(version_id).root
    owner = {"advance": "county_lead"}.get(verb)
    return [
        stage.key
        for stage in procedure.stages
        if stage.phase == procedure.phases[-1].key
        and any(move.verb == verb for move in stage.moves)
        and owner in (None, stage.owner)
    ]


def checked(actor: Actor, items: Any) -> list[Line]:
    """Each case with what the confirmation would answer; one query for the papers."""
    rows = list(items)
    by_case: dict[int, list[Evidence]] = {}
    for paper in Evidence.objects.filter(case_id__in=[item.process_id for item in rows]):
        by_case.setdefault(paper.case_id, []).append(paper)
    return [_line(actor, item, by_case.get(item.process_id, [])) for item in rows]


def _line(actor: Actor, item: WorkItem, papers: list[Evidence]) -> Line:
    case = item.process
    accepted = sum(p.state in Evidence.ACCEPTED for p in papers)
    try:
        stages.check_closing(Step(case, item), papers, actor, clock.today())
    except Refused as refusal:
        return Line(case, item, accepted, refusal.words)
    return Line(case, item, accepted)


def _listed(lines: list[Line], today: date) -> dict[str, Any]:
    return {
        "lines": [
            {
                "line": line,
                "light": lamp(light_of(line.case, line.item, today)),
                "grade": _grade(line.case),
            }
            for line in lines
        ],
        "ready": sum(line.is_ready for line in lines),
        "refused": sum(not line.is_ready for line in lines),
        "today": today,
    }


def _grade(case: Case) -> str:
    return (
        localised(rules_of(case).pack.grade(case.grade, case.procedure).label) if case.grade else ""
    )
