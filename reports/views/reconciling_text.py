"""账表比对 for the chat group: the four lists by county, in short lines."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.people_words import short_day
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.models import Region
from organisations.roles import Act
from reports.reconciled import LISTS, by_county, newest_month
from reports.views.chosen import chosen, pack_shown
from reports.views.reconciling import TITLES
from workflows.models import Programme


@require_safe
@scoped(Act.READ)
def reconciling_copy(request: ActorRequest) -> HttpResponse:
    """URL name ``reconciling_copy``: sums alone, as the page shows them to all."""
    _choices, programme = chosen(request)
    lines = list(_lines(programme)) if programme else []
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _lines(programme: Programme) -> Iterator[str]:
    on = clock.today()
    pack = pack_shown(programme)
    counts = by_county(programme, pack, on, newest_month(programme, on))
    counties = list(Region.objects.counties_of(programme.city).values_list("pk", "name"))
    yield _("Ledger against filing, as of %(day)s") % {"day": short_day(on)}
    for key in LISTS:
        here = [(name, counts[key].get(pk, 0)) for pk, name in counties]
        total = sum(n for _name, n in here)
        yield _("%(list)s: %(n)d firms") % {"list": TITLES[key], "n": total}
        named = [f"{name}{n}" for name, n in here if n]
        if named:
            yield _("  by county: %(names)s") % {"names": _(", ").join(named)}
