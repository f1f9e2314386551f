"""What closes a case: evidence per criterion, and the forms of each stage."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.nouns.case import Case
from cases.nouns.work_item import WorkItem
from enterprises.models import Enterprise
from organisations.lengths import LONGEST
from workflows.models import ProgrammeVersion


class Evidence(models.Model):
    """One paper for one criterion of one case, with the level that accepted it."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("To be reviewed")
        COUNTY_ACCEPTED = "county_accepted", _("Reviewed by the county")
        CITY_ACCEPTED = "city_accepted", _("Accepted by the city")
        RETURNED = "returned", _("Returned for correction")
        WAIVED = "waived", _("Waived (in the provincial system)")
        VERIFIED_OFFLINE = "verified_offline", _("Verified offline")
        EXPIRED = "expired", _("Expired")
        REPLACED = "replaced", _("Replaced by a newer one")
        WITHDRAWN = "withdrawn", _("Taken back")
        # sent before the item was waived: nobody has to look at it any more
        NOT_NEEDED = "not_needed", _("No longer needed")

    # states that fulfil a criterion for the county, and for the city
    ACCEPTED = (State.COUNTY_ACCEPTED, State.CITY_ACCEPTED, State.WAIVED, State.VERIFIED_OFFLINE)
    # states without a file, given by the reviewer himself
    UNFILED = (State.WAIVED, State.VERIFIED_OFFLINE)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="evidence")
    criterion = models.CharField(max_length=30)
    paper = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=20, choices=State.choices, default=State.SUBMITTED)
    file = models.FileField(upload_to="evidence/%Y/%m/", blank=True)
    file_name = models.CharField(max_length=200, blank=True, default="")
    # that of a .docx is 71 characters
    media_type = models.CharField(max_length=100, blank=True, default="")
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="", db_index=True)
    note = models.CharField(max_length=LONGEST, blank=True, default="")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField()
    # 代企业上传: an official uploaded for the firm
    on_behalf = models.BooleanField(default=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    # 市级认可 of what the county accepted comes with the confirmation of the closing
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # accepted after the application for closure; nobody else has moved the case on since
    is_unseen = models.BooleanField(default=False)
    return_reason = models.PositiveSmallIntegerField(null=True, blank=True)
    return_text = models.CharField(max_length=LONGEST, blank=True, default="")
    correct_by = models.DateField(null=True, blank=True)
    # 线下核验: two people saw the paper; nothing is uploaded
    offline_witness = models.CharField(max_length=80, blank=True, default="")
    # his account, where he has one; a name alone does not carry a closing by who wrote it
    offline_witness_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # he has said himself that he saw it; a closing waits for that
    is_witnessed = models.BooleanField(default=False)
    offline_number = models.CharField(max_length=80, blank=True, default="")
    # the paper's own date, which the two read on it
    offline_dated = models.DateField(null=True, blank=True)
    # the last day on which it proves something, as the reviewer read it or the agreement says
    valid_until = models.DateField(null=True, blank=True)
    # 即将失效 was said of it
    expiry_told = models.BooleanField(default=False)
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaces"
    )
    # 沿用: the accepted paper, of another item or year, whose file this one hands in again
    reused_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reuses"
    )
    # when the sweep looks whether its review is late; at once for what was just handed in
    review_check_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(return_reason__isnull=False),
                name="evidence_returned_with_a_reason",
            )
        ]
        indexes = [
            models.Index(
                fields=["review_check_at"],
                condition=Q(state="submitted", review_check_at__isnull=False),
                name="evidence_review_check",
            ),
            # every list says of its rows whether a paper was sent back
            models.Index(
                fields=["case", "criterion"],
                condition=Q(state="returned"),
                name="evidence_returned",
            ),
            # the tick asks for what ends soon: hardly ever any
            models.Index(
                fields=["valid_until"],
                condition=Q(valid_until__isnull=False),
                name="evidence_ends",
            ),
        ]

    def levels(self) -> list[tuple[str, Any, datetime | None]]:
        """Which level accepted it, who, when, the county's first; what was not accepted yet has
        the one line of its state."""
        if self.confirmed_at is None or self.state != self.State.CITY_ACCEPTED:
            return [(self.get_state_display(), self.reviewed_by, self.reviewed_at)]
        return [
            (str(self.State.COUNTY_ACCEPTED.label), self.reviewed_by, self.reviewed_at),
            (str(self.State.CITY_ACCEPTED.label), self.confirmed_by, self.confirmed_at),
        ]

    if TYPE_CHECKING:
        case_id: int
        submitted_by_id: int | None
        reviewed_by_id: int | None
        offline_witness_account_id: int | None
        reused_from_id: int | None
        replaced_by_id: int | None

    def ends_soon(self, on: date, days: int) -> bool:
        """即将失效: accepted, and its last day is near."""
        last = self.valid_until
        return self.state in self.ACCEPTED and last is not None and (last - on).days <= days


class PaperRung(models.Model):
    """A reminder to review a paper, once per rung; ``spoke`` is false for those passed over."""

    paper = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="rungs")
    rung = models.CharField(max_length=30)
    at = models.DateTimeField()
    spoke = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "rung"], name="paper_rung_fires_once")
        ]


class FormRecord(models.Model):
    """What was filled in: one record per form and case, kept as a draft until the stage is left."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="forms")
    item = models.ForeignKey(WorkItem, null=True, blank=True, on_delete=models.PROTECT)
    form = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    # of a draft: what was typed and is not sound yet, by the field's place (``rows.0.column``)
    unsound = models.JSONField(default=dict, blank=True)
    # whose questions these answers answer: a later version asks others
    pack_version = models.ForeignKey(
        ProgrammeVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    is_draft = models.BooleanField(default=True)
    # whether the contact records are what its rows say (``actions.matching``)
    is_followed = models.BooleanField(default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "form"], condition=Q(is_draft=True), name="form_draft_once"
            )
        ]
        indexes = [
            # the tick asks for these every minute: hardly ever any
            models.Index(fields=["id"], condition=Q(is_followed=False), name="form_to_follow")
        ]

    if TYPE_CHECKING:
        case_id: int
        by_id: int | None
        pack_version_id: int | None

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pack_version_id is None:
            self.pack_version_id = self.case.pack_version_id
        super().save(*args, **kwargs)


class FormFile(models.Model):
    """A file put into a form: a photo of the firm's signature, a sealed sheet (a field ``file``).

    Kept from the moment it is chosen; the answers name it by its number.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="form_files")
    form = models.CharField(max_length=40)
    field = models.CharField(max_length=40)
    file = models.FileField(upload_to="forms/%Y/%m/")
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    if TYPE_CHECKING:
        case_id: int
