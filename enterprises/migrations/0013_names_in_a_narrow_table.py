"""Firms' names by themselves, on PostgreSQL, with the index over their pairs (docs/adr/0065)."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from enterprises import paired

# as ``enterprises.pairs`` asks; written out, as a migration stays what it was
PAIRS = (
    r"string_to_array(regexp_replace({0}, '(..)', E'\\1\x1f', 'g') || E'\x1f' || "
    r"regexp_replace(substr({0}, 2), '(..)', E'\\1\x1f', 'g'), E'\x1f')"
)


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for sql in (
        # left by a later state, over which a former one was restored
        "DROP TABLE IF EXISTS enterprises_pairedname",
        "CREATE TABLE enterprises_pairedname (firm bigint PRIMARY KEY, name varchar(120) NOT NULL)",
    ):
        schema_editor.execute(sql)
    paired.keep(schema_editor.connection)
    for sql in (
        "CREATE INDEX firm_name_pairs ON enterprises_pairedname "
        f"USING gin (({PAIRS.format('name')}))",
        "DROP INDEX IF EXISTS enterprise_name_pairs",
        "ANALYZE enterprises_pairedname",
    ):
        schema_editor.execute(sql)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for sql in (
        "DROP FUNCTION xiaohao_firm_named() CASCADE",
        "DROP TABLE enterprises_pairedname",
        "CREATE INDEX enterprise_name_pairs ON enterprises_enterprise "
        f"USING gin (({PAIRS.format('folded_name')}))",
    ):
        schema_editor.execute(sql)


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0012_pairs_of_names")]

    operations = [
        migrations.CreateModel(
            name="PairedName",
            fields=[
                ("firm", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
            ],
            options={"managed": False},
        ),
        migrations.RunPython(make, drop),
    ]
