"""登记问题, 督办立项, 会议通知: opening a case by hand, with the form that its kind asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from cases import permissions
from cases.actions import matters, supervising
from cases.actions.filling import FormRefused
from cases.actions.matters import Asked
from cases.agenda import area_of
from cases.errors import Refused
from cases.ledger import newest_version
from cases.models import Case, CaseEvent, CaseUnit, ProgrammeFirm, WorkItem
from cases.rulebook import pack_of
from cases.views import form_fields
from cases.views.acts import status_of
from cases.views.rows import case_or_404
from enterprises.importing.folding import fold_name
from enterprises.models import Enterprise
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.models import Unit
from organisations.roles import Act
from organisations.scope import Actor
from workflows import forms
from workflows.form_fields import Form
from workflows.models import ProgrammeVersion
from workflows.procedure import Procedure
from workflows.text import localised

Part = dict[str, Any]
ADD = "add:"  # the button that adds a row where no script runs
ABOUT = ("firm", "parent", "about", "instruction")  # of the address
GIVEN = ("responsible", "responsible_lead")
NAMED = 8  # firms that are offered where a name fits several


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def matter_open(request: ActorRequest, kind: str) -> HttpResponse:
    """URL name ``matter_open``: ``?firm=ID`` names the firm, ``?parent=ID`` the case above it,
    ``?about=ID&instruction=ID`` the case and the comment that an order comes of.
    """
    sheet = _sheet(request, kind)
    if request.method != "POST":
        return sheet.show(sheet.proposed(), {})
    data = forms.from_post(sheet.form, request.POST) if sheet.form else {}
    wish = request.POST.get("do", "")
    if sheet.form and wish.startswith(ADD):
        key = wish.removeprefix(ADD)
        return sheet.show({**data, key: [*(data.get(key) or []), {}]}, {})
    try:
        made = sheet.open(data)
    except Refused as refusal:
        errors = refusal.errors if isinstance(refusal, FormRefused) else {}
        return sheet.show(data, errors, refusal)
    messages.success(request, _told(request, made))
    found = [other for one in made for other in matters.alike(one, request.actor)]
    if found:
        messages.warning(request, matters.alike_words(found))
    return redirect(sheet.list_url) if len(made) > 1 else redirect("case", made[0].pk)


def _told(request: ActorRequest, made: Sequence[Case]) -> str:
    """What is proposed to one's own unit first is not handed out yet."""
    holders = WorkItem.objects.filter(process__in=made, finished=None)
    if set(holders.values_list("unit", flat=True)) & request.actor.unit_ids:
        words = ngettext(
            "%(n)d matter is registered. The next step is your unit's.",
            "%(n)d matters are registered. The next step is your unit's.",
            len(made),
        )
    else:
        words = ngettext(
            "%(n)d matter is opened and handed out.",
            "%(n)d matters are opened and handed out.",
            len(made),
        )
    return words % {"n": len(made)}


def _sheet(request: ActorRequest, kind: str) -> Opening:
    """What is opened, under which rules; 404 for what the pack does not know."""
    number = request.GET.get("parent", "")
    if number:
        if not (number.isdecimal() and len(number) < 10):
            raise Http404
        parent = case_or_404(request.actor, int(number))
        version = parent.pack_version
    else:
        parent, version = None, newest_version(request.actor).select_related("programme").first()
    if version is None or kind not in version.pack.procedures:
        raise Http404
    procedure = version.pack.procedure(kind)
    known = {one.key for one in matters.may_open(version.pack, request.actor)}
    below = (
        parent is not None
        and kind in pack_of(version.pk).procedure(parent.procedure).by_hand()
        and permissions.can(request.actor, Act.SPAWN, parent)
    )
    if kind not in known and not below:
        raise PermissionDenied(permissions.refusal(Act.OPEN))
    return Opening(request, version, procedure, parent if below else None)


