"""All steps so far as one: a new installation makes its tables once, not change by change. Whoever
has all of them has this one; whoever has some of them takes the others first."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import django_fsm
import viewflow.workflow.fields
import viewflow.workflow.token
from django.conf import settings
from django.db import migrations, models

from organisations import trail


def guard(apps, schema_editor):
    """Lines of a trail are only appended, not even changed past the ORM."""
    trail.guard(schema_editor.connection, "cases_caseevent")


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0001_initial"),
        ("cases", "0002_chased"),
        ("cases", "0003_once_a_deadline"),
        ("cases", "0004_letters"),
        ("cases", "0005_match_records"),
        ("cases", "0006_hand_overs"),
        ("cases", "0007_lateness_and_proposals"),
        ("cases", "0008_forms_to_follow"),
        ("cases", "0009_matters"),
        ("cases", "0010_papers_reviewed"),
        ("cases", "0011_extension"),
        ("cases", "0012_carried_from"),
        ("cases", "0013_order_origin"),
        ("cases", "0014_visits"),
        ("cases", "0015_longer_texts"),
        ("cases", "0016_sealed"),
        ("cases", "0017_forms_told_apart"),
        ("cases", "0018_whose_questions"),
        ("cases", "0019_field"),
        ("cases", "0020_paper_files_and_spot_checks"),
        ("cases", "0021_who_confirmed"),
        ("cases", "0022_who_confirmed_before"),
        ("cases", "0023_visit_answers"),
        ("cases", "0024_standing_notes"),
        ("cases", "0025_visit_record"),
        ("cases", "0026_letters_about_a_county"),
        ("cases", "0027_paper_not_needed"),
        ("cases", "0028_saved_lists"),
        ("cases", "0029_pictures_by_the_worker"),
        ("cases", "0030_a_paper_seen_by_two"),
        ("cases", "0031_kinds_of_files_in_full"),
    ]

    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("enterprises", "0001_squashed_0010_column_maps"),
        ("organisations", "0001_squashed_0008_lists_of_a_person"),
        ("resources", "0001_initial"),
        ("workflows", "0003_issued_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SealHead",
            fields=[
                ("chain", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("position", models.PositiveBigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "flow_class",
                    viewflow.workflow.fields.FlowReferenceField(
                        max_length=250, verbose_name="Flow"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("CANCELED", "Canceled"), ("DONE", "Done"), ("NEW", "New")],
                        default="NEW",
                        max_length=50,
                        verbose_name="Status",
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="Created"),
                ),
                ("finished", models.DateTimeField(blank=True, null=True, verbose_name="Finished")),
                ("procedure", models.CharField(max_length=30)),
                ("serial", models.PositiveIntegerField()),
                ("criterion", models.CharField(blank=True, default="", max_length=30)),
                ("title", models.CharField(blank=True, default="", max_length=200)),
                ("stage", django_fsm.FSMField(db_index=True, max_length=30, protected=True)),
                ("grade", models.CharField(blank=True, default="", max_length=20)),
                ("is_main", models.BooleanField(default=False)),
                ("period", models.DateField(blank=True, null=True)),
                ("given_due", models.DateField(blank=True, null=True)),
                ("measure", models.CharField(blank=True, default="", max_length=30)),
                ("wave", models.CharField(blank=True, default="", max_length=200)),
                (
                    "rule",
                    models.CharField(blank=True, default="", max_length=100, verbose_name="Rule"),
                ),
                ("lacking", models.JSONField(blank=True, default=list)),
                ("lacking_count", models.PositiveSmallIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("opened_on", models.DateField()),
                ("reviewed_on", models.DateField(blank=True, null=True)),
                ("closed_on", models.DateField(blank=True, null=True)),
                ("closing_serial", models.PositiveIntegerField(blank=True, null=True)),
                ("progress", models.CharField(blank=True, default="", max_length=200)),
                ("progress_at", models.DateTimeField(blank=True, null=True)),
                ("late_days", models.PositiveIntegerField(default=0)),
                ("proposal", models.CharField(blank=True, default="", max_length=20)),
                ("proposal_reason", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "applied_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "carried_from",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_to",
                        to="cases.case",
                    ),
                ),
                (
                    "competent_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "liaison_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "pack_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programmeversion",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="cases.case",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programme",
                    ),
                ),
                (
                    "responsible_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        fields=["programme", "county", "stage"],
                        name="cases_case_program_910115_idx",
                    ),
                    models.Index(
                        fields=["competent_unit", "stage"], name="cases_case_compete_0ef902_idx"
                    ),
                    models.Index(fields=["enterprise"], name="cases_case_enterpr_501e09_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("parent", None), ("title", "")),
                        fields=("programme", "enterprise", "procedure"),
                        name="case_root_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("period__isnull", False)),
                        fields=("programme", "procedure", "responsible_unit", "period", "measure"),
                        name="case_once_a_period",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("parent", None), models.Q(("measure", ""), _negated=True)
                        ),
                        fields=("programme", "measure"),
                        name="case_once_a_measure",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_main", False),
                            models.Q(("enterprise__isnull", False), ("parent", None)),
                            _connector="OR",
                        ),
                        name="case_main_is_a_firms_own",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("criterion", ""), _negated=True),
                        fields=("parent", "criterion"),
                        name="case_remedy_once_a_criterion",
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "serial"), name="case_serial_once"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "closing_serial"), name="case_closing_serial_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished", None),
                                ("status", "NEW"),
                                models.Q(
                                    (
                                        "stage__in",
                                        ("closed", "delisted", "withdrawn", "carried_over"),
                                    ),
                                    _negated=True,
                                ),
                            ),
                            models.Q(
                                ("finished__isnull", False),
                                ("stage__in", ("closed", "delisted", "withdrawn", "carried_over")),
                                ("status__in", ["DONE", "CANCELED"]),
                            ),
                            _connector="OR",
                        ),
                        name="case_stage_and_status_agree",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("called_on", models.DateField()),
                ("spoke_to", models.CharField(blank=True, default="", max_length=80)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("reached", "Reached, told"),
                            ("promised", "Will do it"),
                            ("difficult", "Has difficulties"),
                            ("no_answer", "No answer"),
                            ("wrong_number", "Wrong number"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "next_step",
                    models.CharField(
                        choices=[
                            ("papers", "The firm sends papers"),
                            ("visit", "Visit the firm"),
                            ("call", "Call again"),
                            ("help", "Needs coordination"),
                            ("nothing", "Nothing more"),
                        ],
                        max_length=10,
                    ),
                ),
                ("next_on", models.DateField(blank=True, null=True)),
                ("said", models.CharField(blank=True, default="", max_length=500)),
                ("at", models.DateTimeField()),
                ("sent_as", models.UUIDField(blank=True, null=True, unique=True)),
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
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "cases",
                    models.ManyToManyField(blank=True, related_name="call_notes", to="cases.case"),
                ),
            ],
            options={
                "ordering": ["-called_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["enterprise", "called_on"], name="cases_calln_enterpr_cff519_idx"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("next_on", None),
                            models.Q(("next_step", "nothing"), _negated=True),
                            _connector="OR",
                        ),
                        name="call_note_day_has_a_step",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                ("from_stage", models.CharField(blank=True, default="", max_length=30)),
                ("to_stage", models.CharField(blank=True, default="", max_length=30)),
                ("reason", models.TextField(blank=True, default="")),
                ("data", models.JSONField(blank=True, default=dict)),
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
                    "by_post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.post",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["case", "id"], name="cases_casee_case_id_0fbd4e_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseUnit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("lead", "Leading unit"),
                            ("responsible", "Responsible unit"),
                            ("helping", "Helping unit"),
                            ("joint", "Joint unit"),
                        ],
                        max_length=12,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="cases.case",
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
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "unit", "part"), name="case_unit_once_a_part"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20)),
                ("value", models.PositiveIntegerField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "name"), name="counter_once_a_series"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EscalationDraft",
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
                            ("work_note", "Work note"),
                            ("reminder_letter", "Reminder letter"),
                            ("supervision_letter", "Supervision letter"),
                            ("coordination_letter", "Coordination letter"),
                            ("talk", "Talk or transfer proposed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("addressee", models.CharField(blank=True, default="", max_length=20)),
                ("month", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "To be decided"),
                            ("released", "Released"),
                            ("dropped", "Not sent"),
                            ("merged", "Taken up in a higher letter"),
                        ],
                        default="drafted",
                        max_length=10,
                    ),
                ),
                ("body", models.TextField(blank=True, default="")),
                ("number", models.CharField(blank=True, default="", max_length=40)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=1000)),
                ("cause", models.JSONField(blank=True, default=dict)),
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
                    "into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="took_up",
                        to="cases.escalationdraft",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="workflows.programme",
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
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "drafted")),
                        fields=("programme", "kind", "county", "unit"),
                        name="draft_open_once_a_county",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("county", None), ("state", "drafted")),
                        fields=("programme", "kind", "unit"),
                        name="draft_open_once_a_department",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("programme", "kind", "number"),
                        name="letter_number_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("criterion", models.CharField(max_length=30)),
                ("paper", models.CharField(blank=True, default="", max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "To be reviewed"),
                            ("county_accepted", "Reviewed by the county"),
                            ("city_accepted", "Accepted by the city"),
                            ("returned", "Returned for correction"),
                            ("waived", "Waived (in the provincial system)"),
                            ("verified_offline", "Verified offline"),
                            ("expired", "Expired"),
                            ("replaced", "Replaced by a newer one"),
                            ("withdrawn", "Taken back"),
                            ("not_needed", "No longer needed"),
                        ],
                        default="submitted",
                        max_length=20,
                    ),
                ),
                ("file", models.FileField(blank=True, upload_to="evidence/%Y/%m/")),
                ("file_name", models.CharField(blank=True, default="", max_length=200)),
                ("media_type", models.CharField(blank=True, default="", max_length=100)),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, db_index=True, default="", max_length=64)),
                ("note", models.CharField(blank=True, default="", max_length=1000)),
                ("submitted_at", models.DateTimeField()),
                ("on_behalf", models.BooleanField(default=False)),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("is_unseen", models.BooleanField(default=False)),
                ("return_reason", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("return_text", models.CharField(blank=True, default="", max_length=1000)),
                ("correct_by", models.DateField(blank=True, null=True)),
                ("offline_witness", models.CharField(blank=True, default="", max_length=80)),
                ("offline_number", models.CharField(blank=True, default="", max_length=80)),
                ("offline_dated", models.DateField(blank=True, null=True)),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("expiry_told", models.BooleanField(default=False)),
                ("review_check_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="cases.case",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "offline_witness_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "replaced_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replaces",
                        to="cases.evidence",
                    ),
                ),
                (
                    "reused_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reuses",
                        to="cases.evidence",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("review_check_at__isnull", False), ("state", "submitted")
                        ),
                        fields=["review_check_at"],
                        name="evidence_review_check",
                    ),
                    models.Index(
                        condition=models.Q(("valid_until__isnull", False)),
                        fields=["valid_until"],
                        name="evidence_ends",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            ("return_reason__isnull", False),
                            _connector="OR",
                        ),
                        name="evidence_returned_with_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.CharField(max_length=40)),
                ("field", models.CharField(max_length=40)),
                ("file", models.FileField(upload_to="forms/%Y/%m/")),
                ("file_name", models.CharField(max_length=200)),
                ("media_type", models.CharField(max_length=100)),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="form_files",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("predecessors", models.JSONField(default=list)),
                ("from_on", models.DateField()),
                ("note", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                ("lines", models.JSONField(blank=True, null=True)),
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
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs",
                        to="organisations.post",
                    ),
                ),
                (
                    "successor",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("lines__isnull", True)),
                        fields=["from_on"],
                        name="hand_over_ahead",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.CharField(max_length=40)),
                ("line", models.PositiveSmallIntegerField()),
                ("is_draft", models.BooleanField()),
                ("partner", models.CharField(max_length=200)),
                ("folded_partner", models.CharField(max_length=200)),
                ("expert_name", models.CharField(blank=True, default="", max_length=200)),
                ("kind", models.CharField(blank=True, default="", max_length=40)),
                ("is_institute", models.BooleanField(default=False)),
                ("need", models.CharField(blank=True, default="", max_length=300)),
                ("met_on", models.DateField()),
                ("way", models.CharField(blank=True, default="", max_length=40)),
                ("people", models.CharField(blank=True, default="", max_length=200)),
                ("result", models.CharField(max_length=40)),
                ("agreement", models.CharField(blank=True, default="", max_length=200)),
                ("signed_on", models.DateField(blank=True, null=True)),
                ("valid_until", models.DateField(blank=True, null=True)),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True),
                ),
                ("next_step", models.CharField(blank=True, default="", max_length=200)),
                ("next_on", models.DateField(blank=True, null=True)),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="cases.case",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="resources.expert",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="resources.resource",
                    ),
                ),
            ],
            options={
                "ordering": ["-met_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["resource", "met_on"], name="cases_match_resourc_d8e0aa_idx"
                    ),
                    models.Index(
                        fields=["expert", "met_on"], name="cases_match_expert__50904a_idx"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "form", "line"), name="match_once_a_line"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoteSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("previewed", "to be confirmed"),
                            ("taken", "taken"),
                            ("dropped", "dropped"),
                            ("undone", "undone"),
                        ],
                        default="previewed",
                        max_length=10,
                    ),
                ),
                ("rows", models.JSONField(default=list)),
                ("counts", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
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
                            models.Q(("state__in", ["previewed", "dropped"]), ("taken_at", None)),
                            models.Q(
                                ("state__in", ["taken", "undone"]), ("taken_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="note_sheet_taken_has_a_moment",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderOrigin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "about",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="cases.case",
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="origin",
                        to="cases.case",
                    ),
                ),
                (
                    "instruction",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="cases.caseevent",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opened",
                        to="cases.escalationdraft",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("about", None), ("instruction", None), ("letter__isnull", False)
                            ),
                            models.Q(("about__isnull", False), ("letter", None)),
                            _connector="OR",
                        ),
                        name="order_origin_is_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True)),
                (
                    "scan",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not scanned"),
                            ("waiting", "waits for the virus scanner"),
                            ("clean", "no virus found"),
                            ("infected", "holds a virus, put away"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("finding", models.CharField(blank=True, default="", max_length=200)),
                ("scanned_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("pages", models.PositiveIntegerField(blank=True, null=True)),
                ("shown", models.PositiveSmallIntegerField(default=0)),
                ("draws", models.PositiveSmallIntegerField(default=0)),
                ("drawing_at", models.DateTimeField(blank=True, null=True)),
                ("wanted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("scan", "waiting")),
                        fields=["id"],
                        name="paper_file_waits",
                    ),
                    models.Index(
                        condition=models.Q(("pages", None)),
                        fields=["id"],
                        name="paper_file_not_drawn",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperRung",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rung", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                ("spoke", models.BooleanField(default=True)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rungs",
                        to="cases.evidence",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("paper", "rung"), name="paper_rung_fires_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperSight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[("opened", "looked at"), ("fetched", "downloaded")], max_length=10
                    ),
                ),
                ("on", models.DateField()),
                ("at", models.DateTimeField()),
                ("times", models.PositiveIntegerField(default=1)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sights",
                        to="cases.evidence",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("paper", "by", "how", "on"), name="paper_sight_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pending",
                        to="cases.caseevent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProgrammeFirm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=100)),
                ("covered", models.BooleanField()),
                (
                    "competent_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "county",
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
                        related_name="programme_firms",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "guide_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "liaison_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firms",
                        to="workflows.programme",
                    ),
                ),
                (
                    "responsible_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "enterprise"), name="programme_firm_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RouteStop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                ("place", models.PositiveSmallIntegerField()),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["place", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "on", "enterprise"), name="route_stop_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30)),
                ("query", models.CharField(max_length=400)),
                ("made_at", models.DateTimeField()),
                (
                    "city",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisations.region",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_lists",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="saved_list_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("unit", None), ("city", None), _connector="OR"),
                        name="saved_list_one_audience",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.PositiveBigIntegerField()),
                ("position", models.PositiveBigIntegerField()),
                (
                    "trail",
                    models.CharField(choices=[("case", "case"), ("audit", "audit")], max_length=5),
                ),
                ("event", models.PositiveBigIntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["chain", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "position"), name="seal_place_once"),
                    models.UniqueConstraint(fields=("trail", "event"), name="seal_event_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpotDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("closed_from", models.DateField()),
                ("closed_until", models.DateField()),
                ("percent", models.PositiveSmallIntegerField()),
                ("at_least", models.PositiveSmallIntegerField(default=1)),
                ("seed", models.CharField(max_length=64)),
                ("population", models.JSONField(default=dict)),
                ("drawn", models.JSONField(default=list)),
                ("drawn_at", models.DateTimeField()),
                (
                    "drawn_by",
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
                        related_name="spot_draws",
                        to="workflows.programme",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 1), ("percent__lte", 100)),
                        name="spot_draw_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closed_until__gte", models.F("closed_from"))),
                        name="spot_draw_runs_forward",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpotCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be rechecked"),
                            ("passed", "Recheck passed"),
                            ("failed", "Recheck failed, the county may explain"),
                            ("explained", "Explained, to be decided"),
                            ("let_stand", "Explanation accepted, stands"),
                            ("struck", "Closing revoked"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=1000)),
                ("criteria", models.JSONField(blank=True, default=list)),
                ("explain_by", models.DateField(blank=True, null=True)),
                ("explanation", models.CharField(blank=True, default="", max_length=1000)),
                ("explained_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spot_checks",
                        to="cases.case",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "explained_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="cases.spotdraw",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("draw", "case"), name="spot_check_once_a_draw"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "passed"]),
                            models.Q(
                                models.Q(("reason", ""), _negated=True),
                                ("explain_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="spot_check_fails_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("progress", models.TextField(blank=True, default="")),
                ("problem", models.TextField(blank=True, default="")),
                ("expected_on", models.DateField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
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
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="standing_note",
                        to="cases.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Suspension",
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
                ("resumed_on", models.DateField(blank=True, null=True)),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resumed_on", None)),
                        fields=("case",),
                        name="suspension_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visited_on", models.DateField()),
                ("way", models.CharField(blank=True, default="on_site", max_length=40)),
                ("people", models.CharField(max_length=200)),
                ("met", models.CharField(blank=True, default="", max_length=200)),
                ("found", models.CharField(blank=True, max_length=1000)),
                ("next_on", models.DateField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                ("answers", models.JSONField(blank=True, default=dict)),
                ("sent_as", models.UUIDField(blank=True, null=True, unique=True)),
                (
                    "latitude",
                    models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True),
                ),
                (
                    "longitude",
                    models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True),
                ),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                ("taken_back_why", models.CharField(blank=True, default="", max_length=200)),
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
                    "cases",
                    models.ManyToManyField(blank=True, related_name="visits", to="cases.case"),
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
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "pack_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.programmeversion",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
            ],
            options={
                "ordering": ["-visited_on", "-id"],
                "indexes": [
                    models.Index(
                        fields=["enterprise", "visited_on"], name="cases_visit_enterpr_b4221c_idx"
                    ),
                    models.Index(
                        condition=models.Q(("next_on", None), _negated=True),
                        fields=["next_on"],
                        name="visit_next_on",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_back_at", None),
                            models.Q(("taken_back_why", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="visit_taken_back_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude", None), ("longitude", None)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("longitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="visit_place_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitPhoto",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to="visits/%Y/")),
                ("file_name", models.CharField(max_length=120)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "sha256"), name="visit_photo_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "flow_task",
                    viewflow.workflow.fields.TaskReferenceField(
                        max_length=255, verbose_name="Task"
                    ),
                ),
                ("flow_task_type", models.CharField(max_length=50, verbose_name="Type")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ASSIGNED", "Assigned"),
                            ("CANCELED", "Canceled"),
                            ("DONE", "Done"),
                            ("ERROR", "Error"),
                            ("NEW", "New"),
                            ("REVIVED", "Revived"),
                            ("SCHEDULED", "Scheduled"),
                            ("STARTED", "Started"),
                        ],
                        db_index=True,
                        default="NEW",
                        max_length=50,
                        verbose_name="Status",
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="Created"
                    ),
                ),
                ("assigned", models.DateTimeField(blank=True, null=True, verbose_name="Assigned")),
                ("started", models.DateTimeField(blank=True, null=True, verbose_name="Started")),
                ("finished", models.DateTimeField(blank=True, null=True, verbose_name="Finished")),
                (
                    "scheduled",
                    models.DateTimeField(
                        blank=True, db_index=True, null=True, verbose_name="Scheduled"
                    ),
                ),
                (
                    "token",
                    viewflow.workflow.fields.TokenField(
                        default=viewflow.workflow.token.Token("start"),
                        max_length=150,
                        verbose_name="Token",
                    ),
                ),
                (
                    "external_task_id",
                    models.CharField(
                        blank=True,
                        db_index=True,
                        max_length=50,
                        null=True,
                        verbose_name="External Task ID",
                    ),
                ),
                (
                    "owner_permission",
                    models.CharField(
                        blank=True, max_length=255, null=True, verbose_name="Permission"
                    ),
                ),
                (
                    "owner_permission_obj_pk",
                    models.CharField(blank=True, max_length=255, null=True),
                ),
                ("stage", models.CharField(max_length=30)),
                ("started_on", models.DateField()),
                ("due_on", models.DateField(blank=True, null=True)),
                ("budget", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("phrase", models.CharField(blank=True, default="", max_length=120)),
                ("provisional", models.BooleanField(default=False)),
                ("deadline_version", models.PositiveSmallIntegerField(default=1)),
                ("rungs_from", models.DateField()),
                ("next_check_at", models.DateTimeField(blank=True, null=True)),
                ("waits_higher", models.BooleanField(default=False)),
                ("is_chased", models.BooleanField(default=True)),
                ("days_late", models.PositiveSmallIntegerField(default=0)),
                ("is_correction", models.BooleanField(default=False)),
                ("return_reason", models.CharField(blank=True, default="", max_length=1000)),
                ("is_declined", models.BooleanField(default=False)),
                ("is_suspended", models.BooleanField(default=False)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner_permission_content_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contenttypes.contenttype",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.post",
                    ),
                ),
                (
                    "previous",
                    models.ManyToManyField(
                        related_name="leading", to="cases.workitem", verbose_name="Previous"
                    ),
                ),
                (
                    "process",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="task_set",
                        to="cases.case",
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
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished", None), ("next_check_at__isnull", False)),
                        fields=["next_check_at"],
                        name="work_item_next_check",
                    ),
                    models.Index(
                        condition=models.Q(("finished", None)),
                        fields=["unit", "due_on"],
                        name="work_item_unit_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished", None), ("flow_task_type", "HUMAN")),
                        fields=("process",),
                        name="work_item_open_once_a_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RungFired",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("deadline_version", models.PositiveSmallIntegerField()),
                ("rung", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                ("spoke", models.BooleanField(default=True)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rungs",
                        to="cases.workitem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "deadline_version", "rung"), name="rung_fires_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PhoneReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("deadline_version", models.PositiveSmallIntegerField(default=1)),
                ("listed_on", models.DateField()),
                ("result", models.CharField(blank=True, default="", max_length=1000)),
                ("called_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phone_reminders",
                        to="cases.workitem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "deadline_version"), name="phone_reminder_once_a_deadline"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.CharField(max_length=40)),
                ("data", models.JSONField(default=dict)),
                ("unsound", models.JSONField(blank=True, default=dict)),
                ("is_draft", models.BooleanField(default=True)),
                ("is_followed", models.BooleanField(default=True)),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forms",
                        to="cases.case",
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
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="cases.workitem",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_followed", False)),
                        fields=["id"],
                        name="form_to_follow",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_draft", True)),
                        fields=("case", "form"),
                        name="form_draft_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("old_due", models.DateField()),
                ("wished_on", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("in_all", models.PositiveSmallIntegerField()),
                ("to_office", models.BooleanField()),
                ("reason", models.CharField(max_length=1000)),
                ("asked_at", models.DateTimeField()),
                ("is_granted", models.BooleanField(blank=True, null=True)),
                ("new_due", models.DateField(blank=True, null=True)),
                ("granted_days", models.PositiveSmallIntegerField(default=0)),
                ("answer", models.CharField(blank=True, default="", max_length=1000)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="cases.case",
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
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="cases.workitem",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at", None)),
                        fields=["case"],
                        name="extension_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("item",),
                        name="extension_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None),
                                ("decided_by", None),
                                ("is_granted", None),
                                ("new_due", None),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(
                                    models.Q(("is_granted", True), ("new_due__isnull", False)),
                                    models.Q(("is_granted", False), ("new_due", None)),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="extension_decision_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("asked_by")), _negated=True),
                        name="extension_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wished_on__gt", models.F("old_due"))),
                        name="extension_is_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rung", models.CharField(max_length=30)),
                ("sent", models.JSONField(blank=True, default=dict)),
                ("gone", models.CharField(blank=True, default="", max_length=20)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="cases.escalationdraft",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draft_lines",
                        to="cases.workitem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("draft", "item"), name="draft_line_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="caseevent",
            name="item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="cases.workitem",
            ),
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
