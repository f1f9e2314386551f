"""Of what every case fills only the firm is looked up by PostgreSQL; the rest stays (docs/adr/0061).

By column, as names differ from release to release. On PostgreSQL alone: SQLite would write each
table anew, and looks keys up at little cost. Each constraint goes in an instant, whatever the size,
once nobody else is at the table. What is named without a key is kept by a trigger each.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from organisations import trail

FIELDS = {
    "case": (
        "programme",
        "pack_version",
        "parent",
        "county",
        "township",
        "responsible_unit",
        "competent_unit",
        "liaison_unit",
        "applied_by",
        "reviewed_by",
        "carried_from",
    ),
    "workitem": ("process", "owner", "owner_permission_content_type", "unit", "post"),
    "caseevent": ("by", "by_post"),
    "programmefirm": (
        "programme",
        "county",
        "township",
        "responsible_unit",
        "competent_unit",
        "liaison_unit",
        "guide_unit",
    ),
}


def columns(apps):
    for name, fields in FIELDS.items():
        model = apps.get_model("cases", name)
        for field in fields:
            yield model, model._meta.get_field(field)


def unchecked(apps, schema_editor):
    # first what keeps them, then what looked for them
    trail.guard(schema_editor.connection, *trail.KEPT)
    if schema_editor.connection.vendor == "postgresql":
        for model, field in columns(apps):
            for name in schema_editor._constraint_names(model, [field.column], foreign_key=True):
                schema_editor.execute(schema_editor._delete_fk_sql(model, name))


def checked(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for model, field in columns(apps):
            schema_editor.execute(
                f"ALTER TABLE {model._meta.db_table} ADD FOREIGN KEY ({field.column}) "
                f"REFERENCES {field.related_model._meta.db_table} (id) "
                "DEFERRABLE INITIALLY DEFERRED"
            )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0041_events_by_case"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("organisations", "0010_place_marks"),
        ("workflows", "0003_issued_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(unchecked, checked)],
            state_operations=[
                migrations.AlterField(
                    model_name="case",
                    name="applied_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="carried_from",
                    field=models.OneToOneField(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_to",
                        to="cases.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="competent_unit",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="county",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="liaison_unit",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programme",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="responsible_unit",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="reviewed_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="township",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                migrations.AlterField(
                    model_name="caseevent",
                    name="by",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="caseevent",
                    name="by_post",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.post",
                    ),
                ),
                migrations.AlterField(
                    model_name="programmefirm",
                    name="competent_unit",
                    field=models.ForeignKey(
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="owner",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
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
                        db_constraint=False,
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.post",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="process",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="task_set",
                        to="cases.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="unit",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
            ],
        ),
    ]
