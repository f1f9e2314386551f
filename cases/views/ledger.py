"""工作台账: the list, as a page, as paper, as plain text for the chat group."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from cases import long_figures
from cases.columns import Column, Reader, Row, sees_counties
from cases.columns_chosen import columns_of, with_card
from cases.ledger import CHIPS, QUIET, SCOPES, SITUATIONS, Ledger
from cases.ledger_choices import Choices, choices
from cases.ledger_known import counted
from cases.models import Case
from cases.rulebook import leaves_by
from cases.stages import TERMINAL
from cases.views.asking import asked_or_404, not_understood, within
from cases.views.ledger_choices import (
    bulk_acts,
    stage_choices,
    units_of,
)
from cases.views.ledger_filters import filters_of
from cases.views.saved_lists import first_list, saved_chips
from cases.walking import Walk
from enterprises.searching import doubt, shown
from organisations import clock
from organisations.keyset import KeyPage
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from workflows.text import localised

PAGE = 50
PRINTED = 3000  # rows on paper at most
SAID = ("of", "procedure", "stage")  # filters that the scope names in words of its own
WHOLE = "?of="  # also for whoever's ledger opens with a filter


def ledger_of(request: ActorRequest) -> Ledger:
    """The ledger that this request asks for; rows start from ``visible_to(actor)``."""
    return Ledger(request.actor, clock.today(), asked_or_404(request.actor, request.GET))


@require_safe
@scoped(Act.READ)
def ledger(request: ActorRequest) -> HttpResponse:
    """One page of fifty; at most 12 statements whatever the length of the ledger.

    Asked for without a word it opens with the filter that the person chose for it.
    """
    if not request.GET and (first := first_list(request.actor)):
        return redirect(f"{reverse('ledger')}?{first}")
    return render(request, "cases/ledger.html", LedgerPage(request, PAGE).context())


@require_safe
@scoped(Act.READ)
def print_view(request: ActorRequest) -> HttpResponse:
    """The whole list under the same filter, order and columns, for paper."""
    page = LedgerPage(request, PRINTED, chips=("soon",), remembers=False)
    return render(request, "cases/ledger.html", page.context() | {"printing": True})


class LedgerPage:
    """Everything that the page shows; also read by the Excel door.

    ``remembers``: of a very long list figures of a while ago, as the page itself says as of when;
    what is taken away as a file, on paper or into a chat is counted as it is.
    """

    def __init__(
        self,
        request: ActorRequest,
        per_page: int,
        chips: Collection[str] = (*CHIPS,),
        *,
        remembers: bool = True,
    ) -> None:
        self.request, self.actor, self.remembers = request, request.actor, remembers
        self.units = list(units_of(self.actor))
        version = getattr(self.units[0], "version", None) if self.units else None
        self.ledger = within(replace(ledger_of(request), version=version, chips=chips))
        self.asked = self.ledger.asked
        self.columns = columns_of(self.actor)
        self.reader = Reader(self.actor, self.ledger.on, self.units)
        self.counts: dict[str, int] = {}
        # when they were counted
        self.at = clock.now()
        ledger = self.ledger
        self.walk = Walk(ledger)
        nothing = Case.objects.none()  # the walk finds them
        self.page = KeyPage(nothing, ledger.order, request.GET, per_page, self._count, self.walk)
        self.rows: list[Row] = self.reader.rows(self.page.object_list)
        # so that 上一家/下一家 on the case page keep the filter; the plain ledger's too
        self.case_query = self.asked.address

    def filters(self) -> dict[str, Any] | None:
        """For components/filters.html; nothing before a programme is issued."""
        people = list(self.reader.colleagues.items())
        return filters_of(self.ledger, self.offered, self.units, people)

    def _count(self, ahead: Q | None) -> tuple[int, int | None]:
        """Everything that the page counts, the rows ahead of it among them; one statement, and for
        a list that is very long one in a while."""
        if self.walk.is_long:
            if self.remembers:
                self.counts, self.at = long_figures.counts(self.ledger, self.at)
            else:
                self.counts = counted(self.ledger)
            return self.counts["shown"], None
        self.counts = counted(self.ledger, ahead, self.walk.within)
        return self.counts["shown"], self.counts.get("told", 0)

    def context(self) -> dict[str, Any]:
        columns = with_card(self.columns, self.actor)
        return {
            "rows": self.rows,
            "page": self.page,
            "columns": columns,
            "heads": [self._head(column) for column in columns],
            "saved": saved_chips(self.offered.saved, self.asked),
            "chips": self.chips(),
            "filters": self.filters(),
            "where": self.where(),
            "counts": self.counts,
            "sums": self.sums(),
            "at": self.at,
            "query": self.asked.as_query(),
            "case_query": self.case_query,
            "asked": self.asked,
            "strays": not_understood(self.request.GET, self.asked),
            "empty": self.empty(),
            "print_head": self.print_head(),
            "sign_all": self.sign_all(),
            "fills": self.actor.may(Act.RECORD_FORM),
            "acts": bulk_acts(
                self.actor,
                signs=self.signs(),
                closes=self.closes(),
                firms=not self.asked.holds_items,
                ended=self.asked.stage in TERMINAL,
            ),
            # a firm has several remedies: their lists count items, not firms
            "counted": "items" if self.asked.holds_items else "firms",
        }

    def signs(self) -> bool:
        """Whether something on this page waits to be signed for."""
        return any(leaves_by(case, "acknowledge") for case in self.page.object_list)

    def sign_all(self) -> str:
        """批量签收: all that wait, by the preview, without a box to tick (a card has none)."""
        may = self.asked.chip == "sign" and self.signs() and self.actor.may(Act.ACKNOWLEDGE)
        return reverse("bulk", args=["acknowledge"]) if may else ""

    def closes(self) -> bool:
        """Whether some firm on this page waits for the confirmation of its closing."""
        return any(c.is_main and leaves_by(c, "close") for c in self.page.object_list)

    def where(self) -> str:
        """Whose ledger: the county, the department, the city."""
        names = {s.unit_name for s in self.actor.standings_for(Act.READ)}
        return _(", ").join(sorted(names))

    def place(self) -> str:
        """A short name for files: the county, else whose ledger it is."""
        names = {r.county for r in self.rows}
        return names.pop() if not sees_counties(self.actor) and len(names) == 1 else self.where()

    def chips(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        if len(self.ledger.chips) < len(CHIPS):
            return found  # paper shows none
        nothing = not any(self.counts[name] for name in CHIPS)
        if self.asked.q and not self.asked.chip and nothing:
            return found  # a row of noughts would read as those of the whole ledger
        for name, label in CHIPS.items():
            current = self.asked.chip == name
            if name in QUIET and not current and not self.tells(name):
                continue
            asked = replace(self.asked, chip="" if current else name)
            found.append(
                {
                    "label": label,
                    "count": self.counts[name],
                    "url": f"?{asked.address}",
                    "current": current,
                    "kind": "overdue" if name == "overdue" else "",
                }
            )
        if self.asked.chip in SITUATIONS:
            found.append(
                {
                    "label": SITUATIONS[self.asked.chip],
                    "count": self.counts["shown"],
                    "url": f"?{replace(self.asked, chip='').address}",
                    "removable": True,
                }
            )
        return found

    def tells(self, chip: str) -> bool:
        """Whether a quiet chip has something to say to this reader."""
        return bool(self.counts[chip]) and any(self.actor.may(act) for act in QUIET[chip])

    @cached_property
    def offered(self) -> Choices:
        """What the selects offer by name, and the filters that were kept; one statement."""

        def ask() -> Choices:
            # what one owes oneself is less than what the filters offer
            is_bound = self.asked.of != "mine" and not self.walk.is_long
            return choices(self.ledger, self.walk.within if is_bound else None)

        if not self.walk.is_long:
            return ask()
        return long_figures.offered(self.ledger, ask, clock.now())

    def kind(self) -> str:
        """The kind of case that is asked for, in words."""
        found = self.ledger.pack.procedures.get(self.asked.procedure) if self.ledger.pack else None
        return localised(found.title) if found else ""

    def _head(self, column: Column) -> dict[str, Any]:
        """For components/sort_head.html: the same column again turns the order round."""
        head: dict[str, Any] = {"label": column.title, "class": column.head_class}
        if not column.sort:
            return head
        now = self.asked.sort or "state"
        next_sort = f"-{column.key}" if now == column.key else column.key
        asked = replace(self.asked, sort="" if next_sort == "state" else next_sort)
        head["url"] = f"?{asked.address}"
        if now.lstrip("-") == column.key:
            head["sorted"] = "up" if now.startswith("-") else "down"
        return head

    def empty(self) -> dict[str, Any] | None:
        if self.rows:
            return None
        if self.asked.q:
            words = _("Nothing is found for “%(text)s”") % {"text": shown(self.asked.q)}
            if elsewhere := self._elsewhere():
                return {"icon": "search", "words": words, **elsewhere}
            return {
                "icon": "search",
                "words": words,
                "more": doubt(self.asked.q)
                or _("Try a part of the name, the credit code, initials or a case number."),
                "link": {"url": WHOLE, "words": _("The whole ledger")},
            }
        soon = self.counts["soon"]
        return {
            "words": _("No case fits this filter"),
            "more": _("Due in 3 working days: %(n)d.") % {"n": soon},
            "link": {"url": WHOLE, "words": _("The whole ledger")},
        }

    def _elsewhere(self) -> dict[str, Any]:
        """What a search of firms' own cases misses: open remedies and matters that it finds."""
        if self.asked.holds_items:
            return {}
        asked = replace(self.asked, of="all", chip="", stage="", sort="")
        n = replace(self.ledger, asked=asked).unordered().count()
        words = ngettext(
            "No firm's own case, but %(n)d open item among remedies and matters.",
            "No firm's own case, but %(n)d open items among remedies and matters.",
            n,
        ) % {"n": n}
        url = f"{reverse('ledger')}?{asked.as_query()}"
        return {"more": words, "link": {"url": url, "words": _("Show them")}} if n else {}

    def scope_words(self) -> str:
        """范围 on paper and in Excel: what the list holds and in which order."""
        label = self.label() or self.stages()
        words = [self.kind() or str(SCOPES[self.asked.of]), str(label), *self.chosen()]
        if self.asked.q:
            words.append(_("search “%(text)s”") % {"text": shown(self.asked.q)})
        order = _("overdue first, then by due date") if not self.asked.sort else _("as sorted")
        told = (
            pgettext("items", "%(what)s, %(n)d in all, %(order)s")
            if self.asked.holds_items
            else _("%(what)s, %(n)d in all, %(order)s")
        )
        return told % {
            "what": _(", ").join(words),
            "n": self.counts["shown"],
            "order": order,
        }

    def chosen(self) -> list[str]:
        """The other filters that are set, as their selects name them."""
        found = self.filters() if self.asked.active else None
        told = {name for name in SAID if not (name == "stage" and self.label())}
        selects = [one for one in found["selects"] if one["name"] not in told] if found else []
        named = [(one["value"], {str(k): str(v) for k, v in one["choices"]}) for one in selects]
        return [names[value] for value, names in named if value in names]

    def label(self) -> str:
        """The chip, or the situation that a link asks for."""
        return str(CHIPS.get(self.asked.chip) or SITUATIONS.get(self.asked.chip) or "")

    def stages(self) -> str:
        """The stage that is asked for; without one the list holds what rests too."""
        pack, stage = self.ledger.pack, self.asked.stage
        choices = stage_choices(pack, self.asked.procedure) if pack else []
        named = dict(choices).get(stage) if stage else None
        if self.finds_finished():
            return _("open or finished")
        return str(named or _("open and suspended"))

    def finds_finished(self) -> bool:
        """A search without a stage finds what has ended too, except among to-dos."""
        return bool(self.asked.q and not self.asked.stage) and self.asked.of not in ("mine", "all")

    def sums(self) -> str:
        """在办 / 暂缓 / 已销号: under the title of the page, on paper and in Excel."""
        counts = {"open": "running", "resting": "resting", "closed": "closed"}
        told = {name: str(self.counts[key]) for name, key in counts.items()}
        words = (
            pgettext("items", "%(open)s open, %(resting)s of them suspended; %(closed)s closed")
            if self.asked.holds_items
            else _("%(open)s open, %(resting)s of them suspended; %(closed)s closed")
        )
        if self.asked.procedure:
            words = pgettext(
                "matters", "%(open)s open, %(resting)s of them suspended; %(closed)s finished"
            )
        if self.ledger.own and not self.asked.procedure:
            # open items alone: what was closed is nobody's to-do
            words = pgettext("items", "%(open)s open, %(resting)s of them suspended")
        if self.asked.q:
            # a search that finds nothing does not empty the ledger
            found = {"text": shown(self.asked.q), "sums": words % told}
            return _("found for “%(text)s”: %(sums)s") % found
        return words % told

    def print_head(self) -> dict[str, Any]:
        now = timezone.localtime(self.at)
        pack = self.ledger.pack
        year = [_("Statistical year: %(year)d") % {"year": pack.statistical_year}] if pack else []
        strays = not_understood(self.request.GET, self.asked)
        return {
            "title": _("Working ledger of full R&D coverage: %(where)s") % {"where": self.place()},
            "facts": [
                _("Unit: %(unit)s") % {"unit": self.where()},
                *year,
                _("Scope: %(scope)s") % {"scope": self.scope_words()},
                self.sums(),
                _("As of: %(at)s") % {"at": now.strftime("%Y-%m-%d %H:%M")},
                *([strays] if strays else []),
            ],
            "definition": _(
                "How it is counted: overdue means past the due date, in working days; what is "
                "suspended or waits for a higher level is not overdue. “Still missing” are the "
                "closing criteria without accepted papers."
            ),
        }
