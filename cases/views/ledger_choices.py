"""What the selects over the ledger offer: from the pack, and the places of the actor's map; and
what may be done with its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.labels import ending_label
from cases.ledger import IDLE, newest_version
from cases.stages import CLOSED, DELISTED
from cases.waiting import WHOM
from enterprises.actions.clerks import INVITING
from organisations.models import Unit
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows.packs import Pack
from workflows.text import localised

# what a filter stands for where nothing is chosen, if that is not everything
NONE = {
    "year": gettext_lazy("This year, and what is open"),
    "waits": gettext_lazy("Anybody"),
    "idle": gettext_lazy("Any time"),
}


def stage_choices(pack: Pack, kind: str = "") -> list[tuple[str, str]]:
    """Stages of the firms' own cases, or of another kind of case."""
    procedure = pack.procedures.get(kind, pack.root)
    stages = [(s.key, localised(s.state_label)) for s in procedure.stages]
    # what is about no firm leaves no register
    ends = (CLOSED, DELISTED) if procedure.about == "firm" else (CLOSED,)
    ended = [(key, ending_label(procedure, key)) for key in ends]
    return [*stages, ("suspended", _("Suspended")), *ended]


def grade_choices(pack: Pack) -> list[tuple[str, str]]:
    return [(g.key, localised(g.label)) for g in pack.grades]


def year_choices(years: Sequence[int], chosen: str) -> list[tuple[str, str]]:
    """统计年度, once a second one has begun."""
    if len(years) < 2 and not chosen:
        return []
    return [*((f"{year}", f"{year}") for year in years), ("all", _("all years"))]


def waits_choices() -> list[tuple[str, str]]:
    """等县区办理, 等企业办理 …: who has the next move."""
    return [(key, _("Waits for: %(whom)s") % {"whom": label}) for key, label in WHOM.items()]


def idle_choices(chosen: int) -> list[tuple[str, str]]:
    """N天以上无进展; a number that the address asks for is offered too."""
    return [
        (
            f"{n}",
            ngettext("Nobody acted for %(n)d day", "Nobody acted for %(n)d days", n) % {"n": n},
        )
        for n in sorted({*IDLE, chosen} - {0})
    ]


def units_of(actor: Actor) -> Iterable[Unit]:
    """Units of the actor's cities: names for events, departments for the filter; one query.

    Each carries ``version``, the newest issued one: the page needs it before it can count.
    """
    units = Unit.objects.filter(
        Q(region_id__in=actor.city_ids) | Q(region__parent_id__in=actor.city_ids)
    )
    return units.annotate(version=Subquery(newest_version(actor).values("pk")[:1]))


def is_citys_department(unit: Unit, actor: Actor) -> bool:
    """One that answers for firms; a county's own bureau only reads what is written to it."""
    return unit.kind == Unit.Kind.DEPARTMENT and unit.region_id in actor.city_ids


def bulk_acts(
    actor: Actor, *, signs: bool, closes: bool = False, firms: bool = False, ended: bool = False
) -> list[dict[str, str]]:
    """What may be done with ticked rows; each act shows a preview first. ``firms``: whether the
    rows are firms, which may be invited; ``ended``: whether all are finished cases, which nobody
    is urged about."""
    hand_on = _("Reassign") if actor.has_role(Role.OFFICE) else _("Change the handler")
    acts = [
        (Act.URGE, "urge", _("Urge")),
        (Act.REASSIGN, "reassign", hand_on),
        (Act.REQUEST_EXTENSION, "extend", _("Extend")),
        (Act.RELEASE_DRAFT, "supervise", _("Supervise")),
    ]
    if signs:
        acts.append((Act.ACKNOWLEDGE, "acknowledge", _("Acknowledge")))
    acts = [] if ended else acts
    found = [(reverse("bulk", args=[n]), label) for act, n, label in acts if actor.may(act)]
    if closes and actor.may(Act.CLOSE):
        # its preview names who can be confirmed, and why others cannot
        found.insert(0, (reverse("closing_batch"), _("Confirm closings in one batch")))
    if firms and any(actor.may(act) for act in INVITING):
        found.append((reverse("bulk_invite"), _("Invite firms")))
    return [
        {"label": label, "url": url, "kind": "primary" if place == 0 else ""}
        for place, (url, label) in enumerate(found)
    ]
