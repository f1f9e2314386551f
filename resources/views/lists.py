"""资源库 and 专家: lists with chips, filters and paging; the same rows as a workbook."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Case, Count, Q, When
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from organisations import clock, journal
from organisations.downloads import XLSX
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.models import AuditEvent, Region
from organisations.roles import Act
from resources.importing.export import directory_workbook, head_of
from resources.models import Expert, Level, Member, Resource
from resources.permissions import can_add, phone_of, sees_phones
from resources.querysets import valid
from resources.views.places import city_of, number_or_404, tabs

PAGE = 50
ENDED = "ended"


class DirectoryPage:
    """What was asked (chip, search, filters, page), answered for one actor today."""

    model: ClassVar[type[Resource] | type[Expert]] = Resource
    url = "resources"

    def __init__(self, request: ActorRequest) -> None:
        self.actor, self.today = request.actor, clock.today()
        self.city = city_of(request)
        get = request.GET
        self.q = get.get("q", "").replace("\0", "").strip()[:60]
        kind = get.get("kind", "")
        self.kind = kind if kind in self.model.Kind.values or kind == ENDED else ""
        self.county = number_or_404(get.get("county"))
        self.level = get.get("level", "") if get.get("level") in Level.values else ""
        division = get.get("division", "")[:2]
        self.division = division if division.isdecimal() and len(division) == 2 else ""
        self.strays = left_out(get, self.held())
        rows = self.rows()
        self.page = KeyPage(rows, keys("of_kind", "folded_name", "id"), get, PAGE, counted(rows))

    def scope(self) -> Any:
        return self.model.objects.visible_to(self.actor).filter(city=self.city)

    def rows(self) -> Any:
        rows = self.scope().found_by(self.q)
        if self.kind == ENDED:
            rows = rows.filter(valid_until__lte=self.today)
        else:
            rows = rows.on(self.today)
            rows = rows.filter(kind=self.kind) if self.kind else rows
        if self.county:
            rows = rows.filter(region_id=self.county)
        if self.level:
            rows = rows.filter(level=self.level)
        if self.division:
            rows = rows.of_industry(self.division)
        rows = rows.select_related("region", "owner_unit").annotate(of_kind=self.kind_order())
        return rows.order_by("of_kind", "folded_name", "id")

    def kind_order(self) -> Case:
        """Kinds in the order in which they are declared, as the chips stand."""
        kinds = enumerate(self.model.Kind.values)
        return Case(*(When(kind=kind, then=place) for place, kind in kinds), default=99)

    def context(self) -> dict[str, Any]:
        phones = [phone_of(row, self.actor) for row in self.page.object_list]
        return {
            "city": self.city,
            "lines": list(zip(self.page.object_list, phones, strict=True)),
            "page": self.page,
            "chips": self.chips(),
            "filters": self.filters(),
            "strays": self.strays,
            "tabs": tabs(self.actor, self.city, self.url),
            "may_add": can_add(self.actor, self.city),
            "export": f"{reverse(f'{self.url}_export')}?{self.query()}",
            "on": self.today,
            "empty": self.empty(),
        }

    def held(self) -> dict[str, str]:
        return {
            "kind": self.kind,
            "county": str(self.county or ""),
            "level": self.level,
            "division": self.division,
        }

    def query(self, **changes: str) -> str:
        held = {"q": self.q, **self.held(), **changes}
        return urlencode({key: value for key, value in held.items() if value})

    @cached_property
    def counts(self) -> dict[str, int]:
        now = valid(self.today)
        asked = {kind: Count("pk", filter=now & Q(kind=kind)) for kind in self.model.Kind.values}
        found: dict[str, int] = self.scope().aggregate(
            all=Count("pk", filter=now),
            ended=Count("pk", filter=Q(valid_until__lte=self.today)),
            **asked,
        )
        return found

    def chips(self) -> list[dict[str, Any]]:
        rows = [("", _("All"), self.counts["all"])]
        rows += [(k, str(n), self.counts[k]) for k, n in self.model.Kind.choices if self.counts[k]]
        if self.counts["ended"]:
            rows.append((ENDED, _("No longer valid"), self.counts["ended"]))
        return [
            {
                "label": label,
                "count": count,
                "url": f"?{self.query(kind=value)}",
                "current": self.kind == value,
            }
            for value, label, count in rows
        ]

    def filters(self) -> dict[str, Any]:
        """For components/filters.html; names of industries are put in by the template."""
        selects: list[tuple[str, str, str, list[Any]]] = [
            ("county", _("counties"), str(self.county or ""), self._counties()),
            ("level", _("levels"), self.level, list(Level.choices)),
            ("division", _("industries"), self.division, self._divisions()),
        ]
        return {
            "action": reverse(self.url),
            "target": "#directory",
            "keep": {"kind": self.kind} if self.kind else {},
            "active": sum(1 for _name, _label, value, _choices in selects if value),
            "clear": reverse(self.url),
            "search": {
                "name": "q",
                "value": self.q,
                "label": _("Search the directory"),
                "placeholder": self.placeholder(),
            },
            "selects": [
                {"name": name, "label": label, "value": value, "choices": choices}
                for name, label, value, choices in selects
                if len(choices) > 1
            ],
        }

    def placeholder(self) -> str:
        return _("Name, field, what it offers")

    def _counties(self) -> list[tuple[str, str]]:
        regions = Region.objects.filter(pk__in=self.scope().values("region"))
        return [(str(pk), name) for pk, name in regions.values_list("pk", "name")]

    def _divisions(self) -> list[tuple[str, str]]:
        """The divisions that somebody serves."""
        lists = self.scope().values_list("industries", flat=True)
        found = sorted({code[:2] for codes in lists for code in codes})
        return [(code, code) for code in found]

    def empty(self) -> dict[str, Any] | None:
        if self.page.object_list:
            return None
        if self.query():
            return {
                "icon": "search",
                "words": _("Nothing in the directory fits"),
                "more": _("Try a part of the name or one word of the field."),
                "link": {"url": reverse(self.url), "words": _("Show all")},
            }
        return {
            "icon": "building",
            "words": _("The directory is empty"),
            "more": _("The office imports the list of the resource survey, or adds entries."),
        }


class ExpertsPage(DirectoryPage):
    model = Expert
    url = "experts"

    def placeholder(self) -> str:
        return _("Name, institute, team, field")


@require_safe
@scoped(Act.READ)
def resources(request: ActorRequest) -> HttpResponse:
    """URL name ``resources``: at most 12 statements whatever the length of the directory."""
    return render(request, "resources/resources.html", DirectoryPage(request).context())


@require_safe
@scoped(Act.READ)
def experts(request: ActorRequest) -> HttpResponse:
    """URL name ``experts``."""
    return render(request, "resources/experts.html", ExpertsPage(request).context())


@require_safe
@scoped(Act.READ)
def resources_export(request: ActorRequest) -> HttpResponse:
    """What the list shows, with the members of its alliances; it can be read in again."""
    page = DirectoryPage(request)
    rows = list(page.rows())
    members = Member.objects.filter(alliance__in=[row.pk for row in rows])
    return _workbook(
        request, page, resources=rows, members=members.select_related("alliance"), count=len(rows)
    )


@require_safe
@scoped(Act.READ)
def experts_export(request: ActorRequest) -> HttpResponse:
    page = ExpertsPage(request)
    rows = list(page.rows())
    return _workbook(request, page, experts=rows, count=len(rows))


def _workbook(
    request: ActorRequest, page: DirectoryPage, *, count: int, **rows: Any
) -> HttpResponse:
    names = {"resources": pgettext("file name", "Resources")}
    names["experts"] = pgettext("file name", "Experts")
    kind = (
        _("No longer valid")
        if page.kind == ENDED
        else dict(page.model.Kind.choices).get(page.kind, "")
    )
    parts = [names[page.url], str(kind), page.today.strftime("%Y%m%d")]
    name = "_".join(part for part in parts if part) + ".xlsx"
    sheets: dict[str, Any] = {"resources": (), "experts": (), "members": (), "words": ()}
    content = directory_workbook(
        **{**sheets, **rows},
        head=head_of(page.city, page.today),
        with_phones=sees_phones(page.actor),
    )
    journal.record(
        AuditEvent.Kind.EXPORT,
        page.url,
        page.city,
        by=request.actor,
        at=clock.now(),
        words=name,
        rows=count,
        query=page.query(),
    )
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = _attachment(name)
    return answer


def _attachment(name: str) -> str:
    found = content_disposition_header(True, name)
    assert found is not None
    return found
