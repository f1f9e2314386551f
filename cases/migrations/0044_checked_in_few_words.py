"""PostgreSQL reads the text of each check anew with every statement that writes the table: those
that nothing can break go, the longest says the same in fewer words (docs/adr/0062).

Numbers that are only counted up, by rows that are checked themselves or by one each time: serials
of a case and of its closing (``Counter``), its version, how many criteria it lacks (the length of a
list), the version of a deadline, the days late of a step (the larger of 1 and something, or 0).
What is reckoned from days keeps its check. The new text is read against all cases once: a moment
for each million. SQLite is left alone, as it would write each table anew.
"""

from django.db import migrations

COUNTED = {
    "case": ("serial", "closing_serial", "lacking_count", "version"),
    "workitem": ("deadline_version", "days_late"),
    "rungfired": ("deadline_version",),
}
NAME = "case_stage_and_status_agree"
TERMINAL = "'{closed,delisted,withdrawn,carried_over}'::varchar[]"
SHORT = (
    f"(finished IS NULL) <> (stage = ANY ({TERMINAL})) AND CASE WHEN finished IS NULL "
    "THEN status = 'NEW' ELSE status = ANY ('{DONE,CANCELED}'::varchar[]) END"
)


def say_less(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, fields in COUNTED.items():
        model = apps.get_model("cases", name)
        for field in fields:
            for check in schema_editor._constraint_names(model, [field], check=True):
                schema_editor.execute(schema_editor._delete_check_sql(model, check))
    schema_editor.execute(
        f"ALTER TABLE cases_case DROP CONSTRAINT {NAME}, ADD CONSTRAINT {NAME} CHECK ({SHORT})"
    )


def say_all(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, fields in COUNTED.items():
        table = apps.get_model("cases", name)._meta.db_table
        for field in fields:
            schema_editor.execute(f"ALTER TABLE {table} ADD CHECK ({field} >= 0)")


class Migration(migrations.Migration):
    dependencies = [("cases", "0043_room_for_moves")]

    operations = [migrations.RunPython(say_less, say_all)]
