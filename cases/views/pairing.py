"""结对帮扶: who serves and who leads which firms; assigned in bulk with a preview."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases import pairing_input
from cases.actions.pairing import PairedCases, pair
from cases.actions.rehearsal import rehearse
from cases.views.whole import part_of
from enterprises.actions.pairing import Wish
from enterprises.importing.pairing_sheet import SHEET
from enterprises.models import Enterprise, Pairing
from organisations import clock
from organisations.downloads import XLSX
from organisations.errors import Refused
from organisations.forms import DayInput
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, no_entry, office, scoped
from organisations.models import Region
from organisations.roles import Act, Role
from organisations.scope import Actor

PAGE = 50
SHOWN = 200
WITH = ("enterprise", "post__unit", "user", "lead", "county")


class PairingForm(forms.Form):
    """Which firms, whom they get, from when."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of pairing"), choices=Pairing.Kind.choices)
    target = forms.CharField(
        label=gettext_lazy("Paired with"),
        max_length=150,
        required=False,
        help_text=gettext_lazy(
            "Name, account or UNIT/POST; for a lead firm its name, for a county its name. “none” "
            "ends the pairing."
        ),
    )
    firms = forms.CharField(
        label=gettext_lazy("Firms"),
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One a line: name or credit code, as copied from Excel."),
    )
    place = forms.TypedChoiceField(
        label=gettext_lazy("Or all without one in"), required=False, empty_value=None
    )
    file = forms.FileField(
        label=gettext_lazy("Or the workbook of pairings (.xlsx)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    from_on = forms.DateField(label=gettext_lazy("Paired since"), required=False, widget=DayInput())

    def __init__(self, places: list[Region], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_key = {str(place.pk): place for place in places}
        field = self.fields["place"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", ""), *((key, _place(place)) for key, place in by_key.items())]
        field.coerce = lambda key: by_key[str(key)]

    def wishes(self, city: Region) -> list[Wish]:
        given = self.cleaned_data
        if given["file"]:
            return pairing_input.of_workbook(given["file"].read())
        if not given["target"]:
            raise Refused("no_target", _("Say who it is to be."))
        same = {k: given[k] for k in ("kind", "target", "from_on")}
        if given["place"]:
            return pairing_input.of_place(given["place"], **same, city=city, on=clock.today())
        return pairing_input.of_lines(given["firms"], **same)


def _place(place: Region) -> str:
    return place.name if place.level == Region.Level.COUNTY else f"　{place.name}"


@require_safe
@scoped(Act.READ)
def pairings(request: ActorRequest) -> HttpResponse:
    """URL name ``pairings``: the list by kind, and who has how many."""
    actor, on = request.actor, clock.today()
    kind = request.GET.get("kind", "")
    kind = kind if kind in Pairing.Kind.values else Pairing.Kind.OFFICER.value
    text = request.GET.get("q", "").strip()[:60]
    every = Pairing.objects.visible_to(actor).on(on)
    counts = dict(every.order_by().values_list("kind").annotate(Count("pk")))
    rows = every.filter(kind=kind).select_related(*WITH)
    if text:
        rows = rows.filter(enterprise__name__contains=text)
    page = KeyPage(rows, keys("enterprise__name", "pk"), request.GET, PAGE, counted(rows))
    context = {
        "page": page,
        "rows": page.object_list,
        "kind": kind,
        "by_target": _by_target(every, kind),
        "tabs": [
            {"label": label, "count": counts.get(value, 0), "url": f"?kind={value}",
             "current": value == kind}
            for value, label in Pairing.Kind.choices
        ],
        "filters": {
            "action": reverse("pairings"),
            "search": {"name": "q", "value": text, "label": _("Search for a firm"),
                       "placeholder": _("Firm name")},
            "selects": [],
            "keep": {"kind": kind},
            "active": 0,
        },
        "strays": left_out(request.GET, {"kind": kind}),
        "may_assign": may_assign(actor),
        "empty": {
            "words": _("No firm is paired this way yet"),
            "more": _("Firms are assigned in bulk, by workbook or one by one."),
            "icon": "building",
        },
    }  # fmt: skip
    return render(request, "cases/handing/pairings.html", context)


def _by_target(every: Any, kind: str) -> list[dict[str, Any]]:
    """Who has how many firms: 一带一, 一带多; one statement."""
    names = {
        "lead_firm": ("lead_id", "lead__name"),
        "county": ("county_id", "county__name"),
    }.get(kind, ("post_id", "user__name", "post__unit__short_name", "post__name"))
    rows = every.filter(kind=kind).order_by().values_list(*names).annotate(n=Count("pk"))
    parameter = {"lead_firm": "lead", "county": "county"}.get(kind, "officer")
    return [
        {
            "name": " ".join(str(part) for part in row[1:-1] if part),
            "count": row[-1],
            "url": f"{reverse('ledger')}?{parameter}={row[0]}",
            "many": row[-1] > 1,
        }
        for row in sorted(rows, key=lambda row: -row[-1])[:SHOWN]
    ]


def may_assign(actor: Actor) -> bool:
    return actor.has_role(Role.OFFICE, Role.COUNTY_LEAD)


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.REASSIGN)
def assign(request: ActorRequest) -> HttpResponse:
    """URL name ``pairing_assign``: ask, preview, done; nothing is written before confirming."""
    # rows start from visible_to: the verb refuses firms of others one by one
    city = _city(request.actor)
    if city is None or not may_assign(request.actor):
        raise no_entry()
    if request.POST.get("step") == "confirm":
        return _confirm(request, city)
    asked = request.method == "POST"
    initial = {"kind": "officer", "from_on": clock.today(), "firms": request.GET.get("firm", "")}
    data = (request.POST, request.FILES) if asked else (None, None)
    form = PairingForm(_places(request.actor, city), *data, initial=initial)
    context: dict[str, Any] = {"form": form, "city": city}
    if form.is_valid():
        try:
            wishes = form.wishes(city)
            result = rehearse(lambda: _pair(request, city, wishes))
        except Refused as refusal:
            form.add_error(None, refusal.words)
        else:
            context |= {"result": result, "table": pairing_input.as_text(wishes)}
            context["shown"] = result.paired.new[:SHOWN]
    status = 422 if form.errors else 200
    return render(request, "cases/handing/pair.html", context, status=status)


def _confirm(request: ActorRequest, city: Region) -> HttpResponse:
    try:
        wishes = pairing_input.of_text(request.POST.get("table", ""))
        result = _pair(request, city, wishes)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("pairing_assign")
    words = _("Paired %(new)d, ended %(ended)d, unchanged %(same)d, refused %(refused)d; %(moved)d "
              "cases went to another county.")  # fmt: skip
    paired = result.paired
    counts = {"new": len(paired.new), "ended": len(paired.ended), "same": paired.unchanged}
    counts |= {"refused": len(paired.refused), "moved": result.moved}
    messages.success(request, words % counts)
    kind = paired.new[0].kind if paired.new else wishes[0].kind
    return redirect(f"{reverse('pairings')}?kind={kind}")


def _pair(request: ActorRequest, city: Region, wishes: list[Wish]) -> PairedCases:
    return pair(wishes, city=city, by=request.actor, at=clock.now())


def _city(actor: Actor) -> Region | None:
    return Region.objects.filter(pk__in=actor.city_ids).order_by("position", "pk").first()


def _places(actor: Actor, city: Region) -> list[Region]:
    """Counties and townships where the actor assigns; one statement."""
    regions = Region.objects.within(city).exclude(pk=city.pk).order_by("path")
    mine = actor.standings_for(Act.REASSIGN)
    return [r for r in regions if any(s.covers(r) for s in mine)]


@require_safe
@office(Act.REASSIGN)
def template(request: ActorRequest) -> HttpResponse:
    """URL name ``pairing_template``: the empty workbook with notes and an example."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET.title)
        head = book.add_format({"bold": True, "bg_color": "#e9ecf0", "border": 1})
        note = book.add_format({"italic": True, "font_color": "#5d6773", "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        for place, column in enumerate(SHEET.columns):
            sheet.set_column(place, place, column.width, text)
            sheet.write_string(0, place, column.note, note)
            sheet.write_string(1, place, column.header, head)
        for place, cell in enumerate(SHEET.examples[0]):
            sheet.write_string(2, place, cell, text)
        sheet.set_row(0, 48)
        sheet.freeze_panes(2, 0)
    answer = HttpResponse(out.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="pairings.xlsx"'
    return answer


@require_safe
@scoped(Act.READ)
@part_of("firm", gettext_lazy("Firm file"))
def of_firm(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_pairings``: who serves and leads one firm, and did before; a fragment."""
    if not Enterprise.objects.visible_to(request.actor).filter(pk=pk).exists():
        raise Http404
    rows = Pairing.objects.visible_to(request.actor).filter(enterprise=pk).select_related(*WITH)
    on = clock.today()
    follows = Pairing.objects.visible_to(request.actor).on(on).filter(lead=pk)
    context = {
        "rows": [(row, row.from_on <= on and (row.until_on is None or row.until_on > on))
                 for row in rows],
        "followers": list(follows.select_related("enterprise")[:SHOWN]),
        "may_assign": may_assign(request.actor),
        "firm": pk,
    }  # fmt: skip
    return render(request, "cases/handing/_firm_pairings.html", context)
