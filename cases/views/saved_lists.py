"""常用筛选, 显示列: filters under names, the columns of one's ledger, what it opens with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.actions import lists
from cases.columns import FIRM
from cases.columns_chosen import LIST, chosen_keys, columns_of, offered
from cases.errors import Refused
from cases.ledger import Asked
from cases.models import SavedList
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.models import User
from organisations.roles import Act
from organisations.scope import Actor

Audience = SavedList.Audience
SHOWN = 8  # as chips over the ledger; the page of lists has them all


def default_of(actor: Actor) -> int | None:
    """The filter that a person's ledger opens with."""
    kept = actor.user.lists.get(LIST, {}) if isinstance(actor.user, User) else {}
    found = kept.get("default")
    return found if isinstance(found, int) else None


def first_list(actor: Actor) -> str:
    """Its query; empty where there is none, or it has been deleted since."""
    pk = default_of(actor)
    rows = seen_by(actor).filter(pk=pk) if pk is not None else SavedList.objects.none()
    return rows.values_list("query", flat=True).first() or ""


def seen_by(actor: Actor) -> QuerySet[SavedList]:
    return SavedList.objects.visible_to(actor)


def saved_chips(saved: Sequence[tuple[int, str, str, str]], asked: Asked) -> list[dict[str, Any]]:
    """For components/chips.html: one's own first; a press again leaves the filter."""
    now = asked.as_query()
    return [
        {
            "label": name,
            "url": "?of=" if query == now else f"?{query}",
            "current": query == now,
        }
        for _pk, name, query, _shared in saved[:SHOWN]
    ]


@require_safe
@scoped(Act.READ)
def saved_lists(request: ActorRequest) -> HttpResponse:
    """The filters that one may use, and the columns; the query is that of the ledger left."""
    return _page(request)


@require_POST
@scoped(Act.READ)
def list_save(request: ActorRequest) -> HttpResponse:
    """Keep the ledger's filter under a name."""
    given = {name: request.POST.get(name, "") for name in ("name", "query", "audience")}
    try:
        one = lists.save_list(
            by=request.actor,
            at=clock.now(),
            name=given["name"],
            query=given["query"],
            audience=given["audience"] or Audience.OWN,
        )
        if request.POST.get("default"):
            lists.choose_default(one.pk, by=request.actor)
    except Refused as refusal:
        return _page(request, error=refusal.words, given=given, status=422)
    messages.success(request, _("“%(name)s” is kept.") % {"name": one.name})
    return redirect(f"{reverse('ledger')}?{one.query}")


@require_POST
@scoped(Act.READ)
def list_change(request: ActorRequest, pk: int) -> HttpResponse:
    """Rename, delete, or open the ledger with it; one that is not in sight is 404."""
    if not seen_by(request.actor).filter(pk=pk).exists():
        raise Http404
    by, at = request.actor, clock.now()
    try:
        match request.POST.get("act"):
            case "rename":
                lists.rename_list(pk, by=by, at=at, name=request.POST.get("name", ""))
                messages.success(request, _("Renamed."))
            case "delete":
                lists.delete_list(pk, by=by, at=at)
                messages.success(request, _("Deleted."))
            case "default":
                lists.choose_default(None if default_of(by) == pk else pk, by=by)
                messages.success(request, _("Kept."))
            case _unknown:
                raise Http404
    except Refused as refusal:
        return _page(request, error=refusal.words, status=422)
    return redirect(_back(request))


@require_POST
@scoped(Act.READ)
def list_columns(request: ActorRequest) -> HttpResponse:
    """Which columns, by their numbers; ``reset``: as they were made."""
    keys: list[str] = []
    if not request.POST.get("reset"):
        ticked = request.POST.getlist("column")
        order = {key: _number(request.POST.get(f"place-{key}", "")) for key in ticked}
        keys = sorted(ticked, key=lambda key: order[key])
    try:
        lists.choose_columns(keys, by=request.actor)
    except Refused as refusal:
        return _page(request, error=refusal.words, status=422)
    messages.success(request, _("The columns of your ledger are kept."))
    query = Asked.of_query(QueryDict(request.POST.get("query", ""))).address
    return redirect(f"{reverse('ledger')}?{query}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 999


def _back(request: ActorRequest) -> str:
    query = Asked.of_query(QueryDict(request.POST.get("query", ""))).as_query()
    return f"{reverse('saved_lists')}?{query}"


def _page(
    request: ActorRequest,
    *,
    error: str = "",
    given: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    source = QueryDict(given["query"]) if given else request.GET or request.POST
    if request.method == "POST" and not given:
        source = QueryDict(request.POST.get("query", ""))
    asked = Asked.of_query(source)
    rows = [_line(one, actor) for one in seen_by(actor).select_related("owner", "unit", "city")]
    context = {
        "rows": rows,
        "query": asked.as_query(),
        "back": f"{reverse('ledger')}?{asked.address}",
        "columns": _columns(actor),
        "is_chosen": bool(chosen_keys(actor)),
        "fields": _fields(actor, given or {}),
        "error": error,
        "empty": {
            "words": _("No filter is kept yet"),
            "more": _("Set filters in the ledger, then keep them here under a name."),
            "link": {"url": f"{reverse('ledger')}?of=", "words": _("The whole ledger")},
        },
    }
    return render(request, "cases/saved_lists.html", context, status=status)


def _line(one: SavedList, actor: Actor) -> dict[str, Any]:
    own = actor.user is not None and one.owner_id == actor.user.pk
    return {
        "pk": one.pk,
        "name": one.name,
        "url": f"{reverse('ledger')}?{one.query}",
        "audience": Audience(one.audience).label,
        "owner": "" if own else str(one.owner),
        "may_change": lists.may_change(actor, one),
        "is_first": default_of(actor) == one.pk,
    }


def _columns(actor: Actor) -> list[dict[str, Any]]:
    """Those that are shown in their order, then the others."""
    shown = [column.key for column in columns_of(actor)]
    known = {column.key: column for column in offered(actor)}
    keys = [*shown, *(key for key in known if key not in shown)]
    return [
        {
            "key": key,
            "title": known[key].title,
            "place": place,
            "is_shown": key in shown,
            "is_fixed": key == FIRM.key,
        }
        for place, key in enumerate(keys, start=1)
    ]


def _fields(actor: Actor, given: dict[str, str]) -> list[dict[str, Any]]:
    may = lists.audiences(actor)
    fields: list[dict[str, Any]] = [
        {
            "id": "list-name",
            "name": "name",
            "kind": "text",
            "label": _("Name of the filter"),
            "value": given.get("name", ""),
            "maxlength": lists.OF_NAME,
        }
    ]
    if len(may) > 1:
        fields.append(
            {
                "id": "list-audience",
                "name": "audience",
                "kind": "select",
                "label": _("Who uses it"),
                "choices": [(key, Audience(key).label) for key in may],
                "value": given.get("audience") or Audience.OWN,
            }
        )
    return fields
