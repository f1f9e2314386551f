"""工作台: what must I do today; one page for desk and phone."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from cases import wording
from cases.asking import QUESTION
from cases.columns import Reader, address_of, sees_counties
from cases.models import Case, Evidence
from cases.oversight import LISTED
from cases.policies import names_of
from cases.promised import is_handler, promised_to
from cases.reviewing import review_from, review_late
from cases.rulebook import calendar
from cases.todos import FIRST, Todos
from cases.told import line_of
from cases.views.pager import onward
from cases.workbench import Desk
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.models import Unit
from organisations.roles import Act, Role


@require_safe
@scoped(Act.READ)
def workbench(request: ActorRequest) -> HttpResponse:
    """The first page of every official."""
    return render(request, "cases/workbench.html", Workbench(request).context())


@require_safe
@scoped(Act.READ)
def copy(request: ActorRequest) -> HttpResponse:
    """复制今日待办: the digest as plain text."""
    words = "\n".join(Workbench(request).as_text())
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


class Workbench:
    """Reads the desk once and words it."""

    def __init__(self, request: ActorRequest) -> None:
        self.request, self.actor = request, request.actor
        self.desk = Desk(self.actor, clock.today(), is_page=True)
        self.figures = self.desk.figures
        self.owes = bool(self.figures["mine"])
        found = self.desk.todos() if self.owes else self.desk.late_elsewhere()
        self.cases: list[Case] = found
        self.rows = Reader(self.actor, self.desk.on).plain(found)
        self.promised = promised_to(self.actor, self.desk.on) if is_handler(self.actor) else []
        self.todos = Todos(
            self.actor,
            self.desk.on,
            found,
            self.rows,
            self.row_query,
            [one.firm for one in self.promised],
        )

    def context(self) -> dict[str, Any]:
        first = self.todos.first() if self.owes else []
        tray = self.tray()
        return {
            "title": self.title(len(first), tray),
            "day": self.desk.on,
            "where": _(", ").join(sorted({s.unit_name for s in self.actor.standings})),
            "owes": self.owes,
            "first": first,
            "promised": [(one, self.todos.phones.get(one.firm)) for one in self.promised],
            "rest": self.rows[len(first) :],
            "empty": self.empty(tray),
            "row_query": self.row_query,
            "tallies": self.tallies(),
            "new": self.new_work(),
            "chips": self.chips(),
            "jobs": self.todos.jobs(),
            "queue": self.queue(),
            "papers": self.papers,
            "week": self.week(),
            "box": self.box(),
            "workload": self.desk.workload(),
            **self.by_county(),
            "tray": tray,
            "figures": self.figures,
            "wide": sees_counties(self.actor),
            "box_title": self.box_title(),
        }

    def by_county(self) -> dict[str, Any]:
        roles = (Role.OFFICE, Role.SUPERVISOR, Role.LEADER, Role.LIAISON_MEMBER)
        found = self.desk.counties() if self.actor.has_role(*roles) else []
        return {"counties": found[:LISTED], "in_all": len(found) if len(found) > LISTED else 0}

    @property
    def row_query(self) -> str:
        """So that a case opened from here leads back here, and to the next of the list."""
        return "of=mine&via=workbench" if self.owes else "chip=overdue&via=workbench"

    def title(self, first: int, tray: list[dict[str, Any]]) -> str:
        """What comes first: what is late or near, else what waits for a decision."""
        if first:
            return ngettext("First today: this one", "First today: these %(n)d", first) % {
                "n": first
            }
        waits = sum(one["value"] for one in tray) or (
            self.figures["review"] + self.figures["extensions"]
        )
        if waits:
            return ngettext(
                "%(n)d waits for your decision", "%(n)d wait for your decision", waits
            ) % {"n": waits}
        return _("Nothing is due today") if self.owes else _("Workbench")

    def new_work(self) -> dict[str, Any] | None:
        """Several to sign for: they need not be opened one by one."""
        count = self.figures["sign"]
        if count < 2:
            return None
        return {
            "kind": "soon",
            "words": ngettext(
                "%(n)d new item to acknowledge.", "%(n)d new items to acknowledge.", count
            )
            % {"n": count},
            "link": {
                "url": reverse("ledger") + "?of=mine&chip=sign",
                "words": _("Acknowledge them together"),
            },
        }

    def empty(self, tray: list[dict[str, Any]]) -> dict[str, Any] | None:
        """What comes next when nothing is due: never only 'no data', never above waiting work."""
        figures = self.figures
        waits = any(one["value"] for one in tray) or figures["review"] or figures["extensions"]
        waits = waits or bool(self.promised)
        if waits or (self.rows and (not self.owes or self.todos.pressing())):
            return None
        ledger = reverse("ledger")
        if self.owes:
            return {
                "words": _("Nothing is due today"),
                "more": ngettext(
                    "Due in 3 working days: %(n)d item.",
                    "Due in 3 working days: %(n)d items.",
                    self.figures["next"],
                )
                % {"n": self.figures["next"]},
                "link": {"url": f"{ledger}?of=mine", "words": _("See all my to-dos")},
            }
        return {
            "words": _("Nothing waits for you today"),
            "more": ngettext(
                "In your area %(n)d firm is due in 3 working days.",
                "In your area %(n)d firms are due in 3 working days.",
                self.figures["soon"],
            )
            % {"n": self.figures["soon"]},
            "link": {"url": f"{ledger}?chip=soon", "words": _("See them in the ledger")},
        }

    def tallies(self) -> list[dict[str, Any]]:
        """Five figures, each a door to its list; the office has its own."""
        figures, ledger = self.figures, reverse("ledger")
        late = figures["overdue"]
        found: list[dict[str, Any]] = [
            {
                "name": _("Overdue"),
                "shape": "■",
                "value": late,
                # everything that he owes, remedies too: items, while the county counts firms
                "unit": pgettext("unit after a figure", "items"),
                "base": self._longest(),
                "url": f"{ledger}?of=mine&chip=overdue",
                "bad": bool(late),
            },
            {
                "name": _("Due today"),
                "shape": "▲",
                "value": figures["today"],
                "base": _("overdue from tomorrow"),
                "url": f"{ledger}?of=mine&chip=today",
            },
            {
                "name": _("Due in 3 working days"),
                "shape": "▲",
                "value": figures["next"],
                "base": _("until %(day)s")
                % {"day": wording.short_day(calendar().add(self.desk.on, 3), self.desk.on)},
                "url": f"{ledger}?of=mine&chip=next",
            },
            {
                "name": _("Sent back, to correct"),
                "value": figures["returned"],
                "base": _("at least 5 working days each"),
                "url": f"{ledger}?of=mine&chip=returned",
            },
            {
                "name": _("For my review"),
                "value": figures["review"],
                "base": _("papers and closings, matters too"),
                "url": f"{ledger}?of=review&chip=review",
            },
        ]
        if figures["extensions"] and not self.actor.may(Act.RELEASE_DRAFT):
            found.append(
                {
                    "name": _("Extensions to decide"),
                    "value": figures["extensions"],
                    "base": _("four eyes: not your own request"),
                    "url": reverse("extensions"),
                }
            )
        if figures["reviews"]:
            found.append(
                {
                    "name": _("Quarterly reviews waiting"),
                    "shape": "○",
                    "value": figures["reviews"],
                    "base": _("to be done, not chased"),
                    "url": f"{ledger}?of=mine&chip=reviews",
                }
            )
        decides = figures["review"] or figures["extensions"]
        return found if self.owes or decides else []

    def _longest(self) -> str:
        oldest = self.figures["oldest"]
        if oldest is None:
            return _("none late")
        days = max(calendar().between(oldest, self.desk.on), 1)
        return ngettext("longest %(n)d working day", "longest %(n)d working days", days) % {
            "n": days
        }

    def tray(self) -> list[dict[str, Any]]:
        """What only the office decides."""
        counts = self.desk.office_tray()
        if not counts:
            return []
        ledger = reverse("ledger")
        return [
            {
                "name": _("To be confirmed by the city"),
                "value": self.figures["confirm"],
                "base": _("four eyes: not your own review"),
                "url": address_of("closing_batch") or f"{ledger}?stage=confirmation",
            },
            {
                "name": _("Letters to decide"),
                "value": counts["drafts"],
                "base": _("nothing goes out by itself"),
                "url": reverse("drafts"),
            },
            {
                "name": _("Calls to make"),
                "value": counts["calls"],
                "base": _("5 working days late or more"),
                "url": reverse("calls"),
            },
            {
                "name": _("Extensions to decide"),
                "value": self.figures["extensions"],
                "base": _("beyond what the county decides"),
                "url": reverse("extensions"),
            },
            {
                "name": _("Firms' questions unanswered"),
                "value": self.figures["questions"],
                "base": _("the county answers within its time"),
                "url": reverse("issues") + f"?kind={QUESTION}",
            },
            {
                "name": _("Reassignments asked for"),
                "value": self.figures["declined"],
                "base": _("answer by reassigning"),
                "url": f"{ledger}?of=mine&chip=declined",
            },
        ]

    def chips(self) -> list[dict[str, Any]]:
        ledger, figures = reverse("ledger"), self.figures
        wanted = [
            ("", _("My to-dos"), figures["mine"]),
            ("overdue", _("Overdue"), figures["overdue"]),
            ("today", _("Due today"), figures["today"]),
            ("returned", _("Sent back, to correct"), figures["returned"]),
        ]
        found = [
            {
                "label": label,
                "count": count,
                "url": f"{ledger}?of=mine&chip={name}" if name else f"{ledger}?of=mine",
                "current": not name,
                "kind": "overdue" if name == "overdue" else "",
            }
            for name, label, count in wanted
        ]
        if figures["review"]:
            url = f"{ledger}?of=review&chip=review"
            found.append({"label": _("For my review"), "count": figures["review"], "url": url})
        if figures["extensions"]:
            count, url = figures["extensions"], reverse("extensions")
            found.append({"label": _("Extensions to decide"), "count": count, "url": url})
        return found

    @cached_property
    def waiting(self) -> list[Evidence]:
        return self.desk.queue()

    @property
    def papers(self) -> int:
        """How many wait; the queue shows the first of them."""
        return getattr(self.waiting[0], "waiting", 0) if self.waiting else 0

    def queue(self) -> list[dict[str, Any]]:
        return [
            {
                "firm": paper.enterprise.name,
                "case_url": onward(address_of("case", paper.case_id), "via=workbench"),
                "url": f"{address_of('evidence', paper.pk)}?from=queue&via=workbench",
                "paper": names_of(paper.case, [paper.criterion]),
                "at": paper.submitted_at,
                "late": self._late(paper),
            }
            for paper in self.waiting
        ]

    def _late(self, paper: Evidence) -> int:
        if getattr(paper, "is_resting", False):
            return 0
        begun = review_from(paper.submitted_at, getattr(paper, "rested_until", None))
        return review_late(begun, self.desk.on)

    def week(self) -> list[dict[str, Any]]:
        return [
            {
                "day": day,
                "today": day == self.desk.on,
                "count": self.figures[f"day{place}"],
                "name": _("Sun, worked") if day.weekday() == 6 else "",
            }
            for place, day in enumerate(self.desk.week)
        ]

    def box_title(self) -> str:
        """Whose progress it is: only the city's is the whole."""
        kinds = {standing.unit_kind for standing in self.actor.standings}
        if not sees_counties(self.actor):
            return _("Progress of the county")
        if Unit.Kind.DEPARTMENT in kinds:
            return _("Progress of the department's firms")
        if Unit.Kind.LIAISON_GROUP in kinds:
            return _("Progress of the paired firms")
        return _("Progress of the whole city")

    def box(self) -> dict[str, Any]:
        """本县进度: of the ledger only; rates of the filing stand on the progress page."""
        firms, closed = self.figures["firms"], self.figures["closed"]
        return {
            "firms": firms,
            "closed": closed,
            "percent": round(100 * closed / firms) if firms else 0,
            "lacks_one": self.figures["lacks_one"],
            "overdue": self.figures["all_overdue"],
        }

    def as_text(self) -> list[str]:
        """The digest's layout, for the chat group."""
        figures = self.figures
        counts = [
            (_("Overdue"), figures["overdue"]),
            (_("Due today"), figures["today"]),
            (_("Due in 3 working days"), figures["next"]),
            (_("Sent back, to correct"), figures["returned"]),
            (_("For my review"), figures["review"]),
        ]
        lines = [
            _("To do today: %(who)s, %(day)s")
            % {"who": self.actor.user, "day": wording.short_day(self.desk.on)},
            " · ".join(f"{label} {count}" for label, count in counts),
        ]
        pressing = self.rows[: max(FIRST, self.todos.pressing())]
        lines += [line_of(n, row) for n, row in enumerate(pressing, start=1)]
        box = self.box()
        lines.append(
            _("Closed %(closed)d of %(firms)d, only one missing: %(one)d.")
            % {"closed": box["closed"], "firms": box["firms"], "one": box["lacks_one"]}
        )
        return lines
