"""An index over the pairs of characters in a firm's name, on PostgreSQL (docs/adr/0034)."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# as ``enterprises.pairs`` asks; written out, as a migration stays what it was
PAIRS = (
    r"string_to_array(regexp_replace(folded_name, '(..)', E'\\1\x1f', 'g') || E'\x1f' || "
    r"regexp_replace(substr(folded_name, 2), '(..)', E'\\1\x1f', 'g'), E'\x1f')"
)


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX enterprise_name_pairs ON enterprises_enterprise USING gin (({PAIRS}))"
        )


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX enterprise_name_pairs")


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0011_amounts_known_later")]

    operations = [migrations.RunPython(make, drop)]
