"""What a line of the trail says: the deed, and what it changed from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from config.trail.filters import QUERY, Filters
from config.trail.values import day_words, in_words
from organisations.models import AuditEvent

Words = str | Promise
Kind = AuditEvent.Kind

# deeds by their word in the trail; an export is told by its kind, and by the file that was taken
DEEDS: dict[str, Words] = {
    "sign_in": pgettext_lazy("trail", "Signed in"),
    "sign_out": pgettext_lazy("trail", "Signed out"),
    "sign_in_failed": pgettext_lazy("trail", "Sign-in failed"),
    "locked_out": pgettext_lazy("trail", "Sign-in closed for 15 minutes"),
    "wrong_invitation": pgettext_lazy("trail", "Unknown invitation tried"),
    "create_user": pgettext_lazy("trail", "Account created"),
    "update_user": pgettext_lazy("trail", "Account changed"),
    "set_own_phone": pgettext_lazy("trail", "Own telephone changed"),
    "mark_user": pgettext_lazy("trail", "Rank changed"),
    "set_password": pgettext_lazy("trail", "Own password changed"),
    "reset_password": pgettext_lazy("trail", "Password reset"),
    "deactivate": pgettext_lazy("trail", "Account closed"),
    "activate": pgettext_lazy("trail", "Account opened again"),
    "link_clerk": pgettext_lazy("trail", "Firm's contact let in"),
    "unlink_clerk": pgettext_lazy("trail", "Firm's contact removed"),
    "invite_clerk": pgettext_lazy("trail", "Firm invited"),
    "revoke_invitation": pgettext_lazy("trail", "Invitation taken back"),
    "create_unit": pgettext_lazy("trail", "Unit created"),
    "update_unit": pgettext_lazy("trail", "Unit changed"),
    "pair": pgettext_lazy("trail", "Counties of a liaison group changed"),
    "create_post": pgettext_lazy("trail", "Post created"),
    "receive_work": pgettext_lazy("trail", "Receiver of new work changed"),
    "appoint": pgettext_lazy("trail", "Appointed to a post"),
    "end_tenure": pgettext_lazy("trail", "Post given up"),
    "hand_over": pgettext_lazy("trail", "Post handed over"),
    "delegate": pgettext_lazy("trail", "Stand-in named"),
    "revoke_delegation": pgettext_lazy("trail", "Stand-in ended"),
    "pair_firms": pgettext_lazy("trail", "Pairings of firms changed"),
    "create_city": pgettext_lazy("trail", "City set up"),
    "create_township": pgettext_lazy("trail", "Township set up"),
    "move": pgettext_lazy("trail", "Township moved"),
    "set_days": pgettext_lazy("trail", "Working calendar changed"),
    "issue_pack": pgettext_lazy("trail", "Programme issued"),
    "message_settings": pgettext_lazy("trail", "Message settings changed"),
    "keep_for": pgettext_lazy("trail", "Time of keeping changed"),
    "delete_old": pgettext_lazy("trail", "What is over its time deleted"),
    "delivery_resent": pgettext_lazy("trail", "Message sent again"),
    "delivery_confirmed": pgettext_lazy("trail", "Message confirmed as received"),
    "add_resource": pgettext_lazy("trail", "Entry of the directory added"),
    "update_resource": pgettext_lazy("trail", "Entry of the directory changed"),
    "save_member": pgettext_lazy("trail", "Member of an alliance saved"),
    "save_field_word": pgettext_lazy("trail", "Word of a field saved"),
    "drop_field_word": pgettext_lazy("trail", "Word of a field deleted"),
    "link_expert": pgettext_lazy("trail", "Expert given an account"),
    "publish": pgettext_lazy("trail", "Published rates entered"),
    "freeze": pgettext_lazy("trail", "Month frozen"),
    "house_style": pgettext_lazy("trail", "Document template changed"),
    "template": pgettext_lazy("trail", "Word template changed"),
    "save_list": pgettext_lazy("trail", "Shared filter saved"),
    "rename_list": pgettext_lazy("trail", "Shared filter renamed"),
    "delete_list": pgettext_lazy("trail", "Shared filter deleted"),
    "note_sheet": pgettext_lazy("trail", "Progress read in from Excel"),
    "note_sheet_undo": pgettext_lazy("trail", "Progress from Excel taken back"),
    "import_people": pgettext_lazy("trail", "People read in"),
    "import_resources": pgettext_lazy("trail", "Directory read in"),
    "import_filing": pgettext_lazy("trail", "Filing list read in"),
    "import_register": pgettext_lazy("trail", "Register read in"),
    "undo_import": pgettext_lazy("trail", "Import taken back"),
    "note_numbers": pgettext_lazy("trail", "Platform numbers entered"),
    "column_map": pgettext_lazy("trail", "Columns of a list assigned"),
}
EXPORTED: Words = pgettext_lazy("trail", "File taken away")
# what the settings and people are changed in; whatever is not named here is shown by its own word
FIELDS: dict[str, Words] = {
    "name": pgettext_lazy("trail", "name"),
    "phone": pgettext_lazy("trail", "telephone"),
    "short_name": pgettext_lazy("trail", "short name"),
    "rank": pgettext_lazy("trail", "rank"),
    "is_technical": pgettext_lazy("trail", "technical staff"),
    "receives": pgettext_lazy("trail", "receives new work"),
    "counties": pgettext_lazy("trail", "counties"),
    "by_mail": pgettext_lazy("trail", "by mail"),
    "by_sms": pgettext_lazy("trail", "by text message"),
    "digest": pgettext_lazy("trail", "daily digest"),
    "digest_at": pgettext_lazy("trail", "digest at"),
    "singles": pgettext_lazy("trail", "single letters"),
    "has_address": pgettext_lazy("trail", "mail address given"),
    "masthead": pgettext_lazy("trail", "masthead"),
    "signer": pgettext_lazy("trail", "signed by"),
    "series": pgettext_lazy("trail", "number series"),
    "skips": pgettext_lazy("trail", "steps left out"),
    "text": pgettext_lazy("trail", "text"),
    "file": pgettext_lazy("trail", "file"),
    "days": pgettext_lazy("trail", "days"),
    "rows": pgettext_lazy("trail", "rows"),
    "query": pgettext_lazy("trail", "filter"),
    "reason": pgettext_lazy("trail", "reason"),
    "from_on": pgettext_lazy("trail", "from"),
    "until_on": pgettext_lazy("trail", "until"),
    "last_on": pgettext_lazy("trail", "last day"),
    "username": pgettext_lazy("trail", "account"),
    "number": pgettext_lazy("trail", "number"),
    "deleted": pgettext_lazy("trail", "deleted"),
    "firm": pgettext_lazy("trail", "firm"),
    "role": pgettext_lazy("trail", "role"),
    "month": pgettext_lazy("trail", "month"),
    "unit_kind": pgettext_lazy("trail", "kind"),
    "region": pgettext_lazy("trail", "county"),
    "place": pgettext_lazy("trail", "place"),
    "fields": pgettext_lazy("trail", "fields"),
    "industries": pgettext_lazy("trail", "industries"),
    "offers": pgettext_lazy("trail", "offers"),
    "source": pgettext_lazy("trail", "source"),
    "valid_from": pgettext_lazy("trail", "valid from"),
    "valid_until": pgettext_lazy("trail", "valid until"),
    "owner_unit": pgettext_lazy("trail", "competent unit"),
    "kind": pgettext_lazy("trail", "kind"),
    "level": pgettext_lazy("trail", "level"),
    "contact": pgettext_lazy("trail", "contact"),
    "title": pgettext_lazy("trail", "title"),
    "institute_name": pgettext_lazy("trail", "institute"),
    "team": pgettext_lazy("trail", "team"),
    "also": pgettext_lazy("trail", "other words"),
    "member": pgettext_lazy("trail", "member"),
    "credit_code": pgettext_lazy("trail", "credit code"),
    "duty": pgettext_lazy("trail", "duty"),
    "shares": pgettext_lazy("trail", "shares"),
    "audience": pgettext_lazy("trail", "shared with"),
}
# inner keys and long lists say nothing to a reader
SHOWN = 6


def deed(row: AuditEvent) -> str:
    """What was done, in words; the inner word where a deed of a later version has none."""
    if row.kind == Kind.EXPORT:
        return str(EXPORTED)
    return str(DEEDS.get(row.verb, row.verb))


def details(row: AuditEvent, filters: Filters | None = None) -> list[str]:
    """“telephone: 138… → 139…” for what was changed, “rows: 214” for the rest that is named; a
    filter in words, of which ``filters`` knows those of the whole page."""
    known = filters or Filters([row])

    def plain(key: str, value: Any) -> str:
        return in_words(key, known.words(value) if key == QUERY and value else value)

    data: Mapping[str, Any] = row.data or {}
    before, after = data.get("before"), data.get("after")
    found = []
    if isinstance(before, Mapping):
        new: Mapping[str, Any] = after if isinstance(after, Mapping) else {}
        found = [
            _change(key, plain(key, was), plain(key, new.get(key))) for key, was in before.items()
        ]
    rest = [key for key in data if key in FIELDS and not (found and key == "days")]
    found += [
        _("%(field)s: %(value)s") % {"field": _field(key), "value": plain(key, data[key])}
        for key in rest
        if data[key] not in (None, "", [], {})
    ]
    return found[:SHOWN]


def _change(key: str, was: str, now: str) -> str:
    words = _("%(field)s: %(was)s → %(now)s")
    return words % {"field": _field(key), "was": was, "now": now}


def _field(key: str) -> str:
    return str(FIELDS.get(key) or day_words(key))
