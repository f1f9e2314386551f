"""Words of the ledger's filters as a command line gives them.

What is not understood is refused: a list of everything, or of nothing, would be taken for the
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.core.management import CommandError
from django.http import QueryDict
from django.utils.translation import gettext as _

from cases.ledger import CHIPS, SCOPES, SITUATIONS, WORDS, Asked
from cases.rulebook import pack_of
from cases.stages import TERMINAL
from cases.views.asking import unknown
from config.management import arguments
from workflows.models import ProgrammeVersion
from workflows.packs import Pack


def check_words(given: Mapping[str, str], *, programme: str = "") -> None:
    """Each word that is given is one that there is; else ``CommandError`` lists them."""
    known: dict[str, Callable[[], list[str]]] = {
        "chip": lambda: [*CHIPS, *SITUATIONS],
        "of": lambda: [key for key in SCOPES if key],
        "stage": lambda: _stages(_packs(programme)),
        "procedure": lambda: _keys(key for pack in _packs(programme) for key in pack.procedures),
        "grade": lambda: _keys(grade.key for pack in _packs(programme) for grade in pack.grades),
    }
    for name, words_of in known.items():
        if given.get(name) and given[name] not in (words := words_of()):
            told = _("--%(name)s: “%(given)s” is not possible. Choose from: %(known)s.")
            parts = {"name": name, "given": given[name], "known": ", ".join(words)}
            raise CommandError(told % parts)


def asked_of(query: str) -> Asked:
    """A filter as an address has it, every part of it understood."""
    given = QueryDict(query)
    names = [*WORDS, *Asked.PATHS]
    if others := [name for name in given if name not in names]:
        told = _("--%(name)s: “%(given)s” is not possible. Choose from: %(known)s.")
        parts = {"name": "query", "given": ", ".join(others), "known": ", ".join(names)}
        raise CommandError(told % parts)
    check_words(given)
    asked = Asked.of_query(given)
    if left := unknown(given, asked):
        raise CommandError(_("Not understood: %(what)s") % {"what": _(", ").join(left)})
    return asked


def _packs(programme: str) -> list[Pack]:
    """Every issued version of the programmes meant, in order."""
    versions = ProgrammeVersion.objects.order_by("id")
    if programme:
        versions = versions.filter(programme=arguments.programme(programme))
    return [pack_of(pk) for pk in versions.values_list("pk", flat=True)]


def _stages(packs: Iterable[Pack]) -> list[str]:
    """Keys of the stages in their order, and of the ends."""
    kinds = [kind for pack in packs for kind in pack.procedures.values()]
    return [*_keys(stage.key for kind in kinds for stage in kind.stages), "suspended", *TERMINAL]


def _keys(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
