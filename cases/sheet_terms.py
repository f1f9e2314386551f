"""口径: what each column of the ledger's workbook says, so that the file can be read alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from cases.columns import Column
from cases.workbooks import Term


def terms_of(columns: Sequence[Column]) -> list[Term]:
    """In the order of the columns; what explains itself (firm, county) is left out."""
    words = _words()
    return [(str(c.title), words[c.key]) for c in columns if c.key in words]


def _words() -> dict[str, str]:
    return {
        "state": _(
            "Where the open step stands against its date: overdue, due within 3 working days, in "
            "time; suspended while the clock stands; with a higher level while that reviews, "
            "which does not count against the unit below."
        ),
        "code": _("The unified social credit code, as text: no digit is lost."),
        "grade": _("The class that the baseline survey gave; empty before it."),
        "stage": _("The stage of the case in the plan; a remedy is a case of its own."),
        "lack": _(
            "Closing criteria for which no paper has been accepted yet. “Complete” lacks none; "
            "before the survey nothing can be said."
        ),
        "due": _(
            "The date of the open step, the end of that day; empty while the clock stands. "
            "“Provisional” lies past the holidays that have been announced."
        ),
        "late": _(
            "Working days past that date; Saturdays, Sundays and holidays do not count, days "
            "worked instead of them do. Empty where nothing is overdue."
        ),
        "waits": _(
            "Who has the next move. The firm, where papers lack, somebody at the firm can hand "
            "them in and none waits for a review; else the unit of the open step, and who holds "
            "the post."
        ),
        "handler": _("Who holds the post of the open step on the day of the list."),
        "department": _("The competent department, by the plan's rules of assignment."),
        "progress": _("The newest entry of the case's trail that is no reminder of the system."),
    }
