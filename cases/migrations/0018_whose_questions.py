"""Apart from the columns: PostgreSQL adds no key to a table with changes still under way."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce


def whose_questions(apps, schema_editor):
    """Answers belong to the version in whose words they were asked for: that of the case, or the
    one from which the case was moved after they were given. One statement."""
    case_model = apps.get_model("cases", "Case")
    event = apps.get_model("cases", "CaseEvent")
    version = apps.get_model("workflows", "ProgrammeVersion")
    record = apps.get_model("cases", "FormRecord")
    case = case_model.objects.filter(pk=OuterRef("case_id"))
    moved = (
        event.objects.filter(
            case_id=OuterRef(OuterRef("case_id")), verb="migrate", at__gt=OuterRef(OuterRef("at"))
        )
        .order_by("id")
        .annotate(was=Cast(KeyTextTransform("from_version", "data"), models.IntegerField()))
        .values("was")[:1]
    )
    programme = case_model.objects.filter(pk=OuterRef(OuterRef("case_id"))).values("programme_id")
    before = version.objects.filter(programme_id=Subquery(programme[:1]), number=Subquery(moved))
    record.objects.filter(pack_version=None).update(
        pack_version_id=Coalesce(
            Subquery(before.values("pk")[:1]), Subquery(case.values("pack_version_id")[:1])
        )
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_forms_told_apart"),
    ]

    operations = [
        migrations.RunPython(whose_questions, migrations.RunPython.noop),
    ]
