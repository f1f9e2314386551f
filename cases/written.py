"""The columns that a move may change; what a new row has of itself is in its model."""

# what a move may change on a case, beside version; written together, so one statement serves all
CASE_COLUMNS = (
    "pack_version_id",
    "stage",
    "status",
    "finished",
    "wave",
    "opened_on",
    "grade",
    "lacking",
    "lacking_count",
    "county_id",
    "township_id",
    "responsible_unit_id",
    "competent_unit_id",
    "liaison_unit_id",
    "rule",
    "applied_by_id",
    "reviewed_by_id",
    "reviewed_on",
    "closed_on",
    "closing_serial",
    "progress",
    "progress_at",
    "late_days",
    "proposal",
    "proposal_reason",
    "carried_from_id",
)
WRITTEN = ("version", *CASE_COLUMNS)
ITEM_COLUMNS = (
    "finished",
    "status",
    "owner_id",
    "stage",
    "waits_higher",
    "is_chased",
    "unit_id",
    "post_id",
    "due_on",
    "budget",
    "phrase",
    "provisional",
    "deadline_version",
    "rungs_from",
    "next_check_at",
    "is_declined",
    "is_suspended",
    "days_late",
)

FORM_COLUMNS = (
    *("item_id", "data", "unsound", "pack_version_id", "is_draft", "is_followed", "by_id", "at"),
)
