"""What things are called on pages, in letters and in the timeline: stages, endings, criteria."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.rulebook import former_title, pack_of
from cases.stages import CLOSED, TERMINAL
from enterprises.models import Membership
from workflows.packs import Pack
from workflows.procedure import Procedure
from workflows.text import localised


def stage_title(pack: Pack, procedure: str, key: str) -> str:
    """A stage as people call it; terminal codes have names of their own."""
    rules = pack.procedure(procedure)
    if key in TERMINAL:
        return ending_label(rules, key)
    if not rules.has(key):  # the case came from another version
        return localised(former_title(pack.key, procedure, key)) or key
    return localised(rules.stage(key).title)


def advanced_words(pack: Pack, procedure: str, old: str, new: str) -> str:
    """完成摸底，转入对接; from a stage into itself as the plan calls it: 暂不具备：继续观察."""
    rules, title = pack.procedure(procedure), stage_title(pack, procedure, new)
    if old != new:
        stage = stage_title(pack, procedure, old)
        return _("%(stage)s done, on to %(next)s") % {"stage": stage, "next": title}
    moves = rules.stage(new).moves if rules.has(new) else ()
    found = [localised(m.label) for m in moves if (m.verb, m.to) == ("advance", new)]
    return _("%(stage)s: %(what)s") % {"stage": title, "what": (*found, _("once more"))[0]}


def grade_label(version: int, procedure: str, grade: str) -> str:
    """A class as the plan of a case calls it; nothing before there is one."""
    known = pack_of(version).grades_of(procedure) if grade else ()
    return next((localised(one.label) for one in known if one.key == grade), "")


def ending_label(procedure: Procedure, key: str) -> str:
    """An ending as its kind of case calls it: a firm is 已销号, an issue 已办结, a need 已落实."""
    labels = {
        CLOSED: procedure.closed_words,
        "delisted": _("Left the register"),
        "withdrawn": _("Withdrawn"),
        "carried_over": _("Carried over"),
    }
    return labels.get(key, key)


def criterion_label(pack: Pack, key: str) -> str:
    return next((localised(h.label) for h in pack.haves if h.key == key), key)


def closing_number(year: int, serial: int) -> str:
    """The closing number as printed: 2026-0860."""
    return f"{year}-{serial:04d}"


def left_reason(reason: str) -> str:
    """Why a firm left the register, in words; a reason given by hand stays as it is."""
    return str(dict(Membership.LeftReason.choices).get(reason, reason))


def letter_label(kind: str) -> str:
    """A letter of the ladder in its title marks: 《工作提示》."""
    labels = {
        "work_note": _("“work note”"),
        "reminder_letter": _("“reminder letter”"),
        "supervision_letter": _("“supervision letter”"),
        "coordination_letter": _("“coordination letter”"),
        "talk": _("proposal of a talk or a transfer"),
    }
    return labels.get(kind, kind)
