"""The database says itself when posts, units or programmes change (docs/adr/0049)."""

from django.db import migrations

from organisations import place_marks


def watch(apps, schema_editor):
    place_marks.watch(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0038_lists_over_a_country"),
        ("organisations", "0010_place_marks"),
    ]

    operations = [migrations.RunPython(watch, migrations.RunPython.noop)]
