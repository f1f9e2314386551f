"""Time travel in the demo: the ladder climbs before one's eyes."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from config.demo import state
from config.display import back
from config.ticking import tick
from organisations import clock
from organisations.markers import public

LONGEST = 31


@require_POST
def _travel(request: HttpRequest) -> HttpResponse:
    """``days`` by POST: moves the demo's clock and lets each morning's tick speak."""
    if not settings.DEMO or not request.user.is_authenticated:
        raise Http404
    if state.is_building():
        messages.warning(request, _("The demo's history is still being built. Wait a moment."))
        return back(request)
    text = request.POST.get("days", "")
    if not text.isdigit() or not 1 <= int(text) <= LONGEST:
        messages.error(request, _("Choose between 1 and 31 days."))
        return back(request)
    notices = travel(int(text))
    words = ngettext("%(n)d day later", "%(n)d days later", int(text)) % {"n": int(text)}
    said = ngettext("%(n)d notice", "%(n)d notices", notices) % {"n": notices}
    messages.success(request, _("%(days)s: %(notices)s.") % {"days": words, "notices": said})
    return back(request)


def travel(days: int) -> int:
    """Move the clock; the notices that the mornings in between brought."""
    start = clock.today()
    clock.travel(days)
    notices = 0
    for number in range(1, days + 1):
        morning = datetime.combine(start + timedelta(days=number), time(8, 30))
        notices += tick(timezone.make_aware(morning))["notices"]
    return notices


time_travel = public(_travel)
