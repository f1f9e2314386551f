"""Where the work of a large installation stands, counted ahead of being asked (docs/adr/0070)."""

from __future__ import annotations

from django.db import models

from organisations.models import Region
from workflows.models import Programme, ProgrammeVersion


class WorkCount(models.Model):
    """Cases of one county and kind that count as work, as they stood on the day of the mark.

    ``kind``: empty for firms' own cases, ``:remedies``, else a procedure; ``:waits`` is the line of
    its overdue firms by whom they wait for. See ``cases.work_counts`` for what each figure counts.
    """

    # all three are never removed, and nobody looks for them but by county
    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    pack_version = models.ForeignKey(
        ProgrammeVersion,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    county = models.ForeignKey(
        Region, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    kind = models.CharField(max_length=31)
    listed = models.PositiveIntegerField(default=0)
    running = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    unended = models.PositiveIntegerField(default=0)
    lacks_one = models.PositiveIntegerField(default=0)
    overdue = models.PositiveIntegerField(default=0)
    late10 = models.PositiveIntegerField(default=0)
    soon = models.PositiveIntegerField(default=0)
    resting = models.PositiveIntegerField(default=0)
    remedies = models.PositiveIntegerField(default=0)
    open = models.PositiveIntegerField(default=0)
    kind_overdue = models.PositiveIntegerField(default=0)
    kind_soon = models.PositiveIntegerField(default=0)
    waits_county = models.PositiveIntegerField(default=0)
    waits_firm = models.PositiveIntegerField(default=0)
    waits_department = models.PositiveIntegerField(default=0)
    waits_group = models.PositiveIntegerField(default=0)
    waits_office = models.PositiveIntegerField(default=0)


class WorkMark(models.Model):
    """How far the trails are in the counts; at most one row, where the installation is large.

    ``as_of``: the days that they were counted for. ``up_to``: every event of a smaller or the same
    number is in them. ``seen``: the next such mark, once every transaction is over that was open
    then; those have numbers below ``below``. ``clerks``, ``clerks_seen``: the same of the audit
    trail, which says who may hand in papers for a firm. ``looked``: the county that was compared
    with its cases last; ``differing``: how often one was found wrong, and counted anew.
    """

    as_of = models.CharField(max_length=40, default="")
    up_to = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    clerks = models.BigIntegerField(default=0)
    clerks_seen = models.BigIntegerField(default=0)
    below = models.BigIntegerField(default=0)
    looked = models.BigIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)
