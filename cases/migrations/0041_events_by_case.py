"""Of the trail's indexes the one by step is gone, the one by person knows persons only (docs/adr/0057).

Dropped by name: as an altered field SQLite would write the trail anew.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FIELDS = ("item", "by")


def drop(apps, schema_editor):
    model = apps.get_model("cases", "CaseEvent")
    for name in FIELDS:
        column = model._meta.get_field(name).column
        for index in schema_editor._constraint_names(
            model, [column], index=True, unique=False, primary_key=False
        ):
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(index)}")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0040_days_watched"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="caseevent",
                    name="item",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="cases.workitem",
                    ),
                ),
                migrations.AlterField(
                    model_name="caseevent",
                    name="by",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(
                condition=models.Q(("by__isnull", False)), fields=["by"], name="event_by_somebody"
            ),
        ),
    ]
