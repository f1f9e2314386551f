"""The database says itself when working days change, as it does of posts (docs/adr/0049)."""

from django.db import migrations

from organisations import place_marks


def watch(apps, schema_editor):
    place_marks.watch(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("cases", "0039_places_watched")]

    operations = [migrations.RunPython(watch, migrations.RunPython.noop)]
