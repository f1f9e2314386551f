"""What the pages of hand-over and stand-in ask; a form validates, a verb writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organisations.forms import DayInput
from organisations.models import Post


class HandOverForm(forms.Form):
    """Which posts, to whom, from which day."""

    posts = forms.TypedMultipleChoiceField(
        label=_("Posts that change hands"), widget=forms.CheckboxSelectMultiple()
    )
    to = forms.CharField(
        label=_("Successor"),
        max_length=150,
        required=False,
        help_text=_("Name or account. Leave empty where nobody has been appointed yet."),
    )
    from_on = forms.DateField(
        label=_("From"),
        widget=DayInput(),
        help_text=_("From this day on the successor sees and does everything, the other no more."),
    )
    note = forms.CharField(
        label=_("Note for the successor"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What the list does not say: promises, contacts, what to do first."),
    )

    def __init__(self, posts: Iterable[Post], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["posts"], posts)


class StandInForm(forms.Form):
    """Whose work, who does it, from when to when, why."""

    post = forms.TypedChoiceField(label=_("Whose post"))
    to_post = forms.TypedChoiceField(
        label=_("Post that stands in"),
        required=False,
        empty_value=None,
        help_text=_("Whoever holds it then."),
    )
    to = forms.CharField(
        label=_("Or a person"),
        max_length=150,
        required=False,
        help_text=_("Name or account, where no post is meant."),
    )
    from_on = forms.DateField(label=_("First day"), widget=DayInput())
    last_on = forms.DateField(
        label=_("Last day"), widget=DayInput(), help_text=_("It ends by itself after this day.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    reads_only = forms.BooleanField(label=_("Reads only, does nothing"), required=False)

    def __init__(
        self, posts: Iterable[Post], deputies: Iterable[Post], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["post"], posts)
        _offer(self.fields["to_post"], deputies)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not given.get("to_post") and not given.get("to"):
            self.add_error("to_post", _("Choose a post or write a person's name."))
        elif given.get("to_post") and given.get("to"):
            self.add_error("to", _("Either a post or a person, not both."))
        return given


def _offer(field: forms.Field, posts: Iterable[Post]) -> None:
    """Posts that were read already as choices: a form costs no statement of its own."""
    assert isinstance(field, (forms.TypedChoiceField, forms.TypedMultipleChoiceField))
    by_key = {str(post.pk): post for post in posts}
    labels = [(key, f"{p.unit.short_name or p.unit.name} {p.name}") for key, p in by_key.items()]
    blank = [("", "")] if not isinstance(field, forms.TypedMultipleChoiceField) else []
    field.choices = [*blank, *labels]
    field.coerce = lambda key: by_key[str(key)]
