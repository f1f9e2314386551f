"""The register of above-scale firms, dated membership, monthly R&D facts, and imports."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enterprises.contacts import Clerk as Clerk
from enterprises.contacts import Invitation as Invitation
from enterprises.names import PairedName as PairedName
from enterprises.querysets import (
    EnterpriseQuerySet,
    ImportBatchQuerySet,
    MembershipQuerySet,
    PairingQuerySet,
)
from organisations.models import Post, Region


class Enterprise(models.Model):
    """A firm, the same row whatever city or year lists it."""

    class Condition(models.TextChoices):
        """Production status as the bureau words it (经营状态)."""

        NORMAL = "normal", _("Normal")
        PARTLY_STOPPED = "partly_stopped", _("Partly stopped")
        STOPPED = "stopped", _("Stopped")
        BUILDING = "building", _("Under construction")
        MOVING = "moving", _("Moving")
        BANKRUPT = "bankrupt", _("Bankrupt")
        DEREGISTERED = "deregistered", _("Deregistered")

    name = models.CharField(max_length=120)
    # NFKC, no blanks, brackets folded: the key where one side has no code
    folded_name = models.CharField(max_length=120, db_index=True)
    credit_code = models.CharField(max_length=18, null=True, blank=True, unique=True)
    # why a code with a wrong check digit was accepted, by whom it is in the import's report
    code_note = models.CharField(max_length=200, blank=True, default="")
    pinyin = models.CharField(max_length=400, blank=True, default="")
    initials = models.CharField(max_length=120, blank=True, default="", db_index=True)
    condition = models.CharField(max_length=15, choices=Condition.choices, default=Condition.NORMAL)
    address = models.CharField(max_length=200, blank=True, default="")

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """Whom to call at a firm."""

    class Duty(models.TextChoices):
        GENERAL = "general", _("Contact")
        HEAD = "head", _("Person in charge")
        FINANCE = "finance", _("Head of finance")
        FILING = "filing", _("R&D filing clerk")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="contacts")
    duty = models.CharField(max_length=10, choices=Duty.choices, default=Duty.GENERAL)
    name = models.CharField(max_length=40)
    position = models.CharField(max_length=40, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")


class PlatformNumber(models.Model):
    """平台编号: the number that a firm bears in another platform, so that nothing is asked twice.

    One of a kind for each firm, ``OTHER`` apart, where ``name`` says which platform it is.
    """

    class Kind(models.TextChoices):
        RD_STATISTICS = "rd_statistics", _("Provincial R&D statistics platform")
        SME = "sme", _("Technology-based SME")
        HIGH_TECH = "high_tech", _("High-tech enterprise certificate")
        SPECIALISED = "specialised", _("Specialised and innovative SME")
        OTHER = "other", _("Another platform")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="numbers")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    name = models.CharField(max_length=60, blank=True, default="")
    number = models.CharField(max_length=60)
    since_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "kind", "name"], name="platform_number_once_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="other") & ~Q(name="") | ~Q(kind="other") & Q(name=""),
                name="platform_number_other_is_named",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="platform_number_is_there"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.number}"

    @property
    def platform(self) -> str:
        return self.name or str(self.get_kind_display())


class Membership(models.Model):
    """A firm on a city's register, from a day until (not including) another.

    A changed county ends one row and starts another, so every rate can be asked as of any day.
    ``listed_text`` (入库时间) is information only; ``joined_on`` is the import's ``--as-of``.
    Industry and ownership are corrected in place (the journal keeps the old value): an edition of
    the code is not an event of the firm's life, and no rate is asked by them as of a day.
    A firm that the first list already marks as bankrupt or deregistered gets a row of no length.
    """

    class LeftReason(models.TextChoices):
        """Why a row ended; ``MOVED`` alone is no leaving of the register."""

        BANKRUPT = "bankrupt", _("Bankrupt")
        DEREGISTERED = "deregistered", _("Deregistered")
        ABSENT = "absent", _("Not on this list")
        MOVED = "moved", _("County changed")

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="memberships")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="memberships")
    county = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="county_memberships")
    township = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    industry_code = models.CharField(max_length=4, blank=True, default="")
    industry_name = models.CharField(max_length=80, blank=True, default="")
    ownership = models.CharField(max_length=40, blank=True, default="")
    listed_text = models.CharField(max_length=20, blank=True, default="")
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    left_reason = models.CharField(
        max_length=20, choices=LeftReason.choices, blank=True, default=""
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
                name="membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["city", "enterprise"],
                condition=Q(left_on=None),
                name="membership_open_once_a_city",
            ),
        ]
        indexes = [models.Index(fields=["city", "county", "joined_on"])]


class MonthlyFact(models.Model):
    """What the provincial system said of a firm about a month, and when it became known.

    A running state, self-declared, overwritten (practice: three truths): never add months. Which
    one counts on a day is said by ``enterprises.facts``.
    """

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="facts")
    about_month = models.DateField()
    known_on = models.DateField()
    registered = models.BooleanField()
    filed = models.BooleanField()
    has_institution = models.BooleanField()
    has_staff = models.BooleanField()
    has_spending = models.BooleanField()
    has_cooperation = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # a firm may stand on the registers of two cities, each with a list of its own
                fields=["city", "enterprise", "about_month", "known_on"],
                name="fact_once_a_month_and_day",
            ),
            models.CheckConstraint(
                condition=Q(filed=False) | Q(registered=True), name="filed_means_registered"
            ),
        ]
        indexes = [models.Index(fields=["city", "about_month", "known_on"])]


class MoneyFigure(models.Model):
    """A money column of a list, kept only where an authorised person stated the lawful source.

    Single-firm statistics may not be passed on (统计法); without a source they are checked while
    reading and forgotten. ``amount`` is in 10,000 yuan.
    """

    class Kind(models.TextChoices):
        REVENUE = "revenue", _("Main-business revenue")
        SPENDING = "spending", _("R&D spending")

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="money")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # the day that the list describes
    on = models.DateField()
    # None: known on that day; else since when, so that no past day changes in silence (ADR 23)
    known_on = models.DateField(null=True)
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "kind", "on"],
                condition=models.Q(known_on=None),
                name="money_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["enterprise", "kind", "on", "known_on"], name="money_once_a_day_of_knowing"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="money_has_a_source"),
        ]


class ImportBatch(models.Model):
    """One reading of a workbook: its report, and whether it was applied or undone."""

    class Kind(models.TextChoices):
        REGISTER = "register", _("Register")
        FILING = "filing", _("Filing facts")
        LEDGER = "ledger", _("Running ledger")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READING = "reading", _("Reading")
        PREVIEWED = "previewed", _("Previewed")
        APPLYING = "applying", _("Applying")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Dropped")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    programme_key = models.CharField(max_length=60, blank=True, default="")
    file_name = models.CharField(max_length=200)
    # kept only until the import is confirmed or dropped: a bureau's sheet holds money columns
    file = models.FileField(upload_to="imports/%Y/", blank=True)
    sha256 = models.CharField(max_length=64)
    # register: the day it describes; filing: about_month and known_on
    as_of = models.DateField(null=True, blank=True)
    about_month = models.DateField(null=True, blank=True)
    known_on = models.DateField(null=True, blank=True)
    # accepted codes, the confirmed number of leaving firms, the source of money columns
    options = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)
    done_rows = models.PositiveIntegerField(default=0)
    total_rows = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    # when somebody last began to read the file
    read_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"


class ColumnMap(models.Model):
    """列对应: headers of a city's lists by what they are, as its office said; "" is not read."""

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    programme_key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=ImportBatch.Kind.choices)
    columns = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "programme_key", "kind"], name="column_map_once_a_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme_key} {self.get_kind_display()}"


