"""``manage.py clerks list|invite|revoke|remove``: a firm's own people and their invitations."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.commanding import Door
from config.management import arguments, inviting_many
from config.management.firm_file import find_firm
from enterprises.actions import inviting
from enterprises.actions.inviting_many import made_of_one
from enterprises.invitation_words import Sheet, site
from enterprises.models import Clerk, Enterprise, Invitation
from organisations.days import day_of
from organisations.phones import masked


class Command(Door):
    help = "A firm's own people: who has access to its page, invitations made and taken back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        listed = parts.add_parser("list", help="who has access, and open invitations")
        invite = parts.add_parser("invite", help="a link that opens the firm's page; shown once")
        invite.add_argument("--person", default="", help="whom it is meant for")
        invite.add_argument("--phone", default="", help="his number")
        invite.add_argument("--days", type=arguments.at_least_one, default=inviting.DAYS)
        revoke = parts.add_parser("revoke", help="nobody new enters by it")
        revoke.add_argument("invitation", type=arguments.at_least_one, help="its id, from list")
        remove = parts.add_parser("remove", help="shut the firm's page to somebody")
        invite.add_argument("firm", nargs="?", help="name or credit code")
        inviting_many.add_arguments(invite)
        for part in (listed, remove):
            part.add_argument("firm", help="name or credit code")
        remove.add_argument("account", help="the person's account, from list")
        for part in (listed, invite, revoke, remove):
            part.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        # who invited and who removed is asked for later; reading is anybody's
        who = self.actor if options["part"] == "list" else self.person
        options |= {"by_actor": who(options, timezone.localdate(at)), "at": at}
        getattr(self, f"_{options['part']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        day = day_of(options["at"])
        firm = find_firm(options["firm"], options["by_actor"])
        clerks = firm.clerks.select_related("user", "added_by").order_by("from_on", "pk")
        # personal data: in full for whoever calls the firm
        shown = str if inviting.can_invite(firm, options["by_actor"]) else masked
        people = [_person(one, shown) for one in clerks if one.is_on(day)]
        open_ = [
            _invitation(one, shown)
            for one in firm.invitations.select_related("made_by")
            if one.is_open(day)
        ]
        if options["json"]:
            self.say_json({"firm": firm.name, "clerks": people, "invitations": open_})
            return
        for one in people:
            self.stdout.write(f"{one['account']}\t{one['name']}\t{one['phone']}\t{one['since']}")
        for one in open_:
            self.stdout.write(f"#{one['invitation']}\t{one['person']}\t{one['last_on']}")

    def _invite(self, options: dict[str, Any]) -> None:
        named = [name for name in ("firm", "county", "cases") if options[name]]
        if len(named) != 1:
            raise CommandError(_("Name one firm, or --county, or --cases."))
        firm = find_firm(options["firm"], options["by_actor"]) if options["firm"] else None
        if firm is None or inviting_many.is_meant(options):
            self._invite_many(options, firm)
            return
        inviting_many.check_site()
        inviting_many.check_sheets(options["sheets"])
        made, code = inviting.invite(
            firm,
            by=options["by_actor"],
            at=options["at"],
            person=options["person"],
            phone=options["phone"],
            days=options["days"],
        )
        sheet = Sheet(made, code, site())
        inviting_many.write([made_of_one(made, code)], options)
        self._took_files(options, 1)
        if options["json"]:
            told = {"code": sheet.typed, "address": sheet.url, "words": sheet.words}
            self.say_json({"firm": firm.name, **_invitation(made), **told})
        else:
            self.stdout.write(sheet.words)

    def _invite_many(self, options: dict[str, Any], only: Enterprise | None) -> None:
        told = inviting_many.carry_out(options, only)
        if not options["dry_run"]:
            self._took_files(options, len(told["invited"]))
        if options["json"]:
            self.say_json(told)
            return
        for one in told["left_out"]:
            self.stdout.write(f"- {one['firm']}\t{one['why']}")
        for name in told.get("would_invite", ()):
            self.stdout.write(name)
        for one in told.get("invited", ()):
            self.stdout.write(one["words"])
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was written."))

    def _took_files(self, options: dict[str, Any], rows: int) -> None:
        for name in filter(None, (options["out"], options["sheets"])):
            self.took("invitations", name, by=options["by_actor"], rows=rows)

    def _revoke(self, options: dict[str, Any]) -> None:
        made = inviting.revoke(options["invitation"], by=options["by_actor"], at=options["at"])
        if options["json"]:
            self.say_json({"firm": made.enterprise.name, "invitation": made.pk, "revoked": True})
        else:
            self.stdout.write(_("The invitation was taken back; nobody enters by it any more."))

    def _remove(self, options: dict[str, Any]) -> None:
        firm = find_firm(options["firm"], options["by_actor"])
        clerk = _clerk(firm, options["account"])
        inviting.remove(clerk, by=options["by_actor"], at=options["at"])
        if options["json"]:
            self.say_json({"firm": firm.name, "account": clerk.user.username, "removed": True})
        else:
            words = _("%(name)s no longer sees the firm's page; open invitations ended with it.")
            self.stdout.write(words % {"name": clerk.user})


def _clerk(firm: Enterprise, account: str) -> Clerk:
    found = firm.clerks.select_related("user", "enterprise").filter(user__username=account).first()
    if found is None:
        raise CommandError(_("There is no account “%(name)s”.") % {"name": account})
    return found


def _person(one: Clerk, shown: Callable[[str], str]) -> dict[str, Any]:
    return {
        "account": one.user.username,
        "name": one.user.name,
        "phone": shown(one.user.phone),
        "since": one.from_on,
        "added_by": str(one.added_by or ""),
    }


def _invitation(one: Invitation, shown: Callable[[str], str] = str) -> dict[str, Any]:
    return {
        "invitation": one.pk,
        "person": one.person,
        "phone": shown(one.phone),
        "made_by": str(one.made_by or ""),
        "last_on": one.last_on,
        "entered": one.entered,
    }
