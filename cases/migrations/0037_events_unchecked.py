"""Events name their case and step without a foreign key; the database keeps both (docs/adr/0042).

On PostgreSQL alone: SQLite would copy the trail, and looks keys up at little cost.
"""

import django.db.models.deletion
from django.db import migrations, models

from organisations import trail

COLUMNS = {"case_id": "cases_case", "item_id": "cases_workitem"}


def unchecked(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        model = apps.get_model("cases", "CaseEvent")
        for column in COLUMNS:
            for name in schema_editor._constraint_names(model, [column], foreign_key=True):
                schema_editor.execute(schema_editor._delete_fk_sql(model, name))
    trail.guard(schema_editor.connection, *trail.KEPT)


def checked(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for column, table in COLUMNS.items():
            schema_editor.execute(
                f"ALTER TABLE cases_caseevent ADD FOREIGN KEY ({column}) REFERENCES {table} (id) "
                "DEFERRABLE INITIALLY DEFERRED"
            )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0036_indexes_that_nobody_reads"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="caseevent",
                    name="case",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="cases.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="caseevent",
                    name="item",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="cases.workitem",
                    ),
                ),
            ],
            database_operations=[migrations.RunPython(unchecked, checked)],
        ),
    ]
