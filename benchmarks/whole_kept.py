"""What the load test of the whole product begins with, and what has to be true when it ends."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.browsers import Seen

# a deed of a person as the trail calls it, and how many rows of which table it leaves, where it is
# no event of a case
VERBS = ("acknowledge", "advance", "apply_for_closure", "comment", "close")
PAPERS = ("submit_evidence", "accept_evidence", "return_evidence")


def set_up(world: Any, readers: int, clerks: int) -> None:
    """Passwords, phones and addresses; officials who only read their digest; firms' clerks. Today
    is a working day, whatever the calendar says."""
    from django.contrib.auth.hashers import make_password

    from benchmarks.whole_people import PASSWORD
    from cases.models import Case
    from organisations import clock
    from organisations.models import Post, Tenure, User
    from workflows.models import CalendarDay

    today = clock.today()
    CalendarDay.objects.update_or_create(day=today, defaults={"is_working": True})
    posts = list(Post.objects.filter(role="county_worker", tenures__isnull=False).distinct())
    more = User.objects.bulk_create(
        [User(username=f"reader{n}", name=f"经办{n}") for n in range(readers)]
    )
    Tenure.objects.bulk_create(
        Tenure(post=posts[n % len(posts)], user=user, from_on=today) for n, user in enumerate(more)
    )
    office = Post.objects.filter(role="office").order_by("pk")[0]
    Tenure.objects.create(post=office, user=world.people[who_sits_twice(world)], from_on=today)
    random.seed(8)
    firms = Case.objects.main().filter(finished=None).select_related("enterprise")
    for case in firms.order_by("pk")[:: max(1, firms.count() // clerks)][:clerks]:
        world.clerk(case.enterprise)
    secret = make_password(PASSWORD)
    for user in User.objects.all():
        user.password, user.email = secret, f"{user.username}@example.gov.cn"
        user.phone = f"000-{user.pk:08d}"
        user.save()


def who_sits_twice(world: Any) -> str:
    """The first county's reviewer, who has a post of the office too: four eyes must stop him."""
    keys: list[str] = list(world.people)
    return next(key for key in keys if key.endswith("/county_lead"))


def some_fall_due(part: float) -> int:
    """So many of the open steps are to be looked at now, and a few of them are late by now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_workitem SET next_check_at = now(), "
            "deadline_version = deadline_version + 1 "
            "WHERE finished IS NULL AND id %% 1000 < %s",
            [int(part * 1000)],
        )
        done = cursor.rowcount
    connection.close()
    return int(done)


def counted() -> Counter[str]:
    """Events of the trail by verb, papers and visits, as they stand."""
    from django.db.models import Count

    from cases.models import CaseEvent, Evidence, Visit

    # of firms' cases: a remedy closes with the paper that it asked for, and an order that a letter
    # opens is issued by whoever releases the letter
    people = CaseEvent.objects.exclude(by=None).filter(
        case__parent=None, case__enterprise__isnull=False
    )
    found = people.order_by().values_list("verb").annotate(n=Count("id"))
    return Counter(dict(found)) + Counter(
        {"papers": Evidence.objects.count(), "visits": Visit.objects.count()}
    )


def newest() -> int:
    """The number of the trail's last event."""
    from cases.models import CaseEvent

    return int(CaseEvent.objects.order_by("-pk").values_list("pk", flat=True)[0])


def _not_matched(by_case: Mapping[tuple[str, int], int], last: int) -> list[str]:
    """Verbs and cases of which the trail says more or less than the pages said yes to."""
    from cases.models import CaseEvent

    verbs = {verb for verb, _case in by_case} & set(VERBS)
    events = CaseEvent.objects.filter(pk__gt=last, verb__in=verbs, case__parent=None)
    written = Counter(events.exclude(by=None).values_list("verb", "case"))
    return [
        f"{verb} of case {case}: {written[verb, case]} on record, {told} told"
        for verb, case in sorted({*written, *(one for one in by_case if one[0] in verbs)})
        if written[verb, case] != (told := by_case.get((verb, case), 0))
    ]


def until_settled(most: float) -> float:
    """Seconds until everything that happened is told, swept and sent."""
    from django.utils import timezone

    from cases.models import PendingEvent, WorkItem
    from notifications.models import Delivery

    states = (Delivery.State.WAITING, *Delivery.HELD)
    begun = time.monotonic()
    while time.monotonic() - begun < most:
        due = WorkItem.objects.filter(finished=None, next_check_at__lte=timezone.now())
        waits = Delivery.objects.filter(state__in=states)
        if not (PendingEvent.objects.exists() or due.exists() or waits.exists()):
            break
        time.sleep(0.5)
    return round(time.monotonic() - begun, 1)


