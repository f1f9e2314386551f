"""报 and 发: who is told of what the office sends to the whole city."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.documents.content import CopyList


def of_the_city() -> tuple[CopyList, ...]:
    """For the foot of a circular and of a bulletin, in the active language."""
    return (
        CopyList(
            label=pgettext("copy block", "To"),
            names=(_("the city's leader in charge"), _("the province's task force")),
        ),
        CopyList(
            label=pgettext("copy block", "Sent to"),
            names=(
                _("people's governments of the counties"),
                _("departments of the city concerned"),
                _("all liaison groups"),
            ),
        ),
    )
