"""The words of letters about a county as a whole: what a frozen month said of it.

A county that lies behind the planned line of coverage, and one to which three letters went. The
line is of the filing, the ledger's own rate is another truth: each is said as what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.letter_facts import LetterFacts, is_of_head, values_of

BEHIND, LETTERS = "behind", "letters"


def pace_of(facts: LetterFacts) -> str:
    """How far the county is from its line, for a letter that has a list too."""
    if facts.draft.cause.get("trigger") != BEHIND:
        return ""
    words = _(
        " coverage in the provincial filing was %(coverage)s%% at the end of %(month)s, %(gap)s "
        "points below the planned line, for %(months)d months running;"
    )
    return words % _pace(facts.draft.cause)


def _pace(cause: Mapping[str, Any]) -> dict[str, object]:
    end = date.fromisoformat(cause["month"])
    return {
        "coverage": cause["rate"],
        "planned": cause["planned"],
        "gap": str(cause["gap"]).removeprefix("-"),
        "short": cause["short"],
        "months": len(cause["months"]),
        "month": dateformat.format(end, pgettext("date format", "F Y")),
    }


def behind_line(facts: LetterFacts) -> str:
    values = {**values_of(facts), **_pace(facts.draft.cause)}
    values["writes"] = (
        _("With the consent of the head of the city's task force we write to you:")
        if is_of_head(facts)
        else _("We write to you:")
    )
    return (
        _(
            "Letter urging progress of full R&D coverage\n\n"
            "%(unit)s:\n"
            "Following the city's work plan and the arrangements of its task force, the office "
            "went through the progress of all counties. At the end of %(month)s coverage of "
            "%(your)s in the provincial filing was %(coverage)s%%, the planned line %(planned)s%%: "
            "%(gap)s points below it, %(short)d firms short, for %(months)d months running. "
            "%(writes)s\n"
            "1. Please analyse the reasons firm by firm, name units, persons and time limits, and "
            "take measures to reach the planned line.\n"
            "2. Please list what departments of the city must coordinate; the office passes it on "
            "within 3 working days of receipt.\n"
            "3. Please see to it that firms report as things are; nobody fills in for them, "
            "nothing is made up, and no burden is added.\n"
            "Please tell the office in writing with a seal by %(answer)s which measures are taken "
            "and by when.\n"
            "Hereby written.\n\n"
        )
        + signature()
    ) % values


def after_letters(facts: LetterFacts) -> str:
    cause = facts.draft.cause
    comma = pgettext("list of names", ", ")
    values = {
        **values_of(facts),
        "letters": comma.join(cause["numbers"]),
        "n": len(cause["numbers"]),
    }
    values["asks"] = (
        _("With the consent of the head of the city's task force we ask you")
        if is_of_head(facts)
        else _("We ask you")
    )
    return (
        _(
            "Letter asking for a talk, or for taking matters over\n\n"
            "%(unit)s:\n"
            "As of %(day)s %(n)d supervision letters have gone to %(county)s (%(letters)s). "
            "%(asks)s to hold a talk with those responsible in %(county)s, or to take the matter "
            "over. Please tell the office what comes of it.\n\n"
        )
        + signature()
    ) % values


def signature() -> str:
    return _("%(office)s\n%(today)s\n(Contact: %(contact)s, %(phone)s)")
