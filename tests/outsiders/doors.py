"""Every address of the product by its name: what it names, who sees that, who may do it.

From the design's table of who may do what; the test asks that no address is missing here.
"""

from __future__ import annotations

from tests.outsiders.cast import (
    CHIEF,
    CLERK,
    EVERYBODY,
    EXPERT,
    FAR,
    FAR_LEAD,
    FAR_OFFICE,
    GROUP,
    LEAD,
    OFFICE,
    OFFICER,
    OFFICIALS,
    OTHER_CHIEF,
    OTHER_CLERK,
    OTHER_DEPARTMENT,
    OTHER_GROUP,
    OTHER_LEAD,
    OTHER_TOWN,
    OTHER_WORKER,
    READERS,
    TOWN,
    WATCHERS,
    WORKER,
)
from tests.outsiders.doors_kinds import BOTH as BOTH
from tests.outsiders.doors_kinds import GET, POST, kept, of, page
from tests.outsiders.doors_kinds import Door as Door
from tests.outsiders.doors_trail import TRAIL

# --- who is who ----------------------------------------------------------------------------------
HANDLERS = frozenset({WORKER, LEAD, TOWN})
COUNTY = frozenset({WORKER, LEAD})
FILLERS = HANDLERS | {OTHER_WORKER, OTHER_LEAD, OTHER_TOWN, FAR_LEAD}
LEADS = frozenset({LEAD, CHIEF, OTHER_LEAD, OTHER_CHIEF, FAR_LEAD})
OFFICES = OFFICE | {FAR_OFFICE}
MANAGERS = OFFICES | {"system_admin"}  # units, posts, accounts
OWN_MANAGERS = OFFICE | {"system_admin"}
CITY = OFFICIALS - FAR
# whoever works on cases somewhere signs, urges or reassigns; a township only writes up visits
HAND_OVER = OFFICES | LEADS
REVIEW = OFFICES | {WORKER, LEAD, OTHER_WORKER, OTHER_LEAD, FAR_LEAD}
LETTERS = OFFICES | WATCHERS
# the firm: its county and township, its group, and every department of the city
FIRM = READERS | OTHER_DEPARTMENT
# people's changes at the county's task force: itself and the city above
FORCE = COUNTY | OFFICE | WATCHERS
KEEPERS = OFFICES | {CHIEF, OTHER_CHIEF}  # of the directory

