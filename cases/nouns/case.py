"""A case: whatever someone must finish by a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, transition
from viewflow.workflow.models import AbstractProcess
from viewflow.workflow.status import PROCESS

from cases.nouns.stage_field import StageField
from cases.querysets import CaseQuerySet
from cases.stages import TERMINAL
from enterprises.models import Enterprise
from organisations.lengths import LONGEST
from organisations.models import Region, Unit
from workflows import guard
from workflows.models import Programme, ProgrammeVersion
from workflows.procedure import Procedure

if TYPE_CHECKING:
    from cases.nouns.work_item import WorkItem


def procedure_allows(case: Any) -> bool:
    """The guard: the planned move must be one of the pinned procedure's."""
    if case.planned is None:
        return False
    procedure, verb, to = case.planned
    return guard.allows(procedure, case.stage, verb, to, case.grade or None)


class Case(AbstractProcess):  # type: ignore[misc]
    """One case of one procedure, pinned to the programme version that it was opened under.

    ``stage`` is the only truth about where it stands; the engine alone writes it. ``lacking`` are
    the criteria still missing, kept by the verbs so that a ledger of 2,000 rows needs no joins.
    """

    # an index that nobody reads is paid for with every move: those of Meta serve instead (ADR 36);
    # so is a look-up of what is never removed, which all but firms are (ADR 61)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    pack_version = models.ForeignKey(
        ProgrammeVersion,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    procedure = models.CharField(max_length=30)
    serial = models.PositiveIntegerField()
    enterprise = models.ForeignKey(
        Enterprise, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        db_index=False,
        db_constraint=False,
    )
    criterion = models.CharField(max_length=30, blank=True, default="")
    title = models.CharField(max_length=200, blank=True, default="")
    stage = StageField(max_length=30, protected=True)
    grade = models.CharField(max_length=20, blank=True, default="")
    # the programme's main business: a firm's own case, which ledger and closings count
    is_main = models.BooleanField(default=False)
    # of a case that comes back every month or quarter: the first day of what it is about
    period = models.DateField(null=True, blank=True)
    # the day that whoever opened it set; the phrase ``as_given`` asks for it
    given_due = models.DateField(null=True, blank=True)
    # the measure of the plan, by its key
    measure = models.CharField(max_length=30, blank=True, default="")
    wave = models.CharField(max_length=200, blank=True, default="")
    county = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    township = models.ForeignKey(
        Region,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    responsible_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    competent_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    liaison_unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    rule = models.CharField(_("Rule"), max_length=100, blank=True, default="")
    lacking = models.JSONField(default=list, blank=True)
    lacking_count = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    opened_on = models.DateField()
    # four eyes: who applied may not review, who reviewed may not confirm
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    # on time is judged on the day of the county's review, counted on the city's confirmation
    reviewed_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    closing_serial = models.PositiveIntegerField(null=True, blank=True)
    progress = models.CharField(max_length=200, blank=True, default="")
    progress_at = models.DateTimeField(null=True, blank=True)
    # working days that finished steps were left late, the county's own: never lost by a new step
    late_days = models.PositiveIntegerField(default=0)
    # what the facts suggest and a person decides: 停产 → "suspend" (practice: the register)
    proposal = models.CharField(max_length=20, blank=True, default="")
    proposal_reason = models.CharField(max_length=LONGEST, blank=True, default="")
    # 上年结转: the case of the year before that goes on here (年终结转)
    carried_from = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="carried_to",
        db_constraint=False,
    )

    objects = CaseQuerySet.as_manager()

    # procedure, verb and target that the engine is about to make; never stored
    planned: tuple[Procedure, str, str] | None = None

    if TYPE_CHECKING:
        task_set: models.Manager[WorkItem]
        parts: models.Manager[CaseUnit]
        pk: int
        programme_id: int
        pack_version_id: int
        enterprise_id: int | None
        parent_id: int | None
        carried_from_id: int | None
        county_id: int
        township_id: int | None
        responsible_unit_id: int
        competent_unit_id: int
        liaison_unit_id: int | None
        applied_by_id: int | None
        reviewed_by_id: int | None
        status: str
        finished: datetime | None
        created: datetime

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "enterprise", "procedure"],
                # what the register opens has no title of its own; of issues there may be many
                condition=Q(parent=None, title=""),
                name="case_root_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "procedure", "responsible_unit", "period", "measure"],
                condition=Q(period__isnull=False),
                name="case_once_a_period",
            ),
            models.UniqueConstraint(
                fields=["programme", "measure"],
                condition=Q(parent=None) & ~Q(measure=""),
                name="case_once_a_measure",
            ),
            models.CheckConstraint(
                condition=Q(is_main=False) | Q(parent=None, enterprise__isnull=False),
                name="case_main_is_a_firms_own",
            ),
            models.UniqueConstraint(
                fields=["parent", "criterion"],
                condition=~Q(criterion=""),
                name="case_remedy_once_a_criterion",
            ),
            models.UniqueConstraint(fields=["programme", "serial"], name="case_serial_once"),
            models.UniqueConstraint(
                fields=["programme", "closing_serial"],
                condition=Q(closing_serial__isnull=False),
                name="case_closing_serial_once",
            ),
            # PostgreSQL has it in fewer words (migration 0044), as it reads them with every move;
            # for the same reason it checks no sign of what is only counted up
            models.CheckConstraint(
                condition=(
                    Q(status=PROCESS.NEW, finished=None) & ~Q(stage__in=TERMINAL)
                    | Q(
                        status__in=[PROCESS.DONE, PROCESS.CANCELED],
                        finished__isnull=False,
                        stage__in=TERMINAL,
                    )
                ),
                name="case_stage_and_status_agree",
            ),
        ]
        indexes = [
            # the stage is in none of them: each move changes it, and would write them all anew
            # instead of a row beside its old one (docs/adr/0062)
            models.Index(fields=["programme", "county"], name="case_of_programme"),
            models.Index(fields=["competent_unit"], name="case_of_department"),
            # a search reads the titles of matters, not of every firm's case (docs/adr/0034)
            models.Index(fields=["county"], condition=~Q(title=""), name="case_titled"),
            # issues, orders, measures: few beside the firms' cases and their remedies
            models.Index(
                fields=["procedure", "county"],
                condition=Q(is_main=False, criterion=""),
                name="case_matter",
            ),
            # most cases have neither
            models.Index(
                fields=["parent"], condition=Q(parent__isnull=False), name="case_of_parent"
            ),
            models.Index(
                fields=["township"], condition=Q(township__isnull=False), name="case_of_township"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def closing_number(self) -> str:
        """The closing number as printed: 2026-0860; empty where no closing stands."""
        if self.closing_serial is None:
            return ""
        return f"{self.programme.statistical_year}-{self.closing_serial:04d}"

    @property
    def number(self) -> str:
        """The case number as printed: statistical year and serial ("2022-00317")."""
        return f"{self.programme.statistical_year}-{self.serial:05d}"

    @property
    def subject(self) -> str:
        """What it is about, as a list names it: the firm, or the matter."""
        if self.enterprise is not None:
            return str(self.enterprise.name)
        return self.title

    @property
    def is_matter(self) -> bool:
        """Neither a firm's own case nor one of its remedies: issue, report, order, measure …"""
        return not (self.is_main or self.criterion)

    @property
    def is_of_register(self) -> bool:
        """What the register opens, a firm's main case or what it asks beside it (提升, 年度巩固):
        one in a programme, firm and procedure, as the constraint ``case_root_once`` has it.
        """
        # the parent of a planned case has no key yet
        is_root = self.parent_id is None and self.parent is None
        return self.is_main or (is_root and self.enterprise_id is not None and not self.title)

    @cached_property
    def unit_ids(self) -> frozenset[int]:
        """Units that take part beside those that lead and do it; one query, for matters only."""
        if not self.is_matter or self.pk is None:
            return frozenset()
        return frozenset(self.parts.values_list("unit_id", flat=True))

    @cached_property
    def open_unit_id(self) -> int | None:
        """The unit that owes the open step; one query, asked only of those whom nothing else lets
        in."""
        if self.pk is None or self.is_finished:
            return None
        return self.task_set.filter(finished=None).values_list("unit_id", flat=True).first()

    @property
    def firm_id(self) -> int:
        """The firm's id, for cases that are about a firm."""
        if self.enterprise_id is None:
            raise ValueError("this case is not about a firm")
        return self.enterprise_id

    @property
    def is_finished(self) -> bool:
        # the machine's own way to its state is long, and each verb asks
        return (vars(self).get("stage") or self.stage) in TERMINAL

    @transition(field=stage, source="*", target=RETURN_VALUE(), conditions=[procedure_allows])
    def move_to(self, target: str) -> str:
        """Enter the planned stage when the pinned procedure allows it; the engine's alone."""
        return target

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        """Reload without django-fsm's class-wide switch.

        django-fsm-2 lifts the protection of the whole class while it reloads one row; another
        thread could write ``stage`` in that moment. Dropping the value first needs no switch.
        """
        deferred = self.get_deferred_fields()
        if fields is None:
            names = [f.attname for f in self._meta.concrete_fields if f.attname not in deferred]
            self._prefetched_objects_cache: dict[str, Any] = {}
        else:
            names = list(fields)
        if "stage" in names:
            # a protected field may be set once: the reload is that once
            self.__dict__.pop("stage", None)
        models.Model.refresh_from_db(self, using=using, fields=names, from_queryset=from_queryset)


class CaseUnit(models.Model):
    """A unit's part in a case that several share, in the order of the paper (001-03, 001-04)."""

    class Part(models.TextChoices):
        LEAD = "lead", _("Leading unit")
        RESPONSIBLE = "responsible", _("Responsible unit")
        HELPING = "helping", _("Helping unit")
        JOINT = "joint", _("Joint unit")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=12, choices=Part.choices)
    position = models.PositiveSmallIntegerField(default=0)

    if TYPE_CHECKING:
        unit_id: int

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "unit", "part"], name="case_unit_once_a_part")
        ]
