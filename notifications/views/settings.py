"""消息设置: what I am sent, where, and when."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from notifications import preferring
from notifications.channels.configured import channels
from organisations import clock
from organisations.errors import Refused
from organisations.markers import ActorRequest, scoped


def _hour(value: str) -> time:
    return time.fromisoformat(value)


class PreferenceForm(forms.Form):
    """A form validates, a verb writes."""

    email = forms.CharField(
        label=_("Mail address"),
        max_length=254,
        required=False,
        help_text=_("Of your office, as a rule; empty for no mail."),
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    by_mail = forms.BooleanField(label=_("Send me mail"), required=False)
    by_sms = forms.BooleanField(
        label=_("Send me text messages"),
        required=False,
        help_text=_(
            "To the phone of your account or by the city's service; without names of firms."
        ),
    )
    digest = forms.BooleanField(
        label=_("Daily digest"),
        required=False,
        help_text=_("On working mornings on which something is to be done."),
    )
    digest_at = forms.TypedChoiceField(
        label=_("When the digest comes"),
        choices=[(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in preferring.HOURS],
        coerce=_hour,
    )
    singles = forms.BooleanField(
        label=_("Single messages at once"),
        required=False,
        help_text=_("Reminders by hand, instructions and letters, besides the digest."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@scoped()
def message_settings(request: ActorRequest) -> HttpResponse:
    """URL name ``message_settings``: one's own choice; nobody opens another one's."""
    form = PreferenceForm(request.POST if request.method == "POST" else None, initial=_now(request))
    if request.method == "POST" and form.is_valid():
        try:
            preferring.prefer(request.user, by=request.actor, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error("email" if refusal.code == "wrong_address" else None, refusal.words)
        else:
            messages.success(request, _("Saved."))
            return redirect("message_settings")
    ways = channels()
    context = {
        "form": form,
        "without_mail": all(way.key != "smtp" for way in ways),
        "without_sms": not any(way.is_short for way in ways),
    }
    status = 422 if form.errors else 200
    return render(request, "notifications/settings.html", context, status=status)


def _now(request: ActorRequest) -> dict[str, Any]:
    wants = preferring.preference_of(request.user)
    return {
        "email": request.user.email,
        "by_mail": wants.by_mail,
        "by_sms": wants.by_sms,
        "digest": wants.digest,
        "digest_at": f"{wants.digest_at:%H:%M}",
        "singles": wants.singles,
    }
