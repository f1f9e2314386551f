"""Which persons a step of a document asks for: the checks of the verbs, and of the page before."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.errors import NotYours
from organisations.models import Unit, User
from organisations.scope import Actor
from reports.documents.hands import heads, signs, writers_of
from reports.documents.nouns import Document, DocumentStep
from reports.documents.route import Step

FOUR_EYES = (Step.CHECK, Step.SIGN)
BY_HEAD = (Step.SIGN, Step.WITHDRAW)


def check_person(document: Document, step: Step, by: Actor, on: date, on_paper: str = "") -> None:
    """Three hands: whoever drafted neither checks nor signs, whoever checked does not sign; by
    account here, by name on paper. The head signs and withdraws."""
    if step in FOUR_EYES:
        authors = _authors(document)
        own = on_paper in {str(one) for one in authors} if on_paper else by.user in authors
        if own:
            words = _("Whoever drafted the document neither checks nor signs it.")
            raise NotYours("four_eyes", words)
    if step == Step.SIGN and _checked(document, by, on_paper):
        words = _(
            "Whoever checked the document does not sign it: two persons, or the signature on the "
            "paper form is recorded."
        )
        raise NotYours("same_checker", words)
    if step == Step.SIGN and by.user is None:
        raise NotYours("no_person", _("A person signs."))
    if step in BY_HEAD and not on_paper:
        _check_head(document, step, by, on)


def hindrance(document: Document, step: Step, by: Actor, on: date) -> str:
    """Why this person does not do a step with their own hand, and who may; empty where they do."""
    try:
        check_person(document, step, by, on)
    except NotYours as refusal:
        asked = refusal.code in ("four_eyes", "same_checker")
        names = _others(document, step, on) if asked else []
        if not names:
            return refusal.words
        return _("%(why)s Who may: %(names)s.") % {"why": refusal.words, "names": _listed(names)}
    return ""


def _authors(document: Document) -> set[User]:
    drafted = document.steps.filter(step=Step.DRAFT).last()
    found = (document.made_by, drafted.recorded_by if drafted else None)
    return {one for one in found if one is not None}


def _check_of(document: Document) -> DocumentStep | None:
    """The check that stands: the last one, as a document sent back is checked anew."""
    return document.steps.filter(step=Step.CHECK).last()


def _checked(document: Document, by: Actor, on_paper: str) -> bool:
    """Whether whoever signs, here or on paper, is whoever checked (核稿、签发不为同一人)."""
    check = _check_of(document)
    if check is None:
        return False
    if on_paper or check.on_paper:
        return check.name == (on_paper or str(by.user))
    return check.recorded_by == by.user


def _others(document: Document, step: Step, on: date) -> list[str]:
    """Names of those that may do the step in the place of whoever drafted."""
    names = (heads(document, on) if step in BY_HEAD else []) or writers_of(document, on)
    barred = {str(one) for one in _authors(document)}
    if step == Step.SIGN and (checked := _check_of(document)):
        barred.add(checked.name)
    return [name for name in dict.fromkeys(names) if name not in barred]


def _check_head(document: Document, step: Step, by: Actor, on: date) -> None:
    if signs(document, by):
        return
    names = heads(document, on)
    if document.issuer is not None:
        _refuse_for_unit(document.issuer, step, names)
    elif names:
        words = (
            _("Only the head of the office signs: %(names)s.")
            if step == Step.SIGN
            else _("Only the head of the office withdraws: %(names)s.")
        )
        raise NotYours("needs_head", words % {"names": _listed(names)})


def _refuse_for_unit(unit: Unit, step: Step, names: list[str]) -> None:
    """A paper of a unit is not signed by the office; what its head signed on paper is recorded.
    Where nobody of it has an account the office takes back for it."""
    said = {"unit": unit.short_name or unit.name, "names": _listed(names)}
    if names:
        words = (
            _("It is %(unit)s's own paper; its head signs: %(names)s.")
            if step == Step.SIGN
            else _("It is %(unit)s's own paper; its head withdraws it: %(names)s.")
        )
        raise NotYours("needs_head", words % said)
    if step == Step.SIGN:
        words = _("It is %(unit)s's own paper, whose head has no account here: record who signed.")
        raise NotYours("needs_head", words % said)


def _listed(names: list[str]) -> str:
    return pgettext("list of names", ", ").join(names)
