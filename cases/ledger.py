"""工作台账: what was asked (chips, filters, search, order), answered for one actor on one day.

One aggregate counts every chip under the filters that are set, so a chip's number is what its list
will show. Nothing here renders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Case as When
from django.db.models import Count, Q, QuerySet, Value
from django.db.models import When as If
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases import querysets as ask
from cases.columns import ALL
from cases.lasting import papers_end
from cases.lights import late_before, soon_until
from cases.models import Case
from cases.querysets import CaseQuerySet
from cases.reconciling import closable, differs
from cases.reviewing import REVIEW_WITHIN
from cases.rulebook import pack_of
from cases.searching import matches
from cases.sheet_columns import calls
from cases.stages import CLOSED, TERMINAL, UNCOUNTED
from cases.waiting import WHOM, late_itself, unowned, waits_for, whose_move
from enterprises.models import Pairing
from organisations.keyset import Key
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import ProgrammeVersion
from workflows.packs import Pack

ID = re.compile(r"[0-9]{1,9}")
YEAR = re.compile(r"all|20[0-9]{2}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# what the list is of: firms' own cases, their remedies, or everything that the actor owes
SCOPES = {
    "": _("Firms"),
    "mine": _("My to-dos"),
    "paired": _("Firms that I serve"),
    # everybody's steps, firms' and remedies': what a figure of somebody's load opens
    "all": _("All to-dos"),
    "remedies": _("Remedies"),
    # what a figure of the reviewer's desk opens: his closings and papers, of whatever kind of case
    "review": _("For my review, matters too"),
}
# offered by a link alone
LINKED_SCOPES = frozenset({"review"})
CHIPS: dict[str, str | Promise] = {
    "overdue": _("Overdue"),
    "soon": _("Due in 3 working days"),
    "sign": _("To acknowledge"),
    "review": _("For my review"),
    "returned": _("Sent back, to correct"),
    "lacks_one": _("Only one missing"),
    "closable": _("Ready to close"),
    "differs": _("Ledger and filing differ"),
    "suspended": pgettext_lazy("chip", "Suspended"),
    "idle": _("No progress for 30 days"),
    "unowned": _("Nobody holds the post"),
    "ends": _("Papers end soon"),
}
# shown only while something is in it, to those who look after it
QUIET = {"ends": (Act.SUBMIT_EVIDENCE, Act.REVIEW_EVIDENCE), "unowned": (Act.REASSIGN,)}
# further situations that a link may ask for, without a chip of their own
SITUATIONS: dict[str, str | Promise] = {
    "today": _("Due today"),
    "next": _("Due in the next 3 working days"),
    # quarterly reviews (class D): to be done, neither near nor late
    "reviews": _("Quarterly reviews waiting"),
    "fine": _("In time"),
    "rest": _("Clock stopped or waiting for a higher level"),
    "declined": _("Reassignment asked for"),
    "late10": _("10 working days late or more"),
    "proposed": _("Suspension proposed"),
    "was_late": _("Left a step late"),
    "carried": _("Carried over from last year"),
    "counted": _("Firms in the ledger"),
}
# lists that are about finished cases too: with what still holds the next year begins
FINISHED_TOO = frozenset({"differs", "ends", "counted"})
# whose lists are all of one urgency, so that the date alone orders them and an index serves it
DATED = frozenset({"overdue", "late10", "soon", "today", "next"})
# what a column of the order may leave empty
NULLS = ("enterprise__name", "township__position", "township__name", "item__due_on",
         "item__post_id", "progress_at")  # fmt: skip
# N天无进展, as the select offers it; the address takes any number of days
IDLE = (7, 15, 30, 60, 90)
DAYS = re.compile(r"[1-9][0-9]{0,2}")
# filters by a firm's pairings: parameter → column there
PAIRED = {"officer": "post", "lead": "lead"}
SORTS = {column.key: column.sort for column in ALL if column.sort}

# what an address holds beside the ids, in its order
WORDS = ("of", "procedure", "chip", "q", "stage", "grade", "year", "waits", "idle", "sort")


@dataclass(frozen=True)
class Asked:
    """The query of the page, cleaned: what is not understood is not asked."""

    of: str = ""
    chip: str = ""
    q: str = ""
    stage: str = ""
    grade: str = ""
    # a kind of case instead of the firms' own: a key of the pack's procedures
    procedure: str = ""
    # a statistical year, or "all"; else what is worked on now
    year: str = ""
    # who has the next move: a key of ``waiting.WHOM``
    waits: str = ""
    # so many days without anybody acting
    idle: int = 0
    ids: Mapping[str, int] = field(default_factory=dict)
    sort: str = ""

    # filters by id: parameter → path from the case
    PATHS = {
        "county": "county_id",
        "township": "township_id",
        "department": "competent_unit_id",
        "post": "item__post_id",
        "unit": "item__post__unit_id",
        # by who serves or leads the firm
        "officer": "",
        "lead": "",
    }

    @classmethod
    def of_query(cls, query: QueryDict | Mapping[str, str]) -> Asked:
        def word(name: str, allowed: Any) -> str:
            value = query.get(name, "") or ""
            return value if value in allowed else ""

        given = {name: str(query.get(name) or "") for name in cls.PATHS}
        ids = {name: int(pk) for name, pk in given.items() if ID.fullmatch(pk)}
        sort = query.get("sort", "") or ""
        year = str(query.get("year", "") or "")
        idle = str(query.get("idle", "") or "")
        return cls(
            waits=word("waits", WHOM),
            idle=int(idle) if DAYS.fullmatch(idle) else 0,
            year=year if YEAR.fullmatch(year) else "",
            of=word("of", SCOPES),
            chip=word("chip", CHIPS | SITUATIONS),
            q=CONTROL.sub(" ", query.get("q", "") or "").strip()[:60],
            stage=re.sub(r"[^a-z0-9_]", "", query.get("stage", "") or "")[:30],
            procedure=re.sub(r"[^a-z0-9_]", "", query.get("procedure", "") or "")[:30],
            grade=re.sub(r"[^A-Z]", "", query.get("grade", "") or "")[:2],
            ids=ids,
            sort=sort if sort.lstrip("-") in SORTS else "",
        )

    @property
    def holds_items(self) -> bool:
        """Whether remedies or matters are counted too: 件; a list of firms' own cases counts 家."""
        return bool(self.procedure) or self.of not in ("", "paired")

    @property
    def active(self) -> int:
        """How many filters are set beside chip and search."""
        words = (self.stage, self.grade, self.of, self.procedure, self.year, self.waits, self.idle)
        return len(self.ids) + sum(map(bool, words))

    @property
    def address(self) -> str:
        """The query of a link; of the whole ledger too, which else opens with one's own filter."""
        return self.as_query() or "of="

    def as_query(self) -> str:
        """The same as a query string, for links that keep the filter."""
        query = QueryDict(mutable=True)
        for name in WORDS:
            if value := getattr(self, name):
                query[name] = str(value)
        for name, value in self.ids.items():
            query[name] = str(value)
        return query.urlencode()


