"""更正通知: what tells the addressees that a document was withdrawn, and why."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.documents.content import Content
from reports.documents.nouns import Document
from reports.documents.setting import LANGUAGE
from workflows.wording import speaking


def correction_of(document: Document, reason: str) -> Content:
    """Proposed words; they go through check and signature like any others."""
    said = document.said
    with speaking(LANGUAGE, document.programme.city_id):
        values = {"title": said.title, "number": document.number, "reason": reason.rstrip("。.")}
        return Content(
            layout=said.layout,
            masthead=said.masthead,
            title=_("Notice on withdrawing “%(title)s”") % values,
            addressee=said.addressee,
            paragraphs=(
                _(
                    "“%(title)s” (%(number)s) is withdrawn: %(reason)s. Please do not use it any "
                    "more; a corrected document follows where one is needed."
                )
                % values,
                _("This is hereby notified."),
            ),
            signer=said.signer,
            copies=said.copies,
            issuer=said.issuer,
            # of the unit's own series; the office's notices are numbered with its other papers
            series=said.series if document.issuer_id is not None else "",
            words=said.words,
        )
