"""The database says itself when a place changes, as it does of posts (docs/adr/0066)."""

from django.db import migrations

from organisations import place_marks


def watch(apps, schema_editor):
    place_marks.watch(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("cases", "0044_checked_in_few_words")]

    operations = [migrations.RunPython(watch, migrations.RunPython.noop)]
