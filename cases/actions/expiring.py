"""Verb: 已失效. A paper's last day is past: it proves nothing any more in a case that is open.

A closed case keeps what it was closed with (facts and days never reopen one); whoever has the case
was told in time (``expiry_sweep``).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, policies
from cases.actions import remedies
from cases.around import look
from cases.dates import long_day_words
from cases.errors import Refused
from cases.models import Evidence
from organisations.days import day_of
from organisations.scope import Actor

State = Evidence.State


@transaction.atomic
def expire(paper_id: int, *, by: Actor, at: datetime) -> Evidence:
    """The paper is 已失效; what it proved lacks again, its remedy starts anew with the time of a
    correction. By the system, on the day after the last one; again is refused."""
    step = engine.lock_family(engine.OF_PAPER, paper_id, None)
    if step is None:
        raise Refused("no_evidence", _("This paper does not exist."))
    policies.check_clock(step.case, step.item, "evidence")
    there = look([step.case, *(child.case for child in step.children)])
    row = next(paper for paper in there.papers if paper.pk == paper_id)
    last = row.valid_until
    if row.state not in Evidence.ACCEPTED or last is None or last >= day_of(at):
        raise Refused("not_expired", _("This paper holds still, or proves nothing any more."))
    row.state = State.EXPIRED
    Evidence.objects.filter(pk=paper_id).update(state=State.EXPIRED)
    step.verb = "expire_evidence"
    step.data = {
        "criterion": row.criterion, "names": row.file_name or row.offline_number,
        "until": last.isoformat(),
    }  # fmt: skip
    words = _("Valid until %(day)s") % {"day": long_day_words(last)}
    again = remedies.prove_again(step, row.criterion, there, at=at, correction=words)
    engine.write([step, *again], by=by, at=at)
    return row
