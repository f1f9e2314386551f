"""The guards that are taken away one by one, and the tests that must notice it."""

from __future__ import annotations

from dataclasses import dataclass

CASES, NOTICES = "tests/cases", "tests/notifications"
KILLED = (
    f"{NOTICES}/test_sending.py::test_killed_behind_the_body_is_in_doubt_until_somebody_decides"
)


@dataclass(frozen=True)
class Mutant:
    """``old`` stands once in the source ``path``; ``tests``: each is one that a person would name;
    ``database``: ``postgres`` where SQLite, with its one writer, needs no such guard."""

    key: str
    what: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]
    database: str = ""

    @property
    def is_quick(self) -> bool:
        return all(test.startswith("tests/rules/") for test in self.tests)


MUTANTS: tuple[Mutant, ...] = (
    # --- one truth, one writer
    Mutant(
        "second_open_item", "a case may have two open steps",
        "cases/migrations/0001_squashed_0031_kinds_of_files_in_full.py",
        'condition=models.Q(("finished", None), ("flow_task_type", "HUMAN")),\n'
        '                        fields=("process",),',
        'condition=models.Q(("finished", None), ("flow_task_type", "NONE")),\n'
        '                        fields=("process",),',
        (f"{CASES}/test_engine.py::test_a_second_open_item_is_impossible",),
    ),
    Mutant(
        "stale_page", "a page that is older than the case is taken all the same",
        "cases/locking.py", "steps[pk].case.version != seen:", "steps[pk].case.version < 0:",
        (f"{CASES}/test_detours.py::test_a_stale_page_loses_a_remark_does_not",),
    ),
    Mutant(
        "guard_of_update", "the version is not tested in the UPDATE", "cases/statements.py",
        'only = f" AND {table}.{typed[1].column} = v.row_guard" if guard else ""', 'only = ""',
        (f"{CASES}/test_races.py::test_a_guard_spares_what_has_changed",),
    ),
    Mutant(
        "no_lock", "a case is read without its lock", "cases/locking.py",
        'WorkItem.objects.select_for_update(of=("process",), no_key=True)',
        "WorkItem.objects.all()",
        (f"{CASES}/test_races.py::test_whoever_waited_sees_the_suspension",
         f"{CASES}/test_races.py::test_whoever_waited_works_on_the_new_step"),
        database="postgres",
    ),
    Mutant(
        "no_lock_of_one", "a click reads its case without a lock", "cases/locking.py",
        "Case.objects.select_for_update(no_key=True).filter(Q(pk=pk) | Q(parent=pk))",
        "Case.objects.filter(Q(pk=pk) | Q(parent=pk))",
        (f"{CASES}/test_races.py::test_whoever_waited_sees_the_suspension",),
        database="postgres",
    ),
    Mutant(
        "guard_of_one", "the version is not tested where one case is written", "cases/alone.py",
        'guard = " AND version = %s" if with_version else ""',
        'guard = " AND %s > 0" if with_version else ""',
        (f"{CASES}/test_engine.py::test_a_version_that_moved_undoes_the_whole_move",),
    ),
    Mutant(
        "numbers_doubled", "a series begins again with each batch", "cases/statements.py",
        'f"DO UPDATE SET value = {table}.value + excluded.value RETURNING value"',
        'f"DO UPDATE SET value = excluded.value + 0 * {table}.value RETURNING value"',
        (f"{CASES}/test_engine.py::test_numbers_have_neither_gaps_nor_doubles",),
    ),
    Mutant(
        "opened_twice", "a register opened again opens what is there", "cases/actions/opening.py",
        "return not (one.covered or one.is_opened) and one.owed is not None",
        "return not one.covered and one.owed is not None",
        (f"{CASES}/test_opening_rows.py::test_opening_leaves_what_plain_orm_would",),
    ),
    # --- who may, and what must be there
    Mutant(
        "four_eyes", "whoever applied or reviewed may confirm as well", "cases/policies.py",
        "if user is not None and user.pk == other_id:", "if user is not None and other_id == -1:",
        (f"{CASES}/test_life.py::test_four_eyes",
         f"{CASES}/test_detours.py::test_nobody_accepts_his_own_upload"),
    ),
    Mutant(
        "remedy_closer", "who handed in all proofs closes the remedy", "cases/policies.py",
        "if proof and len(own) == len(proof):", "if proof and len(own) > len(proof):",
        (f"{CASES}/test_papers.py::test_who_handed_everything_in_does_not_close_the_remedy",),
    ),
    Mutant(
        "proves_alone", "who alone verified the papers closes the case", "cases/policies.py",
        "if _seen_by(case, p, user_id))", "if _seen_by(case, p, -1))",
        (f"{CASES}/test_two_persons.py::test_nobody_proves_and_closes_alone",),
    ),
    Mutant(
        "exchanges_alone", "who exchanged a paper after the review confirms the closing",
        "cases/policies.py", "return by_two and not paper.is_unseen", "return by_two",
        (f"{CASES}/test_closing_exchanged.py::test_nobody_exchanges_the_proof_and_closes",),
    ),
    Mutant(
        "witness_is_a_word", "a name nobody knows carries a closing by who wrote it",
        "cases/policies.py", "by_two = is_named or", "by_two = True or",
        (f"{CASES}/test_closing_exchanged.py::test_a_name_without_account_is_no_second_person",),
    ),
    Mutant(
        "not_his_step", "the county moves what the city office owes", "cases/permissions.py",
        "(item.unit.kind in COUNTYS or item.is_declined)", "(item.unit.kind != COUNTYS)",
        (f"{CASES}/test_two_persons.py::test_the_county_moves_nothing_that_the_office_owes",),
    ),
    Mutant(
        "unproven", "a closing is applied for without the papers", "cases/policies.py",
        "    missing = lacking(case, papers)\n", "    missing: list[str] = []\n",
        (f"{CASES}/test_life.py::test_application_names_what_is_missing",),
    ),
    Mutant(
        "over_open_remedies", "a case is closed over its open remedies", "cases/policies.py",
        "n = sum(name in waits for name in open_children)", "n = 0 * len(waits)",
        (f"{CASES}/test_papers.py::test_a_closing_is_not_confirmed_over_an_open_remedy",),
    ),
    Mutant(
        "reopened_proven", "what fails after a closing counts as proven still",
        "cases/actions/endings.py", "if p.criterion in criteria and p.state in Evidence.ACCEPTED]",
        "if p.criterion in criteria and not p.state]",
        (f"{CASES}/test_detours.py::test_reopening_a_closing_returns_what_fails",),
    ),
    Mutant(
        "predecessor_stays", "who gave a post away keeps its rights",
        "organisations/actions/handing.py", "replacing=True)", "replacing=False)",
        (f"{CASES}/test_handing_over.py::test_a_successor_sees_everything_the_same_minute",),
    ),
    Mutant(
        "everybody_sees_all", "every official sees every county's cases", "cases/querysets.py",
        "return self.filter(scope_of(actor, with_item=with_item))", "return self.filter()",
        (f"{CASES}/test_scope.py::test_lists_and_verbs_agree_for_the_people_of_the_city",),
    ),
    # --- time
    Mutant(
        "day_more", "every limit is a working day longer", "workflows/calendar.py",
        "ordinals[bisect_right(ordinals, at) + n - 1]", "ordinals[bisect_right(ordinals, at) + n]",
        ("tests/rules/test_deadlines.py::test_a_phrase_gives_its_day",),
    ),
    Mutant(
        "clock_runs_on", "a rest gives no day back", "cases/actions/pauses.py",
        "lost = days_of(row, on)", "lost = 0 * days_of(row, on)",
        (f"{CASES}/test_detours.py::test_suspension_stops_the_clock_and_moves_the_date",),
    ),
    Mutant(
        "asked_too_late", "an extension is asked for on the last day", "cases/extensions.py",
        "if on >= item.due_on:", "if on > item.due_on:",
        (f"{CASES}/test_extensions.py::test_only_before_the_due_date",),
    ),
    Mutant(
        "old_rungs_again", "after another date what was said is said again", "cases/steps.py",
        "    item.rungs_from = on\n    if rules.stage", "    if rules.stage",
        (f"{CASES}/test_extensions.py::test_only_rungs_ahead_fire_after_it",
         f"{CASES}/test_sweeps.py::test_after_a_suspension_only_what_lies_ahead"),
    ),
    Mutant(
        "version_of_date", "another date is the same deadline", "cases/steps.py",
        "    item.deadline_version += 1\n", "",
        (f"{CASES}/test_sweeps.py::test_a_second_deadline_is_called_for_again",
         f"{CASES}/test_sweeps.py::test_after_a_new_date_the_lower_rungs_speak_again"),
    ),
    # --- the ladder
    Mutant(
        "rung_counted_twice", "a rung forgets that it has spoken", "cases/due.py",
        "(now if int(version) == self.deadline_version else earlier).add(key)", "earlier.add(key)",
        (f"{CASES}/test_sweeps.py::test_each_rung_of_the_county_on_its_day_and_once",
         f"{CASES}/test_sweeps.py::test_letters_climb_one_a_working_day_after_a_long_silence"),
    ),
    Mutant(
        "lowest_speaks", "after a silence the lowest rung speaks", "workflows/ladder.py",
        "return rungs[-1] if rungs else None", "return rungs[0] if rungs else None",
        (f"{CASES}/test_sweeps.py::test_nine_days_off_and_only_the_highest_speaks",),
    ),
    Mutant(
        "window_of_a_day", "the sweep looks at what fell due today only", "cases/due.py",
        ".filter(finished=None, next_check_at__lte=at)",
        ".filter(finished=None, next_check_at__lte=at, next_check_at__date=at.date())",
        (f"{CASES}/test_sweeps.py::test_nine_days_off_and_only_the_highest_speaks",),
    ),
    Mutant(
        "rung_without_outbox", "a rung tells nobody on PostgreSQL", "cases/due.py",
        "SELECT id FROM said ORDER BY id", "SELECT id FROM said WHERE false",
        (f"{CASES}/test_sweep_as_plain.py::test_by_kinds_as_one_by_one",),
        database="postgres",
    ),
    Mutant(
        "kind_forgets_lacking", "what lacks is told as another step's", "cases/due.py",
        "        return fresh(Case, lacking=json.loads(self.lacking), **told)",
        "        return fresh(Case, lacking=[], **told)",
        (f"{CASES}/test_sweep_as_plain.py::test_by_kinds_as_one_by_one",),
    ),
    Mutant(
        "kind_forgets_remedies", "a firm given away in bulk leaves its remedies behind",
        "cases/alike.py", "o.parent_id = c.id AND o.finished IS NULL", "o.parent_id = 0",
        (f"{CASES}/test_alike.py::test_in_bulk_as_one_by_one",),
        database="postgres",
    ),
    Mutant(
        "kind_was_read_early", "a batch that waited writes what it had read before",
        "cases/alike.py", "OR c.ctid <> w.ctid ", "",
        (f"{CASES}/test_races.py::test_a_late_batch_takes_the_new_remedies_along",),
        database="postgres",
    ),
    # --- outbox and delivery
    Mutant(
        "no_pending_event", "a verb tells nobody", "cases/engine.py",
        "    add_rows(PendingEvent, "
        "[fresh(PendingEvent, event_id=number) for number in numbers])\n",
        "    assert numbers is not None\n",
        (f"{NOTICES}/test_delivery.py::test_both_sides_of_a_reassignment",),
    ),
    Mutant(
        "no_pending_together", "a batch tells nobody on PostgreSQL", "cases/together.py",
        "SELECT id FROM event_rows ORDER BY id", "SELECT id FROM event_rows WHERE false",
        (f"{CASES}/test_alone.py::test_two_together_as_plain_orm",),
        database="postgres",
    ),
    Mutant(
        "no_pending_alone", "a verb tells nobody on PostgreSQL", "cases/alone.py",
        '"SELECT id FROM event_rows)",', '"SELECT id FROM event_rows WHERE false)",',
        (f"{CASES}/test_alone.py::test_alone_as_plain_orm",),
        database="postgres",
    ),
    Mutant(
        "told_for_ever", "what was told waits to be told again", "notifications/delivery.py",
        "    PendingEvent.objects.filter(event__in=[event.pk for event in events]).delete()\n",
        "",
        (f"{NOTICES}/test_together.py::test_four_at_once",),
    ),
    Mutant(
        "told_in_parts", "after an outage a part is told while others still sweep",
        "notifications/delivery.py", "if not events or catching_up.is_unfinished(events, at):",
        "if not events:",
        (f"{NOTICES}/test_catching_up.py::test_nobody_is_told_of_a_part_while_others_still_sweep",),
    ),
    Mutant(
        "once_a_day", "what becomes late behind the day's notice is never told",
        "notifications/delivery.py",
        'key = f"{late.key_of_day}:{top.event.pk}" if is_more else late.key_of_day',
        "key = late.key_of_day",
        (f"{NOTICES}/test_catching_up.py::test_what_becomes_late_after_the_notice_of_the_day_is_told_too",),
    ),
    Mutant(
        "no_key", "a notice has no key of its own event", "notifications/delivery.py",
        'key=f"{key or message.key}:{reader}:{CHANNEL}"',
        'key=f"{id(message)}:{reader}:{at.timestamp()}"',
        (f"{NOTICES}/test_delivery.py::test_a_run_of_openings_is_one_notice_per_unit",
         f"{NOTICES}/test_delivery.py::test_a_large_opening_is_counted_whole_over_several_batches"),
    ),
    Mutant(
        "no_fence", "whoever lost the lease sends all the same", "notifications/outbox.py",
        "if moved != len(envelope.ids):", "if moved > len(envelope.ids):",
        (f"{NOTICES}/test_sending.py::test_whoever_lost_the_lease_hands_nothing_over",),
    ),
    Mutant(
        "sent_again", "what may have gone out is sent again", "notifications/outbox.py",
        "state=State.IN_DOUBT, leased_until=None, settled_at=at, "
        'answer="the sender was interrupted"',
        "state=State.WAITING, token=None, leased_until=None",
        (KILLED,),
    ),
    Mutant(
        "sends_before_commit", "the body goes out before that is on record",
        "notifications/outbox.py",
        "moved = held.update(state=State.TRANSMITTING, leased_until=at + LEASE)",
        "moved = held.update(leased_until=at + LEASE)",
        (KILLED,),
    ),
    Mutant(
        "at_night", "letters go out at night", "notifications/hours.py",
        "calendar.is_working(day_of(at)) and hours[0] <= at.time() < hours[1]",
        "calendar.is_working(day_of(at)) or hours[0] <= at.time() < hours[1]",
        (f"{NOTICES}/test_sending.py::test_nothing_at_night_nor_on_a_day_off",),
    ),
    # --- the trail
    Mutant(
        "unguarded_trail", "triggers that were lost do not come back", "organisations/trail.py",
        "if (table, name) not in standing\n    ]\n", "if (table, name) in standing\n    ]\n",
        (f"{CASES}/test_trail.py::test_triggers_that_were_lost_come_back",),
    ),
    Mutant(
        "old_desks", "posts are kept, whatever has become of them since", "cases/near.py",
        "kept.mark != items[0].near_mark", "items[0].near_mark is None",
        (f"{CASES}/test_near.py::test_whatever_changes_is_seen_by_the_next_move",),
    ),
    Mutant(
        "old_decision", "a step goes to whoever had it when the kind was decided",
        "cases/decided.py", "seen.mark, seen.told)", "seen.told)",
        (f"{CASES}/test_decided.py::test_another_post_gets_the_next_step",),
    ),
    Mutant(
        "decided_by_old_desks", "a kind is decided about by posts that have changed since",
        "cases/near.py", "if mark is None or mark != kept.mark or not (", "if not (",
        (f"{CASES}/test_decided.py::test_another_post_gets_the_next_step",),
    ),
    Mutant(
        "anybodys_decision", "what one person may, the next one may too",
        "cases/decided.py", "(by.user.pk, by.standings), timezone", "None, timezone",
        (f"{CASES}/test_decided.py::test_what_differs_is_refused_as_ever",),
    ),
    Mutant(
        "glance_without_lock", "a click glances at a case that somebody is just changing",
        "cases/glance.py", "WHERE id = %s FOR NO KEY UPDATE", "WHERE id = %s",
        (f"{CASES}/test_decided.py::test_a_glance_that_waited_sees_what_it_waited_for",),
        database="postgres",
    ),
    Mutant(
        "chain_of_nothing", "a seal does not hold the one before it", "cases/sealing.py",
        "ENCODER.encode([before, trail, *row])", 'ENCODER.encode(["", trail, *row])',
        (f"{CASES}/test_trail.py::test_the_first_break_is_located",),
    ),
    # --- years
    Mutant(
        "proven_for_ever", "what was proved in one year is proved in the next",
        "workflows/carrying.py", '    return plan.next_year == "kept"\n', "    return True\n",
        (f"{CASES}/test_carrying.py::test_remedies_and_papers_go_along_as_the_pack_says",),
    ),
)  # fmt: skip