class Opening:
    """The page on which one case, or one for each unit, is opened."""

    def __init__(
        self,
        request: ActorRequest,
        version: ProgrammeVersion,
        procedure: Procedure,
        parent: Case | None,
    ) -> None:
        self.request, self.actor = request, request.actor
        self.version, self.pack, self.procedure = version, version.pack, procedure
        self.parent = parent
        opening = procedure.opening("hand")
        self.form: Form | None = (
            self.pack.form(opening.form) if opening is not None and opening.form else None
        )
        self.source = self._source()

    @property
    def about_firm(self) -> bool:
        return self.procedure.about == "firm" and self.parent is None

    @property
    def is_given(self) -> bool:
        """Whether some unit must do it; a meeting stays with the office."""
        return any(stage.owner in GIVEN for stage in self.procedure.stages)

    @property
    def list_url(self) -> str:
        if self.parent is not None:
            return reverse("case", args=[self.parent.pk])
        area = area_of(self.pack, self.procedure) or "issues"
        return f"{reverse(area)}?kind={self.procedure.key}"

    # --- what an order comes of ----------------------------------------------------------------
    def _source(self) -> tuple[Case, CaseEvent | None] | None:
        """The case and the instruction that the address names; 404 where they are not in sight."""
        about, event = self._number("about"), self._number("instruction")
        if about is None:
            return None
        try:
            return supervising.source_of(self.pack, self.procedure, about, event, self.actor)
        except Refused as refusal:
            raise Http404(refusal.words) from refusal

    def proposed(self) -> Part:
        """The form as an order about a case begins: the leader's words, as far as it asks."""
        if self.form is None:
            return {}
        if self.source is None:
            numbered = matters.is_numbered(self.form)
            key = self.form.key
            found = matters.next_number(self.version.programme, key) if numbered else None
            return self._said() | ({matters.NUMBER: found} if found else {})
        return supervising.proposed(self.form, self.procedure, *self.source)

    def _said(self) -> Part:
        """What a form of the firm said already, brought along by the address (001-13)."""
        words = self.request.GET.get("words", "").replace("\0", "").strip()
        title = (
            next((f for f in self.form.inputs if f.key == self.procedure.title_from), None)
            if (self.form is not None)
            else None
        )
        return {title.key: words[: title.limit]} if title is not None and words else {}

    # --- doing it ------------------------------------------------------------------------------
    def open(self, data: Part) -> list[Case]:
        """One case; where several units are ticked one for each of them, all or none."""
        units: Sequence[str] = [one for one in self.request.POST.getlist("unit") if one]
        if self.is_given and not self.about_firm and not units:
            raise Refused("no_target", _("Choose who must do it."))
        firm = self._firm_id() if self.about_firm else None
        programme = self.version.programme
        with transaction.atomic():
            return [
                matters.open_matter(
                    programme,
                    Asked(
                        procedure=self.procedure.key,
                        title=self.request.POST.get("title", ""),
                        unit=unit,
                        helping=self.request.POST.getlist(CaseUnit.Part.HELPING),
                        joint=self.request.POST.getlist(CaseUnit.Part.JOINT),
                        enterprise_id=firm,
                        parent_id=self.parent.pk if self.parent else None,
                        about_id=self._number("about"),
                        instruction_id=self._number("instruction"),
                        answers=data,
                    ),
                    by=self.actor,
                    at=clock.now(),
                )
                for unit in units or [""]
            ]

    def _firm_id(self) -> int | None:
        """The firm that was meant: by address, by code, by name or a part of it."""
        text = self.request.POST.get("firm", "").strip()
        rows = self._firms()
        if not text:
            chosen = rows.filter(enterprise=self._asked_firm()).first()
            return int(chosen.enterprise_id) if chosen else None
        exact = rows.filter(enterprise__name=text) | rows.filter(enterprise__credit_code=text)
        found = list(exact[:1]) or list(
            rows.filter(enterprise__folded_name__contains=fold_name(text))[: NAMED + 1]
        )
        if len(found) > 1:
            names = pgettext("list of names", ", ").join(str(r.enterprise.name) for r in found)
            words = _("Several firms fit, write one of them in full: %(names)s")
            raise Refused("several_firms", words % {"names": names})
        if not found:
            words = _("No firm of your area is called “%(name)s”.")
            raise Refused("no_firm", words % {"name": text})
        return int(found[0].enterprise_id)

    def _firms(self) -> Any:
        rows = ProgrammeFirm.objects.filter(programme=self.version.programme)
        mine = Enterprise.objects.visible_to(
            Actor(self.actor.user, self.actor.day, self.actor.standings)
        )
        return rows.filter(enterprise__in=mine).select_related("enterprise")

    def _asked_firm(self) -> int | None:
        return self._number("firm")

    def _number(self, name: str) -> int | None:
        number = self.request.GET.get(name, "")
        return int(number) if number.isdecimal() and len(number) < 10 else None

    # --- showing it ----------------------------------------------------------------------------
    def show(
        self, data: Part, errors: dict[str, str], refusal: Refused | None = None
    ) -> HttpResponse:
        haves = {have.key: localised(have.label) for have in self.pack.haves}
        ticks = [f for f in self.form.inputs if f.kind == "tick"] if self.form else []
        data = {field.key: False for field in ticks} | data
        kind = localised(self.procedure.title)
        context: Part = {
            "title": _("Open: %(kind)s") % {"kind": kind},
            "kind": kind,
            "parent": self.parent,
            "places": self._places(),
            "sections": form_fields.sections(self.form, data, errors, {}, haves)
            if self.form
            else [],
            "errors": form_fields.summary(self.form, errors, haves) if self.form else [],
            "action": self.request.get_full_path(),
            "back": self.list_url,
            "draft_key": self._draft_key(),
            "prefilled": " ".join(self._prefilled()),
            "note": {"words": refusal.words, "kind": "bad", "alert": True} if refusal else None,
        }
        status = status_of(refusal) if refusal else 200
        return render(self.request, "cases/matters/open.html", context, status=status)

    def _draft_key(self) -> str:
        """What the browser keeps a draft under: the kind and what the address is about."""
        numbers = {name: self._number(name) for name in ABOUT}
        named = [f"{name}={number}" for name, number in numbers.items() if number is not None]
        return ":".join(["open", self.procedure.key, *named])

    def _prefilled(self) -> list[str]:
        """Names of the fields that the address filled in; a kept draft leaves them as they are."""
        found = []
        if self.about_firm and self._firms().filter(enterprise=self._asked_firm()).exists():
            found.append("firm")
        if self.source is not None:
            found += ["unit"] * self.is_given + list(self.proposed())
        found += self._said()
        return found

    def _places(self) -> list[Part]:
        """Fields before the form's own: the firm, the unit, a title where the form has none."""
        found = []
        if self.about_firm:
            found.append(self._firm_field())
        if self.is_given:
            found.append(self._unit_field())
        found += [self._part_field(part) for part in self._parts()]
        if self.form is None or not self.procedure.title_from:
            value = self.request.POST.get("title", "")
            found.append({"kind": "text", "name": "title", "label": _("Matter"), "value": value})
        return found

    def _parts(self) -> list[str]:
        """协办、会办: parts for which a case of this kind opens something for each unit."""
        spawns = [spawn for stage in self.procedure.stages for spawn in stage.spawns]
        wanted = {spawn.part for spawn in spawns if spawn.for_ == "units"}
        return [part for part in (CaseUnit.Part.HELPING, CaseUnit.Part.JOINT) if part in wanted]

    def _part_field(self, part: str) -> Part:
        return {
            "kind": "many",
            "name": part,
            "label": CaseUnit.Part(part).label,
            "choices": self._units(),
            "value": self.request.POST.getlist(part),
            "required": False,
            "hint": _("Each of them gets its part of the answer to write"),
        }

    def _units(self) -> list[tuple[str, str]]:
        """Whom something can be given to: departments, counties, groups of the city."""
        city = self.version.programme.city_id
        kinds = [Unit.Kind.TASK_FORCE, Unit.Kind.DEPARTMENT, Unit.Kind.LIAISON_GROUP]
        units = Unit.objects.filter(kind__in=kinds, region__path__contains=f"/{city}/")
        ours = units.filter(region=city) | units.filter(kind=Unit.Kind.TASK_FORCE)
        if self.about_firm:
            ours = ours.filter(kind=Unit.Kind.DEPARTMENT)
        rows = ours.distinct().order_by("-region__level", "region__position", "position", "id")
        return [(_name(unit), _name(unit)) for unit in rows]

    def _firm_field(self) -> Part:
        row = self._firms().filter(enterprise=self._asked_firm()).first()
        said = self.request.POST.get("firm")
        value = said if said is not None else (str(row.enterprise.name) if row else "")
        return {
            "kind": "text",
            "name": "firm",
            "label": _("Firm"),
            "hint": _("Name, a part of it, or the credit code"),
            "value": value,
            "autocomplete": "off",
        }

    def _unit_field(self) -> Part:
        """A firm's matter lies with its county unless another unit is named; of everything else
        one or several units are ticked, and each gets its own case.
        """
        several = not self.about_firm and self.parent is None
        chosen = self.request.POST.getlist("unit") or self.request.GET.getlist("unit")
        if self.source is not None and self.request.method != "POST":
            chosen = [_name(self.source[0].responsible_unit)]
        field: Part = {
            "kind": "many" if several else "select",
            "name": "unit",
            "label": _("Who must do it"),
            "choices": self._units(),
            "value": chosen if several else next(iter(chosen), ""),
        }
        if self.about_firm:
            field |= {"required": False, "hint": _("Left open: the task force of its county")}
        elif several:
            field["hint"] = _("Each unit that is ticked gets a case of its own")
        return field


def _name(unit: Unit) -> str:
    return str(unit.short_name or unit.name)
