"""The papers of a meeting as a file: PDF or Word in the background, Excel at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from cases.agenda import is_meeting
from cases.errors import Refused
from cases.models import Case
from cases.rulebook import rules_of
from organisations.files import Tell
from organisations.scope import Actor
from reports.documents.meeting_kept import papers_of
from reports.documents.printing import page_of, word_of
from reports.documents.render import NoPdf, render_pdf

ENDINGS = ("pdf", "docx")


def name_of(meeting: Case, on: date, ending: str) -> str:
    return f"{_('Papers of the meeting')}_{meeting.title}_{on:%Y%m%d}.{ending}"


def write_meeting(
    target: BinaryIO, asked: dict[str, Any], by: Actor, at: datetime, tell: Tell
) -> None:
    """As ``papers_of`` gives them; three steps are told. Raises ``Refused``."""
    tell(0, 3)
    mine = Case.objects.visible_to(by).select_related("programme__city")
    meeting = mine.filter(pk=asked["case"]).first()
    if meeting is None or not is_meeting(rules_of(meeting).procedure):
        raise Refused("no_case", _("This case does not exist."))
    content = papers_of(meeting, by=by, at=at, number=asked.get("number") or 0).content
    tell(1, 3)
    if asked["ending"] == "docx":
        data = word_of(content, "", meeting.programme)
    else:
        try:
            data = render_pdf(page_of(content))
        except NoPdf as refusal:
            raise Refused(refusal.code, refusal.words) from refusal
    tell(2, 3)
    target.write(data)
