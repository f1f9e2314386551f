"""The mark of posts, units and programmes; its triggers come with cases, once all tables are there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisations", "0009_keeping_rules")]

    operations = [
        migrations.CreateModel(
            name="PlaceMark",
            fields=[
                ("writer", models.BigIntegerField(primary_key=True, serialize=False)),
                ("mark", models.CharField(max_length=36)),
            ],
        ),
    ]
