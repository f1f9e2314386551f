"""Lines of the audit trail are only appended, not even changed past the ORM."""

from django.db import migrations

from organisations import trail


def guard(apps, schema_editor):
    trail.guard(schema_editor.connection, "organisations_auditevent")


class Migration(migrations.Migration):
    dependencies = [("organisations", "0005_longer_reasons")]

    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
