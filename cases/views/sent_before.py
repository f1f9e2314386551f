"""The same file once more: what whoever hands it in hears of it."""

from __future__ import annotations

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.actions.evidence import State
from cases.dates import day_words
from cases.labels import criterion_label
from cases.models import Evidence
from cases.rulebook import pack_of
from cases.sheet import local_day
from organisations import clock
from organisations.markers import ActorRequest


def warn_of_twins(request: ActorRequest, made: list[Evidence]) -> None:
    """Whoever hands in hears at once that another firm sent the same file; not which firm."""
    rows = Evidence.objects.filter(sha256__in={one.sha256 for one in made} - {""})
    others = rows.exclude(enterprise=made[0].enterprise_id) if made else rows.none()
    known = set(others.values_list("sha256", flat=True))
    names = [one.file_name for one in made if one.sha256 in known]
    if names:
        words = _("Another firm has sent the same file: %(names)s. Please see whether it is right.")
        messages.warning(request, words % {"names": pgettext("list of names", ", ").join(names)})


def say_sent_before(request: ActorRequest, made: list[Evidence]) -> None:
    """To a firm: what itself has sent before, or got back. That another firm has the same file is
    told to officials alone."""
    hashes = {one.sha256 for one in made} - {""}
    rows = Evidence.objects.filter(
        sha256__in=hashes, enterprise__in={m.enterprise_id for m in made}
    )
    rows = rows.exclude(pk__in=[one.pk for one in made]).exclude(state=State.WITHDRAWN)
    before = list(rows.select_related("case").order_by("-id"))
    for one in made:
        same = [row for row in before if row.sha256 == one.sha256]
        if same:
            came_back = [row for row in same if _came_back(one, row)]
            messages.warning(request, _words(one, [*came_back, *same][0]))


def _came_back(one: Evidence, before: Evidence) -> bool:
    return before.return_reason is not None and before.criterion == one.criterion


def _words(one: Evidence, before: Evidence) -> str:
    words = (
        _(
            "“%(name)s” is the file of %(day)s that is to be completed. Please see whether you "
            "chose the corrected one."
        )
        if _came_back(one, before)
        else _(
            "You have sent “%(name)s” before (%(item)s, %(day)s). Please see whether it is right."
        )
    )
    pack = pack_of(before.case.pack_version_id)
    return words % {
        "name": one.file_name,
        "item": criterion_label(pack, before.criterion),
        "day": day_words(local_day(before.submitted_at), clock.today()),
    }
