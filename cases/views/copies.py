"""复制到工作群: the lists of 督查督办 as plain text, short lines for a phone's chat."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import oversight, wording
from cases.columns import Reader, sees_counties
from cases.names import Names
from cases.people_words import short_day
from cases.told import line_of, whose
from cases.views.overdue import TOP
from organisations import clock
from organisations.days import day_of
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor

COPIED = 50  # lines that a chat group bears
SAID = 60  # characters of what was said to somebody


@require_safe
@scoped(Act.READ)
def overdue_copy(request: ActorRequest) -> HttpResponse:
    """URL name ``overdue_copy``: counties with their counts, then those longest late."""
    return _text(_overdue(request.actor))


@require_safe
@scoped(Act.READ)
def near_copy(request: ActorRequest) -> HttpResponse:
    """URL name ``near_copy``: what is due in three working days."""
    actor, on = request.actor, clock.today()
    rows = Reader(actor, on).rows(oversight.near(actor, on, COPIED))
    if not rows:
        head = _("Due in 3 working days, as of %(day)s") % {"day": short_day(on)}
        return _text([head, _("Nothing is due in 3 working days")])
    total = len(rows) if len(rows) < COPIED else oversight.near_count(actor, on)
    words = _("Due in 3 working days, %(n)d in all (as of %(day)s)")
    lines = [words % {"n": total, "day": short_day(on)}]
    lines += [line_of(n, row, by=whose(row, actor)) for n, row in enumerate(rows, 1)]
    if rest := total - len(rows):
        lines.append(_("… and %(n)d more, see the ledger") % {"n": rest})
    return _text(lines)


@require_safe
@scoped(Act.READ)
def reminders_copy(request: ActorRequest) -> HttpResponse:
    """URL name ``reminders_copy``: who was reminded of what."""
    events = oversight.reminders(request.actor, COPIED)
    names = Names.of(events, clock.today())
    lines = [_("Reminders, as of %(day)s") % {"day": short_day(clock.today())}]
    for n, event in enumerate(events, 1):
        day, words = short_day(day_of(event.at)), wording.words_of(event, names)
        firm = event.case.subject
        lines.append(f"{n}. {day} {firm}{_(': ')}{words[:SAID]}")
    return _text(lines)


def _overdue(actor: Actor) -> Iterator[str]:
    on = clock.today()
    late = oversight.lateness(actor, on)
    # in the order of the page
    counties = late.counties
    total, long_ = sum(r.overdue for r in counties), sum(r.late10 for r in counties)
    words = _("As of %(day)s %(n)d firms are overdue, of them %(late)d by 10 working days or more")
    yield words % {"day": short_day(on), "n": total, "late": long_}
    if sees_counties(actor):
        for n, row in enumerate((row for row in counties if row.overdue), 1):
            told = _("%(n)d. %(county)s %(overdue)d, 10 working days or more %(late)d")
            yield told % {
                "n": n,
                "county": row.name,
                "overdue": row.overdue,
                "late": row.late10,
            }
    rows = Reader(actor, on).rows(oversight.latest(actor, on, TOP))
    if rows:
        yield _("Longest overdue:")
    yield from (line_of(n, row, by=whose(row, actor)) for n, row in enumerate(rows, 1))


def _text(lines: list[str] | Iterator[str]) -> HttpResponse:
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