def kept(
    before: Mapping[str, int],
    last: int,
    seen: Seen,
    mailed_twice: int,
) -> dict[str, Any]:
    """Counts of what must be nought, by what it would mean; and what there is. ``before`` and
    ``last``: what was counted and the newest event when people began."""
    from django.conf import settings
    from django.db.models import Count, F, Q
    from django.utils import timezone

    from cases import sealing
    from cases.models import (
        Case,
        CaseEvent,
        Evidence,
        OrderOrigin,
        PendingEvent,
        RungFired,
        WorkItem,
    )
    from config.trail import verdict
    from notifications.models import Delivery, Notice
    from organisations.file_job import FileJob

    moved = CaseEvent.objects.filter(pk__gt=last, verb="reassign")
    after, orders = counted(), OrderOrigin.objects.filter(letter__isnull=False)
    new = {verb: after[verb] - before.get(verb, 0) for verb in after}
    said = {verb: seen.deeds.get(verb, 0) for verb in (*VERBS, *PAPERS)}
    opened = Case.objects.annotate(open_items=Count("task_set", filter=Q(task_set__finished=None)))
    standing = CaseEvent.objects.exclude(to_stage="").order_by("case_id", "-id")
    elsewhere = [
        event.pk
        for event in standing.distinct("case_id").select_related("case")
        if event.to_stage != event.case.stage
    ]
    sealing.seal(every=True)
    found = verdict.look(timezone.now())
    files = [Path(settings.MEDIA_ROOT) / name for name in _files(Evidence)]
    wrong = {
        "open cases without one open step": opened.filter(finished=None)
        .exclude(open_items=1)
        .count(),
        "finished cases with an open step": opened.exclude(finished=None)
        .exclude(open_items=0)
        .count(),
        "cases that stand elsewhere than their last event says": len(elsewhere),
        "events that nobody was told of": PendingEvent.objects.count(),
        "steps that are due and nobody looked at": WorkItem.objects.filter(
            finished=None, next_check_at__lte=timezone.now()
        ).count(),
        "signed for twice": _more_than_once(CaseEvent.objects.filter(verb="acknowledge"), "item"),
        "closing numbers given twice": _more_than_once(
            Case.objects.exclude(closing_serial=None), "programme", "closing_serial"
        ),
        "rungs fired twice": _more_than_once(
            RungFired.objects.all(), "item", "rung", "deadline_version"
        ),
        "notices twice": _more_than_once(Notice.objects.all(), "key", "recipient"),
        "mails twice": mailed_twice,
        "mails not sent": Delivery.objects.exclude(
            state__in=(Delivery.State.SENT, Delivery.State.SILENT)
        ).count(),
        "papers without their file": sum(not path.is_file() for path in files),
        "breaks of the trail's chain": len(found.breaks),
        **{
            f"{verb}: said yes to and not on record, or the other way round": abs(
                said[verb] - new.get(verb, 0)
            )
            for verb in said
        },
        "closings confirmed by whoever reviewed them": CaseEvent.objects.filter(
            pk__gt=last, verb="close", case__is_main=True, by=F("case__reviewed_by")
        ).count(),
        "four eyes that nobody asked": int(not seen.deeds.get("four eyes")),
        "visits": abs(seen.deeds.get("visit", 0) - new.get("visits", 0)),
        "files asked for that are not there": FileJob.objects.exclude(
            state__in=(FileJob.State.DONE, FileJob.State.CANCELLED)
        ).count(),
        "cases in somebody's hand that vanished and nobody gave away": len(
            seen.gone - set(moved.values_list("case", flat=True))
        ),
        "orders that were not issued with their letter": orders.exclude(
            case__events__verb="advance"
        ).count(),
    }
    return {
        "wrong": {what: n for what, n in wrong.items() if n},
        "looked_at": len(wrong),
        # of what was said yes to and is not on record or the other way round: (verb, case)
        "not_matched": _not_matched(seen.by_case, last) if any(wrong.values()) else [],
        "orders_issued_with_letters": orders.count(),
        "files": FileJob.objects.filter(state=FileJob.State.DONE).count(),
        "events": CaseEvent.objects.count(),
        "by_verb": {verb: n for verb, n in new.items() if n},
        "four_eyes_refused_in_words": seen.deeds.get("four eyes", 0),
        "sealed": found.sealed,
        "notices": Notice.objects.count(),
        "mails": Delivery.objects.filter(state=Delivery.State.SENT).count(),
        "cases_closed": Case.objects.exclude(closing_serial=None).count(),
    }


def _files(model: Any) -> list[str]:
    return [name for name in model.objects.values_list("file", flat=True) if name]


def _more_than_once(rows: Any, *keys: str) -> int:
    from django.db.models import Count

    found: int = rows.order_by().values(*keys).annotate(n=Count("pk")).filter(n__gt=1).count()
    return found
