"""Whose own a paper is: the department or county that answers for its case."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def of_units(apps: Any, _editor: Any) -> None:
    """Replies to proposals are of the unit that answers; counties' reports were the office's."""
    document = apps.get_model("reports", "Document")
    case = apps.get_model("cases", "Case")
    kinds = ("task_force", "department")
    held = case.objects.filter(pk=OuterRef("case"), responsible_unit__kind__in=kinds)
    replies = document.objects.filter(kind="proposal_reply", case__isnull=False)
    replies.update(issuer=Subquery(held.values("responsible_unit")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_kinds_of_files_in_full"),
        ("organisations", "0009_keeping_rules"),
        ("reports", "0008_house_styles_of_units"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="issuer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.unit",
            ),
        ),
        migrations.RunPython(of_units, migrations.RunPython.noop, elidable=True),
    ]
