"""A second circular of figures of which one went out already: said before anybody signs it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.documents.nouns import Document
from reports.documents.route import OUT, UNSIGNED, State


def already_out(document: Document) -> Document | None:
    """The newest circular of the same programme and day that is signed and not withdrawn; asked of
    a circular that has not gone out itself. One statement, of other kinds none."""
    if document.kind != Document.Kind.CIRCULAR or document.as_of is None:
        return None
    if document.state in OUT | {State.WITHDRAWN, State.DISCARDED}:
        return None
    like = Document.objects.filter(
        programme=document.programme_id, kind=document.kind, as_of=document.as_of
    ).exclude(pk=document.pk)
    past = [*UNSIGNED, State.WITHDRAWN, State.DISCARDED]
    return like.exclude(state__in=past).order_by("-id").first()


def again_words(other: Document) -> str:
    """What to do about it: not to issue this one, or to withdraw the other first."""
    words = _(
        "“%(title)s”%(number)s of the same figures is %(state)s. If it was wrong, withdraw"
        " it first: the notice of correction is drafted with it. If not, do not issue this one."
    )
    number = _(" (%(number)s)") % {"number": other.number} if other.number else ""
    state = _("already issued") if other.state in OUT else _("already signed for issue")
    return words % {"title": other.title, "number": number, "state": state}
