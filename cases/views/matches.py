"""对接记录: all that this person may see, those of one partner, and an expert's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.match_columns import COLUMNS, choice_words
from cases.matched import by_county, result_label, totals
from cases.models import MatchRecord
from cases.nouns.matching import MatchRecordQuerySet
from cases.views.whole import part_of
from cases.workbooks import write_ledger
from enterprises.searching import of_words
from organisations import clock
from organisations.downloads import send_workbook
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, no_entry, scoped
from organisations.permissions import can_open
from organisations.roles import Act
from organisations.scope import Actor
from resources.models import Expert, Resource
from resources.views.places import city_of, number_or_404, tabs

Part = dict[str, Any]
PAGE = 50
FRAGMENT = 30
# the figure that counts each result
COUNTED: dict[str, str] = {
    MatchRecord.Result.SIGNED: "projects",
    MatchRecord.Result.INTENTION: "intentions",
    MatchRecord.Result.TALKING: "talking",
    MatchRecord.Result.NO_MATCH: "no_match",
}
WITH = ("case__programme", "case__county", "enterprise", "resource", "expert", "by")


def officials_records(actor: Actor) -> MatchRecordQuerySet:
    """Records that a post opens; an expert's own are his page's."""
    return MatchRecord.objects.visible_to(Actor(actor.user, actor.day, actor.standings))


@require_safe
@scoped(Act.READ)
def matches(request: ActorRequest) -> HttpResponse:
    """URL name ``matches``: figures over a list, both under the same filter."""
    return render(request, "cases/matches.html", MatchesPage(request).context())


class MatchesPage:
    """What was asked (county, month, result, search), answered for one actor."""

    def __init__(self, request: ActorRequest) -> None:
        self.actor = request.actor
        self.city = city_of(request)
        get = request.GET
        self.county = number_or_404(get.get("county"))
        result = get.get("result", "")
        self.result = result if result in MatchRecord.Result.values else ""
        self.month = _month(get.get("month", ""))
        self.q = get.get("q", "").replace("\0", "").strip()[:60]
        self._check_county()
        month = self.month and get.get("month")
        held = {"county": self.county, "result": self.result, "month": month}
        self.strays = left_out(get, held)
        rows = self.rows()
        self.page = KeyPage(rows, keys("-met_on", "-id"), get, PAGE, counted(rows))

    def _check_county(self) -> None:
        """Firms that one serves may lie anywhere; else a county that is not one's own is 404."""
        here = self.scope().filter(case__county_id=self.county)
        if self.county and not can_open(self.actor, str(self.county)) and not here.exists():
            raise Http404

    def scope(self) -> MatchRecordQuerySet:
        return officials_records(self.actor).filter(case__programme__city=self.city)

    def filtered(self) -> MatchRecordQuerySet:
        rows = self.everywhere()
        return rows.filter(case__county_id=self.county) if self.county else rows

    def everywhere(self) -> MatchRecordQuerySet:
        """The same question without the county."""
        rows = self.scope()
        if self.month:
            rows = rows.filter(met_on__year=self.month.year, met_on__month=self.month.month)
        if self.q:
            rows = rows.filter(of_words(self.q, _found, county="case__county__name"))
        return rows

    def rows(self) -> MatchRecordQuerySet:
        rows = self.filtered()
        rows = rows.filter(result=self.result) if self.result else rows
        return rows.select_related(*WITH)

    def context(self) -> Part:
        total = totals(self.filtered())
        return {
            "city": self.city,
            "lines": lines_of(self.page.object_list),
            "page": self.page,
            "strays": self.strays,
            "tabs": tabs(self.actor, self.city, "matches"),
            "figures": _figures(total),
            "export": f"{reverse('matches_export')}?{self.query()}",
            "chips": self.chips(total),
            "counties": self.counties if len(self.counties) > 1 else [],
            "filters": self.filters(),
            "empty": self.empty(),
        }

    def query(self, **changes: str) -> str:
        held = {
            "q": self.q,
            "county": str(self.county or ""),
            "month": self.month.strftime("%Y-%m") if self.month else "",
            "result": self.result,
            **changes,
        }
        return urlencode({key: value for key, value in held.items() if value})

    @cached_property
    def counties(self) -> list[Part]:
        return [
            {"url": f"?{self.query(county=str(pk))}", "pk": pk, **row}
            for pk, row in by_county(self.everywhere())
        ]

    def chips(self, total: Part) -> list[Part]:
        rows = [("", _("All"), total["records"])]
        rows += [(k, str(n), total[COUNTED[k]]) for k, n in MatchRecord.Result.choices]
        return [
            {
                "label": label,
                "count": count,
                "url": f"?{self.query(result=value)}",
                "current": self.result == value,
            }
            for value, label, count in rows
            if count or value in ("", self.result)
        ]

    def filters(self) -> Part:
        months = self.scope().order_by().dates("met_on", "month", order="DESC")
        counties = [(str(row["pk"]), row["county"]) for row in self.counties]
        month = self.month.strftime("%Y-%m") if self.month else ""
        selects: list[tuple[str, str, str, list[Any]]] = [
            ("county", _("counties"), str(self.county or ""), counties),
            ("month", _("months"), month, [(m.strftime("%Y-%m"),) * 2 for m in months]),
        ]
        return {
            "action": reverse("matches"),
            "target": "#matches-list",
            "keep": {"result": self.result} if self.result else {},
            "active": sum(1 for _name, _label, value, _choices in selects if value),
            "clear": reverse("matches"),
            "search": {
                "name": "q",
                "value": self.q,
                "label": _("Search the contact records"),
                "placeholder": _("Firm or partner"),
            },
            "selects": [
                {"name": name, "label": label, "value": value, "choices": choices}
                for name, label, value, choices in selects
                if len(choices) > 1
            ],
        }

    def empty(self) -> Part | None:
        if self.page.object_list:
            return None
        return {
            "icon": "search",
            "words": _("No contact record here yet"),
            "more": _("Records come from the matching forms of the cases in your area."),
            "link": {"url": reverse("matches"), "words": _("Show all")} if self.query() else None,
        }


