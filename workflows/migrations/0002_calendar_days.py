"""Working days 2004–2026, from chinesecalendar: the only place that reads it."""

from django.db import migrations

from workflows.days import official_days


def seed(apps, schema_editor):
    day_model = apps.get_model("workflows", "CalendarDay")
    rows = [
        day_model(day=day, is_working=is_working, name=name)
        for day, is_working, name in official_days()
    ]
    day_model.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
