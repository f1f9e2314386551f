"""Who can help a firm: resources, experts, members of alliances, and the words of their fields.

A directory belongs to a city. A row is never deleted: it ends on a day (``valid_until``), so that a
contact record of last year still names its partner. Mechanisms 000-23…27, 001-14, 001-16, 003-12,
004-06, 004-07.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organisations.models import Region, Unit
from resources.querysets import ExpertQuerySet, ResourceQuerySet


class Directory(models.Model):
    """A city's directory; ``stamp`` changes with every write, so that an index knows its age."""

    city = models.OneToOneField(
        Region, on_delete=models.PROTECT, related_name="directory", primary_key=True
    )
    stamp = models.CharField(max_length=32)

    @staticmethod
    def fresh_stamp() -> str:
        return uuid4().hex


class Level(models.TextChoices):
    """The level that recognised or sent it (003-12: 省市县三级)."""

    NATION = "nation", _("National")
    PROVINCE = "province", _("Provincial")
    CITY = "city", _("Municipal")
    COUNTY = "county", _("County level")


class Listed(models.Model):
    """What a resource and an expert have in common.

    ``fields`` are words (轴承, 热处理), ``industries`` prefixes of GB/T 4754 (34, 3451). Valid from
    ``valid_from`` until (not including) ``valid_until``.
    """

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    # NFKC, no blanks, lower case: the key of the import and of a form's partner
    folded_name = models.CharField(max_length=120)
    # the county where it sits or serves; none for what lies outside the city
    region = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField(max_length=60, blank=True, default="")
    fields = models.JSONField(default=list, blank=True)
    industries = models.JSONField(default=list, blank=True)
    offers = models.TextField(blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    source = models.CharField(max_length=200)
    # name, fields, offers and the like, folded: what the list is searched in
    searched = models.TextField(blank=True, default="")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    # the competent unit: its lead keeps the row, as the office may
    owner_unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    if TYPE_CHECKING:
        city_id: int
        region_id: int | None
        owner_unit_id: int | None

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)

    @property
    def where(self) -> str:
        """County or place as a list prints it."""
        return self.region.name if self.region is not None else self.place


def _ends_after_it_starts(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name=name
    )


class Resource(Listed):
    """A body that helps firms: institute, laboratory, platform, alliance, service, lead firm."""

    class Kind(models.TextChoices):
        INSTITUTE = "institute", _("University or institute")
        LABORATORY = "laboratory", _("Key laboratory")
        PLATFORM = "platform", _("Innovation or pilot platform")
        TESTING = "testing", _("Testing body")
        NEW_TYPE = "new_type", _("New-type R&D body")
        ALLIANCE = "alliance", _("Industry alliance")
        SERVICE = "service", _("Third-party service")
        LEAD_FIRM = "lead_firm", _("Lead firm")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    level = models.CharField(max_length=10, choices=Level.choices, blank=True, default="")
    contact = models.CharField(max_length=40, blank=True, default="")

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ["folded_name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["city", "folded_name"], name="resource_once_a_city"),
            _ends_after_it_starts("resource_ends_after_it_starts"),
        ]
        indexes = [models.Index(fields=["city", "kind"])]


class Expert(Listed):
    """A science envoy or an expert, of an institute, in a service team (000-23, 003-12, 004-07)."""

    class Kind(models.TextChoices):
        ENVOY = "envoy", _("Science envoy")
        EXPERT = "expert", _("Expert")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ENVOY)
    level = models.CharField(max_length=10, choices=Level.choices)
    title = models.CharField(max_length=40, blank=True, default="")
    # the institute's row where the directory has it; its name always
    institute = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.PROTECT, related_name="experts"
    )
    institute_name = models.CharField(max_length=120)
    folded_institute = models.CharField(max_length=120)
    team = models.CharField(max_length=60, blank=True, default="")
    # an expert who signs in: sees the own record and the own contact records, nothing of others
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="expert",
    )

    objects = ExpertQuerySet.as_manager()

    if TYPE_CHECKING:
        institute_id: int | None
        user_id: int | None

    class Meta:
        ordering = ["folded_name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "folded_name", "folded_institute"], name="expert_once_an_institute"
            ),
            _ends_after_it_starts("expert_ends_after_it_starts"),
        ]


class Member(models.Model):
    """Who belongs to an alliance, and which equipment the other members may use (004-06).

    A firm is named by its credit code: the register lies beside this app and is not known here.
    """

    alliance = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="members")
    name = models.CharField(max_length=120)
    folded_name = models.CharField(max_length=120)
    credit_code = models.CharField(max_length=18, blank=True, default="")
    duty = models.CharField(max_length=40, blank=True, default="")
    shares = models.CharField(max_length=300, blank=True, default="")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "folded_name"], name="member_once_an_alliance"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gt=F("from_on")),
                name="member_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in MEMBER_VALUES}


MEMBER_VALUES = ("name", "credit_code", "duty", "shares", "from_on", "until_on")


class FieldWord(models.Model):
    """A word of the office's vocabulary of fields, with other words for the same thing.

    Chinese is written without blanks: a need is searched for these words as they stand.
    """

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=20)
    also = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["word", "id"]
        constraints = [
            models.UniqueConstraint(fields=["city", "word"], name="field_word_once_a_city")
        ]

    def __str__(self) -> str:
        return self.word
