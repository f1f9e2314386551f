"""All steps so far as one: a new installation makes its tables once, not change by change. Whoever
has all of them has this one; whoever has some of them takes the others first."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from organisations import trail


def guard(apps, schema_editor):
    """Lines of a trail are only appended, not even changed past the ORM."""
    trail.guard(schema_editor.connection, "organisations_auditevent")


class Migration(migrations.Migration):
    replaces = [
        ("organisations", "0001_initial"),
        ("organisations", "0002_trail_clock_and_region_checks"),
        ("organisations", "0003_delegations"),
        ("organisations", "0004_ranks"),
        ("organisations", "0005_longer_reasons"),
        ("organisations", "0006_the_trail_stays"),
        ("organisations", "0007_file_jobs"),
        ("organisations", "0008_lists_of_a_person"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("township_worker", "Township (park) liaison"),
                            ("county_worker", "County handler"),
                            ("county_lead", "County reviewer"),
                            ("department_officer", "Department liaison officer"),
                            ("department_lead", "Department lead"),
                            ("liaison_member", "Liaison group member"),
                            ("office", "City office"),
                            ("supervisor", "Supervision office"),
                            ("leader", "City leader"),
                            ("enterprise_clerk", "Enterprise contact"),
                            ("system_admin", "System administrator"),
                            ("security_admin", "Security administrator"),
                            ("audit_admin", "Audit administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("receives_work", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="Name")),
                (
                    "phone",
                    models.CharField(blank=True, default="", max_length=30, verbose_name="Phone"),
                ),
                (
                    "rank",
                    models.CharField(
                        blank=True,
                        choices=[
                            (None, "no rank given"),
                            ("section", "section level"),
                            ("division", "division level"),
                            ("bureau", "bureau level"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("is_technical", models.BooleanField(default=False)),
                ("language", models.CharField(blank=True, default="", max_length=10)),
                ("must_change_password", models.BooleanField(default=False)),
                ("lists", models.JSONField(blank=True, default=dict)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="ClockOffset",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("offset", models.DurationField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_clock_offset")
                ],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100, unique=True)),
                ("name", models.CharField(max_length=50)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("province", "Province"),
                            ("city", "City"),
                            ("county", "County"),
                            ("township", "Township or park"),
                        ],
                        max_length=10,
                    ),
                ),
                ("aliases", models.JSONField(blank=True, default=list)),
                ("code", models.CharField(blank=True, default="", max_length=9)),
                ("path", models.CharField(blank=True, db_index=True, default="", max_length=60)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="organisations.region",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("parent", "name"), name="region_name_once_a_parent"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("path", ""), _negated=True),
                        fields=("path",),
                        name="region_path_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("path", ""),
                            models.Q(("path__endswith", "/"), ("path__startswith", "/")),
                            _connector="OR",
                        ),
                        name="region_path_between_slashes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level__in", ["province", "city"]),
                            ("parent__isnull", False),
                            _connector="OR",
                        ),
                        name="region_below_a_city_has_a_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level", "province"), _negated=True),
                            ("parent__isnull", True),
                            _connector="OR",
                        ),
                        name="province_has_no_parent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tenure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(blank=True, null=True)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tenures",
                        to="organisations.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tenures",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on", None),
                            ("until_on__gt", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="tenure_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until_on", None)),
                        fields=("post", "user"),
                        name="tenure_open_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("short_name", models.CharField(blank=True, default="", max_length=30)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("office", "City office"),
                            ("department", "Department"),
                            ("task_force", "Task force"),
                            ("liaison_group", "Liaison group"),
                            ("township", "Township or park"),
                            ("supervision", "Supervision office"),
                            ("leadership", "Leadership"),
                        ],
                        max_length=15,
                    ),
                ),
                ("phone", models.CharField(blank=True, default="", max_length=30)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "paired_counties",
                    models.ManyToManyField(
                        blank=True, related_name="liaison_groups", to="organisations.region"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="organisations.unit",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="units",
                        to="organisations.region",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("region", "name"), name="unit_name_once_a_region"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="post",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="posts",
                to="organisations.unit",
            ),
        ),
        migrations.CreateModel(
            name="AuditEvent",
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
                            ("sign_in", "Sign-in"),
                            ("user", "User"),
                            ("post", "Unit or post"),
                            ("region", "Region"),
                            ("setting", "Setting"),
                            ("import", "Import"),
                            ("export", "Export"),
                        ],
                        max_length=10,
                    ),
                ),
                ("verb", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("subject", models.CharField(blank=True, default="", max_length=150)),
                (
                    "subject_key",
                    models.CharField(blank=True, db_index=True, default="", max_length=40),
                ),
                ("address", models.GenericIPAddressField(blank=True, null=True)),
                ("data", models.JSONField(blank=True, default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["kind", "at"], name="organisatio_kind_2939fa_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="FileJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=30)),
                ("asked", models.JSONField(default=dict)),
                ("name", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for its turn"),
                            ("running", "is being written"),
                            ("done", "ready"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                            ("gone", "no longer kept"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("file", models.FileField(blank=True, upload_to="files/%Y/")),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("words", models.CharField(blank=True, default="", max_length=1000)),
                ("language", models.CharField(blank=True, default="", max_length=10)),
                ("at", models.DateTimeField()),
                ("beat_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="file_jobs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["by", "-id"], name="file_job_of")],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("reason", models.CharField(max_length=1000)),
                ("reads_only", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                ("revoked_on", models.DateField(blank=True, null=True)),
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
                    "to_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to="organisations.post",
                    ),
                ),
                (
                    "to_post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands_in_for",
                        to="organisations.post",
                    ),
                ),
            ],
            options={
                "ordering": ["-from_on", "-id"],
                "indexes": [models.Index(fields=["until_on"], name="delegation_until")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gt", models.F("from_on"))),
                        name="delegation_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_user__isnull", True), ("to_post__isnull", True), _connector="XOR"
                        ),
                        name="delegation_has_one_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_post", None),
                            models.Q(("to_post", models.F("post")), _negated=True),
                            _connector="OR",
                        ),
                        name="delegation_not_to_itself",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                fields=("unit", "name"), name="post_name_once_a_unit"
            ),
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
