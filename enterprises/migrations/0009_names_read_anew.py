"""Names that were spelled by an older table of readings (南乐 as nanyue, 伊川县长城 as zhangcheng)
are spelled anew; a chunk of firms a statement, those that were right are left alone."""

from django.db import migrations

from enterprises.pinyin import spell

CHUNK = 500


def spell_anew(apps, schema_editor):
    firms = apps.get_model("enterprises", "Enterprise").objects.using(
        schema_editor.connection.alias
    )
    regions = apps.get_model("organisations", "Region").objects.using(
        schema_editor.connection.alias
    )
    rows = regions.exclude(level="township").values_list("name", "aliases")
    places = [name for one, aliases in rows for name in (one, *aliases)]
    last = 0
    while chunk := list(firms.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last, changed = chunk[-1].pk, []
        for firm in chunk:
            found = spell(firm.name, places)
            if found != (firm.pinyin, firm.initials):
                firm.pinyin, firm.initials = found
                changed.append(firm)
        firms.bulk_update(changed, ["pinyin", "initials"])


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0008_facts_by_city"),
        ("organisations", "0001_initial"),
    ]
    operations = [migrations.RunPython(spell_anew, migrations.RunPython.noop, elidable=True)]
