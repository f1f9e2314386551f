"""What left the house, as lists and figures show it: no body, and addresses masked."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from notifications.deliveries import DeliveryQuerySet
from notifications.models import Delivery

State = Delivery.State
# chips of the office's page, in the order in which they matter
LISTS: dict[str, tuple[str, ...]] = {
    "in_doubt": (State.IN_DOUBT,),
    "failed": (State.FAILED,),
    "waiting": (State.WAITING, State.CLAIMED, State.TRANSMITTING),
    "sent": (State.SENT, State.CONFIRMED),
    "dropped": (State.DROPPED,),
}
CHANNELS = {
    "smtp": gettext_noop("Mail"),
    "sms": gettext_noop("Text message"),
    "webhook": gettext_noop("Webhook"),
    "wecom": gettext_noop("WeCom group"),
    "dingtalk": gettext_noop("DingTalk group"),
    "feishu": gettext_noop("Feishu group"),
    "apprise": gettext_noop("Other service"),
}
# answers that we give ourselves; what the other side said stays as it was said
OURS = frozenset(
    {
        gettext_noop("the sender was interrupted"),
        gettext_noop("no address any more"),
        gettext_noop("apprise does not know this address"),
        gettext_noop("overtaken by a newer digest"),
    }
)


def counts(rows: DeliveryQuerySet) -> dict[str, int]:
    """Rows by list; one statement."""
    by_state = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    return {name: sum(by_state.get(s, 0) for s in states) for name, states in LISTS.items()}


def masked(address: str) -> str:
    """ma****@example.gov.cn, 138****0000: enough to know whose it is."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:2]}****@{host}"
    return f"{address[:3]}****{address[-4:]}" if len(address) > 7 else address


def channel_words(key: str) -> str:
    """A channel in words; several groups of one platform are numbered: wecom-2."""
    kind, _dash, number = key.partition("-")
    words = _(CHANNELS[kind]) if kind in CHANNELS else kind
    return f"{words} {number}".strip()


def line(row: Delivery) -> dict[str, Any]:
    """One row for a list, the command line and JSON."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "kind_label": row.get_kind_display(),
        "channel": row.channel,
        "channel_label": channel_words(row.channel),
        "recipient": str(row.recipient or ""),
        "address": masked(row.address),
        # a digest and a notice are told apart; what they say of firms is read by their reader
        "subject": row.subject,
        "state": row.state,
        "state_label": row.get_state_display(),
        "attempts": row.attempts,
        "made_at": row.made_at,
        "next_try_at": row.next_try_at if row.state == State.WAITING else None,
        "settled_at": row.settled_at,
        "answer": _(row.answer) if row.answer in OURS else row.answer,
        "case": row.case_id,
    }
