"""复制到工作群: the list as plain text for the chat group."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases import wording
from cases.ledger import SCOPES
from cases.told import line_of, whose
from cases.views.ledger import LedgerPage
from enterprises.searching import shown
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

COPIED = 50  # lines that a chat group bears


@require_safe
@scoped(Act.READ)
def copy(request: ActorRequest) -> HttpResponse:
    """As the page shows it under this search and these filters."""
    lines = as_text(LedgerPage(request, COPIED, chips=(), remembers=False))
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def as_text(page: LedgerPage) -> list[str]:
    """Numbered lines, as an official would type them into a chat."""
    is_of_items, n = page.asked.holds_items, page.counts["shown"]
    counted = (
        pgettext("items", "%(where)s %(label)s, %(n)d in all (as of %(day)s)")
        if is_of_items
        else _("%(where)s %(label)s, %(n)d in all (as of %(day)s)")
    )
    label, narrowed = page.label() or page.kind() or _("Working ledger"), _narrowed(page)
    if narrowed:
        label = _("%(list)s (%(filters)s)") % {"list": label, "filters": _("; ").join(narrowed)}
    day = wording.short_day(page.ledger.on)
    lines = [counted % {"where": page.where(), "label": label, "n": n, "day": day}]
    lines += [line_of(n, row, by=whose(row, page.actor)) for n, row in enumerate(page.rows, 1)]
    # somebody may have taken one away between figure and rows
    if (rest := n - len(page.rows)) > 0:
        more = (
            pgettext("items", "… and %(n)d more, see the ledger")
            if is_of_items
            else _("… and %(n)d more, see the ledger")
        )
        lines.append(more % {"n": rest})
    return lines


def _narrowed(page: LedgerPage) -> list[str]:
    """What its name does not say: a list of some firms must not be taken for that of all."""
    asked, label = page.asked, page.label()
    scope = str(SCOPES[asked.of]) if asked.of else ""
    kind = page.kind() if label else ""
    stage = page.stages() if asked.stage and not label else ""
    words = [word for word in (scope, kind, stage) if word] + page.chosen()
    if asked.q:
        words.append(_("search: %(text)s") % {"text": shown(asked.q)})
    return words
