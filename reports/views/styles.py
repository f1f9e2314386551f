"""文书模板: the office sets masthead, signing body, series, way and words, and its Word files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from cases.errors import Refused
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.models import Region, Unit
from organisations.numbers_sent import number_of
from organisations.roles import Act
from reports.documents import styles
from reports.documents.content import Layout
from reports.documents.issuers import issuers_of
from reports.documents.kinds import MAKERS, Kind
from reports.documents.nouns import HouseStyle
from reports.documents.route import MAY_SKIP, Step
from reports.documents.word import DOCX, standard

LAYOUTS: dict[Kind, Layout] = {
    Kind.CIRCULAR: "file",
    Kind.LETTER: "letter",
    Kind.CORRECTION: "letter",
    Kind.BULLETIN: "bulletin",
    Kind.MONTHLY_REPORT: "plain",
    Kind.PROPOSAL_REPLY: "letter",
}
OF_UNIT = 3  # fields that a unit has of its own: masthead, signing body, mark
ORDER = tuple(step for step in Step if step in MAY_SKIP)


@require_safe
@scoped(Act.ISSUE_DOCUMENT)
def house_styles(request: ActorRequest) -> HttpResponse:
    """Every kind with what the office has set for it."""
    rows = HouseStyle.objects.filter(city=_city(request), unit=None)
    held = {style.kind: style for style in rows}
    kinds = [Kind.CIRCULAR, *(kind for kind in Kind if kind in MAKERS and kind != Kind.CIRCULAR)]
    lines = [{"kind": kind, "style": held.get(kind)} for kind in [*kinds, Kind.LETTER]]
    return render(request, "reports/documents/styles.html", {"lines": lines})


@require_safe
@scoped(Act.ISSUE_DOCUMENT)
def house_style(request: ActorRequest, kind: str) -> HttpResponse:
    return _page(request, _kind(kind))


@require_POST
@scoped(Act.ISSUE_DOCUMENT)
def house_style_save(request: ActorRequest, kind: str) -> HttpResponse:
    wanted, post = _kind(kind), request.POST
    unit = _unit(request, wanted)
    of_kind: dict[str, Any] = {}
    if unit is None:
        of_kind = {
            "skips": post.getlist("skips") if "own_way" in post else None,
            "text": post.get("text", ""),
        }
    try:
        styles.set_style(
            _city(request),
            wanted,
            by=request.actor,
            at=clock.now(),
            masthead=post.get("masthead", ""),
            signer=post.get("signer", ""),
            series=post.get("series", ""),
            unit=unit,
            **of_kind,
        )
    except Refused as refusal:
        return _page(request, wanted, error=refusal.words, typed=post)
    messages.success(request, _("Saved. It holds for what is compiled from now on."))
    asked = f"?unit={unit.pk}" if unit is not None else ""
    return redirect(f"{reverse('house_style', args=[kind])}{asked}")


@require_POST
@scoped(Act.ISSUE_DOCUMENT)
def house_template_save(request: ActorRequest, kind: str) -> HttpResponse:
    wanted, file = _kind(kind), request.FILES.get("template")
    data = file.read(styles.LARGEST + 1) if file else b""
    try:
        styles.set_template(
            _city(request),
            wanted,
            data,
            name=(file.name or "") if file else "",
            by=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        return _page(request, wanted, error=refusal.words)
    words = _("The template is accepted.") if data else _("The standard template is used again.")
    messages.success(request, words)
    return redirect("house_style", kind=kind)


@require_safe
@scoped(Act.ISSUE_DOCUMENT)
def house_template(request: ActorRequest, kind: str) -> HttpResponse:
    """The template in use: the office's own, else the standard one to start from."""
    wanted = _kind(kind)
    style = HouseStyle.objects.filter(city=_city(request), kind=wanted, unit=None).first()
    own = bytes(style.template) if style else b""
    if wanted not in LAYOUTS:
        raise Http404
    name = style.template_name if style and own else f"{wanted.label}.docx"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(own or standard(LAYOUTS[wanted]), content_type=DOCX, headers=headers)


def _city(request: ActorRequest) -> Region:
    found = Region.objects.filter(pk__in=request.actor.city_ids).order_by("pk").first()
    if found is None:
        raise Http404
    return found


def _kind(text: str) -> Kind:
    if text not in Kind.values:
        raise Http404
    return Kind(text)


def _unit(request: ActorRequest, kind: Kind) -> Unit | None:
    """The unit that was asked for, if it signs papers of this kind; none is the office."""
    asked = request.GET.get("unit") or request.POST.get("unit")
    if not asked:
        return None
    units = issuers_of(_city(request), kind)
    found = next((one for one in units if one.pk == number_of(asked)), None)
    if found is None:
        raise Http404
    return found


def _page(request: ActorRequest, kind: Kind, *, error: str = "", typed: Any = None) -> HttpResponse:
    city, unit = _city(request), _unit(request, kind)
    held = {one.unit_id: one for one in HouseStyle.objects.filter(city=city, kind=kind)}
    style = held.get(unit.pk if unit is not None else None)
    units = issuers_of(city, kind) if unit is None else []
    context = {
        "kind": kind,
        "style": style,
        "unit": unit,
        "may_choose": bool(units),
        "units": [{"unit": one, "style": held[one.pk]} for one in units if one.pk in held],
        "more_units": [one for one in units if one.pk not in held],
        "fields": _fields(style, typed or {})[: None if unit is None else OF_UNIT],
        "own_way": style is not None and style.skips is not None,
        "steps": [
            {
                "value": step.value,
                "label": step.label,
                "on": bool(style and step in (style.skips or ())),
            }
            for step in ORDER
        ],
        "has_template": kind in LAYOUTS and unit is None,
        "error": {"kind": "bad", "words": error, "alert": True} if error else None,
    }
    status = 422 if error else 200
    return render(request, "reports/documents/style.html", context, status=status)


def _fields(style: HouseStyle | None, typed: Any) -> list[dict[str, Any]]:
    labels = {
        "masthead": (pgettext("document", "Masthead"), 60),
        "signer": (pgettext("document", "Signing body"), 60),
        "series": (pgettext("document", "Mark of its numbers"), 20),
    }
    fields: list[dict[str, Any]] = [
        {
            "name": name,
            "kind": "text",
            "label": label,
            "value": typed.get(name, getattr(style, name, "") if style else ""),
            "required": False,
            "maxlength": most,
        }
        for name, (label, most) in labels.items()
    ]
    fields.append(
        {
            "name": "text",
            "kind": "textarea",
            "rows": 8,
            "label": pgettext("document", "Text"),
            "hint": _("One paragraph a line. What stands in braces is filled in from the figures."),
            "value": typed.get("text", style.text if style else ""),
            "required": False,
        }
    )
    return fields
