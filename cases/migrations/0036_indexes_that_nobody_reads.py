"""Indexes that no question of ours reads, each of which every new case and every move pays for.

Dropped by name: as altered fields SQLite would write each table anew, once for each of them. The
fields stay as they are, so only the state is told.
"""

import django.db.models.deletion
import django.utils.timezone
import django_fsm
from django.conf import settings
from django.db import migrations, models

UNREAD = {
    "case": [
        "applied_by",
        "competent_unit",
        "liaison_unit",
        "pack_version",
        "parent",
        "programme",
        "reviewed_by",
        "stage",
        "township",
    ],
    "caseevent": ["by_post", "case"],
    "programmefirm": [
        "competent_unit",
        "county",
        "guide_unit",
        "liaison_unit",
        "programme",
        "responsible_unit",
        "township",
    ],
    "workitem": [
        "created",
        "external_task_id",
        "owner",
        "owner_permission_content_type",
        "post",
        "scheduled",
        "status",
        "unit",
    ],
}


def drop(apps, schema_editor):
    """Every index of one of these columns alone, with PostgreSQL's second one for LIKE."""
    for name, fields in UNREAD.items():
        model = apps.get_model("cases", name)
        for field in fields:
            column = model._meta.get_field(field).column
            found = schema_editor._constraint_names(
                model, [column], index=True, unique=False, primary_key=False
            )
            for index in found:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(index)}")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0035_rungs_and_outbox_unchecked"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("enterprises", "0011_amounts_known_later"),
        ("organisations", "0009_keeping_rules"),
        ("workflows", "0003_issued_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="case",
            name="case_closing_serial_once",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="cases_case_enterpr_501e09_idx",
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="case",
                    name="applied_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="competent_unit",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="liaison_unit",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="pack_version",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programmeversion",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="parent",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="cases.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="programme",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programme",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="reviewed_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="stage",
                    field=django_fsm.FSMField(max_length=30, protected=True),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="township",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                migrations.AlterField(
                    model_name="caseevent",
                    name="by_post",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.post",
                    ),
                ),
                migrations.AlterField(
                    model_name="caseevent",
                    name="case",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="cases.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="competent_unit",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="county",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="guide_unit",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="liaison_unit",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="programme",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firms",
                        to="workflows.programme",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="responsible_unit",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="township",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="created",
                    field=models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="Created"
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="external_task_id",
                    field=models.CharField(
                        blank=True, max_length=50, null=True, verbose_name="External Task ID"
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="owner",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="owner_permission_content_type",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contenttypes.contenttype",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="post",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.post",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="scheduled",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="Scheduled"),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="status",
                    field=models.CharField(
                        choices=[
                            ("ASSIGNED", "Assigned"),
                            ("CANCELED", "Canceled"),
                            ("DONE", "Done"),
                            ("ERROR", "Error"),
                            ("NEW", "New"),
                            ("REVIVED", "Revived"),
                            ("SCHEDULED", "Scheduled"),
                            ("STARTED", "Started"),
                        ],
                        default="NEW",
                        verbose_name="Status",
                        max_length=50,
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="unit",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent"],
                name="case_of_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("township__isnull", False)),
                fields=["township"],
                name="case_of_township",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("finished", None)), fields=["post"], name="work_item_of_post"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closing_serial__isnull", False)),
                fields=("programme", "closing_serial"),
                name="case_closing_serial_once",
            ),
        ),
    ]