@require_safe
@scoped(Act.READ)
def matches_export(request: ActorRequest) -> FileResponse:
    """URL name ``matches_export``: what the list shows, as a workbook; the trail keeps who."""
    page, today = MatchesPage(request), clock.today()
    write = partial(
        write_ledger,
        title=_("%(city)s: contact records") % {"city": page.city},
        facts=[_("as of %(day)s") % {"day": today.isoformat()}],
        definition=_("Whoever cooperates has signed; drafts are not counted in figures."),
        columns=COLUMNS,
        rows=page.rows().iterator(chunk_size=500),
        sheet_name=_("Contact records"),
    )
    label = dict(MatchRecord.Result.choices).get(page.result, "")
    parts = [_("Contact records"), str(label), today.strftime("%Y%m%d")]
    name = "_".join(part for part in parts if part) + ".xlsx"
    return send_workbook(
        "matches",
        name,
        write,
        by=request.actor,
        at=clock.now(),
        subject=page.city,
        query=page.query(),
    )


@require_safe
@scoped(Act.READ)
@part_of("resource", gettext_lazy("Contact records"))
def resource_matches(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``resource_matches``: the fragment on a resource's page; its experts' too."""
    if not Resource.objects.visible_to(request.actor).filter(pk=pk).exists():
        raise Http404
    rows = officials_records(request.actor).filter(resource=pk)
    return _fragment(request, rows)


@require_safe
@scoped(Act.READ)
@part_of("expert", gettext_lazy("Contact records"))
def expert_matches(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``expert_matches``: the fragment on an expert's page."""
    if not Expert.objects.visible_to(request.actor).filter(pk=pk).exists():
        raise Http404
    return _fragment(request, officials_records(request.actor).filter(expert=pk))


def _fragment(request: ActorRequest, rows: MatchRecordQuerySet) -> HttpResponse:
    found = list(rows.select_related(*WITH)[: FRAGMENT + 1])
    context = {"lines": lines_of(found[:FRAGMENT]), "more": len(found) > FRAGMENT}
    return render(request, "cases/match_rows.html", context)


@require_safe
@scoped()
def expert_home(request: ActorRequest) -> HttpResponse:
    """URL name ``expert_home``: what an outside expert sees, himself and his own records."""
    if not request.actor.expert_ids:
        raise no_entry()
    experts = list(Expert.objects.visible_to(request.actor).select_related("institute", "region"))
    rows = MatchRecord.objects.visible_to(request.actor)
    rows = rows.filter(expert_id__in=request.actor.expert_ids)
    context = {"experts": experts, "lines": lines_of(rows.select_related(*WITH)[:200])}
    return render(request, "cases/expert_home.html", context)


def lines_of(records: Iterable[MatchRecord]) -> list[Part]:
    """Records with the words that their own form uses."""
    return [
        {
            "record": record,
            "way": choice_words(record, "way"),
            "kind": choice_words(record, "kind"),
            "result": choice_words(record, "result") or result_label(record.result),
            "is_signed": record.result == MatchRecord.Result.SIGNED,
        }
        for record in records
    ]


def _figures(total: Part) -> list[Part]:
    contacted = _("%(n)s in contact") % {"n": total["contacted_firms"]}
    partners = _("%(n)s partners in all") % {"n": total["partners"]}
    intentions = _("%(n)s more intentions") % {"n": total["intentions"]}
    return [
        {"name": _("Firms that cooperate"), "value": total["firms"], "base": contacted},
        {"name": _("Universities and institutes"), "value": total["institutes"], "base": partners},
        {"name": _("Projects signed"), "value": total["projects"], "base": intentions},
        {
            "name": _("Amount agreed"),
            "value": f"{total['amount']:,.2f}",
            "unit": _("10,000 yuan"),
            "base": _("where the record names it"),
        },
    ]


def _found(text: str) -> Q:
    return Q(enterprise__name__contains=text) | Q(partner__contains=text)


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
