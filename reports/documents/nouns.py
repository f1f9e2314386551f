"""文书: a document, who did what to it, and who received it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from cases.models import Case, EscalationDraft
from organisations.models import Region, Unit
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents.content import Content
from reports.documents.route import OUT, UNSIGNED, State, Step, forward
from workflows.models import Programme


class DocumentQuerySet(models.QuerySet["Document"]):
    """Every view starts from ``visible_to``."""

    def visible_to(self, actor: Actor) -> Self:
        """The city's own office sees all; a unit what it writes itself; the overseers what went
        out; others what they got."""
        if actor.is_system:
            return self.filter()
        every = _cities(actor, Act.ISSUE_DOCUMENT)
        out = _cities(actor, Act.PROPOSE_SUPERVISION)
        got = Receipt.objects.filter(unit__in=actor.unit_ids).values("document")
        return self.filter(
            Q(programme__city__in=every)
            | Q(issuer__in=own_units(actor))
            | Q(programme__city__in=out, state__in=OUT)
            | Q(pk__in=got, state__in=(*OUT, State.WITHDRAWN))
        )


def _cities(actor: Actor, act: Act) -> set[int]:
    return {s.city_id for s in actor.standings_for(act) if s.city_id is not None}


def own_units(actor: Actor) -> set[int]:
    """Units whose own papers the person writes."""
    return {s.unit_id for s in actor.standings_for(Act.WRITE_OWN_PAPERS)}


class Document(models.Model):
    """One document; its content is frozen by the signature and its number by the registry.

    ``content`` is a ``Content``; ``seal`` its hash from the signature on: what is printed years
    later is what was signed, or nothing is printed.
    """

    class Kind(models.TextChoices):
        CIRCULAR = "circular", pgettext_lazy("kind of document", "Circular")
        LETTER = "letter", pgettext_lazy("kind of document", "Letter")
        CORRECTION = "correction", pgettext_lazy("kind of document", "Notice of correction")
        BULLETIN = "bulletin", pgettext_lazy("kind of document", "Bulletin")
        ORDER_FORM = "order_form", pgettext_lazy("kind of document", "Supervision form")
        CLOSING_SHEET = "closing_sheet", pgettext_lazy("kind of document", "Closing sheet")
        CASE_FILE = "case_file", pgettext_lazy("kind of document", "Case file")
        QUESTIONNAIRE = "questionnaire", pgettext_lazy("kind of document", "Questionnaire")
        SUMMARY_TABLE = "summary_table", pgettext_lazy("kind of document", "Summary table")
        MONTHLY_REPORT = "monthly_report", pgettext_lazy("kind of document", "Monthly report")
        PROPOSAL_REPLY = "proposal_reply", pgettext_lazy("kind of document", "Reply to a proposal")
        COMMENDATION = "commendation", pgettext_lazy("kind of document", "Commendation")
        CRITICISM = "criticism", pgettext_lazy("kind of document", "Criticism")
        NEEDS_LIST = "needs_list", pgettext_lazy("kind of document", "List of needs")

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFTING)
    title = models.CharField(max_length=200)
    content = models.JSONField()
    # the day of the figures
    as_of = models.DateField(null=True, blank=True)
    seal = models.CharField(max_length=64, blank=True, default="")
    number = models.CharField(max_length=40, blank=True, default="")
    # 会签: whom the text is shown to before the signature, as written; empty skips the step
    countersigners = models.CharField(max_length=200, blank=True, default="")
    # what it is about, where that is one case
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    # the department or county whose own paper it is; none is the office
    issuer = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    letter = models.OneToOneField(
        EscalationDraft, null=True, blank=True, on_delete=models.PROTECT, related_name="document"
    )
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="correction"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"],
                condition=~Q(number=""),
                name="document_number_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted([*UNSIGNED, State.DISCARDED])) | ~Q(seal=""),
                name="document_signed_is_sealed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    @property
    def said(self) -> Content:
        return Content.model_validate(self.content)

    @property
    def ahead(self) -> tuple[Step, State] | None:
        """The next step and where it leads."""
        return forward(State(self.state), self.countersigners, self.said.skips)

    @property
    def to(self) -> str:
        """主送 as the paper prints it, without its colon."""
        return str(self.content.get("addressee", "")).rstrip("：: ")

    @property
    def is_out(self) -> bool:
        return self.state in OUT

    @property
    def fingerprint(self) -> str:
        """Of the content, whatever order a database keeps its keys in."""
        text = json.dumps(self.content, ensure_ascii=False, sort_keys=True)
        return sha256(text.encode()).hexdigest()

    def is_as_signed(self) -> bool:
        return not self.seal or self.seal == self.fingerprint


class HouseStyle(models.Model):
    """What the office of a city sets for a kind: what is empty stays as the product compiles it.

    ``unit``: a department or a county's task force that signs such papers itself; none is the
    office. ``text``: paragraphs by line that name figures in braces; ``template``: its own Word
    file.
    """

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Document.Kind.choices)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    masthead = models.CharField(max_length=60, blank=True, default="")
    signer = models.CharField(max_length=60, blank=True, default="")
    series = models.CharField(max_length=20, blank=True, default="")
    skips = models.JSONField(null=True, blank=True)
    text = models.TextField(blank=True, default="")
    template = models.BinaryField(blank=True, default=b"")
    template_name = models.CharField(max_length=120, blank=True, default="")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind"],
                condition=Q(unit=None),
                name="house_style_once_a_kind",
            ),
            models.UniqueConstraint(
                fields=["city", "kind", "unit"], name="house_style_once_a_unit"
            ),
        ]

    def applied(self, content: Content, *, is_ours: bool = True) -> Content:
        """The compiled content with the office's own masthead, words and way; ``is_ours``: it goes
        out under this name."""
        paragraphs = tuple(line.strip() for line in self.text.splitlines() if line.strip())
        said: dict[str, Any] = {"paragraphs": paragraphs}
        if is_ours:
            said |= {"masthead": self.masthead, "signer": self.signer, "series": self.series}
        update = {name: value for name, value in said.items() if value}
        if self.skips is not None:
            update["skips"] = tuple(self.skips)
        return content.model_copy(update=update)


class SigningSheet(models.Model):
    """A page of the paper form (发文稿纸) as scanned; whose it stands for, its steps say."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="sheets")
    file = models.FileField(upload_to="sheets/%Y/%m/")
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "sha256"], name="signing_sheet_once")
        ]


