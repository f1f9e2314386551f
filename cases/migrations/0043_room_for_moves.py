"""No index holds the stage, and a page of cases has room: a move writes its row beside the old one
(docs/adr/0062).

Builds two indexes before it drops two, a second for each million cases, during which nobody writes
a case. On PostgreSQL pages that are there stay as full as they are; new ones keep a tenth free.
"""

from django.conf import settings
from django.db import migrations, models

ROOM = "ALTER TABLE cases_case {}"


def make_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ROOM.format("SET (fillfactor = 90)"))


def fill_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ROOM.format("RESET (fillfactor)"))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0042_unchecked_but_firms"),
        ("enterprises", "0012_pairs_of_names"),
        ("organisations", "0010_place_marks"),
        ("workflows", "0003_issued_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["programme", "county"], name="case_of_programme"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["competent_unit"], name="case_of_department"),
        ),
        migrations.RemoveIndex(model_name="case", name="cases_case_program_910115_idx"),
        migrations.RemoveIndex(model_name="case", name="cases_case_compete_0ef902_idx"),
        migrations.RunPython(make_room, fill_up),
    ]
