"""Who: regions, units, posts with dated tenures, users."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from organisations.file_job import FileJob as FileJob
from organisations.keeping import KeepingRule as KeepingRule
from organisations.lengths import LONGEST
from organisations.roles import Role
from organisations.sight import concerns

if TYPE_CHECKING:
    from django.contrib.auth.models import UserManager

    from organisations.scope import Actor


class RegionQuerySet(models.QuerySet["Region"]):
    def within(self, root: Region) -> RegionQuerySet:
        """The subtree of ``root``, itself included."""
        return self.filter(path__startswith=root.path)

    def cities(self) -> RegionQuerySet:
        return self.filter(level=Region.Level.CITY)

    def counties_of(self, city: Region) -> RegionQuerySet:
        """The counties of ``city`` in the order of its pack."""
        return self.filter(level=Region.Level.COUNTY, parent=city)


class Region(models.Model):
    """A node of province → city → county → township or park.

    ``key`` is the city's name and the short name as the paper prints it ("洛阳市/涧西区");
    looked up within the city only, as 开发区 exists in two cities. ``code`` (GB/T 2260) is
    optional: 高新区 and 伊滨区 have none. ``path`` holds the ids from the root ("/1/4/").
    """

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        COUNTY = "county", _("County")
        TOWNSHIP = "township", _("Township or park")

    key = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=50)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    aliases = models.JSONField(default=list, blank=True)
    code = models.CharField(max_length=9, blank=True, default="")
    path = models.CharField(max_length=60, db_index=True, default="", blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="region_name_once_a_parent"),
            models.UniqueConstraint(
                fields=["path"], condition=~Q(path=""), name="region_path_once"
            ),
            models.CheckConstraint(
                condition=Q(path="") | Q(path__startswith="/", path__endswith="/"),
                name="region_path_between_slashes",
            ),
            models.CheckConstraint(
                condition=Q(level__in=["province", "city"]) | Q(parent__isnull=False),
                name="region_below_a_city_has_a_parent",
            ),
            models.CheckConstraint(
                condition=~Q(level="province") | Q(parent__isnull=True),
                name="province_has_no_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep ``path``: it holds the row's own id, so it is known only after the insert."""
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            self.path = path
            type(self).objects.filter(pk=self.pk).update(path=path)

    def is_within(self, root: Region) -> bool:
        return self.path.startswith(root.path)


class UnitQuerySet(models.QuerySet["Unit"]):
    def within(self, root: Region) -> UnitQuerySet:
        """The units of ``root`` and of everything below it."""
        return self.filter(region__path__startswith=root.path)


class Unit(models.Model):
    """An office, department, task force, liaison group, township or supervision office."""

    class Kind(models.TextChoices):
        OFFICE = "office", _("City office")
        DEPARTMENT = "department", _("Department")
        TASK_FORCE = "task_force", _("Task force")
        LIAISON_GROUP = "liaison_group", _("Liaison group")
        TOWNSHIP = "township", _("Township or park")
        SUPERVISION = "supervision", _("Supervision office")
        LEADERSHIP = "leadership", _("Leadership")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=30, blank=True, default="")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    phone = models.CharField(max_length=30, blank=True, default="")
    # liaison groups: the counties they are paired with (001-22, 004-12)
    paired_counties = models.ManyToManyField(Region, blank=True, related_name="liaison_groups")
    position = models.PositiveSmallIntegerField(default=0)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["region", "name"], name="unit_name_once_a_region")
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person with one account; rights come from the posts held on the day, never from here."""

    class Rank(models.TextChoices):
        """职级, as far as rules about groups ask for it (004-13, 004-15)."""

        __empty__ = _("no rank given")
        SECTION = "section", _("section level")
        DIVISION = "division", _("division level")
        BUREAU = "bureau", _("bureau level")

    name = models.CharField(_("Name"), max_length=40)
    phone = models.CharField(_("Phone"), max_length=30, blank=True, default="")
    rank = models.CharField(max_length=10, choices=Rank.choices, blank=True, default="")
    # 专业技术人员
    is_technical = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True, default="")
    # a password that somebody else knows (one-time, reset) opens nothing but its own change
    must_change_password = models.BooleanField(default=False)
    # how he has his lists: list → columns in their order, the filter that it opens with; it comes
    # with the person, so no page asks for it
    lists = models.JSONField(default=dict, blank=True)

    if TYPE_CHECKING:
        objects: ClassVar[UserManager[User]]

    def __str__(self) -> str:
        return self.name or self.username


class Post(models.Model):
    """A place in a unit; duties belong to it, whoever holds it (004-30)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=Role.choices)
    # new work of the unit goes to the first post with this mark
    receives_work = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="post_name_once_a_unit")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.name}"

    @property
    def title(self) -> str:
        """As people say it: 青岭县工作专班经办人."""
        return f"{beside_post(self.unit.short_name or self.unit.name, self.name)}{self.name}"


