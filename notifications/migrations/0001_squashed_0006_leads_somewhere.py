"""All steps so far as one: a new installation makes its tables once, not change by change. Whoever
has all of them has this one; whoever has some of them takes the others first."""

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("notifications", "0001_initial"),
        ("notifications", "0002_kept_for_the_post"),
        ("notifications", "0003_deliveries"),
        ("notifications", "0004_pulse"),
        ("notifications", "0005_the_other_languages"),
        ("notifications", "0006_leads_somewhere"),
    ]

    initial = True

    dependencies = [
        ("cases", "0001_squashed_0031_kinds_of_files_in_full"),
        ("organisations", "0001_squashed_0008_lists_of_a_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Line",
            fields=[
                ("channel", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("window_from", models.DateTimeField(null=True)),
                ("in_window", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("resting_until", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("done", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True)),
                ("kind", models.CharField(max_length=30)),
                ("title", models.CharField(max_length=60)),
                ("body", models.CharField(max_length=500)),
                ("link", models.CharField(blank=True, default="", max_length=200)),
                ("other", models.JSONField(blank=True, default=dict)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="cases.case",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.caseevent",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.post",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["recipient"],
                        name="notice_unread",
                    ),
                    models.Index(
                        condition=models.Q(("read_at", None), ("recipient", None)),
                        fields=["post"],
                        name="notice_kept",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recipient__isnull", False), ("post__isnull", False), _connector="OR"
                        ),
                        name="notice_is_for_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=160, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("single", "Single notice"), ("digest", "Daily digest")],
                        max_length=10,
                    ),
                ),
                ("channel", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=120)),
                ("body", models.TextField(blank=True, default="")),
                ("address", models.CharField(blank=True, default="", max_length=254)),
                ("made_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("claimed", "being sent"),
                            ("transmitting", "being transmitted"),
                            ("sent", "sent"),
                            ("in_doubt", "in doubt"),
                            ("confirmed", "confirmed as received"),
                            ("failed", "failed"),
                            ("dropped", "not sent any more"),
                            ("silent", "nothing to say"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("token", models.UUIDField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=300)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="notifications.notice",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["channel", "next_try_at", "id"],
                        name="delivery_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["claimed", "transmitting"])),
                        fields=["channel", "leased_until"],
                        name="delivery_held",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["in_doubt", "failed"])),
                        fields=["state", "settled_at"],
                        name="delivery_to_decide",
                    ),
                    models.Index(fields=["case"], name="delivery_case"),
                    models.Index(
                        condition=models.Q(("kind", "digest")),
                        fields=["made_at"],
                        name="delivery_digests",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["claimed", "transmitting"]), _negated=True),
                            models.Q(("leased_until__isnull", False), ("token__isnull", False)),
                            _connector="OR",
                        ),
                        name="delivery_held_has_token_and_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["sent", "confirmed", "failed", "dropped", "silent"]),
                                _negated=True,
                            ),
                            ("settled_at__isnull", False),
                            _connector="OR",
                        ),
                        name="delivery_settled_has_a_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by_mail", models.BooleanField(default=True)),
                ("by_sms", models.BooleanField(default=False)),
                ("digest", models.BooleanField(default=True)),
                ("digest_at", models.TimeField(default=datetime.time(8, 30))),
                ("singles", models.BooleanField(default=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preference",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
