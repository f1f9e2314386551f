"""All steps so far as one: a new installation makes its tables once, not change by change. Whoever
has all of them has this one; whoever has some of them takes the others first."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("reports", "0001_documents"),
        ("reports", "0002_more_kinds"),
        ("reports", "0003_house_styles"),
        ("reports", "0004_freezes"),
        ("reports", "0005_receipts_and_sheets"),
    ]

    initial = True

    dependencies = [
        ("cases", "0001_squashed_0031_kinds_of_files_in_full"),
        ("organisations", "0001_squashed_0008_lists_of_a_person"),
        ("workflows", "0003_issued_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
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
                            ("circular", "Circular"),
                            ("letter", "Letter"),
                            ("correction", "Notice of correction"),
                            ("bulletin", "Bulletin"),
                            ("order_form", "Supervision form"),
                            ("closing_sheet", "Closing sheet"),
                            ("case_file", "Case file"),
                            ("questionnaire", "Questionnaire"),
                            ("summary_table", "Summary table"),
                            ("monthly_report", "Monthly report"),
                            ("proposal_reply", "Reply to a proposal"),
                            ("needs_list", "List of needs"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafting", "Drafting"),
                            ("checking", "Checking"),
                            ("countersigning", "Countersigning"),
                            ("to_sign", "To be signed"),
                            ("to_number", "Signed, to be numbered"),
                            ("to_seal", "Numbered, to be sealed"),
                            ("sealed", "Sealed"),
                            ("issued", "Issued"),
                            ("archived", "Archived"),
                            ("withdrawn", "Withdrawn"),
                            ("discarded", "Not issued"),
                        ],
                        default="drafting",
                        max_length=20,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("content", models.JSONField()),
                ("as_of", models.DateField(blank=True, null=True)),
                ("seal", models.CharField(blank=True, default="", max_length=64)),
                ("number", models.CharField(blank=True, default="", max_length=40)),
                ("countersigners", models.CharField(blank=True, default="", max_length=200)),
                ("made_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="cases.case",
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="reports.document",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document",
                        to="cases.escalationdraft",
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
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="workflows.programme",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("programme", "number"),
                        name="document_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["checking", "countersigning", "discarded", "drafting", "to_sign"],
                            ),
                            models.Q(("seal", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="document_signed_is_sealed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edition",
                    models.CharField(
                        choices=[
                            ("month", "Month"),
                            ("year_end", "31 December edition"),
                            ("annual_report", "Edition of the annual report"),
                            ("cut", "Cut of a day"),
                        ],
                        max_length=15,
                    ),
                ),
                ("as_of", models.DateField()),
                ("number", models.PositiveSmallIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "To be frozen"), ("frozen", "Frozen")],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("known_until", models.DateField(null=True)),
                ("names", models.JSONField(default=dict)),
                ("more", models.JSONField(default=dict)),
                ("seal", models.CharField(blank=True, default="", max_length=64)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("at", models.DateTimeField(null=True)),
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
                    "pack_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programmeversion",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="freezes",
                        to="workflows.programme",
                    ),
                ),
            ],
            options={
                "ordering": ["-as_of", "edition", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "edition", "as_of", "number"),
                        name="freeze_once_a_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("at", None), ("seal", ""), ("state", "proposed")),
                            models.Q(
                                ("at__isnull", False),
                                ("known_until__isnull", False),
                                ("state", "frozen"),
                                models.Q(("seal", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="freeze_is_sealed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="freeze_correction_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FrozenRows",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rows", models.JSONField()),
                (
                    "freeze",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept",
                        to="reports.freeze",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HouseStyle",
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
                            ("circular", "Circular"),
                            ("letter", "Letter"),
                            ("correction", "Notice of correction"),
                            ("bulletin", "Bulletin"),
                            ("order_form", "Supervision form"),
                            ("closing_sheet", "Closing sheet"),
                            ("case_file", "Case file"),
                            ("questionnaire", "Questionnaire"),
                            ("summary_table", "Summary table"),
                            ("monthly_report", "Monthly report"),
                            ("proposal_reply", "Reply to a proposal"),
                            ("needs_list", "List of needs"),
                        ],
                        max_length=20,
                    ),
                ),
                ("masthead", models.CharField(blank=True, default="", max_length=60)),
                ("signer", models.CharField(blank=True, default="", max_length=60)),
                ("series", models.CharField(blank=True, default="", max_length=20)),
                ("skips", models.JSONField(blank=True, null=True)),
                ("text", models.TextField(blank=True, default="")),
                ("template", models.BinaryField(blank=True, default=b"")),
                ("template_name", models.CharField(blank=True, default="", max_length=120)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
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
                    models.UniqueConstraint(fields=("city", "kind"), name="house_style_once_a_kind")
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("base", models.PositiveIntegerField(null=True)),
                ("filing_rate", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("coverage_rate", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("four_haves_rate", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("cut_off", models.DateField()),
                ("source", models.CharField(max_length=120)),
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
                    "county",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="published",
                        to="workflows.programme",
                    ),
                ),
            ],
            options={
                "ordering": ["county_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "month", "county"),
                        name="published_once_a_county_and_month",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("county", None)),
                        fields=("programme", "month"),
                        name="published_once_a_month_for_the_city",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="published_has_a_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                ("urged_at", models.DateTimeField(blank=True, null=True)),
                ("urged_times", models.PositiveSmallIntegerField(default=0)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="reports.document",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "urged_by",
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
                "ordering": ["unit__kind", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("document", "unit"), name="receipt_once_a_unit"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_at", None), ("opened_at__isnull", False), _connector="OR"
                        ),
                        name="receipt_opened_first",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptNews",
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
                            ("issued", "Issued"),
                            ("urged", "Urged"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
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
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="news",
                        to="reports.receipt",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SigningSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to="sheets/%Y/%m/")),
                ("file_name", models.CharField(max_length=200)),
                ("media_type", models.CharField(max_length=60)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
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
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="reports.document",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("document", "sha256"), name="signing_sheet_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("check", "Check"),
                            ("countersign", "Countersign"),
                            ("sign", "Sign"),
                            ("number", "Number"),
                            ("seal", "Seal"),
                            ("issue", "Issue"),
                            ("archive", "Archive"),
                            ("send_back", "Send back"),
                            ("withdraw", "Withdraw"),
                            ("discard", "Do not issue"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("signed_on", models.DateField()),
                ("on_paper", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("recorded_at", models.DateTimeField()),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="reports.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="reports.signingsheet",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
    ]