@dataclass(frozen=True)
class Ledger:
    """What an actor sees of the ledger on a day; at most one aggregate and one query of rows."""

    actor: Actor
    on: date
    asked: Asked = field(default_factory=Asked)
    # the newest issued version, where the door knows it already
    version: int | None = None
    # what is counted beside the list itself: a file shows none of them
    chips: Collection[str] = field(default=(*CHIPS,), kw_only=True)

    @cached_property
    def own(self) -> bool:
        """In a list of somebody's work a review has a date like any other."""
        return self.asked.of in ("mine", "all", "review")

    @cached_property
    def soon_until(self) -> date:
        return soon_until(self.on)

    @cached_property
    def pack(self) -> Pack | None:
        """The newest rules of the actor's cities; a query unless ``version`` is given."""
        version = self.version
        if version is None:
            version = newest_version(self.actor).values_list("pk", flat=True).first()
        return pack_of(version) if version else None

    def situation(self, name: str) -> Q:
        """A chip, or a further situation, as a question."""
        on, own = self.on, self.own
        itself = Q() if own else late_itself(self.asked.procedure)
        questions: dict[str, Callable[[], Q]] = {
            "overdue": lambda: ask.overdue(on, own=own) & itself,
            "soon": lambda: ask.due_between(on, self.soon_until, own=own),
            "sign": ask.to_acknowledge,
            "review": lambda: ask.to_review(self.actor),
            "returned": ask.to_correct,
            "lacks_one": ask.lacks_one,
            "closable": lambda: self._by_facts(closable),
            "differs": lambda: self._by_facts(differs),
            "suspended": ask.suspended,
            "idle": lambda: ask.idle(on),
            "ends": lambda: papers_end(self.pack, on),
            "next": lambda: ask.due_between(on + timedelta(1), self.soon_until, own=own),
            "today": lambda: ask.due_between(on, on, own=own),
            "reviews": lambda: ask.review_waits(on),
            "fine": lambda: ask.in_time(on, self.soon_until),
            "rest": lambda: ask.rests(on),
            "declined": lambda: Q(item__is_declined=True),
            "proposed": ask.suspension_proposed,
            "was_late": lambda: Q(late_days__gt=0),
            "carried": lambda: Q(carried_from__isnull=False),
            "late10": lambda: ask.overdue(late_before(on, 10), own=own) & itself,
            "unowned": lambda: unowned(on),
            "counted": lambda: ~Q(stage__in=UNCOUNTED),
        }
        return questions[name]()

    def _by_facts(self, question: Callable[[Pack, date], Q]) -> Q:
        return Q(pk__in=[]) if self.pack is None else question(self.pack, self.on)

    def scope(self) -> Q:
        """What ``visible_to`` gives, asked of cases with their open step."""
        return Q() if self.actor.is_system else ask.scope_of(self.actor, with_item=True)

    def filtered(self, within: Q | None = None) -> CaseQuerySet:
        """Under scope, search and filters, but not the chip nor the stage; ``within``: a question
        that all of them answer, for the planner."""
        return self._cases(self._filter() & (within or Q()))

    def placed(self, within: Q | None = None) -> CaseQuerySet:
        """Under scope, search and the filters by place and people."""
        return self._cases(self._places() & (within or Q()))

    def listed(self, narrowed: Q | None = None) -> CaseQuerySet:
        """The list itself, without an order; ``narrowed``: of these cases alone."""
        return self._cases(self._filter() & self._shown(self.asked.chip) & (narrowed or Q()))

    def _cases(self, question: Q) -> CaseQuerySet:
        """One filter for everything: each further one would join the open step anew."""
        cases: CaseQuerySet = Case.objects.with_item()
        return cases.filter(self.scope() & question)

    def _filter(self) -> Q:
        asked, found = self.asked, self._places()
        if asked.procedure:
            found &= Q(procedure=asked.procedure)
        if asked.of == "mine":
            found &= ask.owed_by(self.actor) & ~Q(ask.waits_for_children())
        elif asked.of == "paired":
            found &= Q(is_main=True, enterprise_id__in=list(self.actor.served_ids))
        elif asked.of == "all":
            found &= ask.is_open() & ~Q(ask.waits_for_children())
        elif asked.of == "review":
            # a paper of a remedy lies with the firm's case
            found &= ask.to_review(self.actor) & Q(criterion="")
        elif asked.of == "remedies":
            found &= ~Q(criterion="")
        elif not asked.procedure:
            found &= Q(is_main=True)
        return found

    def _places(self) -> Q:
        asked, found = self.asked, Q()
        for name, value in asked.ids.items():
            if name in PAIRED:
                rows = Pairing.objects.on(self.on).filter(**{PAIRED[name]: value})
                found &= Q(enterprise__in=rows.values("enterprise"))
            else:
                found &= Q(**{Asked.PATHS[name]: value})
        if asked.grade:
            found &= Q(grade=asked.grade)
        if asked.waits:
            found &= waits_for(asked.waits, self.on)
        if asked.idle:
            found &= ask.idle(self.on, asked.idle)
        if asked.q:
            found &= matches(asked.q, phones=calls(self.actor))
        return found

    def _shown(self, chip: str) -> Q:
        """A chip, the stage and the year; open cases unless something else is asked for."""
        asked = self.situation(chip) if chip else Q()
        if self.asked.year or self.asked.stage in TERMINAL or chip in FINISHED_TOO:
            asked &= self._of_year()
        if self.asked.stage == "suspended":
            return asked & ask.suspended()
        if self.asked.stage:
            return asked & Q(stage=self.asked.stage)
        if self.asked.q or chip in FINISHED_TOO:
            return asked
        return asked & ~Q(stage__in=TERMINAL)

    def _of_year(self) -> Q:
        """A search finds what is years old too, unless a year is asked for."""
        year = self.asked.year or ("all" if self.asked.q else "")
        return ask.of_year(year)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Every chip, the list itself (``shown``) and the line under the title; one statement."""
        return self.counted()

    def counted(self, ahead: Q | None = None, within: Q | None = None) -> dict[str, int]:
        """The counts; with the rows of the list of which ``ahead`` holds (``told``)."""
        wanted = {name: Count("pk", filter=self._shown(name)) for name in self.chips}
        wanted |= {
            "shown": Count("pk", filter=self._shown(self.asked.chip)),
            "running": Count("pk", filter=ask.is_open()),
            "resting": Count("pk", filter=ask.suspended()),
            "closed": Count("pk", filter=Q(stage=CLOSED) & self._of_year()),
        }
        cases = self.filtered(within)
        if ahead is not None:
            cases = cases.annotate(urgency=self.urgency())
            wanted["told"] = Count("pk", filter=self._shown(self.asked.chip) & ahead)
        found: dict[str, int] = cases.aggregate(**wanted)
        return found

    def rows(self) -> CaseQuerySet:
        """The list in its order, ready for ``columns.Reader``."""
        ordered: CaseQuerySet = self.unordered().order_by(*(key.order() for key in self.order))
        return ordered

    def unordered(self, narrowed: Q | None = None) -> CaseQuerySet:
        """The list with what its order and its lines ask for."""
        cases = self.listed(narrowed).as_rows()
        return cases.annotate(urgency=self.urgency(), lies_with=whose_move(self.on))

    def ids(self) -> list[int]:
        """Every case of the filter, for acts upon all of them."""
        return list(self.listed().values_list("pk", flat=True))

    def urgency(self) -> When:
        """Overdue first, then by date; what waits or rests comes after, finished cases last."""
        late = ask.overdue(self.on, own=self.own)
        if self.asked.of == "review":
            late |= ask.papers_wait(self.actor, late_before(self.on, REVIEW_WITHIN + 1))
        return When(
            If(late, then=Value(0)),
            If(ask.review_waits(self.on), then=Value(1)),
            If(ask.runs() & Q(item__due_on__isnull=False), then=Value(1)),
            If(ask.is_open(), then=Value(2)),
            default=Value(3),
        )

    @cached_property
    def order(self) -> tuple[Key, ...]:
        """The columns of the order; the last one no two rows share."""
        sort, one_urgency = self.asked.sort or "state", self.asked.chip in DATED
        is_down = sort.startswith("-")
        found = dict.fromkeys(SORTS[sort.lstrip("-")], is_down)
        found = found | {path: False for path in ("item__due_on", "pk") if path not in found}
        if one_urgency:
            found.pop("urgency", None)
        nulls = frozenset(NULLS) - ({"item__due_on"} if one_urgency else set())
        return tuple(Key(path, down, path in nulls) for path, down in found.items())


def newest_version(actor: Actor) -> QuerySet[ProgrammeVersion]:
    """Versions of the actor's cities, the one issued last first."""
    versions = ProgrammeVersion.objects.filter(programme__city_id__in=actor.city_ids)
    return versions.order_by("-id")