class DocumentStep(models.Model):
    """A step with name and date; ``on_paper``: the signature is on the paper form (发文稿纸), and
    ``recorded_by`` says so; ``sheet``: the scan that it was typed from."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=20, choices=Step.choices)
    name = models.CharField(max_length=60)
    signed_on = models.DateField()
    on_paper = models.BooleanField(default=False)
    sheet = models.ForeignKey(
        SigningSheet, null=True, blank=True, on_delete=models.PROTECT, related_name="steps"
    )
    note = models.CharField(max_length=300, blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class Receipt(models.Model):
    """One addressee's copy: who opened it first, who signed for it, when it was last urged."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="receipts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    # 催收
    urged_at = models.DateTimeField(null=True, blank=True)
    urged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    urged_times = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["unit__kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "unit"], name="receipt_once_a_unit"),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(opened_at__isnull=False),
                name="receipt_opened_first",
            ),
        ]


class ReceiptNews(models.Model):
    """The outbox: what the readers of a copy are still to be told (``telling``)."""

    class Kind(models.TextChoices):
        ISSUED = "issued", pgettext_lazy("news of a document", "Issued")
        URGED = "urged", pgettext_lazy("news of a document", "Urged")
        WITHDRAWN = "withdrawn", pgettext_lazy("news of a document", "Withdrawn")

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="news")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True, default="")


def part_for(content: Content, regions: set[int] | None) -> Content:
    """What an addressee gets: annexes for everybody and those of its own regions (按单位拆分).

    ``None`` is the office's own copy, whole.
    """
    if regions is None:
        return content
    kept: list[Any] = [a for a in content.annexes if a.reader is None or a.reader in regions]
    return content.model_copy(update={"annexes": tuple(kept)})
