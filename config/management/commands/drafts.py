"""``manage.py drafts list|release|drop``: letters that the ladder drafted; a person decides."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import drafts
from cases.addressing import addressee_of
from cases.annex import annex
from cases.errors import Refused
from cases.letter_lacks import lacks_of
from cases.letters import compose
from cases.models import EscalationDraft, OrderOrigin
from cases.oversight import drafts_for
from config.commanding import Door
from config.management import arguments
from organisations.scope import Actor


class Command(Door):
    help = "Lists the drafts that wait for a decision, lets one go out, or drops it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="list|release|drop")
        listed = parts.add_parser("list", help="the drafts, newest first")
        listed.add_argument(
            "--state", default="drafted", choices=["drafted", "released", "dropped", "merged"]
        )
        listed.add_argument("--programme", help="the key of a programme")
        release = parts.add_parser("release", help="let a draft go out under the actor's name")
        release.add_argument("draft", type=arguments.number, help="the number of the draft")
        release.add_argument("--body", metavar="FILE", help="the text; default: as proposed")
        release.add_argument("--number", default="", help="the number; default: the next one")
        drop = parts.add_parser("drop", help="do not send it")
        drop.add_argument("draft", type=arguments.number, help="the number of the draft")
        drop.add_argument("--reason", default="", help="why not")
        for part in (listed, release, drop):
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        {"list": self._list, "release": self._release, "drop": self._drop}[options["part"]](options)

    def _list(self, options: dict[str, Any]) -> None:
        rows = self._visible(options).filter(state=options["state"]).order_by("-id")
        if options["programme"]:
            rows = rows.filter(programme=arguments.programme(options["programme"]))
        found = [_figures(draft) for draft in rows]
        if options["json"]:
            self.say_json(found)
            return
        for row in found:
            words = "%(id)s\t%(kind_label)s\t%(unit)s\t%(firms)s\t%(made)s"
            made = timezone.localtime(row["made_at"])
            self.stdout.write(words % {**row, "made": f"{made:%Y-%m-%d %H:%M}"})

    def _visible(self, options: dict[str, Any]) -> QuerySet[EscalationDraft]:
        """Letters as the tray in the browser shows them to whoever ``--by`` names."""
        by = self.actor(options, timezone.localdate(arguments.moment(options["at"])))
        rows = EscalationDraft.objects.select_related("unit", "county", "programme")
        return rows if by.is_system else drafts_for(by)

    def _find(self, options: dict[str, Any]) -> EscalationDraft:
        found = self._visible(options).filter(pk=options["draft"]).first()
        if found is None:
            raise Refused("no_draft", _("This draft does not exist."))
        return found

    def _release(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.person(options, timezone.localdate(at))
        found = self._find(options)
        body = arguments.text_of(options["body"]) if options["body"] else ""
        body = body or _proposed(found, by, at)
        lacks = lacks_of(found, body, timezone.localdate(at), by)
        draft = drafts.release(options["draft"], by=by, at=at, body=body, number=options["number"])
        for lack in lacks:
            self.stderr.write(lack.words)
        self._say(draft, options)

    def _drop(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.person(options, timezone.localdate(at))
        draft = drafts.drop(self._find(options).pk, by=by, at=at, reason=options["reason"])
        self._say(draft, options)

    def _say(self, draft: EscalationDraft, options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json(_figures(draft))
        else:
            words = _("%(kind)s to %(unit)s: %(state)s.")
            named = {"kind": draft.get_kind_display(), "state": draft.get_state_display()}
            self.stdout.write(words % {**named, "unit": draft.unit})


def _proposed(found: EscalationDraft, by: Actor, at: datetime) -> str:
    """The text as the tray in the browser proposes it."""
    on = timezone.localdate(at)
    return compose(found, annex(found, Actor.system(), on), on, by.user)


def _figures(draft: EscalationDraft) -> dict[str, Any]:
    lines = annex(draft, Actor.system(), timezone.localdate(draft.made_at))
    return {
        "id": draft.pk,
        "programme": draft.programme.key,
        "kind": draft.kind,
        "kind_label": draft.get_kind_display(),
        "state": draft.state,
        "unit": draft.unit.name,
        "addressee": addressee_of(draft),
        "number": draft.number,
        "county": draft.county.name if draft.county else None,
        "month": draft.month,
        "made_at": draft.made_at,
        "firms": len({line.case.enterprise_id for line in lines}),
        "cases": [line.case.number for line in lines],
        "body": draft.body,
        "reason": draft.reason,
        "order": order.case.number if (order := _order(draft)) else None,
    }


def _order(draft: EscalationDraft) -> OrderOrigin | None:
    """The supervision order that went out with the letter."""
    return OrderOrigin.objects.filter(letter=draft).select_related("case__programme").first()
