"""How a command line names one case: its number, its id, or the credit code of its firm."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.management import CommandError
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import Case
from cases.searching import NUMBER
from config.management import arguments
from enterprises.importing.folding import fold_code, fold_name
from organisations.scope import Actor

CODE = re.compile(r"[0-9A-Z]{18}")
ID = re.compile(r"\d{1,9}")
SHOWN = 5  # of the cases that a name could mean


def find_case(name: str, programme: str, by: Actor) -> Case:
    """The one case that a name means, among those that the actor may see.

    A credit code means the firm's own case, not the remedies below it.
    """
    cases = Case.objects.visible_to(by).filter(_meant(name))
    if programme:
        cases = cases.filter(programme=arguments.programme(programme))
    rows = cases.select_related(
        "enterprise", "county", "programme__city", "responsible_unit", "competent_unit"
    )
    found = list(rows.order_by("pk")[: SHOWN + 1])
    if not found:
        raise CommandError(_("There is no case %(number)s.") % {"number": name})
    if len(found) > 1:
        raise _ambiguous(name, found)
    chosen: Case = found[0]
    return chosen


def _meant(name: str) -> Q:
    text = name.strip()
    match = NUMBER.fullmatch(fold_name(text))
    if match is not None and match[2]:
        return Q(programme__statistical_year=int(match[1]), serial=int(match[2]))
    code = fold_code(text)
    if CODE.fullmatch(code):
        return Q(enterprise__credit_code=code, is_main=True)
    if ID.fullmatch(text):
        return Q(pk=int(text))
    words = _(
        "“%(number)s” names no case. Write its number (2022-00317), its id, or the credit code "
        "of the firm."
    )
    raise CommandError(words % {"number": name})


def _ambiguous(name: str, found: Iterable[Case]) -> CommandError:
    """Several programmes are told apart by their keys, several cases of one by their numbers."""
    rows = list(found)
    keys = {case.programme.key for case in rows}
    if len(keys) == len(rows):
        return several(sorted(keys))
    numbers = [case.number for case in rows[:SHOWN]]
    words = _("“%(name)s” could mean several cases: %(known)s. Write the number.")
    return CommandError(words % {"name": name, "known": "、".join(numbers)})


def several(keys: Iterable[str]) -> CommandError:
    words = _("Say which programme: --programme (%(known)s).")
    return CommandError(words % {"known": "、".join(keys)})
