from django.db import migrations
from django.db.models import Exists, OuterRef, Subquery


def confirm_closed(apps, schema_editor):
    """What the confirmation of a closing granted names who confirmed, by the trail; set-based."""
    evidence = apps.get_model("cases", "Evidence")
    events = apps.get_model("cases", "CaseEvent").objects
    closing = events.filter(case=OuterRef("case"), verb="close").order_by("-id")
    by_county = evidence.objects.filter(state="city_accepted", confirmed_at=None)
    by_county.filter(Exists(closing.filter(at__gt=OuterRef("reviewed_at")))).update(
        confirmed_by=Subquery(closing.values("by")[:1]),
        confirmed_at=Subquery(closing.values("at")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_who_confirmed"),
    ]

    operations = [
        migrations.RunPython(confirm_closed, migrations.RunPython.noop),
    ]