DOORS: dict[str, Door | tuple[Door, ...]] = {
    # --- one's own -------------------------------------------------------------------------------
    "home": page(EVERYBODY),
    "profile": page(EVERYBODY, BOTH),
    "field_hello": page(EVERYBODY),
    "password_change": page(EVERYBODY, BOTH),
    "notices": page(EVERYBODY),
    "notices_box": page(EVERYBODY),
    "notices_read": page(EVERYBODY, POST),
    "notice": of("notice", frozenset({WORKER})),
    "message_settings": page(EVERYBODY, BOTH),
    "deliveries": page(OFFICES),
    "delivery_decide": Door(POST, ("delivery",), OFFICES, OFFICE, data={"to": "confirm"}),
    "status": page(MANAGERS),
    **TRAIL,
    "case_deliveries": of("case", READERS),
    # --- one case --------------------------------------------------------------------------------
    "case": of("case", READERS),
    "case_act": (
        of("case comment", READERS, BOTH, data={"reason": "请关注"}),
        of("case urge", READERS, POST, may=OFFICE | {LEAD, CHIEF, GROUP}),
        of("case suspend", READERS, BOTH, may=OFFICE | {LEAD}),
        of("case resume", READERS, POST, may=OFFICE | {LEAD}),
        of("case drop_proposal", READERS, POST, may=OFFICE | {LEAD}),
        of("case reassign", READERS, POST, may=OFFICE | {LEAD, CHIEF}),
        of("case decline", READERS, POST, may=COUNTY | {OFFICER, CHIEF}),
        of("case spawn", READERS, POST, may=READERS - WATCHERS),
        of("case acknowledge", READERS, POST, may=COUNTY),
        of("case advance", READERS, POST, may=COUNTY),
        of("case send_back", READERS, POST, may=OFFICE | COUNTY),
        of("case close", READERS, POST, may=OFFICE),
        of("case withdraw", READERS, BOTH, may=OFFICE),
        # the firm is listed: there is no form for it
        of("case delist", READERS, POST, may=OFFICE),
        of("case reopen", READERS, POST, may=OFFICE),
        of("case offline", READERS, BOTH, may=OFFICE | COUNTY),
        of("case waive", READERS, POST, may=OFFICE | {LEAD}, data={"criterion": "staff"}),
    ),
    # an order of the county's: neither the firm's township nor its department has part in it
    "case_annex": of("order", READERS - {TOWN, OFFICER, CHIEF}),
    "case_review": of("case", READERS),
    "case_form": of("case", READERS, BOTH, may=HANDLERS),
    "case_form_files": of("case", READERS, POST, may=HANDLERS),
    "case_form_file": of("form_file", READERS),
    "case_form_draft": of("case", READERS, POST, may=HANDLERS),
    "case_record": of("case record", READERS),
    "case_partners": of("case", READERS),
    "case_fragment": of("firm", FIRM),
    "evidence_add": of("case", READERS, BOTH, may=HANDLERS),
    "evidence_reuse": of("case", READERS, POST, may=HANDLERS),
    "evidence": of("paper", READERS),
    "evidence_file": of("paper", READERS | {CLERK}),
    "evidence_look": of("paper", READERS | {CLERK}),
    "evidence_picture": of("paper 0", READERS | {CLERK}),
    "evidence_decide": (
        of("paper", READERS, POST, may=OFFICE | COUNTY, data={"do": "accept"}),
        of("paper", READERS, POST, may=OFFICE | COUNTY, data={"do": "return", "reason": "1"}),
        of("paper", READERS, POST, may=HANDLERS, data={"do": "take_back"}),
    ),
    "evidence_review": page(REVIEW),
    "closing_batch": page(OFFICES, BOTH),
    "closing_review": page(frozenset({LEAD, OTHER_LEAD, FAR_LEAD})),
    "spot_checks": page(OFFICIALS),
    "spot_checks_draw": page(OFFICES, POST, sees=OFFICE, data={"programme": "luoyang-2022"}),
    "spot_check_draw_page": of("spot_draw", READERS),
    "spot_check_population": kept("spot_draw", OFFICES, OFFICE),
    "spot_check_decide": of("spot_check", READERS, POST, may=OFFICE, data={"do": "pass"}),
    "closing_numbers": page(OFFICIALS),
    # of a programme, which the other city does not have yet
    "closing_numbers_export": page(OFFICIALS, sees=CITY),
    "portal": page(frozenset({CLERK, OTHER_CLERK})),
    "portal_upload": of("case staff", frozenset({CLERK}), BOTH),
    "portal_policies": of("firm", frozenset({CLERK})),
    "portal_ask": of("firm", frozenset({CLERK}), POST, data={"text": "?"}),
    "portal_rate": of("firm", frozenset({CLERK}), POST, data={"satisfied": "no", "text": "?"}),
    "firm_sample": of("firm roster docx", FIRM | {CLERK}),
    "firm_talk": of("firm", FIRM),
    # whoever handles it, and the reviewer of the same unit
    "case_answer": of("question", READERS - {TOWN}, POST, may=COUNTY, data={"answer": "!"}),
    "file_job": of("file_job", frozenset({WORKER})),
    "file_job_progress": of("file_job", frozenset({WORKER})),
    "file_job_file": of("file_job", frozenset({WORKER})),
    "file_job_cancel": of("running_file", frozenset({WORKER}), POST),
    # --- lists of cases --------------------------------------------------------------------------
    **dict.fromkeys(
        (
            *("ledger", "ledger_print", "ledger_copy", "ledger_export", "file_jobs", "progress"),
            *("workbench", "workbench_copy", "overdue", "overdue_copy", "near", "near_copy"),
            *("reminders", "reminders_copy", "extensions", "extensions_export", "suspensions"),
            *("suspensions_export", "county_ranks", "county_ranks_copy"),
            "reconciling_copy",
        ),
        page(OFFICIALS),
    ),
    "note_sheets": page(FILLERS, BOTH),
    "note_sheet_file": page(FILLERS),
    "note_sheet": of("note_sheet", frozenset({WORKER})),
    "note_sheet_act": of("note_sheet drop", frozenset({WORKER}), POST),
    "saved_lists": page(OFFICIALS),
    "list_save": page(OFFICIALS, POST, data={"name": "逾期", "query": "chip=overdue"}),
    "list_change": of("saved", frozenset({LEAD}), POST, data={"act": "default"}),
    "list_columns": page(OFFICIALS, POST, data={"column": "firm"}),
    "bulk": (
        Door(POST, ("urge",), OFFICES | LEADS | {GROUP, OTHER_GROUP}),
        Door(POST, ("reassign",), OFFICES | LEADS),
        Door(POST, ("acknowledge",), REVIEW - OFFICES),
        Door(POST, ("extend",), REVIEW - OFFICES),
        Door(POST, ("supervise",), OFFICES),
    ),
    "bulk_invite": Door(POST, (), OFFICES | REVIEW | {TOWN, OTHER_TOWN}),
    "bulk_undo": of("batch", frozenset({LEAD}), POST),
    "extensions_decide": page(
        OFFICES | {LEAD, OTHER_LEAD, FAR_LEAD}, POST, data={"answer": "grant"}
    ),
    "calls": page(OFFICES),
    "call_result": of("call", OFFICE, POST, data={"result": "已通知"}),
    "drafts": page(LETTERS),
    "draft": of("draft", OFFICE | WATCHERS),
    "letter": of("letter", COUNTY),
    "draft_release": of("draft", OFFICE | WATCHERS, POST, may=OFFICE),
    "draft_drop": of("draft", OFFICE | WATCHERS, POST, may=OFFICE),
    "documents": page(OFFICIALS),
    "receipts_box": page(OFFICIALS),
    # written by the office; what went out, by whoever got it and the overseers
    "document": (of("writing", OFFICE), of("issued", COUNTY | OFFICE | WATCHERS)),
    "document_pdf": of("issued", COUNTY | OFFICE | WATCHERS),
    "document_act": (
        of("writing edit", OFFICE, POST),
        of("writing advance", OFFICE, POST),
        of("writing discard", OFFICE, POST),
        of("writing sign_by_sheet", OFFICE, POST),
        of("issued urge", COUNTY | OFFICE | WATCHERS, POST, may=OFFICE),
        of("issued withdraw", COUNTY | OFFICE | WATCHERS, POST, may=OFFICE),
        of("issued sign_for", COUNTY | OFFICE | WATCHERS, POST),
    ),
    "document_compile": page(OFFICES, POST, sees=OFFICE),
    "document_register": of("draft", OFFICE, POST),
    "documents_register": page(OFFICES, BOTH),
    "documents_to_seal": page(OFFICES),
    "document_sheet": of("sheet", OFFICE),
    "document_file": of("issued docx", COUNTY | OFFICE | WATCHERS),
    "case_documents": of("case", READERS),
    "case_paper": of("case closing_sheet docx", READERS),
    "case_draft": of("case case_file", OFFICE, POST),
    "list_paper": Door(GET, ("needs_list", "xlsx"), OFFICES, OFFICE),
    "house_styles": page(OFFICES),
    "house_style": Door(GET, ("circular",), OFFICES),
    "house_style_save": Door(POST, ("circular",), OFFICES),
    "house_template": Door(GET, ("circular",), OFFICES),
    "house_template_save": Door(POST, ("circular",), OFFICES),
    "issues": page(OFFICIALS),
    "measures": page(OFFICIALS),
    "proposals": page(OFFICIALS),
    "policies": page(OFFICIALS),
    "goals": page(OFFICIALS),
    **dict.fromkeys(("leader", "leader_side", "leader_words", "assessment"), page(OFFICIALS)),
    **dict.fromkeys(("progress_compare", "progress_outlook"), page(OFFICIALS)),
    **dict.fromkeys(("progress_late", "progress_units"), page(OFFICIALS)),
    # of a programme, which the other city does not have yet
    "county_ranks_export": page(OFFICIALS, sees=CITY),
    "leader_pdf": page(OFFICIALS, sees=CITY),
    "assessment_export": page(OFFICIALS, sees=CITY),
    "assessment_pdf": page(OFFICIALS, sees=CITY),
    # totals of every county are every official's; the office freezes
    "day_figures": page(OFFICIALS),
    "day_figures_copy": page(OFFICIALS),
    # of a programme, which the other city does not have yet
    "day_figures_export": page(OFFICIALS, sees=CITY),
    "reconciling": page(OFFICIALS),
    "months": page(OFFICIALS),
    "month_freeze": page(OFFICES, POST, sees=OFFICE),
    "month": of("frozen", CITY),
    "month_firms": of("frozen", CITY),
    "month_correction": of("frozen", OFFICE),
    "month_published": of("frozen", OFFICE, POST),
    "month_changes": page(OFFICIALS),
    # of two frozen months, which no city has here
    "month_changes_export": page(OFFICIALS, sees=frozenset()),
    "meeting_materials": of("meeting", OFFICE | WATCHERS),
    "meeting_pack": of("meeting pdf", OFFICE | WATCHERS),
    "orders": page(OFFICIALS),
    # of a programme, which the other city does not have yet; who opens what is the pack's
    "measures_open": page(OFFICES, POST, sees=OFFICE),
    "matter_open": (
        Door(BOTH, ("issue",), OFFICIALS, CITY, CITY - WATCHERS),
        Door(BOTH, ("supervision",), OFFICIALS, CITY, OFFICE | WATCHERS),
        # nothing of that kind hangs below a firm's own case
        Door(BOTH, ("assist",), OFFICIALS, READERS, frozenset(), query="?parent={case}"),
    ),
    # --- partners --------------------------------------------------------------------------------
    "matches": page(OFFICIALS),
    "matches_export": page(OFFICIALS),
    "expert_home": page(frozenset({EXPERT})),
    "resource_matches": of("alliance", CITY),
    "expert_matches": of("expert", CITY),
    "resources": page(OFFICIALS),
    "resources_export": page(OFFICIALS),
    "resource": of("alliance", CITY),
    "resource_edit": of("alliance", CITY, BOTH, may=OFFICE),
    "member_new": of("alliance", CITY, BOTH, may=OFFICE),
    "resource_new": page(KEEPERS, BOTH),
    "resources_import": page(KEEPERS, BOTH),
    "resources_template": page(KEEPERS),
    "resources_import_confirm": page(KEEPERS, POST),
    "field_words": page(KEEPERS, BOTH),
    "field_word_drop": Door(POST, ("word",), KEEPERS, OFFICE | {CHIEF, OTHER_CHIEF}, OFFICE),
    "experts": page(OFFICIALS),
    "experts_export": page(OFFICIALS),
    "expert": of("expert", CITY),
    "expert_edit": of("expert", CITY, BOTH, may=OFFICE),
    "expert_new": page(KEEPERS, BOTH),
    # --- the register ----------------------------------------------------------------------------
    "firms": page(OFFICIALS),
    "firm": of("firm", FIRM),
    "firm_pairings": of("firm", FIRM),
    "firm_visits": of("firm", FIRM),
    "firm_papers": of("firm", FIRM),
    "firm_years": of("firm", FIRM),
    "firm_policies": of("firm", FIRM),
    # seen by all who see the firm, written by those who ask it for papers
    "firm_clerks": (
        of("firm", FIRM),
        of("firm", FIRM, POST, may=OFFICE | HANDLERS, data={"do": "invite"}),
    ),
    # whoever sees the firm and goes there; whoever watches does not
    "visit_new": of("firm", FIRM, BOTH, may=FIRM - WATCHERS),
    "phone_visit": page(OFFICIALS - WATCHERS),
    "visit_photo": of("photo", READERS),
    "call_new": of("firm", FIRM, BOTH, may=FIRM - WATCHERS),
    "route": page(OFFICIALS - WATCHERS),
    "route_plan": Door(POST, (), OFFICIALS - WATCHERS, data={"act": "all"}),
    "visit_record": of("visit", READERS),
    "visit_paper": of("visit docx", READERS),
    "visit_take_back": of("visit", FIRM, POST, may=OFFICE | {WORKER}),
    "firm_numbers": of("firm", FIRM, BOTH, may=OFFICE | HANDLERS),
    "numbers_import": page(OFFICES, BOTH),
    "numbers_template": page(OFFICES),
    "imports": page(OFFICES),
    "import_start": Door(BOTH, ("register",), OFFICES),
    "import": kept("import", OFFICES, OFFICE),
    "import_progress": kept("import", OFFICES, OFFICE),
    "import_report": kept("import", OFFICES, OFFICE),
    # of a list of the filing that is not taken yet; another one is 404
    "import_columns": kept("filing", OFFICES, OFFICE, BOTH),
    "import_confirm": kept("import", OFFICES, OFFICE, POST),
    "import_accept": kept("import", OFFICES, OFFICE, POST),
    "import_drop": kept("import", OFFICES, OFFICE, POST),
    "import_undo": kept("import", OFFICES, OFFICE, BOTH),
    # --- programmes ------------------------------------------------------------------------------
    "programmes": page(OFFICES),
    "programme_open": kept("programme", OFFICES, OFFICE, BOTH),
    "programme_carry_over": kept("programme", OFFICES, OFFICE, BOTH),
    "programme_versions": kept("programme", OFFICES, OFFICE),
    "programme_diff": Door(GET, ("programme",), OFFICES, OFFICE, query="?old=1&new=1"),
    "programme_touched": Door(GET, ("programme",), OFFICES, OFFICE, query="?old=1"),
    "programme_migrate": Door(
        BOTH, ("programme",), OFFICES, OFFICE, query="?old=1&new=1", data={"old": "1", "new": "1"}
    ),
    "simulation": page(OFFICES, BOTH),
    "simulation_export": page(OFFICES),
    "pack_upload": page(OFFICES, BOTH),
    "pack_issue": page(OFFICES, POST),
    "pack_version": kept("programme 1", OFFICES, OFFICE),
    "pack_text": kept("programme 1", OFFICES, OFFICE),
    "working_days": page(MANAGERS, BOTH),
    # --- people ----------------------------------------------------------------------------------
    "people": page(MANAGERS),
    "unit_create": page(MANAGERS, BOTH),
    "unit": kept("unit", MANAGERS, OWN_MANAGERS),
    "pair": kept("group", MANAGERS, OWN_MANAGERS, POST),
    "join": kept("unit", MANAGERS, OWN_MANAGERS, POST),
    "post_create": kept("unit", MANAGERS, OWN_MANAGERS, POST),
    "tenure_end": kept("tenure", MANAGERS, OWN_MANAGERS, BOTH),
    "accounts": page(MANAGERS),
    "account": kept("account", MANAGERS, OWN_MANAGERS, BOTH),
    "account_password": kept("account", MANAGERS, OWN_MANAGERS, BOTH),
    "account_switch": Door(BOTH, ("account",), MANAGERS, OWN_MANAGERS, data={"to": "shut"}),
    "people_import": page(MANAGERS, BOTH),
    "people_template": page(MANAGERS),
    "people_import_confirm": page(MANAGERS, POST),
    "groups": page(MANAGERS | LEADS),
    "group_note": kept("group", MANAGERS | LEADS, OWN_MANAGERS),
    "gaps": page(MANAGERS),
    "pairings": page(OFFICIALS),
    "pairing_assign": page(OFFICES | {LEAD, OTHER_LEAD, FAR_LEAD}, BOTH),
    "pairing_template": page(OFFICES | LEADS),
    "load": page(OFFICIALS),
    # chosen on the page before; posts of others are not offered
    "hand_over": Door(
        BOTH,
        ("post",),
        HAND_OVER,
        OFFICE | {LEAD},
        query="?post={post}",
        data={"offered": "{post}"},
    ),
    "hand_over_note": of("hand_over", FORCE),
    "hand_over_xlsx": of("hand_over", FORCE),
    "stand_ins": (page(OFFICIALS), page(HAND_OVER, POST)),
    "stand_ins_xlsx": page(OFFICIALS),
    "stand_in_end": of("stand_in", FORCE, POST, may=COUNTY | OFFICE),
}
# before signing in, or the demo's own
PUBLIC = {
    "login", "enter", "enter_firm", "demo_sign_in", "logout", "demo_tour", "time_travel", "display",
    "components", "components_phone", "service_worker", "offline", "healthz", "readyz", "metrics",
}  # fmt: skip
