"""What the set-up screens ask; a form validates, a verb writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organisations.models import Post, Region, Unit, User
from organisations.permissions import can_manage_post
from organisations.phones import NOT_A_PHONE, is_phone
from organisations.roles import Role
from organisations.scope import Actor


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PostChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A unit's posts by name; the unit is the page's title already."""

    def label_from_instance(self, obj: Post) -> str:
        return obj.name


class RegionChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Places from the city down; a township with its county, as many bear the same name."""

    def label_from_instance(self, obj: Region) -> str:
        if obj.level == Region.Level.TOWNSHIP and obj.parent is not None:
            return f"{obj.parent.name}{obj.name}"
        return obj.name


def check_phone(phone: str) -> None:
    """A person's number; the verb asks the same of every other door."""
    if not is_phone(phone):
        raise ValidationError(NOT_A_PHONE)


def rank_choices() -> list[tuple[str, str]]:
    """The model's own, whose empty choice is None: a browser would post that as a word."""
    return [(key or "", str(words)) for key, words in User.Rank.choices]


class JoinForm(forms.Form):
    """Somebody takes up one of a unit's posts."""

    post = PostChoice(queryset=Post.objects.none(), label=_("Post"))
    username = forms.CharField(
        label=_("Account"),
        max_length=150,
        help_text=_("Mobile number or staff number; a new account is made where there is none."),
    )
    name = forms.CharField(label=_("Name"), max_length=40)
    phone = forms.CharField(
        label=_("Phone"), max_length=30, required=False, validators=[check_phone]
    )
    from_on = forms.DateField(label=_("From"), widget=DayInput())
    until_on = forms.DateField(
        label=_("Until"),
        widget=DayInput(),
        required=False,
        help_text=_("From this day on no more; empty for as long as it lasts."),
    )
    replacing = forms.BooleanField(
        label=_("Takes over from whoever holds the post now"), required=False
    )

    def __init__(self, unit: Unit, by: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [
            p.pk for p in unit.posts.select_related("unit__region") if can_manage_post(by, p)
        ]
        field = self.fields["post"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Post.objects.filter(pk__in=allowed)


class PostForm(forms.Form):
    """Another post of a unit."""

    name = forms.CharField(label=_("Name of the post"), max_length=60)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[choice for choice in Role.choices if choice[0] != Role.ENTERPRISE_CLERK],
        help_text=_("Decides what its holder may do."),
    )
    receives_work = forms.BooleanField(
        label=_("New work of the unit goes to this post"), required=False
    )


class UnitForm(forms.Form):
    """A unit that neither the pack nor the workbook brought."""

    name = forms.CharField(label=_("Name of the unit"), max_length=60)
    short_name = forms.CharField(
        label=_("Short name"), max_length=30, required=False, help_text=_("for lists and messages")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Unit.Kind.choices)
    region = RegionChoice(
        label=_("Place"),
        queryset=Region.objects.none(),
        help_text=_("The city for its own departments, the county for its task force."),
    )
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)

    def __init__(self, city: Region, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["region"]
        assert isinstance(field, forms.ModelChoiceField)
        places = Region.objects.within(city).select_related("parent")
        field.queryset = places.order_by("parent__parent_id", "parent__position", "position", "id")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        needs = {Unit.Kind.TASK_FORCE: "county", Unit.Kind.TOWNSHIP: "township"}
        level = needs.get(given.get("kind", ""))
        region = given.get("region")
        if level and region is not None and region.level != level:
            self.add_error("region", _("Choose the county or township that it works for."))
        return given


class PairForm(forms.Form):
    """The counties that a liaison group looks after."""

    counties = forms.ModelMultipleChoiceField(
        label=_("Paired counties"),
        queryset=Region.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )

    def __init__(self, unit: Unit, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"counties": [c.pk for c in unit.paired_counties.all()]})
        super().__init__(*args, **kwargs)
        field = self.fields["counties"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        city = unit.region
        field.queryset = Region.objects.counties_of(city)


class PersonForm(forms.Form):
    """A person's name and phone, and what rules about groups ask for."""

    name = forms.CharField(label=_("Name"), max_length=40)
    phone = forms.CharField(
        label=_("Phone"), max_length=30, required=False, validators=[check_phone]
    )
    rank = forms.ChoiceField(
        label=pgettext_lazy("of a person", "Rank"), choices=rank_choices, required=False
    )
    is_technical = forms.BooleanField(label=_("Has a technical title"), required=False)


class PhoneForm(forms.Form):
    """One's own number."""

    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        validators=[check_phone],
        help_text=_("Letters and messages in which you are the contact name it."),
    )


class DayForm(forms.Form):
    """From which day."""

    on = forms.DateField(widget=DayInput())


class WorkbookForm(forms.Form):
    """The workbook of units, posts and people."""

    file = forms.FileField(
        label=_("Workbook (.xlsx)"),
        help_text=_("Fill in the template; at most 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
