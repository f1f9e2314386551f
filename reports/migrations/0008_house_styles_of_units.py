import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0008_lists_of_a_person"),
        ("reports", "0007_meeting_papers"),
    ]

    operations = [
        migrations.AddField(
            model_name="housestyle",
            name="unit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.unit",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="housestyle",
            name="house_style_once_a_kind",
        ),
        migrations.AddConstraint(
            model_name="housestyle",
            constraint=models.UniqueConstraint(
                condition=Q(unit=None),
                fields=("city", "kind"),
                name="house_style_once_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="housestyle",
            constraint=models.UniqueConstraint(
                fields=("city", "kind", "unit"), name="house_style_once_a_unit"
            ),
        ),
    ]
