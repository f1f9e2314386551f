"""What goes with an invitation: its address, the QR code, the words for the chat and the sheet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from enterprises.contacts import in_groups
from enterprises.models import Invitation, Membership, Pairing
from organisations.models import User


@dataclass(frozen=True)
class Sheet:
    """An invitation as it is handed over, in this moment only: its code is kept nowhere.

    ``site``: where people reach the product, without a slash at the end; ``town``, ``host``: the
    name of the city and whom the firm calls, where the caller knows them.
    """

    invitation: Invitation
    code: str
    site: str
    town: str = ""
    host: User | None = None

    @property
    def url(self) -> str:
        return f"{self.site}{reverse('enter_firm', args=[self.typed])}"

    @property
    def typed(self) -> str:
        """The code as somebody types it: K7QM-3XHP-9TDV."""
        return in_groups(self.code)

    @property
    def door(self) -> str:
        """Where a code is typed."""
        return f"{self.site}{reverse('enter')}"

    @property
    def qr(self) -> SafeString:
        """Black on white in every theme, or a phone's camera does not read it."""
        code = segno.make(self.url, error="m", micro=False)
        drawn = code.svg_inline(scale=4, border=4, light="#fff", svgclass="qr", omitsize=True)
        return mark_safe(drawn)  # our own address, drawn by the library

    @property
    def city(self) -> str:
        if self.town:
            return self.town
        row = Membership.objects.newest().filter(enterprise=self.invitation.enterprise_id)
        found = row.select_related("city").order_by("-joined_on", "-pk").first()
        return found.city.name if found is not None else ""

    @property
    def contact(self) -> str:
        """Whom the firm calls: its service officer, else whoever invited it."""
        firm = self.invitation.enterprise_id
        user = self.host or hosts_of([firm]).get(firm) or self.invitation.made_by
        return f"{user} {user.phone}".strip() if user is not None else ""

    @property
    def words(self) -> str:
        """The notice for WeChat, as plain text."""
        last = self.invitation.last_on
        return _(
            "[Science and technology service of %(city)s] %(firm)s: see on your own page what may "
            "still be added, take the samples and send your papers from the phone; nothing is to "
            "be installed. %(url)s (open until %(day)s, for your firm only, please pass it "
            "on to nobody else). Contact: %(contact)s. Free of charge."
        ) % {
            "city": self.city,
            "firm": self.invitation.enterprise.name,
            "url": self.url,
            "day": date_format(last),
            "contact": self.contact,
        }


def hosts_of(firms: Collection[int]) -> dict[int, User]:
    """By firm the person who serves it (首席服务员 before 服务员) and can be called; one
    statement."""
    serving = (Pairing.Kind.OFFICER, Pairing.Kind.CHIEF)
    rows = Pairing.objects.filter(enterprise__in=firms, kind__in=serving, until_on=None)
    rows = rows.filter(user__is_active=True).exclude(user__phone="").select_related("user")
    found = sorted(rows, key=lambda row: (serving.index(Pairing.Kind(row.kind)), row.pk))
    return {row.enterprise_id: row.user for row in found if row.user is not None}


def site(fallback: str = "") -> str:
    """The public address of the product; of a page its own address where none is set."""
    return str(settings.PUBLIC_ADDRESS) or fallback.rstrip("/")