def beside_post(unit: str, post: str) -> str:
    """A unit's name before a post's; what both end with is said once: 市领导, 分管领导 → 市."""
    for size in range(min(len(unit), len(post)) - 1, 1, -1):
        if unit[-size:] == post[-size:]:
            return unit[:-size]
    return unit


class TenureQuerySet(models.QuerySet["Tenure"]):
    def on(self, day: date) -> TenureQuerySet:
        """Those in force on ``day`` (``from_on`` ≤ day < ``until_on``)."""
        return self.ahead(day).filter(from_on__lte=day)

    def ahead(self, day: date) -> TenureQuerySet:
        """Those in force on ``day`` or later: not ended by then."""
        return self.filter(Q(until_on=None) | Q(until_on__gt=day))


class Tenure(models.Model):
    """Who holds a post, from a day until (not including) another."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="tenures")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tenures")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = TenureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gt=F("from_on")),
                name="tenure_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["post", "user"], condition=Q(until_on=None), name="tenure_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.user}"

    def is_on(self, day: date) -> bool:
        """Whether the post is held on ``day``."""
        return self.from_on <= day and self.is_ahead(day)

    def is_ahead(self, day: date) -> bool:
        """Whether it has not ended by ``day``."""
        return self.until_on is None or day < self.until_on


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def on(self, day: date) -> DelegationQuerySet:
        """Those in force on ``day``: not ended, not revoked by then."""
        return self.ahead(day).filter(from_on__lte=day)

    def ahead(self, day: date) -> DelegationQuerySet:
        """Those in force on ``day`` or later."""
        return self.filter(Q(revoked_on=None) | Q(revoked_on__gt=day), until_on__gt=day)

    def visible_to(self, actor: Actor) -> DelegationQuerySet:
        """Of posts in the actor's part of the map, and those that he gives or takes."""
        mine = concerns(actor, "post", "to_user", "by")
        if not actor.is_system:
            mine |= Q(to_post__in=actor.post_ids)
        return self.filter(mine)


class Delegation(models.Model):
    """委托代办 (AB岗): from a day until (not including) another, somebody else does a post's work.

    To a person, or to a post: then whoever holds that post, and whoever stands in for it (chains
    are resolved by ``organisations.delegations``). It ends by itself; revoked, it ends earlier.
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="delegations")
    to_user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="delegations"
    )
    to_post = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="stands_in_for"
    )
    from_on = models.DateField()
    until_on = models.DateField()
    reason = models.CharField(max_length=LONGEST)
    # sees what the post sees, and may do nothing for it
    reads_only = models.BooleanField(default=False)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    revoked_on = models.DateField(null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gt=F("from_on")), name="delegation_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(to_user__isnull=True) ^ Q(to_post__isnull=True),
                name="delegation_has_one_target",
            ),
            models.CheckConstraint(
                condition=Q(to_post=None) | ~Q(to_post=F("post")), name="delegation_not_to_itself"
            ),
        ]
        indexes = [models.Index(fields=["until_on"], name="delegation_until")]

    def __str__(self) -> str:
        return f"{self.post} → {self.to_post or self.to_user}"

    @property
    def last_on(self) -> date:
        """The last day on which it runs, as people name it (至)."""
        return self.until_on - timedelta(days=1)

    def is_on(self, day: date) -> bool:
        return self.from_on <= day < self.until_on and not self.is_revoked(day)

    def is_revoked(self, day: date) -> bool:
        return self.revoked_on is not None and self.revoked_on <= day


class AuditEvent(models.Model):
    """What was done outside a case: sign-ins, users, posts, settings, imports, exports.

    Append-only. ``at`` is given (virtual time), ``recorded_at`` is the database's own clock.
    """

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign-in")
        USER = "user", _("User")
        POST = "post", _("Unit or post")
        REGION = "region", _("Region")
        SETTING = "setting", _("Setting")
        IMPORT = "import", _("Import")
        EXPORT = "export", _("Export")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    verb = models.CharField(max_length=30)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_events"
    )
    # what it was done to, in words and by id ("post 12"), as the row may be renamed later
    subject = models.CharField(max_length=150, blank=True, default="")
    subject_key = models.CharField(max_length=40, blank=True, default="", db_index=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "at"])]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            self._refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise RuntimeError("AuditEvent is append-only")


class ClockOffset(models.Model):
    """How far the demo's clock stands from the real one: one row, shared by all processes."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_clock_offset")]


class PlaceMark(models.Model):
    """A word for the present state of posts, units and programmes (``place_marks``); ``writer``:
    the transaction that changed it, 0 on SQLite.
    """

    writer = models.BigIntegerField(primary_key=True)
    mark = models.CharField(max_length=36)