class ImportChange(models.Model):
    """One row that an import wrote, with what stood there before, so that it can be undone."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="changes")
    model = models.CharField(max_length=20)
    row_id = models.BigIntegerField()
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["model", "row_id"])]


class Pairing(models.Model):
    """结对 (000-24, 003-03, 004-05): who serves a firm, from a day until (not including) another.

    ``officer`` and ``chief`` name a post and the person meant; the duty stays with the post when
    he leaves it (004-30). ``lead_firm``: an enterprise that leads this one (一带一、一带多).
    ``county``: the county that serves the firm, where the register counts it elsewhere.
    """

    class Kind(models.TextChoices):
        CHIEF = "chief", _("Chief service officer")
        OFFICER = "officer", _("Service officer")
        LEAD_FIRM = "lead_firm", _("Lead firm")
        COUNTY = "county", _("Serving county")

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="pairings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    post = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="pairings"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lead = models.ForeignKey(
        Enterprise, null=True, blank=True, on_delete=models.PROTECT, related_name="followers"
    )
    county = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    objects = PairingQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "enterprise", "kind"],
                condition=Q(until_on=None),
                name="pairing_open_once_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gt=F("from_on")),
                name="pairing_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind__in=["chief", "officer"], post__isnull=False, lead=None, county=None)
                    | Q(kind="lead_firm", lead__isnull=False, post=None, county=None)
                    | Q(kind="county", county__isnull=False, post=None, lead=None)
                ),
                name="pairing_has_its_target",
            ),
            models.CheckConstraint(
                condition=Q(lead=None) | ~Q(lead=F("enterprise")), name="pairing_not_with_itself"
            ),
        ]
        indexes = [models.Index(fields=["post"], name="pairing_post")]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.get_kind_display()} {self.target}"

    @property
    def target(self) -> str:
        """Who serves or leads, as people say it."""
        if self.post is not None:
            if self.user is None:
                return self.post.title
            parts = {"who": self.user, "post": self.post.title}
            return gettext("%(who)s (%(post)s)") % parts
        return str(self.lead or self.county or "")
