"""What the directory's pages ask; a form validates, a verb writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from organisations.forms import DayInput
from organisations.models import Region, Unit
from organisations.scope import Actor
from resources.chinese import words_of
from resources.folds import wrong_industries
from resources.models import Expert, Level, Listed, Resource
from resources.permissions import edits_all, own_units


class WordsField(forms.CharField):
    """A list of words in one line: 轴承、热处理."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else "、".join(value)

    def to_python(self, value: Any) -> Any:
        return list(words_of(value or ""))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if any(len(word) > 20 for word in value):
            raise forms.ValidationError(
                _t("A word has at most 20 characters; separate words by 、.")
            )

    def run_validators(self, value: Any) -> None:
        """Those of a text (no zero bytes) are asked of each word."""
        for word in value:
            super().run_validators(word)


class IndustriesField(WordsField):
    def validate(self, value: Any) -> None:
        super().validate(value)
        wrong = wrong_industries(value)
        if wrong:
            raise forms.ValidationError(
                _t("“%(codes)s” is no industry: two to four digits, 06 to 46.")
                % {"codes": "、".join(wrong)}
            )


class ListedForm(forms.Form):
    """What resources and experts have in common, in the order of the page."""

    name = forms.CharField(label=_("Name"), max_length=120)
    fields_ = WordsField(
        label=_("Technical fields"),
        max_length=300,
        help_text=_("Short words, separated by 、; suggestions look for them in a firm's needs."),
    )
    industries = IndustriesField(
        label=_("Industries served"),
        max_length=120,
        required=False,
        help_text=_("Codes of two to four digits, separated by 、: 34、3451"),
    )
    offers = forms.CharField(
        label=_("What it offers"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    region = forms.ModelChoiceField(
        label=_("County"),
        queryset=Region.objects.none(),
        required=False,
        help_text=_("Empty for what lies outside the city."),
    )
    place = forms.CharField(label=_("Place, if outside the city"), max_length=60, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        help_text=_("Whoever only reads sees a part of the number."),
    )
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("The list or paper that names it.")
    )
    valid_from = forms.DateField(label=_("Valid from"), widget=DayInput())
    valid_until = forms.DateField(
        label=_("Valid until"),
        widget=DayInput(),
        required=False,
        help_text=_("From this day on it is suggested no more; empty for as long as it lasts."),
    )
    owner_unit = forms.ModelChoiceField(
        label=_("Kept by"),
        queryset=Unit.objects.none(),
        required=False,
        help_text=_("Empty where the office keeps it itself."),
    )

    def __init__(self, city: Region, by: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region, owner = self.fields["region"], self.fields["owner_unit"]
        assert isinstance(region, forms.ModelChoiceField)
        assert isinstance(owner, forms.ModelChoiceField)
        region.queryset = Region.objects.within(city).filter(level__in=["city", "county"])
        units = Unit.objects.filter(region=city, kind=Unit.Kind.DEPARTMENT)
        if not edits_all(by, city.pk):
            units = units.filter(pk__in=own_units(by, city.pk))
            owner.required, owner.empty_label = True, None
        owner.queryset = units

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        start, end = given.get("valid_from"), given.get("valid_until")
        if start and end and end <= start:
            self.add_error("valid_until", _t("It cannot end before it began."))
        return given

    @property
    def values(self) -> dict[str, Any]:
        """For the verb."""
        found = dict(self.cleaned_data)
        found["fields"] = found.pop("fields_")
        return found


class ResourceForm(ListedForm):
    name = forms.CharField(label=_("Name of the resource"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Resource.Kind.choices)
    level = forms.ChoiceField(label=_("Level"), choices=[("", "—"), *Level.choices], required=False)
    contact = forms.CharField(label=_("Contact person"), max_length=40, required=False)

    field_order = [
        *("name", "kind", "level", "fields_", "industries", "offers", "region", "place"),
        *("contact", "phone", "source", "valid_from", "valid_until", "owner_unit"),
    ]


class ExpertForm(ListedForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Expert.Kind.choices)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    institute_name = forms.CharField(
        label=_("Institute"),
        max_length=120,
        help_text=_("Written as in the directory, it is tied to its entry."),
    )
    title = forms.CharField(label=_("Title"), max_length=40, required=False)
    team = forms.CharField(label=_("Service team"), max_length=60, required=False)

    field_order = [
        *("name", "kind", "level", "institute_name", "title", "team", "fields_", "industries"),
        *("offers", "region", "place", "phone", "source", "valid_from", "valid_until"),
        "owner_unit",
    ]


class MemberForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    credit_code = forms.CharField(label=_("Credit code"), max_length=18, required=False)
    duty = forms.CharField(label=_("Duty"), max_length=40, required=False)
    shares = forms.CharField(
        label=_("Equipment shared"),
        max_length=300,
        required=False,
        help_text=_("What the other members may use."),
    )
    from_on = forms.DateField(label=_("From"), widget=DayInput())
    until_on = forms.DateField(label=_("Until"), widget=DayInput(), required=False)


class WordForm(forms.Form):
    word = forms.CharField(label=_("Word"), min_length=2, max_length=20)
    also = WordsField(
        label=_("Other words for it"),
        max_length=300,
        required=False,
        help_text=_("Separated by 、; a need that names one of them means the word."),
    )


def initial_of(row: Listed) -> dict[str, Any]:
    """The form's first values for a row."""
    names = (*ResourceForm.field_order, *ExpertForm.field_order)
    found = {name: getattr(row, name) for name in names if hasattr(row, name)}
    found["fields_"] = row.fields
    return found
