"""企业档案: the register as people look firms up in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises.facts import facts_in
from enterprises.filing import HAVES, Filing, filing_words, is_in
from enterprises.industries import DIVISIONS
from enterprises.models import Membership, MonthlyFact
from enterprises.querysets import MembershipQuerySet, on_register, sees_register
from enterprises.searching import doubt
from organisations import clock
from organisations.among import among_those
from organisations.keyset import KeyPage, Place, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.models import Region
from organisations.permissions import can_open
from organisations.roles import Act

PAGE = 50
# if the first county does not fill the page, so many more are read, and so on
MORE = 8


@dataclass(frozen=True)
class Line:
    """One firm of the list."""

    membership: Membership
    filing: str
    # what the newest facts miss of the Four Haves; blank while nothing is known
    lack: str

    @property
    def place(self) -> str:
        row = self.membership
        return f"{row.county} {row.township}" if row.township_id else str(row.county)


ORDER_BY = ("county__position", "county_id", "enterprise__name", "id")
ORDER = keys(*ORDER_BY)


@require_safe
@scoped(Act.READ)
def firms(request: ActorRequest) -> HttpResponse:
    """URL name ``firms``: at most 12 statements whatever the length of the register."""
    return render(request, "enterprises/firms.html", FirmsPage(request).context())


class FirmsPage:
    """What was asked (search, filters, page), answered for one actor today."""

    def __init__(self, request: ActorRequest) -> None:
        self.actor, self.today = request.actor, clock.today()
        get = request.GET
        self.q = get.get("q", "").replace("\0", "").strip()[:60]
        self.county = _number(get.get("county"))
        self.state = get.get("state", "") if get.get("state") in Filing.values else ""
        self.spending = get.get("spending", "") if get.get("spending") in {"yes", "no"} else ""
        division = get.get("division", "")
        self.division = division if division in {d.code for d in DIVISIONS} else ""
        self.gone = get.get("of") == "left"
        self.mine = get.get("of") == "mine"
        self.strays = left_out(get, self.held())
        self._check_county(get.get("county"))
        rows = self.rows()
        asked = (
            self.q,
            self.county,
            self.division,
            self.state,
            self.spending,
            self.gone,
            self.mine,
        )
        cut = None if any(asked) else self._by_county
        self.page = KeyPage(rows, ORDER, get, PAGE, counted(rows), cut)

    def _check_county(self, text: str | None) -> None:
        """A county that is not one's own is 404, unless one serves a firm there."""
        if text and not can_open(self.actor, text):
            rows = Membership.objects.visible_to(self.actor).filter(county_id=self.county)
            if self.county is None or not rows.exists():
                raise Http404

    def rows(self) -> MembershipQuerySet:
        rows = self.scope().found_by(self.q)
        if self.county:
            rows = rows.filter(county_id=self.county)
        if self.division:
            rows = rows.filter(industry_code__startswith=self.division)
        if self.state or self.spending:
            rows = rows.filter(self._by_facts())
        return rows.select_related("enterprise", "county", "township")

    def _by_county(self, place: Place, limit: int) -> list[Membership]:
        """So many rows from a place on. The list begins with its first county: no more counties are
        read and sorted than the page shows, be it the register of a province."""
        ahead = [int(pk) for pk, _name in self._counties]
        ahead = ahead[::-1] if place.back else ahead
        rows = self.rows()
        if place.values:
            rows = rows.filter(place.beyond(ORDER))
            here = place.values[1]
            ahead = ahead[ahead.index(here) :] if here in ahead else ahead
        ordered = rows.order_by(*(key.order(back=place.back) for key in ORDER))
        found: list[Membership] = []
        size = 1
        while ahead and len(found) < limit:
            found += ordered.filter(county__in=ahead[:size])[: limit - len(found)]
            ahead, size = ahead[size:], size * MORE
        return found

    def scope(self) -> MembershipQuerySet:
        """Today's register, or the firms that have left it, as far as the actor sees."""
        rows: MembershipQuerySet = Membership.objects.visible_to(self.actor)
        if self.mine:
            rows = rows.filter(enterprise_id__in=list(self.actor.served_ids))
        if not self.gone:
            return rows.on(self.today)
        return rows.newest().filter(left_on__lte=self.today)

    def _by_facts(self) -> Q:
        """Firms by what is known of them; a firm without facts has no spending."""
        # asked behind the choice of the newest, not before
        known = MonthlyFact.objects.filter(pk__in=self._facts().values("pk"))
        if self.state:
            known = known.filter(is_in(Filing(self.state)))
        if self.spending:
            known = known.filter(has_spending=self.spending == "yes")
        found = Q(enterprise_id__in=known.values("enterprise_id"))
        if self.state in ("", Filing.UNKNOWN) and self.spending != "yes":
            found |= ~Q(enterprise_id__in=self._facts().values("enterprise_id"))
        return found

    @cached_property
    def facts(self) -> dict[int, MonthlyFact]:
        """The newest facts of the actor's cities by firm, of the firms on the page."""
        firms = [row.enterprise_id for row in self.page.object_list]
        known = self._facts(firms)
        return {fact.enterprise_id: fact for fact in known}

    def _facts(self, firms: Collection[int] | None = None) -> QuerySet[MonthlyFact]:
        return facts_in(self.actor.city_ids, as_of=self.today, firms=firms)

    def context(self) -> dict[str, Any]:
        return {
            "lines": [self._line(row) for row in self.page.object_list],
            "page": self.page,
            "filters": self.filters(),
            "strays": self.strays,
            "chips": self.chips(),
            "on": self.today,
            "gone": self.gone,
            "may_import": self.actor.may(Act.IMPORT),
            "empty": self.empty(),
        }

    def _line(self, row: Membership) -> Line:
        fact = self.facts.get(row.enterprise_id)
        filed = fact is not None and fact.filed
        lacking = [str(n) for have, n in HAVES.items() if filed and not getattr(fact, have)]
        return Line(row, filing_words(fact), _(", ").join(lacking))

    def held(self) -> dict[str, str]:
        return {
            "county": str(self.county or ""),
            "state": self.state,
            "spending": self.spending,
            "division": self.division,
            "of": "left" if self.gone else "mine" if self.mine else "",
        }

    def query(self, **changes: str) -> str:
        held = {"q": self.q, **self.held(), **changes}
        return urlencode({key: value for key, value in held.items() if value})

    def chips(self) -> list[dict[str, Any]]:
        rows = Membership.objects.visible_to(self.actor)
        counts = rows.aggregate(
            here=Count("pk", filter=on_register(self.today)),
            mine=Count(
                "pk",
                filter=on_register(self.today) & Q(enterprise_id__in=self.actor.served_ids),
            ),
        )
        # few leave: of those alone it is asked whether they came back
        counts["left"] = rows.filter(left_on__lte=self.today).newest().count()
        words = {"": _("On the register today"), "left": _("Left the register")}
        if self.actor.served_ids:
            words = {"": words[""], "mine": _("Firms that I serve"), "left": words["left"]}
        current = "left" if self.gone else "mine" if self.mine else ""
        return [
            {
                "label": label,
                "count": counts[of or "here"],
                "url": f"?{self.query(of=of)}",
                "current": of == current,
            }
            for of, label in words.items()
        ]

    def filters(self) -> dict[str, Any]:
        """For components/filters.html."""
        counties = self._counties
        spending = [("yes", _("With R&D spending")), ("no", _("Without R&D spending"))]
        selects: list[tuple[str, str, str, list[tuple[str, str]]]] = [
            ("county", _("counties"), str(self.county or ""), counties),
            ("state", _("filing states"), self.state, [(v, str(n)) for v, n in Filing.choices]),
            ("spending", _("R&D spending"), self.spending, spending),
            ("division", _("industries"), self.division, _divisions()),
        ]
        return {
            "action": reverse("firms"),
            "target": "#firms",
            "keep": {"of": "left"} if self.gone else {"of": "mine"} if self.mine else {},
            "active": sum(1 for _name, _label, value, _choices in selects if value),
            "clear": reverse("firms"),
            "search": {
                "name": "q",
                "value": self.q,
                "label": _("Search for a firm"),
                "placeholder": _("Firm, credit code, pinyin, initials"),
            },
            "selects": [
                {"name": name, "label": label, "value": value, "choices": choices}
                for name, label, value, choices in selects
                if len(choices) > 1
            ],
        }

    @cached_property
    def _counties(self) -> list[tuple[str, str]]:
        """Counties in which the actor has rows; a county's own people need no choice."""
        here = self.scope().order_by()
        if self.actor.is_system or any(sees_register(self.actor, c) for c in self.actor.city_ids):
            inside = Q(Exists(here.filter(county=OuterRef("pk"))))
        else:
            # not each county's firms looked through for one's own
            inside = among_those("pk", here.values("county").distinct())
        found = Region.objects.filter(inside).order_by("position", "pk")
        return [(str(pk), name) for pk, name in found.values_list("pk", "name")]

    def empty(self) -> dict[str, Any] | None:
        if self.page.object_list:
            return None
        if self.gone and not self.query(of=""):
            return {
                "icon": "building",
                "words": _("No firm has left the register so far"),
                "more": _("Who leaves is decided by the statistics bureau's list."),
                "link": {"url": reverse("firms"), "words": _("All firms")},
            }
        if self.query(of=""):
            return {
                "icon": "search",
                "words": _("No firm is found like this"),
                "more": doubt(self.q)
                or _("Try a part of the name, the credit code, pinyin or initials."),
                "link": {"url": reverse("firms"), "words": _("All firms")},
            }
        return {
            "icon": "building",
            "words": _("No register has been imported yet"),
            "more": _("The office imports the list of the statistics bureau."),
        }


def _number(text: str | None) -> int | None:
    """An id from the address; anything else asks for nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _divisions() -> list[tuple[str, str]]:
    return [(d.code, f"{d.code} {d.label}") for d in DIVISIONS]
