"""All steps so far as one: a new installation makes its tables once, not change by change. Whoever
has all of them has this one; whoever has some of them takes the others first."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("enterprises", "0001_initial"),
        ("enterprises", "0002_initial"),
        ("enterprises", "0003_money_and_left_reasons"),
        ("enterprises", "0004_uploads"),
        ("enterprises", "0005_pairings"),
        ("enterprises", "0006_platform_numbers"),
        ("enterprises", "0007_invitations"),
        ("enterprises", "0008_facts_by_city"),
        ("enterprises", "0009_names_read_anew"),
        ("enterprises", "0010_column_maps"),
    ]

    initial = True

    dependencies = [
        # its twenty steps before our tables: each of them would have to think of all of ours
        ("viewflow", "0015_task_scheduled"),
        ("organisations", "0001_squashed_0008_lists_of_a_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Enterprise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("folded_name", models.CharField(db_index=True, max_length=120)),
                (
                    "credit_code",
                    models.CharField(blank=True, max_length=18, null=True, unique=True),
                ),
                ("code_note", models.CharField(blank=True, default="", max_length=200)),
                ("pinyin", models.CharField(blank=True, default="", max_length=400)),
                (
                    "initials",
                    models.CharField(blank=True, db_index=True, default="", max_length=120),
                ),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("normal", "Normal"),
                            ("partly_stopped", "Partly stopped"),
                            ("stopped", "Stopped"),
                            ("building", "Under construction"),
                            ("moving", "Moving"),
                            ("bankrupt", "Bankrupt"),
                            ("deregistered", "Deregistered"),
                        ],
                        default="normal",
                        max_length=15,
                    ),
                ),
                ("address", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["name"], name="enterprises_name_bce2a4_idx")],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "duty",
                    models.CharField(
                        choices=[
                            ("general", "Contact"),
                            ("head", "Person in charge"),
                            ("finance", "Head of finance"),
                            ("filing", "R&D filing clerk"),
                        ],
                        default="general",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("position", models.CharField(blank=True, default="", max_length=40)),
                ("phone", models.CharField(blank=True, default="", max_length=30)),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="enterprises.enterprise",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("register", "Register"),
                            ("filing", "Filing facts"),
                            ("ledger", "Running ledger"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("reading", "Reading"),
                            ("previewed", "Previewed"),
                            ("applying", "Applying"),
                            ("applied", "Applied"),
                            ("undone", "Undone"),
                            ("failed", "Failed"),
                            ("dropped", "Dropped"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("programme_key", models.CharField(blank=True, default="", max_length=60)),
                ("file_name", models.CharField(max_length=200)),
                ("file", models.FileField(blank=True, upload_to="imports/%Y/")),
                ("sha256", models.CharField(max_length=64)),
                ("as_of", models.DateField(blank=True, null=True)),
                ("about_month", models.DateField(blank=True, null=True)),
                ("known_on", models.DateField(blank=True, null=True)),
                ("options", models.JSONField(blank=True, default=dict)),
                ("report", models.JSONField(blank=True, default=dict)),
                ("done_rows", models.PositiveIntegerField(default=0)),
                ("total_rows", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("person", models.CharField(blank=True, default="", max_length=40)),
                ("phone", models.CharField(blank=True, default="", max_length=30)),
                ("made_at", models.DateTimeField()),
                ("until_on", models.DateField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("entered", models.PositiveIntegerField(default=0)),
                ("entered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("entered", 0), ("entered_at__isnull", False), _connector="OR"
                        ),
                        name="invitation_entered_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Clerk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clerkships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clerks",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="clerks",
                        to="enterprises.invitation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "enterprise"), name="clerk_once_a_firm")
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("industry_code", models.CharField(blank=True, default="", max_length=4)),
                ("industry_name", models.CharField(blank=True, default="", max_length=80)),
                ("ownership", models.CharField(blank=True, default="", max_length=40)),
                ("listed_text", models.CharField(blank=True, default="", max_length=20)),
                ("joined_on", models.DateField()),
                ("left_on", models.DateField(blank=True, null=True)),
                (
                    "left_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("bankrupt", "Bankrupt"),
                            ("deregistered", "Deregistered"),
                            ("absent", "Not on this list"),
                            ("moved", "County changed"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="organisations.region",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="county_memberships",
                        to="organisations.region",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["city", "county", "joined_on"],
                        name="enterprises_city_id_47d80c_idx",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_on", None),
                            ("left_on__gte", models.F("joined_on")),
                            _connector="OR",
                        ),
                        name="membership_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("left_on", None)),
                        fields=("city", "enterprise"),
                        name="membership_open_once_a_city",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MoneyFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("revenue", "Main-business revenue"),
                            ("spending", "R&D spending"),
                        ],
                        max_length=10,
                    ),
                ),
                ("on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=16)),
                ("source", models.CharField(max_length=200)),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="money",
                        to="enterprises.enterprise",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enterprise", "kind", "on"), name="money_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="money_has_a_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthlyFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("about_month", models.DateField()),
                ("known_on", models.DateField()),
                ("registered", models.BooleanField()),
                ("filed", models.BooleanField()),
                ("has_institution", models.BooleanField()),
                ("has_staff", models.BooleanField()),
                ("has_spending", models.BooleanField()),
                ("has_cooperation", models.BooleanField()),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="enterprises.enterprise",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["city", "about_month", "known_on"],
                        name="enterprises_city_id_a1b7db_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("city", "enterprise", "about_month", "known_on"),
                        name="fact_once_a_month_and_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("filed", False), ("registered", True), _connector="OR"),
                        name="filed_means_registered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("chief", "Chief service officer"),
                            ("officer", "Service officer"),
                            ("lead_firm", "Lead firm"),
                            ("county", "Serving county"),
                        ],
                        max_length=10,
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairings",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairings",
                        to="organisations.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-from_on", "-id"],
                "indexes": [models.Index(fields=["post"], name="pairing_post")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until_on", None)),
                        fields=("city", "enterprise", "kind"),
                        name="pairing_open_once_a_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on", None),
                            ("until_on__gt", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="pairing_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("county", None),
                                ("kind__in", ["chief", "officer"]),
                                ("lead", None),
                                ("post__isnull", False),
                            ),
                            models.Q(
                                ("county", None),
                                ("kind", "lead_firm"),
                                ("lead__isnull", False),
                                ("post", None),
                            ),
                            models.Q(
                                ("county__isnull", False),
                                ("kind", "county"),
                                ("lead", None),
                                ("post", None),
                            ),
                            _connector="OR",
                        ),
                        name="pairing_has_its_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lead", None),
                            models.Q(("lead", models.F("enterprise")), _negated=True),
                            _connector="OR",
                        ),
                        name="pairing_not_with_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlatformNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("rd_statistics", "Provincial R&D statistics platform"),
                            ("sme", "Technology-based SME"),
                            ("high_tech", "High-tech enterprise certificate"),
                            ("specialised", "Specialised and innovative SME"),
                            ("other", "Another platform"),
                        ],
                        max_length=15,
                    ),
                ),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                ("number", models.CharField(max_length=60)),
                ("since_on", models.DateField(blank=True, null=True)),
                ("until_on", models.DateField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="numbers",
                        to="enterprises.enterprise",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enterprise", "kind", "name"), name="platform_number_once_a_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "other"), models.Q(("name", ""), _negated=True)),
                            models.Q(models.Q(("kind", "other"), _negated=True), ("name", "")),
                            _connector="OR",
                        ),
                        name="platform_number_other_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        name="platform_number_is_there",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ColumnMap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("programme_key", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("register", "Register"),
                            ("filing", "Filing facts"),
                            ("ledger", "Running ledger"),
                        ],
                        max_length=10,
                    ),
                ),
                ("columns", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("city", "programme_key", "kind"), name="column_map_once_a_list"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=20)),
                ("row_id", models.BigIntegerField()),
                ("before", models.JSONField(blank=True, null=True)),
                ("after", models.JSONField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="enterprises.importbatch",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["model", "row_id"], name="enterprises_model_962181_idx")
                ],
            },
        ),
    ]
