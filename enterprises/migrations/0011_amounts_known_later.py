"""Since when an amount is known, where that is later than the day it describes (ADR 23)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0010_column_maps")]

    operations = [
        migrations.RemoveConstraint(model_name="moneyfigure", name="money_once_a_day"),
        migrations.AddField(
            model_name="moneyfigure", name="known_on", field=models.DateField(null=True)
        ),
        migrations.AddConstraint(
            model_name="moneyfigure",
            constraint=models.UniqueConstraint(
                condition=models.Q(known_on=None),
                fields=["enterprise", "kind", "on"],
                name="money_once_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="moneyfigure",
            constraint=models.UniqueConstraint(
                fields=["enterprise", "kind", "on", "known_on"], name="money_once_a_day_of_knowing"
            ),
        ),
    ]
