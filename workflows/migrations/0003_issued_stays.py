"""An issued version is never changed, not even past the ORM: the database refuses it."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER issued_version_stays BEFORE UPDATE ON workflows_programmeversion
BEGIN SELECT RAISE(ABORT, 'an issued version stays: issue a new one'); END
"""
POSTGRES = """
CREATE FUNCTION workflows_issued_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an issued version stays: issue a new one'
      USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER issued_version_stays BEFORE UPDATE ON workflows_programmeversion
FOR EACH ROW EXECUTE FUNCTION workflows_issued_version_stays();
"""
BACK = {
    "sqlite": "DROP TRIGGER issued_version_stays",
    "postgresql": (
        "DROP TRIGGER issued_version_stays ON workflows_programmeversion;"
        "DROP FUNCTION workflows_issued_version_stays()"
    ),
}


def guard(apps, schema_editor):
    schema_editor.execute(
        {"sqlite": SQLITE, "postgresql": POSTGRES}[schema_editor.connection.vendor]
    )


def lift(apps, schema_editor):
    schema_editor.execute(BACK[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = [("workflows", "0002_calendar_days")]

    operations = [migrations.RunPython(guard, lift)]
